import type { Facts } from '../compliance/facts.ts'
import { mostOf } from '../kernel/container-rights.ts'
import type { HelperRecord, RunRecord, TargetRecord } from './record.ts'

/** What a run observed of the way in which it scanned a container. Pure. What it did not observe is undefined. */
export const observedOf = (record: RunRecord, target: TargetRecord): Facts => ({
  ...ofAccess(record),
  ...ofMachine(record),
  ...ofHelpers(target),
  approach: target.approach === 'none' ? undefined : target.approach,
  policy: policyOf(record, target),
  processes: processesOf(target),
  answers: target.approach === 'none' ? undefined : target.tamperResistance === 'none' ? 'own-shell' : 'lent-shell',
  kept: target.kept.length === 0 ? 'nothing' : 'entry',
  namespace: namespaceOf(target.namespace),
  image: target.imageId === '' ? undefined : /sha256:[0-9a-f]{64}$/.test(target.imageId) ? 'digest' : 'name'
})

const ofAccess = ({ access }: RunRecord): Facts => {
  const { mode, rules, excess, held, tokenSeconds } = access
  const could = (what: string): 'allowed' | 'refused' | undefined =>
    excess === undefined ? undefined : excess.some((each) => each === what || each.startsWith(`${what} in `)) ? 'allowed' : 'refused'
  return {
    access: mode,
    rules: mode === 'per-run' ? rulesOf(rules) : undefined,
    'more-rights': excess === undefined ? undefined : excess.length === 0 ? 'none' : 'some',
    'reads-secrets': could('list secrets'),
    'creates-pods': rules.includes(CREATES_PODS) ? 'allowed' : could(CREATES_PODS),
    impersonates: could('impersonate users'),
    token: tokenSeconds === undefined ? undefined : Math.ceil(tokenSeconds / 60),
    held: held === undefined ? undefined : Math.ceil((Date.parse(held.until) - Date.parse(held.from)) / 6000) / 10,
    revoked: revokedOf(access)
  }
}

/** As a rule shows itself: creation knows no names. */
const CREATES_PODS = 'create pods'

const rulesOf = (rules: readonly string[]): Facts['rules'] => {
  if (rules.length === 0) return undefined
  const unnamed = rules.filter((rule) => !/\[.+\]$/.test(rule))
  if (unnamed.length === 0) return 'named'
  return unnamed.every((rule) => rule === CREATES_PODS) ? 'with-new-pods' : undefined
}

const revokedOf = ({ mode, made, removed }: RunRecord['access']): Facts['revoked'] => {
  if (mode === 'self') return 'not-ours'
  if (mode === 'service-account') return made.every((what) => removed.includes(what)) ? 'expires' : 'left'
  if (made.length === 0) return undefined
  return made.every((what) => removed.includes(what)) ? 'removed' : 'left'
}

const ofMachine = ({ isolation, auditor, cluster, transcript, leftovers }: RunRecord): Facts => ({
  isolation: isolation.kind === 'unknown' ? undefined : isolation.kind,
  auditor: AUDITORS.get(auditor.source),
  cluster: cluster.kind === undefined ? 'existing' : 'own',
  transcript,
  leftovers: leftovers.length === 0 ? 'none' : 'some'
})

const AUDITORS: ReadonlyMap<string, Facts['auditor']> = new Map([
  ['cinc', 'verified'],
  ['gems', 'verified'],
  ['path', 'found'],
  ['given', 'found']
])

const ofHelpers = ({ helpers }: TargetRecord): Facts =>
  helpers === undefined ? {} : { added: addedOf(helpers), 'helper-image': imageOf(helpers), 'helper-rights': rightsOf(helpers) }

const addedOf = (helpers: readonly HelperRecord[]): Facts['added'] => {
  if (helpers.some(({ as }) => as === 'ephemeral-container')) return 'ephemeral-container'
  return helpers.some(({ as }) => as === 'pod') ? 'pod' : 'nothing'
}

const imageOf = (helpers: readonly HelperRecord[]): Facts['helper-image'] => {
  if (helpers.length === 0) return 'none'
  return helpers.every(({ image }) => /^\S+@sha256:[0-9a-f]{64}$/.test(image)) ? 'digest' : 'name'
}

/** Of several the strongest; what was not read may be any. */
const rightsOf = (helpers: readonly HelperRecord[]): Facts['helper-rights'] => {
  if (helpers.length === 0) return 'none'
  const most = mostOf(helpers.flatMap(({ rights }) => (rights === undefined ? [] : [rights])))
  return most === 'privileged' || helpers.every(({ rights }) => rights !== undefined) ? most : undefined
}

/** Whoever holds the right to add a container holds it also where none was added in the end. */
const policyOf = ({ access }: RunRecord, { helpers, pod, approach }: TargetRecord): Facts['policy'] => {
  if (helpers === undefined) return undefined
  const added = helpers.filter(({ as }) => as === 'ephemeral-container')
  if (added.some(({ policy }) => policy === 'not-asked')) return 'not-asked'
  if (added.length > 0) return added.every(({ policy }) => policy === 'refuses') ? 'refuses' : undefined
  const rights = access.rules.filter((rule) => rule.startsWith('patch pods/ephemeralcontainers'))
  const concerned = approach === 'twin-pod' ? rights : rights.filter((rule) => namedIn(rule).includes(pod)) // a twin has a name of its own
  return concerned.length === 0 ? 'not-needed' : 'not-asked'
}

const namedIn = (rule: string): string[] => /\[(.+)\]$/.exec(rule)?.[1]?.split(' ') ?? []

const processesOf = ({ helpers, approach }: TargetRecord): Facts['processes'] => {
  if (helpers === undefined) return undefined
  if (helpers.some(({ as }) => as === 'container')) return 'shared'
  if (helpers.some(({ as }) => as === 'ephemeral-container')) return 'joined'
  return approach === 'none' ? undefined : 'apart'
}

const namespaceOf = (namespace: string): Facts['namespace'] => {
  if (namespace === '') return undefined
  if (namespace === 'default') return 'default'
  return namespace.startsWith('kube-') ? 'system' : 'own'
}
