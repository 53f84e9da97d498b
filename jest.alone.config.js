import e2e from './jest.e2e.config.js'

/** What stops programs of the cluster, which others would feel. */
export default { ...e2e, testMatch: ['<rootDir>/test/e2e/*.alone.ts'], maxWorkers: 1 }
