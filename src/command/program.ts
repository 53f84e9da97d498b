import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { inputsOf } from '../config/inputs.ts'
import { GROUPS, type Verb } from '../config/input.ts'
import { FORMATS } from '../config/config.ts'
import { meantName, type Raw, SLIPS } from '../config/raw.ts'
import { EXIT, type ExitCode } from '../kernel/error.ts'
import { isRunId, printable } from '../kernel/name.ts'
import { SHELLS } from './completed.ts'
import { completionOf } from './completion.ts'
import { type Flag, flagsOf, OUTPUTS_OF_RESULTS } from './flags.ts'
import { columnsOf, examplesText, EXIT_CODES, LAYOUT, type Look, PLAIN_LOOK } from './help.ts'
import type { Request } from './request.ts'
import { COMPLETION, isVerb, VERBS } from './verb-texts.ts'

/** What the command line says; the rest of a request comes from where we run. */
export interface Called extends Pick<Request, 'flags' | 'files' | 'run' | 'sweep' | 'expired' | 'json' | 'output' | 'osRelease' | 'yaml'> {
  readonly verb: Verb
  readonly verbose: boolean
  readonly quiet: boolean
}

/** A command to carry out, or text to print and the exit code: help, version, a shell's completion, a flag that is not known. */
export type Parsed = { readonly kind: 'call'; readonly call: Called } | { readonly kind: 'text'; readonly text: string; readonly code: ExitCode }

/** How the streams show text: help goes to the one, faults to the other. */
export interface Looks {
  readonly out: Look
  readonly err: Look
}

/** Reads the command line. Starts nothing. */
export const parseArguments = (argv: readonly string[], version: string, looks: Looks = { out: PLAIN_LOOK, err: PLAIN_LOOK }): Parsed => {
  const printed: string[] = []
  let parsed: Parsed | undefined
  const program = programOf(version, looks, (text) => printed.push(text))
  for (const verb of Object.keys(VERBS).filter(isVerb)) addVerb(program, { verb, looks }, (call) => (parsed = { kind: 'call', call }))
  addCompletion(program, looks, (shell) => (parsed = { kind: 'text', text: completionOf(shell), code: EXIT.passed }))
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const text = printed.join('')
    return error.exitCode === 0
      ? { kind: 'text', text, code: EXIT.passed }
      : { kind: 'text', text: explain(printable(withoutValues(text)), argv), code: EXIT.badInput }
  }
  return parsed ?? { kind: 'text', text: program.helpInformation({ error: true }), code: EXIT.badInput }
}

