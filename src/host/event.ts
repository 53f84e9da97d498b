import { z } from 'zod'
import { readText } from '../kernel/read-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

const Repository = z.looseObject({ full_name: z.string().min(1) }).nullish()
const Event = z.looseObject({
  repository: z.looseObject({ full_name: z.string().min(1).optional(), private: z.boolean().optional() }).optional(),
  pull_request: z.looseObject({ head: z.looseObject({ repo: Repository }) }).optional(),
  workflow_run: z.looseObject({ event: z.string(), head_repository: Repository }).optional()
})
type Event = z.infer<typeof Event>

/** GitHub sends none of more than 25 MB. */
const LARGEST_BYTES = 32 * 1024 * 1024

/** The event that started a job of GitHub; undefined when it cannot be read. */
const readEvent = (path: string | undefined): Event | undefined => {
  if (path === undefined || path === '') return undefined
  try {
    return Event.parse(JSON.parse(readText(path, LARGEST_BYTES)))
  } catch {
    return undefined
  }
}

/** Whether the job's repository is known to be private. */
export const isPrivate = (env: Environment): boolean => readEvent(env['GITHUB_EVENT_PATH'])?.repository?.private === true

/** Whose commit a job works on, as far as its CI system says: `same` comes from the repository that the job belongs to. */
type Whose = 'same' | 'fork' | 'unknown'

/**
 * Why what is checked out may be a stranger's, in words that follow "because"; undefined where it is known not to be, and outside of CI systems that we know. What
 * is not known counts as a fork's: a wrong yes would run a stranger's programs with the job's credentials.
 */
export const whyUntrusted = (env: Environment): string | undefined => {
  for (const { name, looksAt, whose } of SYSTEMS) {
    const found = looksAt(env) ? whose(env) : 'same'
    if (found === 'fork') return `this job of ${name} works on a change from a fork`
    if (found === 'unknown') return `this job of ${name} does not say from whose repository the change comes`
  }
  return undefined
}

/** Host and path of a repository, which `git@host:path.git` and `https://host/path` name alike. */
const repositoryOf = (address = ''): string =>
  address
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/@]*@/, '')
    .replace(':', '/')
    .replace(/(?:\.git)?\/?$/, '')
    .toLowerCase()

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''
const sameAs = (one: string | undefined, other: string | undefined): Whose => {
  if (!isSet(one) || !isSet(other)) return 'unknown'
  return one === other ? 'same' : 'fork'
}

