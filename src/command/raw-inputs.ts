import { isUtf8 } from 'node:buffer'
import { lstatSync } from 'node:fs'
import { COMPONENT_INPUTS, COMPONENT_VARIABLE, componentDefault } from '../config/component.ts'
import { CONFIG_FILE, NO_FILE, parseConfigFile } from '../config/config-file.ts'
import { mergeRaw, type Raw, type RawInputs } from '../config/raw.ts'
import { messageOf, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readAtMost } from '../kernel/read-file.ts'
import type { Request } from './request.ts'

/** People write it by hand. */
const LARGEST_BYTES = 256 * 1024
/** What it is called by mistake. */
const MISNAMED = ['kscan.yml', '.kscan.yaml', '.kscan.yml']

/** All that was given, with what is wrong with the config file. */
export interface RawGiven {
  readonly raw: ReadonlyMap<string, Raw>
  readonly problems: readonly Problem[]
}

/** Flags, the host's inputs, and the config file, in the order of their precedence. Never throws. */
export const rawInputs = ({ flags, host }: Pick<Request, 'flags' | 'host'>): RawGiven => {
  const given = mergeRaw(flags, host.inputs())
  const named = given.get('config')?.value.trim()
  if (named === NO_FILE || named === '') return { raw: given, problems: [] } // that it is empty is said as of any input
  const file = named ?? found()
  if (file === undefined) return { raw: given, problems: misnamed() }
  if (host.untrusted !== undefined) return { raw: given, problems: [ofStranger(file, host.untrusted)] }
  const text = readUtf8(file)
  if (typeof text !== 'string') return { raw: given, problems: [text] }
  const { raw, problems } = parseConfigFile(text, file)
  return { raw: mergeRaw(given, raw), problems: [...problems, ...clashes(given, raw, host)] }
}

/** An input that the component passes on whether or not its user gave it must not make one of the config file, which may be stricter, count for nothing. */
const clashes = (given: RawInputs, ofFile: RawInputs, { env }: Pick<Request['host'], 'env'>): Problem[] => {
  if ((env[COMPONENT_VARIABLE] ?? '') === '') return []
  return COMPONENT_INPUTS.flatMap((input) => {
    const [value, other] = [given.get(input.name)?.value.trim(), ofFile.get(input.name)]
    if (value === undefined || other === undefined || value !== componentDefault(input) || value === other.value.trim()) return []
    return [
      {
        name: input.name,
        expected: `the same from the component and from ${other.place ?? 'the config file'}`,
        got: `${value}, which is also what the component gives where nothing is said`,
        hint: `Give it as an input of the component, or take it out of the file.`
      }
    ]
  })
}

/** Also a link to nowhere, and what this user may not look at: somebody meant it to be read. */
const isThere = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

const found = (): string | undefined => (isThere(CONFIG_FILE) ? CONFIG_FILE : undefined)

/** Values that nobody reads would be missed only by those who look for them in the log. */
const misnamed = (): Problem[] =>
  MISNAMED.filter(isThere).map((got) => ({
    name: 'config',
    expected: `${CONFIG_FILE}, for a file that is read unasked`,
    got,
    hint: `Rename it, name it with config: ${got}, or say config: ${NO_FILE}.`
  }))

/** Whoever sent the change wrote it: they would choose what is scanned, by which programs, and what passes. */
const ofStranger = (file: string, why: string): Problem => ({
  name: 'config',
  expected: `${NO_FILE} where a stranger may have written the config file`,
  got: `${printableLine(file)}, and ${why}`,
  hint: `Say config: ${NO_FILE}, and give in the workflow what such a run needs.`
})

const readUtf8 = (file: string): string | Problem => {
  const problem = (got: string): Problem => ({ name: 'config', expected: 'a readable file', got: `${printableLine(file)}: ${got}` })
  try {
    const bytes = readAtMost(file, LARGEST_BYTES)
    if (bytes === undefined) return problem(`it has more than ${LARGEST_BYTES} bytes`)
    const line = firstOtherLine(bytes)
    return line === undefined ? new TextDecoder().decode(bytes) : problem(`line ${line} is no UTF-8`)
  } catch (error) {
    return problem(printableLine(messageOf(error)))
  }
}

/** The first line that is no UTF-8, from 1. */
const firstOtherLine = (bytes: Buffer): number | undefined => {
  for (let [line, begin] = [1, 0]; begin < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, begin)
    const rest = bytes.subarray(begin, end === -1 ? bytes.length : end)
    if (!isUtf8(rest)) return line
    begin += rest.length + 1
  }
  return undefined
}
