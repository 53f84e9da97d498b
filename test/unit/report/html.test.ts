import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import { HtmlValidate } from 'html-validate/node'
import { SCRIPT } from '../../../src/report/html-script.ts'
import { STYLE } from '../../../src/report/html-style.ts'
import { html } from '../../../src/report/html.ts'
import type { RunRecord } from '../../../src/report/record.ts'
import type { AskedQuestion, Transcripts } from '../../../src/report/transcript.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many, profile, results, threshold } from '../verdict/sample.ts'
import { HOSTILE, question, record, targetRecord, transcripts } from './sample.ts'

const write = (targets: readonly Judged[], done: RunRecord = record(targets.map(({ target }) => target)), text = 'failed: {total: {max: 0}}'): string =>
  html(judgeBy(targets, [threshold(text)]), targets, { record: done, transcripts: new Map() })

const WAIVER = { justification: 'not now', expires: '2099-01-01', skipped: true, run: false }
const ATTESTED = { status: 'passed', explanation: 'seen by hand', by: 'an officer', updated: '2026-01-01', expires: '2027-01-01' } as const
const FAILURE = { code: 'TARGET_UNUSABLE', message: 'no shell' }

/** Every kind of control, in an order that is not the page's. */
const mixed = (target: string): Judged =>
  judged(
    target,
    [
      control('passed', 'passed'),
      control('na', 'no_impact'),
      control('waived', 'no_impact', { waiver: WAIVER }),
      control('skipped', 'skipped', { attestations: [ATTESTED] }),
      control('unjudged', 'passed'),
      control('error', 'error'),
      control('low', 'failed', { severity: 'low' }),
      control('critical', 'failed', { severity: 'critical', node: true, description: 'what for', checkText: 'look', fixText: 'mend' })
    ],
    { unjudged: [{ control: 'unjudged', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }] }
  )

/** What a reader sees: without style, script and tags. */
const seen = (page: string): string =>
  page
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

const rowsOf = (page: string): string[] => [...page.matchAll(/<details class="row".*?<\/summary>/gs)].map(([row]) => seen(row).trim())

