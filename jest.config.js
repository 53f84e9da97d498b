export default {
  maxWorkers: '100%', // its default leaves one processor idle, of two
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 20000,
  reporters: ['default', '<rootDir>/test/support/slowest-files.ts']
}
