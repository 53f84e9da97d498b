import { ScanError } from '../kernel/error.ts'
import { inertJson } from '../kernel/name.ts'
import { errorJson } from '../report/error-json.ts'

/** Whether a command line that could not be read asks for JSON. */
const ASKS = [/^--json$/, /^(?:-o=?|--output=)json$/]
const asksForJson = (argv: readonly string[]): boolean =>
  argv.some((word, index) => ASKS.some((form) => form.test(word)) || (word === 'json' && ['-o', '--output'].includes(argv[index - 1] ?? '')))

/** The JSON of a command line that could not be read, as of any other bad input; undefined where it does not ask for it. */
export const refusedLineJson = (text: string, argv: readonly string[]): string | undefined => {
  if (!asksForJson(argv)) return undefined
  const [first = '', ...more] = text.split('\n').filter((line) => line.trim() !== '')
  return inertJson(
    errorJson(new ScanError('BAD_INPUT', first.replace(/^error: /, ''), more.length === 0 ? {} : { hint: more.join(' ').replace(/^\((.*)\)$/, '$1') }))
  )
}
