import { printableLine } from '../kernel/name.ts'
import type { Needs } from '../shell/found.ts'
import { nameOf } from '../shell/programs.ts'
import { refusalIn, SILENT_STATUSES, TELLS_ON_STDOUT } from '../shell/refusals.ts'
import type { Said } from './evidence.ts'
import { isToolAnswer } from './tool-answers.ts'

/** Why what a command came to is no answer: its tools were there and did not do what they were asked to. */
interface Refused {
  readonly cause: string
  readonly text: string
}

/** The cause of a script that a shell cannot read. */
export const SYNTAX = 'syntax'

/** A shell's words for a script that it cannot read. */
const SYNTAX_ERROR = /^(?:\S*\/)?(?:ba|da|a|k|mk|z)?sh: .*(?:syntax error|unexpected EOF while looking for matching).*/im

interface Ran {
  readonly text: string
  readonly said: Said
  readonly needs: Needs
}

/**
 * Whether what a command came to is an answer, as far as its exit and the heads of its streams tell. `byResource`: a resource of InSpec's own ran it, so
 * that its answers are known; of all others, words that refuse are no answer where nothing is on stdout, or where a pipe hides whose words they are.
 */
export const refusedIn = (ran: Ran, byResource: boolean): Refused | undefined => {
  const { text, said } = ran
  const syntax = SYNTAX_ERROR.exec(said.stderr)?.[0]
  if (syntax !== undefined) return { cause: SYNTAX, text: `a shell refuses the script's syntax, which is the profile's fault: ${shown(syntax)}` }
  const answers = byResource ? isToolAnswer(text.trim(), said) : undefined
  if (answers === true) return undefined
  const line = answers === false ? wordsOf(said) : refusingLine(ran)
  if (line === undefined) return undefined
  const tool = toolOf(line, ran)
  return { cause: `refused:${tool}`, text: `${tool} gave no answer: ${shown(line)}` }
}

const shown = (text: string): string => printableLine(text, 200)

/** The tool's own words: those that refuse, else the first. */
const wordsOf = ({ status, stdout, stderr }: Said): string =>
  refusalIn(stderr) ?? [...stderr.split('\n'), ...stdout.split('\n')].find((line) => line.trim() !== '') ?? `exit ${status}, without a word`

const refusingLine = ({ text, said: { status, stdout, stderr }, needs }: Ran): string | undefined => {
  const named = /\/(?:proc|sys)\b/.test(text)
  if (needs.hides || SAYS_NOTHING.test(stdout)) return refusalIn(stderr, named) ?? silence(status, stdout + stderr, needs)
  if (stderr.trim() !== '') return undefined
  const tells = /2>&1|&>|\|&/.test(text) ? stdout.trimStart().split('\n')[0] : startedIn(needs).some((name) => TELLS_ON_STDOUT.has(name)) ? stdout : undefined
  return refusalIn(tells ?? '', named)
}

/** Nothing, or how the tool is to be used. */
const SAYS_NOTHING = /^\s*(?:usage:|try .{0,20}--help|$)/i

/** What a tool did that says nothing of it; of one that is not alone the status is another's. */
const silence = (status: number, output: string, needs: Needs): string | undefined => {
  const [tool, ...others] = startedIn(needs)
  const alone = tool !== undefined && others.length === 0 && !needs.hides && output.trim() === ''
  return alone && Object.hasOwn(SILENT_STATUSES, tool) && SILENT_STATUSES[tool]?.includes(status) === true ? `exit ${status}` : undefined
}

const startedIn = ({ programs, alternatives }: Needs): string[] => [...programs, ...alternatives.flat()].map(nameOf)

/** The program that its words name, among those that the command starts; else the first of them. */
const toolOf = (line: string, { needs, text }: Ran): string => {
  const [named = ''] = /^[^\s:]+(?=:)/.exec(line) ?? []
  const programs = [...startedIn(needs), ...needs.asked.map(nameOf)]
  return shown(programs.find((program) => program === nameOf(named)) ?? programs[0] ?? nameOf(text.trim().split(/\s/)[0] ?? ''))
}
