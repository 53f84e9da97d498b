import { mask } from './mask.ts'

export interface Annotation {
  readonly step: 'main' | 'post'
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  /** title, file, line and the like. */
  readonly properties: Readonly<Record<string, string>>
}

/** Where commands leave what they tell: one for all steps of a job. */
export interface Told {
  readonly outputs: Record<string, string>
  readonly state: Record<string, string>
  readonly annotations: Annotation[]
  readonly masks: Set<string>
}

const unescapeData = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
const unescapeProperty = (text: string): string => unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','))

const LEVELS = new Set(['error', 'warning', 'notice'])
const SHOWN = new Set(['group', 'endgroup'])
const SILENT = new Set(['debug', 'echo', 'add-matcher', 'remove-matcher', 'save-state', 'set-output', 'add-mask', 'stop-commands'])
const OFF = new Set(['set-env', 'add-path'])

interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** `::name key=value,key=value::data` at the start of a line, or the older `##[name key=value;key=value]data` anywhere in it. */
const parseCommand = (line: string): Command | undefined => {
  const newer = /^\s*::([^\s:]+)(?:\s+(.*?))?::(.*)$/s.exec(line)
  const [, name, list = '', data = ''] = newer ?? /##\[([^\s\]]+)(?:\s+(.*?))?\](.*)$/s.exec(line) ?? []
  if (name === undefined) return undefined
  const pairs = list.split(newer === null ? ';' : ',').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at).trim(), unescapeProperty(pair.slice(at + 1))] as const]
  })
  return { name, properties: Object.fromEntries(pairs), data: unescapeData(data) }
}

/** Reads the log of one step line by line and does what the runner does with workflow commands in it. */
export class Commands {
  readonly visible: string[] = []
  readonly #job: Told
  readonly #step: 'main' | 'post'
  #stopped: string | undefined

  constructor(job: Told, step: 'main' | 'post') {
    this.#job = job
    this.#step = step
  }

  line(line: string): void {
    const command = parseCommand(line)
    if (command === undefined || !this.#carriesOut(command)) this.#show(line)
  }

  /** What was printed before its mask was told stays readable, as in the runner. */
  #show(line: string): void {
    this.visible.push(mask(line, this.#job.masks))
  }

  /** False for a command that the runner does not know, or does not listen to now: a line like any other. */
  #carriesOut(command: Command): boolean {
    const { name, data } = command
    if (this.#stopped !== undefined) {
      if (name !== this.#stopped) return false
      this.#stopped = undefined
      return true
    }
    if (LEVELS.has(name)) this.#annotate(command)
    else if (SHOWN.has(name)) this.#show(`##[${name}]${data}`)
    else if (OFF.has(name)) this.#error(`The \`${name}\` command is disabled.`)
    else if (!SILENT.has(name)) return false
    else this.#change(command)
    return true
  }

  #change({ name, properties, data }: Command): void {
    const key = properties['name'] ?? ''
    if (name === 'add-mask') for (const line of data.split(/\r?\n/).filter((one) => one.trim() !== '')) this.#job.masks.add(line)
    if (name === 'save-state') this.#job.state[key] = data
    if (name === 'set-output') this.#job.outputs[key] = data
    if (name !== 'stop-commands') return
    // the runner takes no token that is a command's name: what follows could switch listening on again
    if (data === '' || [LEVELS, SHOWN, SILENT, OFF].some((known) => known.has(data))) this.#error(`Invalid stop-commands token '${data}'.`)
    else this.#stopped = data
  }

  #annotate({ name, properties, data }: Command): void {
    if (name === 'error' || name === 'warning' || name === 'notice')
      this.#job.annotations.push({ step: this.#step, level: name, message: mask(data, this.#job.masks), properties })
    this.#show(`##[${name}]${data}`)
  }

  #error(message: string): void {
    this.#annotate({ name: 'error', properties: {}, data: message })
  }
}
