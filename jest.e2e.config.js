import base from './jest.config.js'

/** What depends on the version of the API: rights, objects and their ends, plans, and each approach. The rest shows the same on each. */
const OF_THE_API = ['branches', 'credentials', 'forbidden-helpers', 'least-privilege', 'scan', 'sidecar-container']

const files = process.env.KSCAN_E2E_FILES === 'of-the-api' ? `@(${OF_THE_API.join('|')})` : '*'

export default {
  ...base,
  testMatch: [`<rootDir>/test/e2e/${files}.e2e.ts`],
  testTimeout: 300000,
  maxWorkers: 3, // of two processors: they wait for the cluster more than they reckon
  globalSetup: '<rootDir>/test/e2e/setup.ts'
}
