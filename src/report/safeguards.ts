import type { FactName } from '../compliance/facts.ts'
import type { ScanWay } from './compliance-shape.ts'

type Observed = ScanWay['facts']
type Safeguard = (facts: Observed) => string | undefined

const where =
  (wanted: Readonly<Partial<Record<FactName, readonly (string | number)[]>>>, says: string): Safeguard =>
  (facts) =>
    Object.entries(wanted).every(([name, values]) => values.includes(facts[name] ?? '')) ? says : undefined

const counted =
  (name: FactName, says: (minutes: string) => string): Safeguard =>
  (facts) => {
    const value = facts[name]
    return typeof value === 'number' ? says(`${value} minute${value === 1 ? '' : 's'}`) : undefined
  }

const SAFEGUARDS: readonly Safeguard[] = [
  where({ access: ['per-run'] }, 'The scanner had an account of its own, made for this run.'),
  where({ rules: ['named'] }, 'Its role named the pods, verbs and resources one by one.'),
  where({ 'more-rights': ['none'] }, 'What must be refused to a scanner was refused when the API server was asked.'),
  where({ policy: ['refuses'] }, "The cluster refused, in dry runs with the scanner's own token, each container that may do more than the helper."),
  where({ 'helper-rights': ['restricted'] }, 'The helper may do no more than the Pod Security level restricted allows, as the API has it.'),
  where({ 'helper-rights': ['root'] }, 'The helper may do no more than the Pod Security level restricted allows, but for its user, as the API has it.'),
  where({ 'helper-image': ['digest'] }, "The helper's image was named by its digest."),
  where({ answers: ['lent-shell'] }, 'The shell that answered could be neither read nor replaced by processes of the container.'),
  where({ processes: ['apart'] }, 'The container kept its processes to itself.'),
  where({ isolation: ['bwrap', 'namespaces', 'user'] }, 'The auditor was isolated from the machine that it ran on.'),
  where({ auditor: ['verified'] }, 'The auditor was one whose digest kscan knows.'),
  counted('held', (minutes) => `The rights were held for ${minutes}.`),
  counted('token', (minutes) => `No token could live longer than ${minutes}.`),
  where({ revoked: ['removed'] }, 'Account, role and binding were removed when the audit had ended.'),
  where({ leftovers: ['none'] }, 'Nothing was left over.'),
  where({ transcript: ['hashes', 'full'] }, 'Each command is on record in the transcript.'),
  where({ cluster: ['own'] }, 'The cluster was made for this run.')
]

/** What was really in place in a run, by what it observed; each a sentence of ours. */
export const safeguardsOf = (facts: Observed): string[] => SAFEGUARDS.flatMap((says) => says(facts) ?? [])
