import { expect, test } from '@jest/globals'
import { problemsOf, scanWith } from './load-support.ts'

const given = (names: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> => scanWith({ 'profile-env': names }, { env }).profileEnv

test('variables are given by name, with the values that they have', () => {
  expect(given('BASELINE, level', { BASELINE: 'High', level: '', OTHER: 'x' })).toEqual({ BASELINE: 'High', level: '' })
  expect(given('BASELINE', {})).toEqual({})
  expect(scanWith({}, { env: { BASELINE: 'High' } }).profileEnv).toEqual({})
})

test.each(['CIS_LEVEL', 'LDAP_HOST', 'ARMOR', 'CITY', 'GITTER', 'SSLMODE', 'LDAPS'])('%s is given, though it begins as others do', (name) => {
  expect(given(name, { [name]: 'x' })).toEqual({ [name]: 'x' })
})

test.each([
  'KUBECONFIG',
  'LD_LIBRARY_PATH',
  'CI_X',
  'GIT_DIR',
  'SSL_X',
  'ARM_CLIENT_ID',
  'RUBYLIB',
  'DOCKER_HOST',
  'HOME',
  'PATH',
  'RUBYOPT',
  'LD_PRELOAD',
  'BUNDLE_GEMFILE',
  'INSPEC_CONFIG_DIR',
  'INPUT_GIT-TOKEN',
  'INPUT_X',
  'GITHUB_TOKEN',
  'CI_JOB_TOKEN',
  'CI',
  'AWS_PROFILE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'KSCAN_GIT_TOKEN',
  'MY_TOKEN',
  'db_password',
  'PGPASSFILE',
  'API_KEY',
  'SIGNING_KEY_ID',
  'CLIENT_SECRET',
  'https_proxy',
  '1X',
  'A=B',
  'A B'
])('%s is refused, whatever it holds', (name) => {
  expect(problemsOf(() => given(name, { [name]: 'hunter2' }))).toEqual([
    expect.objectContaining({ name: 'profile-env', got: expect.not.stringContaining('hunter2') })
  ])
})

test('a value of several lines is refused, and not shown', () => {
  expect(problemsOf(() => given('LEVEL', { LEVEL: 'a\n::error::b' }))).toEqual([
    { name: 'profile-env', expected: 'a value of LEVEL in one line', got: 'one with control characters' }
  ])
})
