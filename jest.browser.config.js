import base from './jest.config.js'

export default { ...base, testMatch: ['<rootDir>/test/browser/**/*.browser.ts'], maxWorkers: 1 }
