import base from './jest.config.js'

export default { ...base, testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'], testTimeout: 300000, maxWorkers: 1, globalSetup: '<rootDir>/test/e2e/setup.ts' }
