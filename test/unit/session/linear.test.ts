import { expect, test } from '@jest/globals'
import { auditorFailure } from '../../../src/auditor/exit-code.ts'
import { parseFacts } from '../../../src/auditor/file-facts.ts'
import { inert, inertJson, printable, printableLine } from '../../../src/kernel/name.ts'
import { withoutUserinfo } from '../../../src/kernel/redact/userinfo.ts'
import { Redactor } from '../../../src/kernel/redact/redactor.ts'
import { Evidence } from '../../../src/session/evidence.ts'
import { foreignShell } from '../../../src/session/foreign-shell.ts'
import { ChannelReader } from '../../../src/session/frame.ts'
import { greetingLines, processOf } from '../../../src/session/greeting.ts'
import { refusedIn } from '../../../src/session/refused.ts'
import { readServices } from '../../../src/session/services.ts'
import { isToolAnswer } from '../../../src/session/tool-answers.ts'
import { foundNeeds, nothingFound } from '../../../src/shell/found.ts'
import { refusalIn } from '../../../src/shell/refusals.ts'
import { processorTime } from '../../support/processor-time.ts'

/** Who reads what a container or a profile has said, in the thread that holds the rights. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  printable,
  printableLine,
  inert,
  inertJson,
  redact: (text) => new Redactor().redact(text),
  userinfo: withoutUserinfo,
  facts: (text) => parseFacts(Buffer.from(text), 0),
  services: (text) => readServices(`first ${text}\nprocess ${text}\nfile 0 ${text}\nend\n`, { names: ['ssh', text.slice(0, 100)], live: true }),
  greeting: (text) => greetingLines({ kind: 'done', stdout: Buffer.from(text), stderr: Buffer.alloc(0), status: 0 }, { fails: '', needs: '' }).map(processOf),
  'no greeting': (text) => {
    try {
      greetingLines({ kind: 'lost', message: text }, { fails: '', needs: '' })
    } catch {
      // what it says of the shell
    }
  },
  'an answer': (text) => readAnswer(text, 1000),
  'an answer byte by byte': (text) => readAnswer(text, 1),
  evidence: (text) => new Evidence().recordCommand(text, { stdout: Buffer.from(text), stderr: Buffer.from(text), status: 2 }),
  'a refused command': (text) => refusedIn({ text, said: { status: 1, stdout: '', stderr: '', unseen: [] }, needs: foundNeeds(nothingFound()) }, true),
  doubt: (text) => FOREIGN.doubt?.(text, foundNeeds({ ...nothingFound(), programs: new Map([['awk', 1]]) }))
}
const readAnswer = (text: string, piece: number): void => {
  const bytes = Buffer.from(text)
  const reader = new ChannelReader(1 << 30)
  reader.expect('knonce')
  try {
    for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  } catch {
    // an end mark of its own making
  }
}
const LENDER = { pid: 1, start: '1' }
const FOREIGN = foreignShell({ podUid: '', container: '', lender: LENDER, sh: ['/sh'], cat: ['/cat'], tools: new Map([['awk', ['/awk']]]) })

/** What patterns stumble over, of which a text is made by repetition. */
const PIECES = [
  '://',
  '://a@b/',
  '@',
  'a',
  ' ',
  '\t',
  '\n',
  '"',
  "'",
  '\\',
  '\\"',
  '/',
  '/p',
  '/proc/',
  '-',
  '--a',
  '=',
  '|',
  '$(',
  '`',
  '{',
  '<',
  '%',
  ':',
  '::',
  '##[',
  '\u001b',
  '\u{e0001}',
  '\ud800',
  '0',
  '1e',
  'sed ',
  'sed 1',
  'awk ',
  'system ',
  'iptables ',
  'xiptables',
  'nft',
  'x/nft ',
  'systemctl is-active',
  'sh: ',
  'sh: syntax error',
  'syntax error ',
  'usage:',
  'connection to server ',
  'option ',
  'daemon ',
  'cannot access ',
  'knonce',
  'knonce:1',
  'exec: "',
  'dpkg ',
  'openssl rsa -in ',
  'a/',
  '2>&1',
  '/sys/ permission',
  'Unable to parse',
  'role "'
]

/** Who gets no more than so many characters. */
const CAPPED: readonly [name: string, characters: number, read: (text: string) => unknown][] = [
  ['an auditor that broke', 65_536, (text) => auditorFailure({ reason: 'exited', exitCode: 1, signal: null }, text, 'log')],
  ['the exit of a tool', 4096, (text) => isToolAnswer(text, { status: 1, stdout: text, stderr: text })],
  ['a refusal', 4096, refusalIn],
  [
    'a refused command',
    4096,
    (text) => refusedIn({ text, said: { status: 1, stdout: text, stderr: text, unseen: [] }, needs: foundNeeds(nothingFound()) }, true)
  ]
]

test.each(CAPPED)('%s takes no more than a second of the processor for all that it may get', (_name, characters, read) => {
  for (const piece of PIECES) expect([piece, processorTime(() => read(made(piece, characters))) < 1000]).toEqual([piece, true])
})

const SIZE = 60_000
const made = (piece: string, size: number): string => piece.repeat(Math.ceil(size / piece.length)).slice(0, size)
const LOOKS = [1, 2, 3, 4, 5, 6, 7, 8, 9]
/** What twice the text takes, in times of what the text takes: the median of several looks at both, for a processor that is shared is slower at one moment than at the next. */
const growthOf = (read: (text: string) => unknown, piece: string): number => {
  const growths = LOOKS.map(() => {
    const half = processorTime(() => read(made(piece, SIZE)))
    return processorTime(() => read(made(piece, 2 * SIZE))) / half
  })
  return growths.toSorted((one, other) => one - other)[4] ?? Infinity
}

test.each(Object.entries(READERS))('what %s takes grows as its text does', (_name, read) => {
  for (const piece of PIECES) {
    read(made(piece, 1000))
    const once = processorTime(() => read(made(piece, 2 * SIZE)))
    if (once < 100) continue
    const growth = growthOf(read, piece)
    expect({ piece, grows: growth < 3 ? 'as the text' : `by ${growth}` }).toEqual({ piece, grows: 'as the text' })
  }
})