describe('the page', () => {
  test.each<[string, readonly Judged[], Partial<RunRecord>, string]>([
    ['passed', [judged('t', many(1, 'passed'))], {}, 'Passed'],
    ['not compliant', [judged('t', many(1, 'failed'))], {}, 'Not compliant'],
    ['unjudged', [judged('t', [])], {}, 'Unjudged'],
    ['not read', [judged('t', many(1, 'passed'))], { targets: [targetRecord('u', { failure: { ...FAILURE, code: 'RESULTS_UNREADABLE' } })] }, 'Unjudged'],
    ['not scanned', [judged('t', many(1, 'passed'))], { targets: [targetRecord('u', { failure: FAILURE })] }, 'Could not scan'],
    ['not cleaned up', [judged('t', many(1, 'passed'))], { strictCleanup: true, leftovers: ['role'] }, 'Not cleaned up']
  ])('of a run that is %s begins with that, compliance, detection, date and version', (_, targets, more, word) => {
    const page = write(targets, record(['t'], more))
    expect(page).toContain(`<title>kscan: ${word}</title>`)
    expect(seen(page)).toMatch(
      new RegExp(`${word} .*\\d+\\.\\d\\d&nbsp;% compliance .*Containers 1 Controls \\d Container detection docker Date 2026-11-24 10:01 UTC kscan 0\\.1\\.0`)
    )
  })

  test('lists controls of all targets, the worst first', () => {
    expect(
      rowsOf(write([mixed('b'), mixed('a')])).map((row) =>
        row
          .split(' ')
          .filter((word) => word !== 'node' && word !== '›')
          .join(' ')
      )
    ).toEqual(
      [
        ['Failed critical critical Title of critical', 'Failed low low Title of low'],
        ['Error medium error Title of error'],
        ['Unjudged medium unjudged Title of unjudged'],
        ['Not reviewed medium skipped Title of skipped'],
        ['Waived medium waived Title of waived'],
        ['Not applicable medium na Title of na'],
        ['Passed medium passed Title of passed']
      ]
        .flat()
        .flatMap((row) => [`${row} a`, `${row} b`])
    )
  })

  test('says of a control why, what was expected and found, and what is known beside', () => {
    const text = seen(write([mixed('t')]))
    for (const said of [
      'This control speaks of the node, not the container',
      'Expected File /x is expected to be failed Found because',
      'Error because',
      'Why no such program: ss Command ss -tln',
      'Waiver not now In force; expires 2099-01-01; the control was not run.',
      'seen by hand Attested as passed by an officer on 2026-01-01; ends 2027-01-01.',
      'About what for Check look Fix mend'
    ])
      expect(text).toContain(said)
  })

  test('links the controls of a violated bound to their places, and folds many', () => {
    const page = write([judged('t', many(20, 'failed'))], undefined, 'failed: {total: {max: 2}}')
    const links = [...page.matchAll(/<a href="#(c\d+)">([\w-]+)<\/a>/g)]
    expect(links).toHaveLength(20)
    for (const [, anchor = '', id = ''] of links)
      expect(page).toMatch(new RegExp(`<span class="id">${id}</span>(?:(?!</summary>).)*</summary><div class="body" id="${anchor}">`))
    expect(seen(page)).toContain('t failed.total.max at most 2 20 ')
    expect(page).toContain('<summary>8 more</summary>')
  })

  test('says which containers have no results, and how the others were looked at', () => {
    const done = record([], {
      targets: [targetRecord('t', { approach: 'twin-pod', rejected: [{ approach: 'kubernetes-api', why: 'no sh' }] }), targetRecord('u', { failure: FAILURE })]
    })
    const text = seen(write([mixed('t')], done))
    expect(text).toContain('1 of 2 containers could not be scanned.')
    expect(text).toMatch(/Containers without results .* not scanned no shell /)
    expect(text).toContain('twin-pod (image only) the container has a shell of its own')
    expect(text).toContain('kubernetes-api: no sh')
    expect(text).toContain('Failed 2 Error 1 Unjudged 1 Not reviewed 1 Waived 1 Not applicable 1 Passed 1')
  })

  test('says what was made, removed, kept and left over, with which rights and versions', () => {
    const done = record(['t'], { leftovers: ['role web/x'], unusedWaivers: ['V-9'], targets: [targetRecord('t', { kept: ['entry e: it stays'] })] })
    const page = write([mixed('t')], done)
    expect(page).toContain('<strong>role web/x</strong>')
    const text = seen(page)
    expect(text).toContain('Made serviceaccount web/kscan-abcdefghij Removed serviceaccount web/kscan-abcdefghij Kept entry e: it stays')
    expect(text).toContain('Rights of the scanner get pods [api-7d9]')
    expect(text).toContain('tamper resistance: none')
    expect(text).toContain('CINC Auditor 5.22.40 path')
    expect(text).toContain('SHA-256 ff')
    expect(text).toContain('the default threshold failed.total.max: 0')
    expect(text).toContain('The waiver of V-9 waives nothing')
  })

  describe('says at its head what was scanned', () => {
    const head = (page: string): string => seen(/<header.*?<\/header>/s.exec(page)?.[0] ?? '')
    const cluster = { server: 'https://10.0.0.1:6443/', version: 'v1.34.0', context: 'prod' }

    test('cluster, namespace, workload, and the profile by name, version and title', () => {
      const own = results([control('a', 'passed')], [profile('p', { title: 'The P baseline', version: '1.2.3' })])
      const name = 'web/deployment/api/nginx'
      const page = write([{ ...judged(name, []), results: own }], record([name], { cluster }))
      expect(head(page)).toContain('Cluster prod Kubernetes v1.34.0 Namespace web Workload deployment/api Profile p 1.2.3 The P baseline Containers 1')
    })

    test('the server where the context has no name, the pod where it is of no workload', () => {
      const done = record(['web/api-7d9/nginx'], { cluster: { ...cluster, context: '' } })
      expect(head(write([judged('web/api-7d9/nginx', many(1, 'passed'))], done))).toContain(
        'Cluster https://10.0.0.1:6443/ Kubernetes v1.34.0 Namespace web Workload api-7d9 Profile p 1.0.0 '
      )
    })

    test('three of each, and how many more', () => {
      const targets = [1, 2, 3, 4, 5].map((index) =>
        targetRecord(`n${index}/d${index}/c`, { stableName: `n${index}/d${index}/c`, namespace: `n${index}`, container: 'c' })
      )
      const page = write([judged('n1/d1/c', many(1, 'passed'))], record([], { targets: [...targets, ...targets] }))
      expect(head(page)).toContain('Namespace n1, n2, n3, 2 more Workload d1, d2, d3, 2 more Profile')
    })

    test('nothing of an image that has neither', () => {
      const image = targetRecord('nginx:1.27', { namespace: '', pod: '', container: 'image' })
      expect(head(write([judged('nginx:1.27', many(1, 'passed'))], record([], { targets: [image] })))).not.toMatch(/Namespace|Workload/)
    })
  })

  test('says in the details of a control what others know it by', () => {
    const tags = { cci: ['CCI-1', 'CCI-2'], nist: ['CM-6 b', 'Rev_4'], gtitle: 'SRG-OS-1', stig_id: 'X-1', rid: 'SV-1_rule' }
    const own = results([control('a', 'failed', { tags }), control('b', 'failed')], [profile('p', { title: 'The P', version: '1.2' })])
    const page = write([{ ...judged('t', []), results: own }])
    expect(seen(page)).toContain('Profile p, impact 0.5 The P 1.2 CCI CCI-1, CCI-2 NIST CM-6 b SRG SRG-OS-1 STIG id X-1 Rule id SV-1_rule')
    expect(page.match(/<dt>CCI<\/dt>/g)).toHaveLength(1)
  })

  test('never shows a waiver with a control of the same id in another profile', () => {
    const waived = control('a', 'failed', { waiver: { ...WAIVER, skipped: false, expires: '2020-01-01' } })
    const page = write([judged('t', [control('a', 'failed', { profile: 'q' }), waived])])
    expect(page.match(/<dt>Waiver<\/dt>/g)).toHaveLength(1)
    expect(seen(page)).toContain('Has ended, and waives nothing; expires 2020-01-01; the control was run.')
  })

  test('cuts long texts and says so', () => {
    const long = control('a', 'failed', { checks: Array.from({ length: 30 }, () => check('failed', 'x'.repeat(3000))), fixText: 'y'.repeat(7000) })
    const text = seen(write([judged('t', [long])]))
    expect(text).toContain('… (1000 characters more)')
    expect(text).toContain('10 more failed checks in the results (hdf).')
  })

  test('stays small however much there is: the worst keep their texts', () => {
    const texts = { description: 'a&'.repeat(700), checkText: 'b&'.repeat(700), fixText: 'c&'.repeat(700) }
    const page = write([judged('t', [...many(3000, 'passed').map((each) => ({ ...each, ...texts })), control('worst', 'failed', texts)])])
    expect(Buffer.byteLength(page)).toBeLessThan(15_000_000)
    expect(rowsOf(page)).toHaveLength(3001)
    expect(page.indexOf('More texts are left out here')).toBeGreaterThan(page.indexOf('id="passed"'))
  })

  test('is the same whatever the order of the targets', () => {
    expect(write([mixed('a'), mixed('b')], record(['a', 'b']))).toBe(write([mixed('b'), mixed('a')], record(['a', 'b'])))
  })
})

