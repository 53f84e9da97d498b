import base from './jest.config.js'

/** Real kind clusters on a real engine: `npm run test:kind`, where ../shared/docker is beside the clone and its engine is up. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/kind/*.kind.ts'],
  testTimeout: 240000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/kind/setup.ts'
}
