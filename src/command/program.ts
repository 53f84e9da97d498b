import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { inputsOf } from '../config/inputs.ts'
import type { Input, Verb } from '../config/input.ts'
import { meantName, type Raw, SLIPS } from '../config/raw.ts'
import { EXIT, type ExitCode } from '../kernel/error.ts'
import type { Request } from './request.ts'

/** What the command line says; the rest of a request comes from where we run. */
export interface Called extends Pick<Request, 'flags' | 'files' | 'run' | 'sweep' | 'expired' | 'json'> {
  readonly verb: Verb
  readonly verbose: boolean
}

/** A command to carry out, or text to print and the exit code: help, version, a flag that is not known. */
export type Parsed = { readonly kind: 'call'; readonly call: Called } | { readonly kind: 'text'; readonly text: string; readonly code: ExitCode }

interface VerbText {
  readonly summary: string
  readonly examples: readonly string[]
}

const VERBS: Readonly<Record<Verb, VerbText>> = {
  scan: {
    summary: 'Scan containers, judge the results, write reports, leave the cluster as it was.',
    examples: [
      'kscan scan --context prod --namespace shop --pod web-0 --profile ./profiles/baseline',
      'kscan scan --context prod --namespace shop --workload deployment/web --container app --profile ./profiles/baseline --threshold-file threshold.yaml',
      "kscan scan --context prod --selector app=web --profile base.tgz#sha256=… --threshold 'failed: {total: {max: 0}}'"
    ]
  },
  plan: {
    summary: 'Print everything that a scan would make, ask and start; make and start nothing.',
    examples: ['kscan plan --context prod --namespace shop --pod web-0']
  },
  doctor: {
    summary: 'Say what the caller is missing for a scan, with the YAML that gives it; make and start nothing.',
    examples: ['kscan doctor --context prod --namespace shop', 'kscan doctor --context prod --namespace shop --workload deployment/web']
  },
  judge: {
    summary: 'Judge HDF files by thresholds, without a cluster.',
    examples: [
      'kscan judge --threshold-file threshold.yaml kscan-reports/hdf/*.json',
      "kscan judge --threshold 'compliance: {min: 90}' results.json",
      'cat results.json | kscan judge -'
    ]
  },
  report: {
    summary: 'Write reports of an earlier scan from its HDF files and its run.json, without a cluster. It judges nothing.',
    examples: ['kscan report --reports sarif,csv kscan-reports/hdf/*.json', 'kscan report --reports html --reports-path pages kscan-reports/hdf/*.json']
  },
  cleanup: {
    summary: 'Undo what runs that died have left behind.',
    examples: ['kscan cleanup --context prod', 'kscan cleanup --context prod --run 4f0c2m1x9q', 'kscan cleanup --context prod --expired']
  }
}

/** Of the commands that take files: what they are. */
const FILES: Partial<Readonly<Record<Verb, string>>> = {
  judge: 'HDF files, patterns of them, or - for the standard input',
  report: 'all HDF files of a scan, or a pattern of them'
}

const ISSUES = 'Exit codes: 0 passed · 1 not compliant · 2 bad input · 3 unjudged · 4 could not scan · 130 interrupted'

/** Reads the command line. Starts nothing. */
export const parseArguments = (argv: readonly string[], version: string): Parsed => {
  const printed: string[] = []
  let call: Called | undefined
  const program = new Command('kscan')
    .version(version, '--version', 'Print the version.')
    .description('Scans running Kubernetes containers against compliance profiles.')
  program.configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => printed.push(text) }).exitOverride()
  program.addHelpText('after', `\n${ISSUES}\n`)
  for (const [verb, text] of Object.entries(VERBS)) if (isVerb(verb)) addVerb(program, { verb, text }, (made) => (call = made))
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'text', text: explain(printed.join(''), argv), code: error.exitCode === 0 ? EXIT.passed : EXIT.badInput }
  }
  return call === undefined ? { kind: 'text', text: program.helpInformation(), code: EXIT.badInput } : { kind: 'call', call }
}

const isVerb = (text: string): text is Verb => text in VERBS

const addVerb = (program: Command, what: { verb: Verb; text: VerbText }, take: (call: Called) => void): void => {
  const { verb, text } = what
  const command = program.command(verb).description(text.summary)
  for (const input of inputsOf(verb)) command.addOption(optionOf(input))
  if (verb === 'scan' || verb === 'plan' || verb === 'judge') command.option('--json', 'Print results as JSON.')
  command.option('--verbose', 'Print causes and details.')
  if (verb === 'cleanup')
    command.option('--run <id>', 'Clean up this run, also without its journal.', runId).option('--expired', 'Remove everything of kscan whose time is over.')
  const files = FILES[verb]
  if (files !== undefined) command.argument('<files...>', files)
  command.addHelpText('after', `\nExamples:\n${text.examples.map((example) => `  ${example}`).join('\n')}\n\n${ISSUES}\n`)
  command.allowExcessArguments(false)
  command.action(() => {
    const options: Record<string, unknown> = command.opts()
    const text_ = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined)
    take({
      verb,
      flags: flagsOf(inputsOf(verb), options),
      files: files === undefined ? [] : command.args,
      run: text_('run'),
      sweep: text_('run') !== undefined,
      expired: options['expired'] === true,
      json: options['json'] === true,
      verbose: options['verbose'] === true
    })
  })
}

const optionOf = (input: Input): Option => {
  const of = input.type.kind === 'choice' ? ` (${input.type.of.join(', ')})` : ''
  const standard = input.default === '' ? '' : ` [${input.default}]`
  const option = new Option(`--${input.name} <${input.type.kind === 'list' ? 'values' : 'value'}>`, `${input.text}${of}${standard}`)
  return option.argParser(input.type.kind === 'list' ? severalTimes : once)
}

const severalTimes = (value: string, before: string | undefined): string => (before === undefined ? value : `${before}\n${value}`)

/** The last of two values would win without a word. */
const once = (value: string, before: string | undefined): string => {
  if (before !== undefined) throw new InvalidArgumentError('It is given twice.')
  return value
}

const runId = (value: string): string => {
  if (!/^[a-z0-9]{1,63}$/.test(value)) throw new InvalidArgumentError('Expected the id of a run, as run.json and the labels of its objects have it.')
  return value
}

const flagsOf = (inputs: readonly Input[], options: Readonly<Record<string, unknown>>): Map<string, Raw> => {
  const flags = new Map<string, Raw>()
  for (const { name } of inputs) {
    const value = options[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]
    if (typeof value === 'string') flags.set(name, { value, origin: 'flag' })
  }
  return flags
}

/** The parser's text, and the input that an unknown flag probably meant. */
const explain = (text: string, argv: readonly string[]): string => {
  const unknown = /unknown option '--([^'=]+)/.exec(text)?.[1]
  const verb = argv.find(isVerb)
  const meant =
    unknown === undefined || verb === undefined || text.includes('Did you mean')
      ? undefined
      : meantName(
          unknown,
          inputsOf(verb).map(({ name }) => name),
          SLIPS
        )
  return meant === undefined ? text : `${text}Did you mean --${meant}?\n`
}
