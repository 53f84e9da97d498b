import { describe, expect, test } from '@jest/globals'
import { inJob, workspaceOf } from '../../../src/host/job.ts'

describe('a job of a CI system', () => {
  test.each([
    ['most systems', { CI: 'true' }, true],
    ['Azure Pipelines', { TF_BUILD: 'True' }, true],
    ['Jenkins', { JENKINS_URL: 'https://ci.example/' }, true],
    ['the local runner of GitLab', { GITLAB_CI: 'false', CI: 'true' }, true],
    ['GitHub with CI put off', { GITHUB_ACTIONS: 'true', CI: 'false' }, true],
    ['a terminal', { HOME: '/home/a' }, false],
    ['a terminal with CI put off', { CI: 'false' }, false],
    ['an empty variable', { CI: '' }, false]
  ])('%s', (_what, env, expected) => expect(inJob(env)).toBe(expected))

  test.each([
    [{ GITHUB_WORKSPACE: '/w', CI_PROJECT_DIR: '/p' }, '/w'],
    [{ GITHUB_WORKSPACE: '', CI_PROJECT_DIR: '/p' }, '/p'],
    [{ BUILD_SOURCESDIRECTORY: '/azure/s' }, '/azure/s'],
    [{ WORKSPACE: '/jenkins/w' }, '/jenkins/w'],
    [{}, process.cwd()]
  ])('the workspace of %j is %s', (env, expected) => expect(workspaceOf(env)).toBe(expected))
})
