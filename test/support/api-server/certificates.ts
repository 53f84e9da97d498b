import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** All PEM: a certificate authority of its own and a server certificate for the loopback address. */
export interface Certificates {
  readonly ca: string
  readonly caKey: string
  readonly cert: string
  readonly key: string
}

export type KeyPair = Pick<Certificates, 'cert' | 'key'>

const LOOPBACK = ['IP:127.0.0.1', 'DNS:localhost']

/** Makes new certificates with the program openssl (3.0 or later); throws with its stderr. `names` are the server's, as `DNS:localhost`. */
export const makeCertificates = (names: readonly string[] = LOOPBACK): Certificates =>
  inFolder((at) => {
    openssl('-subj', '/CN=kscan test authority', '-keyout', at('ca.key'), '-out', at('ca.pem'))
    return {
      ca: readFileSync(at('ca.pem'), 'utf8'),
      caKey: readFileSync(at('ca.key'), 'utf8'),
      ...leaf(at, '/CN=localhost', `subjectAltName=${names.join(',')}`)
    }
  })

/** A certificate for a client; `subject` as `/O=system:masters/CN=admin`. */
export const makeClientCertificate = ({ ca, caKey }: Pick<Certificates, 'ca' | 'caKey'>, subject: string): KeyPair =>
  inFolder((at) => {
    writeFileSync(at('ca.pem'), ca)
    writeFileSync(at('ca.key'), caKey, { mode: 0o600 })
    return leaf(at, subject, 'extendedKeyUsage=clientAuth')
  })

type At = (name: string) => string

const leaf = (at: At, subject: string, extension: string): KeyPair => {
  const extensions = ['-addext', extension, '-addext', 'basicConstraints=critical,CA:FALSE']
  openssl('-subj', subject, '-CA', at('ca.pem'), '-CAkey', at('ca.key'), ...extensions, '-keyout', at('key.pem'), '-out', at('cert.pem'))
  return { cert: readFileSync(at('cert.pem'), 'utf8'), key: readFileSync(at('key.pem'), 'utf8') }
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2']

const openssl = (...args: readonly string[]): void => void execFileSync('openssl', ['req', '-x509', ...EC, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

const inFolder = <T>(work: (at: At) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-certificates-'))
  try {
    return work((name) => join(folder, name))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
