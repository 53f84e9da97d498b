import { availableParallelism } from 'node:os'

export default {
  maxWorkers: Math.ceil(1.5 * availableParallelism()), // half of the time a test waits: for programs that it started, and for limits
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 120000, // a hang, not a busy machine
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  reporters: ['default', '<rootDir>/test/support/slowest-files.ts']
}
