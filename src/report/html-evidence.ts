import { html } from './escape.ts'
import { type Entry, facts, number, plural } from './html-markup.ts'
import type { AskedQuestion, TargetTranscript, Transcripts } from './transcript.ts'

/** How many answers are shown of one control. */
const ANSWERS = 30
/** How much of a command, and of what it printed. */
const LONGEST = 2000

type Stream = NonNullable<AskedQuestion['answer']>['stdout']

/** The answers that a control rests on, folded; nothing where no transcript was kept. */
export const evidenceOf = (transcripts: Transcripts): ((entry: Entry) => string) => {
  const known = new Map([...transcripts].map(([target, transcript]) => [target, byControl(transcript)]))
  return ({ target, control }) => {
    const own = known.get(target)?.own.get(control.id) ?? []
    const shared = known.get(target)?.shared ?? 0
    if (own.length + shared === 0) return ''
    const left = own.length > ANSWERS ? `<p class="quiet">${number(own.length - ANSWERS)} more in the transcript.</p>` : ''
    const more = shared > 0 ? `<p class="quiet">${plural(shared, 'answer')} that every control may rest on: see the transcript.</p>` : ''
    return `<details class="more"><summary>Evidence: ${own.length === 0 ? 'none of its own' : plural(own.length, 'answer')}</summary>${listed(own.slice(0, ANSWERS))}${left}${more}</details>`
  }
}

const byControl = ({ questions }: TargetTranscript): { own: ReadonlyMap<string, readonly AskedQuestion[]>; shared: number } => {
  const pairs = questions.flatMap((question) => question.controls.map((id) => ({ id, question })))
  const own = new Map([...Map.groupBy(pairs, ({ id }) => id)].map(([id, all]) => [id, all.map(({ question }) => question)]))
  return { own, shared: questions.filter(({ all }) => all).length }
}

const listed = (questions: readonly AskedQuestion[]): string =>
  questions.length === 0 ? '' : `<ol class="asked">${questions.map((each) => `<li>${told(each)}</li>`).join('')}</ol>`

const told = ({ asked, answer, milliseconds, unseen }: AskedQuestion): string => {
  const result = answer === undefined ? 'No answer' : `Exit ${answer.status}`
  return `<code>${html(commandOf(asked), LONGEST)}</code>${facts([
    ['Result', `${result} after ${number(milliseconds)} ms`],
    ['Not seen', unseen === undefined ? '' : html(unseen)],
    ['stdout', answer === undefined ? '' : streamOf(answer.stdout)],
    ['stderr', answer === undefined ? '' : streamOf(answer.stderr)]
  ])}`
}

/** In the words of the other reports. */
const commandOf = ({ kind, text }: AskedQuestion['asked']): string => (kind === 'command' ? text : `${kind === 'facts' ? 'stat' : 'cat'} ${text}`)

const streamOf = ({ bytes, sha256, output }: Stream): string => {
  if (bytes === 0) return ''
  const size = `${plural(bytes, 'byte')}<span class="quiet">SHA-256 <code>${html(sha256)}</code></span>`
  if (output === undefined) return size
  return `${size}${output.encoding === 'utf-8' ? `<pre>${html(output.text, LONGEST)}</pre>` : '<span class="quiet">It is no text: see the transcript.</span>'}`
}