/** Events that only those who may write to the repository start, or that work on what it holds already. */
const OWN_EVENTS: ReadonlySet<string> = new Set(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release', 'create', 'delete', 'merge_group'])
const PULL_REQUEST_EVENTS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment'])

/** Also of Gitea and Forgejo, which say it in the same way. Comments, issues, discussions and checks do not say what is checked out. */
const ofGithub = (env: Environment): Whose => {
  const event = readEvent(env['GITHUB_EVENT_PATH'])
  const name = env['GITHUB_EVENT_NAME'] ?? ''
  if (event === undefined) return 'unknown'
  const own = event.repository?.full_name
  if (event.pull_request !== undefined) return PULL_REQUEST_EVENTS.has(name) ? headOf(event.pull_request.head.repo, own) : 'unknown'
  if (event.workflow_run === undefined) return OWN_EVENTS.has(name) ? 'same' : 'unknown'
  const { event: before, head_repository: head } = event.workflow_run
  return name === 'workflow_run' && (OWN_EVENTS.has(before) || before === 'pull_request') ? headOf(head, own) : 'unknown'
}

/** A fork that was deleted has no name any more. */
const headOf = (head: z.infer<typeof Repository>, own: string | undefined): Whose => (head ? sameAs(head.full_name, own) : 'fork')

const OWN_SOURCES: ReadonlySet<string> = new Set([
  'push',
  'web',
  'schedule',
  'api',
  'trigger',
  'pipeline',
  'parent_pipeline',
  'chat',
  'webide',
  'ondemand_dast_scan',
  'ondemand_dast_validation',
  'security_orchestration_policy',
  'container_registry_push'
])

/** A merge request that runs in the project that it comes from is as that project's own branches are. */
const ofGitlab = (env: Environment): Whose => {
  const source = env['CI_PIPELINE_SOURCE'] ?? ''
  if (isSet(env['CI_EXTERNAL_PULL_REQUEST_IID']) || source === 'external_pull_request_event')
    return sameAs(env['CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY'], env['CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY'])
  if (isSet(env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID']) || isSet(env['CI_MERGE_REQUEST_IID']) || source === 'merge_request_event')
    return sameAs(env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID'], env['CI_PROJECT_ID'])
  return OWN_SOURCES.has(source) ? 'same' : 'unknown'
}

interface System {
  readonly name: string
  readonly looksAt: (env: Environment) => boolean
  readonly whose: (env: Environment) => Whose
}

const has =
  (...names: readonly string[]) =>
  (env: Environment): boolean =>
    names.some((name) => isSet(env[name]) && env[name] !== 'false')

/** What CI systems say of a change that somebody proposes. Of one that is not here nothing is known. */
const SYSTEMS: readonly System[] = [
  { name: 'GitHub Actions', looksAt: has('GITHUB_ACTIONS', 'GITHUB_EVENT_NAME', 'GITHUB_EVENT_PATH'), whose: ofGithub },
  { name: 'GitLab', looksAt: has('GITLAB_CI', 'CI_PIPELINE_SOURCE', 'CI_MERGE_REQUEST_IID', 'CI_MERGE_REQUEST_SOURCE_PROJECT_ID'), whose: ofGitlab },
  {
    name: 'Azure Pipelines',
    looksAt: has('SYSTEM_PULLREQUEST_PULLREQUESTID', 'SYSTEM_PULLREQUEST_ISFORK'),
    whose: (env) => ({ true: 'fork', false: 'same' } as const)[env['SYSTEM_PULLREQUEST_ISFORK']?.toLowerCase() ?? ''] ?? 'unknown'
  },
  {
    name: 'Buildkite',
    looksAt: has('BUILDKITE_PULL_REQUEST'),
    whose: (env) => sameAs(repositoryOf(env['BUILDKITE_PULL_REQUEST_REPO']), repositoryOf(env['BUILDKITE_REPO']))
  },
  { name: 'CircleCI', looksAt: has('CIRCLE_PR_NUMBER', 'CIRCLE_PR_USERNAME', 'CIRCLE_PR_REPONAME'), whose: () => 'fork' },
  { name: 'Jenkins', looksAt: has('CHANGE_FORK'), whose: () => 'fork' },
  {
    name: 'Travis CI',
    looksAt: has('TRAVIS_PULL_REQUEST'),
    whose: (env) => sameAs(env['TRAVIS_PULL_REQUEST_SLUG'], env['TRAVIS_REPO_SLUG'])
  },
  {
    name: 'AppVeyor',
    looksAt: has('APPVEYOR_PULL_REQUEST_NUMBER'),
    whose: (env) => sameAs(env['APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME'], env['APPVEYOR_REPO_NAME'])
  },
  {
    name: 'Semaphore',
    looksAt: has('SEMAPHORE_GIT_PR_NUMBER'),
    whose: (env) => sameAs(env['SEMAPHORE_GIT_PR_SLUG'], env['SEMAPHORE_GIT_REPO_SLUG'])
  },
  {
    name: 'a CI system',
    looksAt: has(
      'DRONE_PULL_REQUEST',
      'CI_COMMIT_PULL_REQUEST',
      'BITBUCKET_PR_ID',
      'CIRRUS_PR',
      'CF_PULL_REQUEST_NUMBER',
      'BITRISE_PULL_REQUEST',
      'PULL_NUMBER',
      'ghprbPullId'
    ),
    whose: () => 'unknown'
  }
]