describe('the evidence of a control', () => {
  const target = judged('t', [control('a', 'failed'), control('b', 'passed')])
  const page = (questions: readonly AskedQuestion[]): string => evidencePage(transcripts('t', questions))
  const evidencePage = (kept: Transcripts): string => html(judgeBy([target], []), [target], { record: record(['t']), transcripts: kept })
  const ofControl = (written: string, id: string): string => seen(written.split('<details class="row"').find((row) => row.includes(`class="id">${id}<`)) ?? '')

  test('is what was asked for it, with exit status, size and hash, and why it was not seen', () => {
    const written = page([question({ asked: { kind: 'facts', text: '/etc/x' }, unseen: 'closed' }), question({ controls: ['b'] })])
    expect(ofControl(written, 'a')).toContain(
      `Evidence: 1 answer stat /etc/x Result Exit 3 after 1,500 ms Not seen closed stdout 5 bytes SHA-256 ${'ab'.repeat(32)} `
    )
    expect(ofControl(written, 'b')).toContain('Evidence: 1 answer cat x | wc -l Result Exit 3')
    expect(written).not.toContain('<pre>')
    expect(ofControl(written, 'a')).not.toContain('stderr')
  })

  test('is told where no answer came, and where every control may rest on one', () => {
    const { answer: _none, ...unanswered } = question()
    const written = page([unanswered, question({ controls: [], all: true })])
    expect(ofControl(written, 'a')).toContain('No answer after 1,500 ms 1 answer that every control may rest on')
    expect(ofControl(written, 'b')).toContain('Evidence: none of its own 1 answer that every control may rest on')
  })

  test('quotes what was printed where it was kept, no more than its first 2000 characters', () => {
    const written = page([question({}, `<b>${'x'.repeat(3000)}`)])
    expect(written).toContain(`<pre>&lt;b&gt;${'x'.repeat(1997)}… (1003 characters more)</pre>`)
    const binary = question()
    const none = { bytes: 2, sha256: 'cd', output: { encoding: 'base64', text: '//8=', leftOut: 0 } } as const
    const bytes = page([{ ...binary, answer: { status: 0, stdout: none, stderr: none } }])
    expect(bytes).not.toContain('//8=')
    expect(ofControl(bytes, 'a')).toContain('stderr 2 bytes SHA-256 cd It is no text: see the transcript.')
  })

  test('is at most thirty answers', () => {
    const written = page(Array.from({ length: 40 }, () => question()))
    expect(written.match(/<dt>Result/g)).toHaveLength(30)
    expect(ofControl(written, 'a')).toContain('Evidence: 40 answers')
    expect(ofControl(written, 'a')).toContain('10 more in the transcript.')
  })

  test('is nothing without a transcript, or where the control asked nothing', () => {
    expect(evidencePage(new Map())).not.toContain('Evidence')
    expect(ofControl(page([question()]), 'b')).not.toContain('Evidence')
    expect(evidencePage(transcripts('another', [question()]))).not.toContain('Evidence')
  })
})

