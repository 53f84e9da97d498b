import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** All PEM: a certificate authority of its own and a server certificate for the loopback address. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2']
const NAMES = 'subjectAltName=IP:127.0.0.1,DNS:localhost'

/** Makes new certificates with the program openssl (3.0 or later); throws with its stderr. */
export const makeCertificates = (): Certificates => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-certificates-'))
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', ['req', '-x509', ...EC, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    openssl('-subj', '/CN=kscan test authority', '-keyout', at('ca.key'), '-out', at('ca.pem'))
    const leaf = ['-addext', NAMES, '-addext', 'basicConstraints=critical,CA:FALSE']
    openssl('-subj', '/CN=localhost', '-CA', at('ca.pem'), '-CAkey', at('ca.key'), ...leaf, '-keyout', at('key.pem'), '-out', at('cert.pem'))
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(at(name), 'utf8'))
    return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
