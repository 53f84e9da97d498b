import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { whyUntrusted } from '../../../src/host/event.ts'

type Environment = Readonly<Record<string, string>>

const folder = mkdtempSync(join(tmpdir(), 'kscan-event-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What is said of the change: that it is a fork's, that nobody knows, or nothing. */
const said = (env: Environment): string => {
  const why = whyUntrusted(env)
  if (why === undefined) return 'trusted'
  return why.includes('from a fork') ? 'fork' : 'unknown'
}

let files = 0
const github = (name: string, event: unknown): Environment => {
  const path = join(folder, `${(files += 1)}.json`)
  writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event))
  return { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path }
}

const repository = { full_name: 'org/own' }
const pull = (repo: unknown): unknown => ({ repository, pull_request: { head: { repo } } })
const OWN = pull({ full_name: 'org/own' })
const FORK = pull({ full_name: 'stranger/own' })
const after = (event: string, head: unknown): unknown => ({ repository, workflow_run: { event, head_repository: head } })

describe('an event of GitHub', () => {
  test.each(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release', 'create', 'delete', 'merge_group'])('%s is trusted', (name) => {
    expect(said(github(name, { repository }))).toBe('trusted')
  })

  test.each(['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment'])('%s is what its head says', (name) => {
    const heads = [OWN, FORK, pull(null), pull(undefined), pull({ full_name: '' }), pull('org/own'), { pull_request: { head: { repo: repository } } }, {}]
    expect(heads.map((event) => said(github(name, event)))).toEqual(['trusted', 'fork', 'fork', 'fork', 'unknown', 'unknown', 'unknown', 'unknown'])
  })

  test.each([
    ['push', repository, 'trusted'],
    ['pull_request', repository, 'trusted'],
    ['pull_request', { full_name: 'stranger/own' }, 'fork'],
    ['push', { full_name: 'stranger/own' }, 'fork'],
    ['pull_request', null, 'fork'],
    ['pull_request_target', repository, 'unknown'],
    ['issue_comment', repository, 'unknown'],
    ['workflow_run', repository, 'unknown']
  ])('workflow_run after %s of %j: %s', (event, head, expected) => {
    expect(said(github('workflow_run', after(event, head)))).toBe(expected)
  })

  test.each([
    'issue_comment',
    'issues',
    'discussion',
    'discussion_comment',
    'check_run',
    'check_suite',
    'deployment_status',
    'gollum',
    'watch',
    'fork',
    'new_one',
    ''
  ])('%s does not say what is checked out', (name) => expect(said(github(name, { repository, issue: { pull_request: {} } }))).toBe('unknown'))

  test.each<[string, Environment]>([
    ['a push without a file', { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push' }],
    ['a push whose file is not there', { GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: join(folder, 'none') }],
    ['a push whose file is no JSON', github('push', '{')],
    ['a push whose file is a list', github('push', '[]')],
    ['a push with the event of a pull request', github('push', FORK)],
    ['a push with the pull request of its own', github('push', OWN)],
    ['a comment with the pull request of its own', github('issue_comment', OWN)],
    ['a file alone', { GITHUB_EVENT_PATH: github('push', { repository })['GITHUB_EVENT_PATH'] ?? '' }],
    ['nothing but the system', { GITHUB_ACTIONS: 'true' }]
  ])('of which not all can be read (%s) is unknown', (_what, env) => expect(said(env)).toBe('unknown'))

  test('a file that is a folder is unknown', () => {
    mkdirSync(join(folder, 'event'))
    expect(said({ GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: join(folder, 'event') })).toBe('unknown')
  })
})

const of = (system: string, text: string): Environment => ({ ...Object.fromEntries(text.split(' ').map((pair) => pair.split('='))), [system]: 'true' })
const gitlab = (text: string): Environment => of('GITLAB_CI', `CI_PROJECT_ID=7 ${text}`)

describe('another CI system', () => {
  test.each<[string, Environment, string]>([
    ['none', {}, 'trusted'],
    ['one without a name', { CI: 'true' }, 'trusted'],
    ['a branch of GitLab', gitlab('CI_PIPELINE_SOURCE=push'), 'trusted'],
    ['a schedule of GitLab', gitlab('CI_PIPELINE_SOURCE=schedule'), 'trusted'],
    ['GitLab without a source', gitlab('CI_COMMIT_SHA=1'), 'unknown'],
    ['a source of GitLab that is not known', gitlab('CI_PIPELINE_SOURCE=new'), 'unknown'],
    ['a merge request', gitlab('CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_SOURCE_PROJECT_ID=7'), 'trusted'],
    ['a merge request from a fork', gitlab('CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8'), 'fork'],
    ['a merge request without its source', gitlab('CI_PIPELINE_SOURCE=merge_request_event CI_MERGE_REQUEST_IID=3'), 'unknown'],
    ['a child of the pipeline of a fork', gitlab('CI_PIPELINE_SOURCE=parent_pipeline CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8'), 'fork'],
    ['a merge request of which only the source is said', { CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '8' }, 'unknown'],
    [
      'an external pull request',
      gitlab('CI_PIPELINE_SOURCE=external_pull_request_event CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY=o/p CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY=o/p'),
      'trusted'
    ],
    [
      'an external pull request from a fork',
      gitlab('CI_PIPELINE_SOURCE=external_pull_request_event CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY=s/p CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY=o/p'),
      'fork'
    ],
    ['an external pull request without its source', gitlab('CI_PIPELINE_SOURCE=external_pull_request_event'), 'unknown'],
    ['a branch of Buildkite', of('BUILDKITE', 'BUILDKITE_PULL_REQUEST=false'), 'trusted'],
    [
      'a pull request of Buildkite',
      of('BUILDKITE', 'BUILDKITE_PULL_REQUEST=3 BUILDKITE_PULL_REQUEST_REPO=git://github.com/o/r.git BUILDKITE_REPO=git@github.com:o/r.git'),
      'trusted'
    ],
    [
      'a fork of Buildkite',
      of('BUILDKITE', 'BUILDKITE_PULL_REQUEST=3 BUILDKITE_PULL_REQUEST_REPO=https://github.com/s/r.git BUILDKITE_REPO=git@github.com:o/r.git'),
      'fork'
    ],
    ['a pull request of Buildkite without its source', of('BUILDKITE', 'BUILDKITE_PULL_REQUEST=3'), 'unknown'],
    ['a fork of CircleCI', of('CIRCLECI', 'CIRCLE_PR_NUMBER=3'), 'fork'],
    ['a pull request of CircleCI', of('CIRCLECI', 'CIRCLE_PULL_REQUEST=u'), 'trusted'],
    ['a branch of Travis CI', of('TRAVIS', 'TRAVIS_PULL_REQUEST=false TRAVIS_REPO_SLUG=o/p'), 'trusted'],
    ['a fork of Travis CI', of('TRAVIS', 'TRAVIS_PULL_REQUEST=3 TRAVIS_PULL_REQUEST_SLUG=s/p TRAVIS_REPO_SLUG=o/p'), 'fork'],
    ['a pull request of Travis CI', of('TRAVIS', 'TRAVIS_PULL_REQUEST=3 TRAVIS_PULL_REQUEST_SLUG=o/p TRAVIS_REPO_SLUG=o/p'), 'trusted'],
    ['a fork of Azure', of('TF_BUILD', 'SYSTEM_PULLREQUEST_ISFORK=True SYSTEM_PULLREQUEST_PULLREQUESTID=3'), 'fork'],
    ['a pull request of Azure', of('TF_BUILD', 'SYSTEM_PULLREQUEST_ISFORK=False SYSTEM_PULLREQUEST_PULLREQUESTID=3'), 'trusted'],
    ['a pull request of Azure without its source', of('TF_BUILD', 'SYSTEM_PULLREQUEST_PULLREQUESTID=3'), 'unknown'],
    ['a fork of Jenkins', of('JENKINS', 'CHANGE_ID=3 CHANGE_FORK=stranger'), 'fork'],
    ['a change of Jenkins', of('JENKINS', 'CHANGE_ID=3'), 'trusted'],
    ['a fork of AppVeyor', of('APPVEYOR', 'APPVEYOR_PULL_REQUEST_NUMBER=3 APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME=s/p APPVEYOR_REPO_NAME=o/p'), 'fork'],
    ['a fork of Semaphore', of('SEMAPHORE', 'SEMAPHORE_GIT_PR_NUMBER=3 SEMAPHORE_GIT_PR_SLUG=s/p SEMAPHORE_GIT_REPO_SLUG=o/p'), 'fork'],
    ['a pull request of Drone', of('DRONE', 'DRONE_PULL_REQUEST=3'), 'unknown'],
    ['a pull request of Bitbucket', of('BITBUCKET', 'BITBUCKET_PR_ID=3'), 'unknown'],
    ['a fork within two systems', { ...github('push', { repository }), ...of('X', 'CIRCLE_PR_NUMBER=3') }, 'fork']
  ])('%s', (_what, env, expected) => expect(said(env)).toBe(expected))
})