const programOf = (version: string, { out, err }: Looks, print: (text: string) => void): Command =>
  new Command('kscan')
    .version(version, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand('help [command]', "Print a command's help.")
    .description('Scans running Kubernetes containers against compliance profiles.')
    .configureHelp(LAYOUT)
    .configureOutput({
      writeOut: print,
      writeErr: print,
      getOutHelpWidth: () => columnsOf(out),
      getErrHelpWidth: () => columnsOf(err),
      getOutHasColors: () => out.colour,
      getErrHasColors: () => err.colour
    })
    .addHelpText('after', `\nkscan COMMAND --help tells the flags of each.\n\n${EXIT_CODES}\n`)
    .exitOverride()

const addVerb = (program: Command, { verb, looks }: { verb: Verb; looks: Looks }, take: (call: Called) => void): void => {
  const { summary, examples, files } = VERBS[verb]
  const command = program.command(verb).description(summary)
  for (const flag of flagsOf(verb)) command.addOption(optionOf(flag, verb))
  command.addHelpOption(new Option('-h, --help', 'Print this help.').helpGroup(headingOf('general')))
  if (files !== undefined) command.argument(verb === 'vendor' ? '[profiles...]' : '<files...>', files)
  command.addHelpText('after', examplesText(examples, looks.out))
  command.allowExcessArguments(false)
  command.action(() => take(calledOf(verb, command)))
}

const calledOf = (verb: Verb, command: Command): Called => {
  const options: Record<string, unknown> = command.opts()
  const run = typeof options['run'] === 'string' ? options['run'] : undefined
  return {
    verb,
    flags: givenOf(verb, options),
    files: VERBS[verb].files === undefined ? [] : command.args,
    run,
    sweep: run !== undefined,
    expired: options['expired'] === true,
    json: options['json'] === true || (verb !== 'vendor' && options['output'] === 'json'),
    ...textsOf(verb, options),
    ...(options['yaml'] === true ? { yaml: true } : {}),
    verbose: options['verbose'] === true,
    quiet: options['quiet'] === true
  }
}

const textsOf = (verb: Verb, options: Readonly<Record<string, unknown>>): Pick<Called, 'output' | 'osRelease'> => {
  const [output, osRelease] = [options['output'], options['osRelease']]
  return {
    ...(verb === 'vendor' && typeof output === 'string' ? { output } : {}),
    ...(typeof osRelease === 'string' ? { osRelease } : {})
  }
}

const addCompletion = (program: Command, looks: Looks, take: (shell: (typeof SHELLS)[number]) => void): void => {
  program
    .command('completion')
    .description(COMPLETION.summary)
    .addArgument(new Argument('<shell>', 'Whose script it is').choices(SHELLS))
    .addHelpText('after', examplesText(COMPLETION.examples, looks.out))
    .allowExcessArguments(false)
    .action((name: string) => SHELLS.filter((shell) => shell === name).forEach(take))
}

const headingOf = (group: (typeof GROUPS)[number]): string => `${group.charAt(0).toUpperCase()}${group.slice(1)}:`

const optionOf = (flag: Flag, verb: Verb): Option => {
  const letter = flag.short === undefined ? '' : `-${flag.short}, `
  const value = flag.value === undefined ? '' : ` <${flag.value}>`
  const option = new Option(`${letter}--${flag.name}${value}`, flag.text).helpGroup(headingOf(flag.group))
  if (flag.secret) return option.hideHelp().argParser((value) => value)
  if (flag.name === 'json' && verb !== 'vendor') option.conflicts('output')
  if (flag.name === 'quiet') option.conflicts('verbose')
  if (flag.name === 'run') option.conflicts('expired')
  return flag.value === undefined ? option : option.argParser(readerOf(flag))
}

const readerOf = (flag: Flag): ((value: string, before: string | undefined) => string) => {
  if (flag.name === 'run') return runId
  if (flag.name === 'output' && flag.path === undefined) return outputFormat
  const read = flag.several ? severalTimes : once
  return flag.short === undefined ? read : (value, before) => read(value.replace(/^=/, ''), before) // kubectl takes -n=shop for -n shop
}

const severalTimes = (value: string, before: string | undefined): string => (before === undefined ? value : `${before}\n${value}`)

/** The last of two values would win without a word. */
const once = (value: string, before: string | undefined): string => {
  if (before !== undefined) throw new InvalidArgumentError('It is given twice.')
  return value
}

const runId = (value: string): string => {
  if (!isRunId(value)) throw new InvalidArgumentError('Expected the id of a run, ten letters and digits, as run.json and the labels of its objects have it.')
  return value
}

const outputFormat = (value: string): string => {
  const format = value.replace(/^=/, '')
  if (OUTPUTS_OF_RESULTS.some((known) => known === format)) return format
  const report = FORMATS.some((known) => known === format) ? ` A report is a file: --reports ${format}.` : ''
  throw new InvalidArgumentError(`Expected ${OUTPUTS_OF_RESULTS.join(' or ')}.${report}`)
}

const givenOf = (verb: Verb, options: Readonly<Record<string, unknown>>): Map<string, Raw> => {
  const flags = new Map<string, Raw>()
  for (const { name } of inputsOf(verb)) {
    const value = options[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]
    if (typeof value === 'string') flags.set(name, { value, origin: 'flag' })
  }
  return flags
}

/** The parser quotes what it could not place. A value that nobody knows the flag of may be a secret, whatever is in it. */
const withoutValues = (text: string): string =>
  text
    .replace(/(unknown option '(?:--[\w-]*|-\w?))[^]*'/, "$1'")
    .replace(/unknown command '(?![a-z-]{1,12}')[^]*'/, 'unknown command')
    .replace(/(too many arguments .* but got \d+): [^]*/, '$1.\n')
    .replace(/ argument '[^]*' is invalid\. It is given twice/, ' is given twice')

/** The parser's text, and what to do: the input that an unknown flag probably meant, or where flags and files are told. */
const explain = (text: string, argv: readonly string[]): string => {
  const verb = argv.find(isVerb)
  if (verb === undefined || text.includes('Did you mean')) return text
  if (text.includes('missing required argument')) return `error: ${verb} takes ${VERBS[verb].files}; got none\nFor example: ${VERBS[verb].examples[0]}\n`
  const unknown = /unknown option '(?:--)?([^']+)/.exec(text)?.[1]
  if (unknown === undefined) return text
  const known = inputsOf(verb).map(({ name }) => name)
  const meant = meantName(unknown, known, SLIPS)
  return `${text}${meant === undefined ? `\`kscan ${verb} --help\` tells the flags.` : `Did you mean --${meant}?`}\n`
}
