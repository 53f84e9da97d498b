import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'

/** What TLS says of a certificate that nobody here vouches for. */
const UNSIGNED = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE'
]

type Words = readonly [what: string, hint: string]

const UNSIGNED_WORDS: Words = [
  'is not signed by an authority that is trusted here',
  "Give the cluster's own as certificate-authority in the kubeconfig; that of a proxy which opens TLS as ca-file, where the kubeconfig names none."
]

const BY_CODE: ReadonlyMap<string, Words> = new Map<string, Words>([
  ...UNSIGNED.map((code) => [code, UNSIGNED_WORDS] as const),
  ['CERT_HAS_EXPIRED', ['has expired', 'The cluster needs a new one. Is the clock of this machine right?']],
  ['CERT_NOT_YET_VALID', ['is not valid yet', 'Is the clock of this machine right?']],
  ['ERR_TLS_CERT_ALTNAME_INVALID', ['is for another name', 'Does the kubeconfig have the right address of the server, or does it need tls-server-name?']]
])

/** The error of a server whose certificate is refused; undefined where something else kept it from answering. */
export const untrusted = (host: string, thrown: unknown): ScanError | undefined => {
  for (let cause = thrown; typeof cause === 'object' && cause !== null; cause = 'cause' in cause ? cause.cause : undefined) {
    const code = 'code' in cause ? String(cause.code) : ''
    const [what, hint] = BY_CODE.get(code) ?? []
    if (what !== undefined && hint !== undefined)
      return new ScanError('CLUSTER_UNREACHABLE', `The certificate of ${host} ${what} (${wordsOf(cause)})`, { cause: thrown, hint })
  }
  return undefined
}

/** Node's own, without its advice on itself. */
const wordsOf = (cause: object): string => printableLine(messageOf(cause).split(';')[0] ?? '', 300)
