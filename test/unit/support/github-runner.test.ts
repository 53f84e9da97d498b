import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionEnd, type ActionRun, runAction } from '../../support/github-runner.ts'
import { parseFile } from '../../support/github-runner/files.ts'
import { mask } from '../../support/github-runner/mask.ts'

let root = ''
const ACTION = `
name: fixture
inputs:
  max-targets: { description: a number, default: 50 }
  two words: { description: a space }
  script: { description: what main does }
  after: { description: what post does }
runs: { using: node24, main: dist/main.js, post: dist/post.js }
`
const HEAD = `const fs = require('node:fs'); const put = (file, text) => fs.appendFileSync(process.env[file], text + '\\n'); const say = console.log;`
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-action-'))
  mkdirSync(join(root, 'dist'))
  writeFileSync(join(root, 'action.yml'), ACTION)
  writeFileSync(join(root, 'dist/main.js'), `${HEAD} eval(process.env['INPUT_SCRIPT'])`)
  writeFileSync(join(root, 'dist/post.js'), `${HEAD} eval(process.env['INPUT_AFTER'])`)
})
afterAll(() => rmSync(root, { recursive: true }))

const run = (script: string, more: { after?: string; inputs?: Record<string, string> } & Omit<ActionRun, 'root' | 'inputs'> = {}): Promise<ActionEnd> => {
  const { after = '', inputs = {}, ...rest } = more
  return runAction({ root, inputs: { script, after, ...inputs }, ...rest })
}

describe('what an action is given', () => {
  test('inputs by their names in capitals: spaces become underscores, hyphens stay, defaults are filled in', async () => {
    const { main } = await run(`say(JSON.stringify([process.env['INPUT_MAX-TARGETS'], process.env['INPUT_TWO_WORDS'], process.env['INPUT_UNKNOWN-ONE']]))`, {
      inputs: { 'two words': 'a b', 'unknown-one': 'x' }
    })
    expect(main.log).toBe('["50","a b","x"]\n')
  })

  test('an input without default is an empty string', async () => {
    expect((await run(`say(JSON.stringify(process.env['INPUT_TWO_WORDS']))`)).main.log).toBe('""\n')
  })

  test('empty files to write to, folders, and nothing of our own environment', async () => {
    process.env['KSCAN_TEST_LEAK'] = 'leaked'
    const script = `
      const empty = ['OUTPUT', 'ENV', 'PATH', 'STATE', 'STEP_SUMMARY'].map((name) => fs.readFileSync(process.env['GITHUB_' + name], 'utf8'))
      const folders = ['RUNNER_TEMP', 'RUNNER_TOOL_CACHE', 'GITHUB_WORKSPACE', 'HOME'].map((name) => fs.statSync(process.env[name]).isDirectory())
      say(JSON.stringify([empty, folders, process.env.KSCAN_TEST_LEAK ?? 'none', process.env.GITHUB_ACTIONS, process.cwd() === process.env.GITHUB_WORKSPACE, process.env.GITHUB_REPOSITORY]))`
    const { main } = await run(script, { env: { GITHUB_REPOSITORY: 'me/mine' } })
    delete process.env['KSCAN_TEST_LEAK']
    expect(JSON.parse(main.log)).toEqual([['', '', '', '', ''], [true, true, true, true], 'none', 'true', true, 'me/mine'])
  })

  test('the event that started the job', async () => {
    expect((await run(`say(fs.readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8'))`, { event: { repository: { private: true } } })).main.log).toBe(
      '{"repository":{"private":true}}\n'
    )
  })
})

describe('what an action gives', () => {
  test('outputs, state and summary by files; post gets the state', async () => {
    const script = `put('GITHUB_OUTPUT', 'a=1=2'); put('GITHUB_OUTPUT', 'b<<END\\none\\ntwo\\nEND'); put('GITHUB_STATE', 'run=r1'); put('GITHUB_STEP_SUMMARY', '# one')`
    const end = await run(script, { after: `say(process.env.STATE_run); put('GITHUB_OUTPUT', 'c=3'); put('GITHUB_STEP_SUMMARY', '# two')` })
    expect(end).toMatchObject({ outputs: { a: '1=2', b: 'one\ntwo', c: '3' }, state: { run: 'r1' }, summary: '# one\n# two\n', post: { code: 0, log: 'r1\n' } })
  })

  test('the older commands for outputs and state still count, those for the environment do not', async () => {
    const end = await run(`say('::set-output name=a::1'); say('::save-state name=s::2'); say('::set-env name=X::3')`, {
      after: 'say(process.env.STATE_s, process.env.X)'
    })
    expect(end).toMatchObject({
      outputs: { a: '1' },
      post: { log: '2 undefined\n' },
      annotations: [{ level: 'error', message: 'The `set-env` command is disabled.' }]
    })
  })

  test('variables and paths for later steps', async () => {
    const end = await run(`put('GITHUB_ENV', 'X=1'); put('GITHUB_PATH', '/opt/tool')`, { after: `say(process.env.X, process.env.PATH.split(':')[0])` })
    expect([end.post?.log, end.exported]).toEqual(['1 /opt/tool\n', { env: { X: '1' }, path: ['/opt/tool'] }])
  })

  test('a summary over 1 MiB is dropped whole', async () => {
    const end = await run(`put('GITHUB_STEP_SUMMARY', 'x'.repeat(1024 * 1024))`)
    expect(end).toMatchObject({ summary: '', annotations: [{ level: 'error', message: expect.stringContaining('1024k') }] })
  })

  test('annotations with what belongs to them', async () => {
    const { annotations } = await run(
      `say('::error title=a%3Ab,file=x.ts,line=3::one%0Atwo%25'); say('::warning::w'); say('not ::error::n'); console.error('::notice::from stderr')`,
      { after: `say('::warning::p')` }
    )
    expect(annotations.filter(({ level }) => level !== 'notice')).toEqual([
      { step: 'main', level: 'error', message: 'one\ntwo%', properties: { title: 'a:b', file: 'x.ts', line: '3' } },
      { step: 'main', level: 'warning', message: 'w', properties: {} },
      { step: 'post', level: 'warning', message: 'p', properties: {} }
    ])
    expect(annotations.filter(({ level }) => level === 'notice')).toMatchObject([{ message: 'from stderr' }])
  })

  test.each(['a line without sign', 'name<<', 'name<<END\nnever ended'])('`%s` in a file is a fault', async (line) => {
    await expect(run(`put('GITHUB_OUTPUT', ${JSON.stringify(line)})`)).rejects.toThrow(/GITHUB_OUTPUT: (Invalid format|Invalid value)/)
    expect(() => parseFile('GITHUB_OUTPUT', line)).toThrow('GITHUB_OUTPUT')
  })
})

