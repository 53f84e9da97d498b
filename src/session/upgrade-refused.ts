import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'

/** What was answered in place of a stream. */
export interface Refusal {
  readonly status: number
  readonly body: string
  readonly contentType?: string | undefined
  /** The header Retry-After, as it came. */
  readonly retryAfter?: string | undefined
  /** The host that was asked. */
  readonly host: string
  /** What the credential says of itself. */
  readonly about?: string | undefined
}

/** A refused upgrade, with the HTTP status, so that a caller may try again after a fresh grant. */
export class UpgradeRefused extends ScanError {
  readonly status: number
  readonly retryAfter: string | undefined
  /** What the answer says. */
  readonly said: string
  /** It did not come from the API server, or the API server got no request for a stream: something on the way does not let WebSocket pass. */
  readonly blocked: boolean

  constructor(refusal: Refusal) {
    const { status, host } = refusal
    const said = messageIn(refusal.body)
    const blockage = blockageIn(refusal)
    const denied = blockage === undefined && (status === 401 || status === 403)
    super(
      denied ? 'ACCESS_DENIED' : 'SESSION_FAILED',
      blockage === undefined
        ? `The cluster refused the exec stream (${status}): ${said}${aboutUs(refusal)}`
        : `The exec stream did not get through to the API server: ${blockage}. Something on the way does not let WebSocket pass`,
      blockage === undefined ? (denied ? { hint: RIGHTS } : {}) : { hint: passage(host) }
    )
    this.status = status
    this.retryAfter = refusal.retryAfter
    this.said = said
    this.blocked = blockage !== undefined
  }
}

const aboutUs = ({ status, about }: Refusal): string => (status !== 401 || about === undefined ? '' : `. The token of this job says: ${about}`)

const RIGHTS = 'The scanner needs the verbs get and create on pods/exec of this pod.'

const passage = (host: string): string =>
  `Ask your network team to let WebSocket pass to ${host}: HTTP/1.1 GET of /api/v1/namespaces/*/pods/*/exec with the headers Connection: Upgrade, Upgrade: websocket and ` +
  'Sec-WebSocket-Protocol: v5.channel.k8s.io, unchanged and without a time limit below 30 minutes; or to except the host from the proxy (NO_PROXY).'

const PAGE = /^\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body|title)\b/i

/** What tells that no API server has refused a request for a stream; undefined where one may have. */
const blockageIn = (refusal: Refusal): string | undefined => {
  const { status, body } = refusal
  if (isPage(refusal)) return `it was answered with ${status} and a web page${titleOf(body)}`
  if (status === 426 || (status === 400 && /upgrade request required/i.test(body))) return `it came there without its header Upgrade (${status})`
  return status >= 200 && status < 300 ? `it was answered with ${status}, and no stream was opened` : undefined
}

const isPage = ({ body, contentType = '' }: Refusal): boolean => /^text\/html\b/i.test(contentType) || PAGE.test(body)

const titleOf = (body: string): string => {
  const title = /<title[^>]*>([^<]*)</i.exec(body)?.[1]?.trim() ?? ''
  return title === '' ? '' : ` (${printableLine(title, 100)})`
}

/** The message of a Kubernetes Status, or what came instead. */
const messageIn = (body: string): string => {
  try {
    const status: unknown = JSON.parse(body)
    if (typeof status === 'object' && status !== null && 'message' in status && typeof status.message === 'string') return printableLine(status.message)
  } catch {
    // not a Status
  }
  return printableLine(body) || 'no reason given'
}
