import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { leftHere, type Ran, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

/** What a profile, a commit or an earlier step can put where kscan reads and writes. */

const SECRET = 'mine-and-nobody-elses'
let server: ApiServer
let folder: Folder
beforeAll(async () => {
  server = await startApiServer()
  for (const name of ['web', 'api']) server.addPod({ namespace: 'shop', name, labels: { app: 'web' } })
})
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => {
  expect(server.objects.made()).toEqual([])
  folder.remove()
})
afterAll(() => server.close())

interface How {
  readonly auditor?: string
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A scan whose auditor is a stub, in the folder of this test. */
const scan = ({ auditor = stubAuditor(folder), words = ['--pod', 'web'], env = {} }: How = {}): Promise<Ran> => {
  const kubeconfig = folder.file('kubeconfig', server.kubeconfig())
  const given = ['--kubeconfig', kubeconfig, '--namespace', 'shop', '--profile', resolve('test/fixtures/profiles/first'), '--reports', 'hdf,junit,html,csv']
  return startCommandLine(['scan', ...given, '--auditor', auditor, ...LENIENT, ...words], { folder: folder.path, env }).ended
}

const reportsIn = (path = join(folder.path, 'kscan-reports')): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path, name)).isFile())
const holding = (text: string): string[] => {
  const path = join(folder.path, 'kscan-reports')
  return reportsIn().filter((name) => readFileSync(join(path, name), 'utf8').includes(text))
}

describe('an auditor that puts links to files of ours', () => {
  test.each([
    [
      'in the place of all that lies in the folder of the run, brings none into the reports',
      'for f in ../../*; do [ -d "$f" ] || linked "$f"; done; linked ../../auditor.log'
    ],
    [
      'in the place that it was told for its results, brings none into the reports',
      'for a; do case $a in --reporter=json:*) linked "${a#--reporter=json:}";; esac; done 2>/dev/null; linked ../results.json; exit 0'
    ]
  ])('%s', async (_what, code) => {
    const secret = folder.file('secret', `${SECRET}\n`)
    const linked = join(folder.path, 'linked')
    // where the auditor is kept from its surroundings no link can be made
    const script = `secret='${secret}'; linked() { ln -sf "$secret" "$1" && echo "$1" >>'${linked}'; }; ${code}`
    const ran = await scan({ auditor: stubAuditor(folder, script), words: ['--selector', 'app=web', '--isolation', 'none'] })
    expect(readFileSync(linked, 'utf8')).not.toBe('')
    expect([holding(SECRET), leftHere(ran), readFileSync(secret, 'utf8')]).toEqual([[], [], `${SECRET}\n`])
  })

  test.each([
    ['that are no JSON', `echo ${SECRET}`],
    ['that are JSON of another kind', `echo '{"secret":"${SECRET}"}'`]
  ])('and results %s, are not among the reports', async (_what, code) => {
    const auditor = folder.file('bad-auditor', `#!/bin/sh\nif [ "$1" = version ]; then echo 5.24.24; exit; fi\n${code} >/dev/fd/3\n`)
    const ran = await scan({ auditor })
    expect([ran.code, holding(SECRET), ran.stderr]).toEqual([3, [], expect.stringContaining('cannot be read')])
  })
})

describe('reports of an earlier run', () => {
  const NOT_THERE = ['--pod', 'nosuch']
  beforeEach(async () => {
    expect((await scan()).code).toBe(0)
    expect(reportsIn()).toContain('junit.xml')
  })

  test('do not stand for a run that fails before its audit', async () => {
    const ran = await scan({ words: NOT_THERE })
    expect([ran.code, reportsIn()]).toEqual([4, []])
  })

  test('are lost by no slip of a person, and do not pass for what was to come', async () => {
    const before = reportsIn()
    const ran = await scan({ words: ['--pod', 'Not A Name'] })
    expect([ran.code, reportsIn()]).toEqual([2, before])
    expect(ran.stderr).toMatch(/warning: the reports in kscan-reports are of the run [a-z0-9]{10}, and tell nothing of this one/)
  })

  test('do not stand for a run of a job whose inputs are wrong', async () => {
    const ran = await scan({ words: ['--pod', 'Not A Name'], env: { CI: 'true' } })
    expect([ran.code, reportsIn()]).toEqual([2, []])
  })

  test('stay where somebody else’s file is among them, and the run is refused', async () => {
    folder.file('kscan-reports/results.sarif', '{}')
    const before = reportsIn()
    const ran = await scan({ words: NOT_THERE, env: { CI: 'true' } })
    expect([ran.code, reportsIn()]).toEqual([2, before])
  })
})

test('reports are not written behind a link that was committed', async () => {
  const other = join(folder.path, 'other')
  mkdirSync(other)
  symlinkSync(other, join(folder.path, 'kscan-reports'))
  const ran = await scan()
  expect([ran.code, readdirSync(other), ran.stderr]).toEqual([2, [], expect.stringContaining('it is a link')])
  expect(existsSync(join(other, 'run.json'))).toBe(false)
})

test('kscan keeps no compiled form of itself where a profile could change it', async () => {
  const cache = join(folder.path, 'cache')
  const { code } = await scan({ env: { XDG_CACHE_HOME: cache } })
  expect([code, existsSync(join(cache, 'kscan')) ? readdirSync(join(cache, 'kscan')) : []]).toEqual([0, []])
})