describe('the visible log', () => {
  test('masks a secret in every form from where it was told on, each line of it apart', async () => {
    const script = `say('early hunter22secret'); say('::add-mask::hunter22secret%0Asecond-line'); say('late hunter22secret and second-line')
      say(Buffer.from('hunter22secret').toString('base64')); say(Buffer.from('user:hunter22secret').toString('base64')); put('GITHUB_STEP_SUMMARY', 'hunter22secret')`
    const { main, masks, summary } = await run(script)
    const [first, second, third, fourth] = main.visibleLog.split('\n')
    expect([first, second, third, masks, summary]).toEqual([
      'early hunter22secret',
      'late *** and ***',
      expect.stringMatching(/^\*\*\*.?=*$/),
      ['hunter22secret', 'second-line'],
      '***\n'
    ])
    expect(fourth).toContain('***')
    expect(main.log).toContain('late hunter22secret')
  })

  test('no command is carried out between stop-commands and its token', async () => {
    const script = `say('::stop-commands::t0k'); say('::set-output name=a::forged'); say('::add-mask::visible'); say('::t0k::'); say('::set-output name=b::real'); say('visible')`
    const { outputs, masks, main } = await run(script)
    expect([outputs, masks, main.visibleLog]).toEqual([{ b: 'real' }, [], '::set-output name=a::forged\n::add-mask::visible\nvisible'])
  })

  test('a token that is a command is not taken', async () => {
    const { outputs, annotations } = await run(`say('::stop-commands::warning'); say('::set-output name=a::1')`)
    expect([outputs, annotations.map(({ level }) => level)]).toEqual([{ a: '1' }, ['error']])
  })

  test('groups and levels are shown as the page shows them, debug is not, unknown commands are text', async () => {
    const { main } = await run(
      `say('::group::Scan'); say('::endgroup::'); say('::error::bad'); say('::debug::hidden'); say('::nosuch::text'); say('x ##[warning]old')`
    )
    expect(main.visibleLog.split('\n')).toEqual(['##[group]Scan', '##[endgroup]', '##[error]bad', '::nosuch::text', '##[warning]old'])
  })

  test('a mask takes the longest secret first', () => {
    expect(mask('abcdef abc', ['abc', 'abcdef'])).toBe('*** ***')
  })
})

describe('how main ends', () => {
  const WAITING = `put('GITHUB_STATE', 'run=r1'); setInterval(() => {}, 1000);`

  test.each([
    ['a failure', 'process.exit(3)', undefined, { code: 3, signal: null }],
    ['an exception', 'throw new Error("broken")', undefined, { code: 1, signal: null }],
    ['SIGKILL', `${WAITING} say('ready')`, 'SIGKILL', { code: null, signal: 'SIGKILL' }],
    ['SIGTERM', `${WAITING} say('ready')`, 'SIGTERM', { code: null, signal: 'SIGTERM' }],
    ['a SIGINT that is handled', `${WAITING} process.on('SIGINT', () => process.exit(130)); say('ready')`, 'SIGINT', { code: 130, signal: null }]
  ] as const)('%s: post runs all the same, with the state', async (_name, script, signal, expected) => {
    const end = await run(script, { after: `say('state', process.env.STATE_run)`, ...(signal === undefined ? {} : { killOn: { match: /^ready$/, signal } }) })
    expect(end.main).toMatchObject(expected)
    expect(end.post).toMatchObject({ code: 0, log: signal === undefined ? 'state undefined\n' : 'state r1\n' })
  })

  test('cancel sends SIGINT, then SIGTERM, then SIGKILL, as long after each other as it says', async () => {
    const killOn = { match: /ready/, signal: 'cancel', waits: [200, 300] } as const
    const begun = Date.now()
    const { main } = await run(`${WAITING} process.on('SIGINT', () => say('int')); process.on('SIGTERM', () => say('term')); say('ready')`, { killOn })
    expect([main.signal, main.log, Date.now() - begun > 490]).toEqual(['SIGKILL', 'ready\nint\nterm\n', true])
  })

  test('an action that does not end is killed and the run rejects', async () => {
    await expect(run(WAITING, { timeout: 300 })).rejects.toThrow('did not end within 300 ms')
  })

  test('a child that holds the log open does not hold the step', async () => {
    const script = `require('node:child_process').spawn('sleep', ['3'], { stdio: 'inherit', detached: true }).unref(); say('done')`
    expect((await run(script, { timeout: 10_000 })).main).toMatchObject({ code: 0, log: 'done\n' })
  })

  test('another entry can be run in place of the one in action.yml', async () => {
    writeFileSync(join(root, 'other.js'), `console.log('other')`)
    expect((await run('', { main: 'other.js' })).main.log).toBe('other\n')
  })
})
