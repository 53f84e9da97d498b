import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { completionOf } from '../../src/command/completion.ts'
import { FORMATS } from '../../src/config/config.ts'

const VERBS = ['scan', 'plan', 'doctor', 'judge', 'report', 'cleanup', 'vendor', 'profiles', 'completion', 'help']
const FILES = ['base', 'base.tgz', 'kube config', 'results']

/** Command lines up to the cursor, and what a shell offers there: a word as far as it is new, of folders without their slash. */
export const COMPLETIONS: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['kscan s', ['scan']],
  ['kscan pl', ['plan']],
  ['kscan help j', ['judge']],
  ['kscan help ', VERBS.filter((verb) => verb !== 'help')],
  ['kscan completion ', ['bash', 'zsh', 'fish']],
  ['kscan scan --appr', ['--approach']],
  ['kscan scan --target', ['--target-image']],
  ['kscan doctor --rep', []],
  ['kscan judge --rep', []],
  ['kscan report --rep', ['--reports', '--reports-path']],
  ['kscan cleanup --exp', ['--expired']],
  ['kscan scan -n shop --cont', ['--container', '--container-detection', '--context', '--control-tags', '--controls']],
  ['kscan scan --approach ', ['auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod']],
  ['kscan scan --approach k', ['kubernetes-api']],
  ['kscan scan --approach=k', ['kubernetes-api']],
  ['kscan scan --enforce ', ['true', 'false']],
  ['kscan scan -o ', ['text', 'json']],
  ['kscan scan --reports cs', ['csv']],
  ['kscan scan --reports hdf,j', ['junit']],
  ['kscan scan --reports h', FORMATS.filter((format) => format.startsWith('h'))],
  ['kscan scan --namespace ', []],
  ['kscan scan -n ', []],
  ['kscan scan --kubeconfig k', ['kube config']],
  ['kscan scan --config ', FILES],
  ['kscan scan --reports-path ', ['base', 'results']],
  ['kscan scan --profile ks', ['kscan-baseline']],
  ['kscan scan --profile ba', ['base', 'base.tgz']],
  ['kscan scan --auditor ', ['cinc', 'gems', 'path', ...FILES]],
  ['kscan judge b', ['base', 'base.tgz']],
  ['kscan judge results/', ['results/one.json']]
]

/** What a shell offers, as the table has it. */
export const offered = (lines: readonly string[]): string[] => [
  ...new Set(
    lines
      .map((line) =>
        line
          .replace(/\t.*/, '')
          .replace(/^--[\w-]+=/, '')
          .replace(/^[\w.]+,/, '')
          .replace(/(?<=.)\/$/, '')
      )
      .filter((line) => line !== '')
      .toSorted()
  )
]

/** A folder with the files of the table; the script of each shell lies beside it. */
export class ShellFolder {
  readonly #root = mkdtempSync(join(tmpdir(), 'kscan-shell-'))
  readonly path = join(this.#root, 'work')

  constructor() {
    for (const folder of ['base', 'results']) mkdirSync(join(this.path, folder), { recursive: true })
    for (const file of ['base.tgz', 'kube config', 'results/one.json']) writeFileSync(join(this.path, file), '')
  }

  script(shell: Parameters<typeof completionOf>[0]): string {
    const path = join(this.#root, shell)
    writeFileSync(path, completionOf(shell))
    return path
  }

  remove(): void {
    rmSync(this.#root, { recursive: true })
  }
}
