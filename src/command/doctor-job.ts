import { acceptanceOf } from '../access/authentication-yaml.ts'
import { accountYaml, rightsYaml, subjectOf } from '../access/rights-yaml.ts'
import { ApiError } from '../cluster/api.ts'
import { jobToken } from '../cluster/job-token.ts'
import type { Config } from '../config/config.ts'
import { ScanError } from '../kernel/error.ts'
import { marksOf } from '../report/marks.ts'
import { toldTo } from '../scan/ports.ts'
import { accountNeeds, accountOf, callerNeeds } from './caller-needs.ts'
import type { Request } from './request.ts'

/**
 * Of a job that signs in itself: prints what the API server has to be told to accept it, as comments that kubectl passes over. Resolves with the name that it has
 * for the server then; undefined where a kubeconfig says who the caller is. Throws ACCESS_DENIED.
 */
export const showAcceptance = async ({ identity, fetching }: Config, { host }: Request): Promise<string | undefined> => {
  if (identity.kind === 'kubeconfig') return undefined
  const { claims } = await jobToken(identity, { env: host.env, ca: fetching.ca, onSecret: toldTo(host).onSecret }).current()
  const { yaml, username } = acceptanceOf(identity, claims)
  host.say("- for the API server's --authentication-config, the lines of the standard output after #: accept jobs as this one is: sed -n 's/^#: //p'", marksOf)
  host.print(yaml.trimEnd().replace(/^/gm, '#: '))
  return username
}

/** Of a job that the server does not know yet: what accepts it, and all the rights that it and its service account need. */
export const showUnknownJob = async (failure: unknown, config: Config, request: Request): Promise<void> => {
  if (!(failure instanceof ScanError && failure.cause instanceof ApiError && failure.cause.status === 401)) return
  const username = await showAcceptance(config, request)
  if (username === undefined) return
  const scope = { config, namespace: config.namespace ?? 'default', pods: [] }
  request.host.print(rightsYaml('kscan-caller', subjectOf(username), callerNeeds(scope)).trimEnd())
  const account = accountOf(scope)
  if (account === undefined) return
  request.host.print(accountYaml(account).trimEnd())
  request.host.print(rightsYaml('kscan-scanner', { kind: 'ServiceAccount', ...account }, accountNeeds(scope)).trimEnd())
}
