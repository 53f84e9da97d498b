import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { acceptanceOf } from '../../../src/access/authentication-yaml.ts'
import type { Claims } from '../../../src/kernel/claims.ts'
import type { JobIdentity } from '../../../src/kernel/identity.ts'

const GITHUB: JobIdentity = { kind: 'github-oidc', server: 'https://kubernetes.test', audience: 'kscan' }
const OF_MAIN: Claims = { exp: 0, iss: 'https://issuer.test', repository_id: '4711', ref: 'refs/heads/main' }

const rulesOf = (choice: JobIdentity, claims: Claims): string[] => {
  const config = parse(acceptanceOf(choice, claims).yaml) as { jwt: [{ claimValidationRules: { expression: string }[] }] }
  return config.jwt[0].claimValidationRules.map(({ expression }) => expression)
}

describe('what accepts a job', () => {
  test('of a branch', () => {
    expect(rulesOf(GITHUB, OF_MAIN)).toEqual([
      'claims.repository_id == "4711"',
      "claims.event_name in ['push', 'schedule', 'workflow_dispatch']",
      'claims.ref == "refs/heads/main"'
    ])
    expect(acceptanceOf(GITHUB, OF_MAIN).username).toBe('ci:github:repo:4711:env:none')
  })

  test('of an environment', () => {
    const claims = { ...OF_MAIN, environment: 'production' }
    expect(rulesOf(GITHUB, claims).slice(2)).toEqual(['claims.ref == "refs/heads/main"', `claims.?environment.orValue('') == "production"`])
    expect(acceptanceOf(GITHUB, claims).username).toBe('ci:github:repo:4711:env:production')
  })

  test('of GitLab', () => {
    const claims = { ...OF_MAIN, project_id: '42', ref: 'main', ref_type: 'branch' }
    expect(rulesOf({ ...GITHUB, kind: 'gitlab-oidc' }, claims)).toEqual([
      'claims.project_id == "42"',
      "claims.pipeline_source != 'merge_request_event'",
      'claims.ref == "main" && claims.ref_type == "branch"'
    ])
    expect(acceptanceOf({ ...GITHUB, kind: 'gitlab-oidc' }, claims).username).toBe('ci:gitlab:project:42:env:none')
  })

  test('holds names as text, whatever is in them', () => {
    expect(rulesOf(GITHUB, { ...OF_MAIN, ref: 'refs/heads/"\n|| true' })[2]).toBe('claims.ref == "refs/heads/\\"\\n|| true"')
  })

  test.each(['iss', 'repository_id'])('is not known without %s', (name) => {
    expect(() => acceptanceOf(GITHUB, { ...OF_MAIN, [name]: undefined })).toThrow(/no iss or no repository_id/)
  })
})
