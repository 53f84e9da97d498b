// npm run demo [-- --context NAME]: three containers, one with a shell, one with planted findings, one without a shell, are scanned as a pipeline would.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ScanError } from '../../src/kernel/error.ts'
import { openCluster } from './cluster.ts'
import { openEmbedded } from './embedded.ts'
import { dockerAnswers, openKind } from './kind.ts'
import { type Place, say } from './place.ts'

const HELP = `npm run demo [-- FLAG ...]

Scans three containers with kscan-baseline, and ends as a failed job would. Without a flag it brings its own: on a kind cluster where Docker answers,
else by itself.

  --context NAME       make two pods on that cluster instead; they are removed afterwards
  --kubeconfig FILE    where the context is
  --namespace NAME     make them in that namespace, which must be there; without it, in one of their own
  --helper-image IMAGE the toolbox, to scan a container without a shell on that cluster
  --kind-node-image IMAGE  what the nodes of the kind cluster are made of, as kscan takes it
  --embedded           without a cluster, also where Docker answers`

const EXIT = { expected: 0, otherwise: 4, badInput: 2, interrupted: 130, notCompliant: 1 }

const readWords = (): ReturnType<typeof parse> | undefined => {
  try {
    return parse()
  } catch (error) {
    say(`error: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return undefined
  }
}

const parse = () => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { context: text, kubeconfig: text, namespace: text, 'helper-image': text, 'kind-node-image': text, embedded: flag, help: flag } as const
  const { values } = parseArgs({ options })
  if (values.context === undefined && ['kubeconfig', 'namespace', 'helper-image'].some((name) => name in values))
    throw new Error('kubeconfig, namespace and helper-image go with --context')
  return values
}

/** Scans them, and gives the exit code of the scan. */
const scan = async ({ words, env }: Place, reports: string): Promise<number> => {
  const flags = ['scan', ...words, '--config', 'none', '--reports-path', reports]
  say(`\n$ kscan ${flags.join(' ')}\n`)
  const child = spawn(process.execPath, ['dist/cli.js', ...flags], { stdio: 'inherit', env })
  const end = (): void => void child.kill('SIGTERM')
  stop.signal.addEventListener('abort', end)
  if (stop.signal.aborted) end()
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? EXIT.interrupted
}

const stop = new AbortController()
// a terminal interrupts the scan, too, which takes back what it made: then what was made here is
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(new Error(`ended by ${name}`)))

const openPlace = async ({ context, embedded, ...more }: ReturnType<typeof parse>): Promise<Place> => {
  const { kubeconfig, namespace, 'helper-image': helperImage, 'kind-node-image': nodeImage } = more
  if (context !== undefined) return await openCluster({ kubeconfig, context, namespace, helperImage, signal: stop.signal })
  if (embedded !== true && dockerAnswers()) return await openKind(nodeImage)
  return await openEmbedded()
}

const tell = (code: number, left: readonly string[], { reports, seconds }: { reports: string; seconds: number }): number => {
  say('')
  if (code === EXIT.notCompliant) say('This is what a failed gate looks like: kscan ended with exit 1, and a job would stop here.')
  else say(`kscan ended with exit ${code}; 1, not compliant, was expected.`)
  say(`Report: ${join(reports, 'report.html')}`)
  say(`Time:   ${seconds.toFixed(0)} s, after the installation`)
  say(`Left:   ${left.length === 0 ? 'nothing but the folder of reports, and what was installed for the next time' : left.join('; ')}`)
  if (stop.signal.aborted) return EXIT.interrupted
  return code === EXIT.notCompliant && left.length === 0 ? EXIT.expected : EXIT.otherwise
}

const demo = async (words: ReturnType<typeof parse>): Promise<number> => {
  const begun = performance.now()
  const place = await openPlace(words)
  const reports = join(mkdtempSync(join(tmpdir(), 'kscan-demo-')), 'kscan-reports')
  const code = await scan(place, reports).catch((error: unknown) => {
    say(`error: ${String(error)}`)
    return EXIT.otherwise
  })
  return tell(code, await place.close(), { reports, seconds: (performance.now() - begun) / 1000 })
}

const words = readWords()
if (words === undefined) process.exitCode = EXIT.badInput
else if (words.help === true) console.log(HELP)
else {
  process.exitCode = await demo(words).catch((error: unknown) => {
    say(`error: ${error instanceof Error ? error.message : String(error)}`)
    if (error instanceof ScanError && error.hint !== undefined) say(`  ${error.hint}`)
    return stop.signal.aborted ? EXIT.interrupted : EXIT.otherwise
  })
}
