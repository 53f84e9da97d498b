// The real SAF CLI's command, run in this process. One request a line on stdin, one answer a line on stdout:
// {id, argv} → {id, exitCode, stdout, stderr}; {id, count: file} → {id, counts}, as inspecjs counts.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const answer = process.stdout.write.bind(process.stdout)
const load = createRequire(import.meta.url)
const root = dirname(load.resolve('@mitre/saf/package.json'))
const inspecjs = load('inspecjs')

const captured = { stdout: '', stderr: '' }
for (const name of ['stdout', 'stderr'])
  process[name].write = (chunk, encoding, done) => {
    captured[name] += String(chunk)
    const callback = typeof encoding === 'function' ? encoding : done
    if (callback) callback()
    return true
  }

const NAMES = { Passed: 'passed', Failed: 'failed', 'Not Reviewed': 'skipped', 'Not Applicable': 'no_impact', 'Profile Error': 'error' }

/** Controls by status and severity, of each profile in the file's order: [{ name, cells: { 'failed.high': 2 } }]. */
const count = (file) =>
  inspecjs.convertFileContextual(readFileSync(file, 'utf8')).contains.map(({ data, contains }) => {
    const cells = {}
    for (const { root } of contains.filter(({ extendedBy }) => extendedBy.length === 0)) {
      const key = `${NAMES[root.hdf.status]}.${root.hdf.severity}`
      cells[key] = (cells[key] ?? 0) + 1
    }
    return { name: data.name, cells }
  })

const main = async () => {
  const { Config } = load(load.resolve('@oclif/core', { paths: [root] }))
  const config = await Config.load({ root })
  const { default: Threshold } = load(resolve(root, 'lib/commands/validate/threshold.js'))
  const validate = async (argv) => {
    captured.stdout = ''
    captured.stderr = ''
    process.exitCode = undefined
    await Threshold.run(argv, config)
    const exitCode = process.exitCode ?? 0
    process.exitCode = undefined
    return { exitCode, ...captured }
  }
  answer(`${JSON.stringify({ ready: true })}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, argv, count: file } = JSON.parse(line)
    let said
    try {
      said = file === undefined ? await validate(argv) : { counts: count(file) }
    } catch (error) {
      said = { thrown: String(error) }
    }
    answer(`${JSON.stringify({ id, ...said })}\n`)
  }
}

await main()