describe('the policy of the page', () => {
  const page = write([mixed('t')])
  const blocks = (tag: string): string[] => [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, block = '']) => block)
  const hash = (block = ''): string => `'sha256-${createHash('sha256').update(block).digest('base64')}'`

  test('allows the one style and the one script by their hashes, and nothing else', () => {
    expect([blocks('style'), blocks('script')]).toEqual([[STYLE], [SCRIPT]])
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hash(blocks('style')[0])}; script-src ${hash(blocks('script')[0])}; base-uri 'none'; form-action 'none'">`
    )
  })

  test('is kept: no style attribute, handler or address', () => {
    expect(page).not.toMatch(/<[^>]*\s(?:style|src|on\w+)=/)
    expect(page).not.toMatch(/href="(?!#)|url\(|@import|https?:\/\/(?!10\.0\.0\.1)/)
  })

  test('the script is one that an engine reads', () => {
    expect(() => new Script(SCRIPT)).not.toThrow()
  })
})

describe('contrast', () => {
  const [light = '', dark = '', ...others] = [...STYLE.matchAll(/:root \{(.*?)\}/gs)].map(([, block = '']) => block)

  const channel = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const luminance = (colour: readonly number[]): number => {
    const [r = 0, g = 0, b = 0] = colour.map((value) => channel(value / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: readonly number[], b: readonly number[]): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  const mix = (a: readonly number[], b: readonly number[], part: number): number[] => a.map((value, index) => value * part + (b[index] ?? 0) * (1 - part))

  test('there are two themes, and paper', () => {
    expect(others).toHaveLength(1)
  })

  test.each([
    ['light', light],
    ['dark', dark]
  ])('is at least 4.5 for every text of the %s theme', (_, block) => {
    const colours = new Map(
      [...block.matchAll(/--([\w-]+): (#\w{6});/g)].map(([, key = '', hex = '']) => [key, [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))])
    )
    const of = (key: string): number[] => colours.get(key) ?? []
    const tones = [...colours.keys()].filter((key) => !['ground', 'surface', 'line'].includes(key))
    expect(tones).toHaveLength(10)
    for (const tone of tones) {
      const grounds = [of('ground'), of('surface'), mix(of(tone), of('surface'), 0.13)]
      for (const ground of grounds) expect(contrast(of(tone), ground)).toBeGreaterThanOrEqual(4.5)
    }
  })
})

describe('a validator of HTML', () => {
  const validator = new HtmlValidate({
    root: true,
    extends: ['html-validate:recommended'],
    rules: {
      // Texts of profiles end their lines as they like; a reader does not see it.
      'no-trailing-whitespace': 'off',
      // The form filters while one types and is never sent.
      'wcag/h32': 'off'
    }
  })
  const found = (page: string): string[] =>
    validator.validateStringSync(page).results.flatMap(({ messages }) => messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`))

  test.each<[string, string]>([
    [
      'many controls',
      write([mixed('a'), mixed('b')], record(['a'], { leftovers: ['x'], targets: [targetRecord('u', { failure: FAILURE }), targetRecord('a')] }))
    ],
    ['one control', write([judged('t', many(1, 'passed'))])],
    ['none', write([], record([]))],
    ['many links', write([judged('t', many(50, 'failed'))])],
    [
      'evidence',
      html(judgeBy([mixed('t')], []), [mixed('t')], {
        record: record(['t']),
        transcripts: transcripts('t', [question({ controls: ['low'] }, 'a\n\n<b>'), question({ controls: [], all: true })])
      })
    ]
  ])('finds nothing on a page of %s', (_, page) => {
    expect(found(page)).toEqual([])
  })

  test.each(HOSTILE)('finds nothing where %s is quoted', (_, text) => {
    expect(found(write([judged('t', [control(text.slice(0, 5000), 'failed', { title: text, fixText: text })])]))).toEqual([])
  })
})

describe('in the page', () => {
  /** A text in every place that a container, a profile or a cluster fills. */
  const quoting = (word: string): string => {
    const hostile = control(word, 'failed', {
      title: word,
      profile: word,
      description: word,
      checkText: word,
      fixText: word,
      checks: [{ ...check('failed', word), description: word }],
      waiver: { justification: word, expires: undefined, skipped: false, run: true },
      attestations: [{ status: 'passed', explanation: word, by: word, updated: word, expires: word }]
    })
    const target = judged(word, [hostile, control('p', 'passed')], {
      unjudged: [{ control: 'p', reason: word, cause: 'missing:ss', lost: false, command: word }],
      reasons: [word]
    })
    const each = targetRecord(word, { image: word, imageId: word, pod: word, node: word, why: word, kept: [word], rejected: [{ approach: word, why: word }] })
    const done = record([], {
      version: word,
      finished: word,
      targets: [each, targetRecord(word, { failure: { code: 'X', message: word } })],
      leftovers: [word],
      unusedWaivers: [word],
      cluster: { server: word, version: word, context: word },
      profiles: [{ source: word, sha256: word }],
      threshold: [{ source: word, bounds: [word] }]
    })
    return html(judgeBy([target], [threshold('failed: {total: {max: 0}}', word)]), [target], {
      record: done,
      transcripts: transcripts(word, [question({ asked: { kind: 'command', text: word }, controls: [word], unseen: word }, word)])
    })
  }
  const tags = (page: string): string => (page.match(/<[^>]*>/g) ?? []).join('\n')
  const harmless = tags(quoting('harmless'))

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const written = quoting(text)
    expect(tags(written)).toBe(harmless)
    expect(written.replace(STYLE, '').replace(SCRIPT, '')).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|&(?!(?:amp|lt|gt|quot|nbsp|#39);)/u
    )
    expect(written).toBe(written.toWellFormed())
    expect(Buffer.byteLength(written)).toBeLessThan(200_000)
  })
})
