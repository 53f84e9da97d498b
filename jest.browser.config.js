import base from './jest.config.js'

export default { ...base, testMatch: ['<rootDir>/test/browser/**/*.browser.ts'], testTimeout: 120000, maxWorkers: 1 }
