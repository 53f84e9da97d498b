import { execFileSync } from 'node:child_process'

/** What the API server writes down of a request. */
export interface AuditEvent {
  readonly auditID: string
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** The program that started the cluster. */
export const cluster = (...args: string[]): string => {
  const program = process.env['KSCAN_E2E_CLUSTER']
  if (program === undefined) throw new Error('KSCAN_E2E_CLUSTER must name the program that started the cluster')
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1024 * 1024 * 1024 })
}

const lines = (): string[] => cluster('audit').trimEnd().split('\n')

/** Begins to watch; what is called later gives each request that came since, once, in the order in which they began. */
export const watchAudit = (): (() => AuditEvent[]) => {
  const before = lines().length
  return () => {
    const events = new Map<string, AuditEvent>()
    for (const line of lines().slice(before)) {
      const event = JSON.parse(line) as AuditEvent
      events.set(event.auditID, event) // the last stage of a request; a map keeps the place of the first
    }
    return [...events.values()]
  }
}

export const accountUser = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`
