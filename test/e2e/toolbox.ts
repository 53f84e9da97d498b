import { TOOLBOX_DIGEST, toolboxFolder } from '../support/toolbox-folder.ts'
import { cluster } from './audit-log.ts'

/** The toolbox as an image of the node; its tag is that of its source, so that a changed one is built anew. */
export const TOOLBOX = `test.local/toolbox:${TOOLBOX_DIGEST}`

/** An image of a registry that refuses the connection, so that its want shows at once. */
export const NOT_TO_BE_HAD = '127.0.0.1:1/toolbox:1'

/** Gives the toolbox to the node, unless it has it. */
export const readyToolbox = (): void => {
  if (!cluster('images').includes(TOOLBOX)) cluster('image', TOOLBOX, toolboxFolder(), '{}')
}
