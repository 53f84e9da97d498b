import type { Mark, Tone } from '../kernel/tone.ts'

const CODE = { good: '32', bad: '31', doubtful: '33', heading: '1' } as const
const ESCAPE = '\u001b['

/** In the colour of its tone. The text must have no escapes of its own. */
export const paint = (tone: Tone, text: string): string => `${ESCAPE}${CODE[tone]}m${text}${ESCAPE}0m`

/** A line that was made safe to print, with its marks in colour, one after the other; a mark that is not in it is left out. */
export const paintMarks = (line: string, marks: readonly Mark[]): string => {
  let [done, rest] = ['', line]
  for (const { tone, text } of marks) {
    const at = rest.indexOf(text)
    if (at === -1) continue
    done += rest.slice(0, at) + paint(tone, text)
    rest = rest.slice(at + text.length)
  }
  return done + rest
}

/**
 * Whether a stream shows colours: a terminal only, whatever the environment says, so that no file and no pipe gets escapes. There NO_COLOR goes first
 * (no-color.org), then FORCE_COLOR and CLICOLOR_FORCE, then CLICOLOR=0 and TERM=dumb.
 */
export const showsColour = (stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean => {
  if (stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '') return false
  if (isOff(env['FORCE_COLOR'])) return false
  if (isOn(env['FORCE_COLOR']) || isOn(env['CLICOLOR_FORCE'])) return true
  return !isOff(env['CLICOLOR']) && env['TERM'] !== 'dumb'
}

const isOff = (value: string | undefined): boolean => value === '0' || value === 'false'
const isOn = (value: string | undefined): boolean => value !== undefined && value !== '' && !isOff(value)
