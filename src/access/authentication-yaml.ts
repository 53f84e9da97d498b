import { stringify } from 'yaml'
import type { Claims } from '../kernel/claims.ts'
import { ScanError } from '../kernel/error.ts'
import type { JobIdentity } from '../kernel/identity.ts'

/** What an API server has to be told to accept the jobs of one repository, and who these are to it then. */
export interface Acceptance {
  /** An AuthenticationConfiguration (apiserver.config.k8s.io/v1) for the flag --authentication-config; not an object of the API. */
  readonly yaml: string
  readonly username: string
}

interface Rule {
  readonly expression: string
  readonly message: string
}

/** As text of CEL: its escapes are among those of JSON. */
const cel = (value: string): string => JSON.stringify(value)

const rule = (expression: string, message: string): Rule => ({ expression, message })

/** By what repositories are told apart for as long as they exist, and what pull requests of strangers have in common. */
const SYSTEMS = {
  'github-oidc': {
    prefix: 'ci:github:repo:',
    id: 'repository_id',
    ours: rule("claims.event_name in ['push', 'schedule', 'workflow_dispatch']", 'not a push, a schedule or a dispatch')
  },
  'gitlab-oidc': {
    prefix: 'ci:gitlab:project:',
    id: 'project_id',
    ours: rule("claims.pipeline_source != 'merge_request_event'", 'a pipeline of a merge request')
  }
} as const

const textOf = (claim: unknown): string | undefined => (typeof claim === 'string' ? claim : undefined)

/** A tag of GitLab may be called as a branch is. */
const refOf = (claims: Claims): string =>
  ['ref', 'ref_type']
    .flatMap((name) => (name !== 'ref' && claims[name] === undefined ? [] : [`claims.${name} == ${cel(textOf(claims[name]) ?? '')}`]))
    .join(' && ')

/** What accepts jobs as this one is: of its repository and its branch, and of its environment, if it names one. Throws ACCESS_DENIED for a token without a repository. */
export const acceptanceOf = ({ kind, audience }: JobIdentity, claims: Claims): Acceptance => {
  const { prefix, id, ours } = SYSTEMS[kind]
  const [iss, repository, environment] = ['iss', id, 'environment'].map((name) => textOf(claims[name]))
  if (iss === undefined || repository === undefined) throw new ScanError('ACCESS_DENIED', `The identity token of this job has no iss or no ${id}`)
  const place = [
    rule(refOf(claims), 'a job of another branch or tag'),
    ...(environment === undefined ? [] : [rule(`claims.?environment.orValue('') == ${cel(environment)}`, 'a job of another environment')])
  ]
  const jwt = {
    issuer: { url: iss, audiences: [audience] },
    claimValidationRules: [rule(`claims.${id} == ${cel(repository)}`, 'a job of another repository'), ours, ...place],
    claimMappings: {
      username: { expression: `'${prefix}' + claims.${id} + ':env:' + claims.?environment.orValue('none')` },
      uid: { expression: 'claims.jti' }
    },
    userValidationRules: [rule("!user.username.startsWith('system:')", "a name of the cluster's own")]
  }
  return {
    yaml: stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt: [jwt] }, { lineWidth: 0 }),
    username: `${prefix}${repository}:env:${environment ?? 'none'}`
  }
}
