export default {
  maxWorkers: '100%', // its default leaves one processor idle, of two
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 120000, // a hang, not a busy machine
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  reporters: ['default', '<rootDir>/test/support/slowest-files.ts']
}
