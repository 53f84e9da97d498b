import { type Need, showNeeds, unmetNeeds } from '../access/needs.ts'
import { accountYaml, rightsYaml } from '../access/rights-yaml.ts'
import type { Account } from '../access/token.ts'
import { isThere, mayAccount } from '../access/who.ts'
import type { Connection } from '../cluster/connection.ts'
import { accountNeeds, accountOf, type Scope } from './caller-needs.ts'
import type { Request } from './request.ts'

/** What the parts of `kscan doctor` share. */
export interface Doctor {
  readonly connection: Connection
  readonly request: Request
  /** A line for people. */
  readonly say: (line: string) => void
  /** Rights that are there are among the YAML, too. */
  readonly whole: boolean
}

/** Of access: service-account, whether the account is there and has the rights of a scan. Resolves with whether nothing is known to be missing. */
export const examineAccount = async (scope: Scope, doctor: Doctor): Promise<boolean> => {
  const account = accountOf(scope)
  if (account === undefined) return true
  const { connection, request, say, whole } = doctor
  const there = await isThere(connection, account, request.signal)
  const needs = accountNeeds(scope)
  const missing = there === false ? needs : await lackedBy(account, needs, doctor)
  const name = `${account.namespace}/${account.name}`
  if (there === false) say(`✗ there is no service account ${name}`)
  if (missing === undefined) say(`- whether the service account ${name} may scan, the caller may not ask: the YAML has its rights`)
  else if (missing.length > 0) say(`✗ the service account ${name} may not: ${showNeeds(missing)}`)
  else say(`✓ the service account ${name} may do all that a scan needs`)
  const shown = whole ? needs : (missing ?? needs)
  if (there === false) request.host.print(accountYaml(account).trimEnd())
  if (shown.length > 0) request.host.print(rightsYaml('kscan-scanner', { kind: 'ServiceAccount', ...account }, shown).trimEnd())
  return there !== false && (missing ?? []).length === 0
}

/** Undefined where the caller may not ask for another's rights. */
const lackedBy = async (account: Account, needs: readonly Need[], { connection, request }: Doctor): Promise<Need[] | undefined> => {
  let refused = false
  const missing = await unmetNeeds(needs, async (question) => {
    const allowed = refused ? undefined : await mayAccount(connection, { account, asked: question }, request.signal)
    refused ||= allowed === undefined
    return allowed === true
  })
  return refused ? undefined : missing
}
