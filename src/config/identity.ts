import { claimsOf } from '../kernel/claims.ts'
import { GITHUB_VARIABLES, GITLAB_VARIABLE, type IdentityChoice } from '../kernel/identity.ts'
import type { Config } from './config.ts'
import type { Reader } from './reader.ts'
import { MINUTE } from './row.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface IdentityContext {
  readonly env: Env
  /** Milliseconds since 1970. */
  readonly now: number
  readonly access: Config['access']['kind']
  /** Milliseconds; undefined where nothing is made. */
  readonly scanTimeout: number | undefined
}

/** What says which cluster is meant in another way. */
const OTHERS = ['kubeconfig', 'context'] as const

/** Who the caller is to the cluster: what a kubeconfig says, or the job itself by the token that its CI system gives it. */
export const readIdentity = (reader: Reader, context: IdentityContext): IdentityChoice => {
  const kind = reader.choice('identity', ['kubeconfig', 'github-oidc', 'gitlab-oidc'], 'kubeconfig')
  if (kind === 'kubeconfig') {
    if (reader.given('server')) reader.problem('server', 'nothing, or identity: github-oidc or gitlab-oidc beside it', [JSON.stringify(reader.text('server'))])
    return { kind }
  }
  for (const name of OTHERS.filter((each) => reader.given(each)))
    reader.problem(name, `nothing beside identity: ${kind}, which signs in at server`, [JSON.stringify(reader.text(name))])
  if (kind === 'github-oidc') demandGithub(reader, context)
  else demandGitlab(reader, context)
  return { kind, server: readServer(reader), audience: reader.text('oidc-audience') }
}

const readServer = (reader: Reader): string => {
  const given = reader.text('server')
  const url = URL.parse(given)
  const fine = url?.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (fine) return given.replace(/\/$/, '')
  reader.problem('server', 'the https address of the API server, such as https://kubernetes.example:6443', [given === '' ? 'none' : 'something else'])
  return ''
}

const demandGithub = (reader: Reader, { env }: IdentityContext): void => {
  const missing = Object.values(GITHUB_VARIABLES).filter((name) => (env[name] ?? '') === '')
  if (missing.length === 0) return
  const hint = 'Give the job `permissions: id-token: write`; a job of a pull request from a fork gets no token.'
  reader.problem('identity', 'a job of GitHub Actions that may ask for its token', [`no ${missing.join(' and no ')} in the environment`, hint])
}

/** How much longer than the audit the token must last, for what is made to be removed. */
const MARGIN_MS = 5 * MINUTE

/** GitLab gives one token for the whole job. */
const demandGitlab = (reader: Reader, { env, now, access, scanTimeout }: IdentityContext): void => {
  const token = env[GITLAB_VARIABLE]?.trim() ?? ''
  if (token === '') {
    const hint = 'The component declares it; in a job of your own: id_tokens: { KSCAN_ID_TOKEN: { aud: kscan } }.'
    return reader.problem('identity', 'a job of GitLab CI with an identity token', [`no ${GITLAB_VARIABLE} in the environment`, hint])
  }
  const claims = claimsOf(token)
  if (claims === undefined) return reader.problem('identity', `a JSON Web Token as ${GITLAB_VARIABLE}`, ['something else'])
  if (access !== 'per-run' || scanTimeout === undefined) return
  const left = claims.exp * 1000 - now
  if (left >= scanTimeout + MARGIN_MS) return
  reader.problem('identity', 'a token that lasts 5 minutes longer than scan-timeout, for what access: per-run makes has to be removed with it', [
    `one that ends in ${Math.max(0, Math.floor(left / 1000))} s`,
    'It lasts as long as the timeout of the job: raise that, lower scan-timeout, or use access: service-account.'
  ])
}
