import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'

type Fields = Readonly<Record<string, unknown>>

export interface KubeconfigParts {
  readonly cluster: Fields
  readonly user: Fields
  readonly context?: Fields
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A kubeconfig whose contexts each have a cluster and a user of their own, all three under one name. */
export const kubeconfigText = (contexts: Readonly<Record<string, KubeconfigParts>>): string => {
  const parts = Object.entries(contexts)
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: parts.map(([name, { cluster }]) => ({ name, cluster })),
    users: parts.map(([name, { user }]) => ({ name, user })),
    contexts: parts.map(([name, { context = {} }]) => ({ name, context: { ...context, cluster: name, user: name } }))
  })
}

/** A folder for files of a test. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'kscan-test-'))

  /** Writes a file that only its owner may read or start, and returns its path. */
  file(name: string, text: string): string {
    const path = join(this.path, name)
    writeFileSync(path, text, { mode: 0o700 })
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
