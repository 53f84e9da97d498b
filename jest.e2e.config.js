import base from './jest.config.js'

/** What depends on the version of the API: rights, objects and their ends, plans, and each approach. The rest shows the same on each. */
const OF_THE_API = ['branches', 'credentials', 'least-privilege', 'scan', 'sidecar-container']

const files = process.env.KSCAN_E2E_FILES === 'of-the-api' ? `@(${OF_THE_API.join('|')})` : '*'

export default {
  ...base,
  testMatch: [`<rootDir>/test/e2e/${files}.e2e.ts`],
  testTimeout: 300000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/e2e/setup.ts'
}
