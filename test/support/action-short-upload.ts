import { action } from '../../src/action.ts'

/** The action with another limit for its upload: what a service that does not answer costs is the same, only sooner. */
await action({ upload: 1500 })
