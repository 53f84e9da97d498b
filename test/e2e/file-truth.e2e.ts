import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { awkwardProfile, expectations, makeAwkward } from './awkward-files.ts'
import { hdfOf, kscan } from './cli.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { readyToolbox, TOOLBOX } from './toolbox.ts'

const IMAGE = 'test.local/awkward:1'

/** A container that only waits, without a shell or any library. */
const WAITER = '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n'

const makeImage = (root: string): void => {
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n')
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnonroot:x:65532:\n')
  writeFileSync(join(root, 'etc', 'os-release'), 'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n')
  makeAwkward(root)
  execFileSync('gcc', ['-static', '-s', '-o', join(root, 'app'), '-x', 'c', '-'], { input: WAITER })
  execFileSync('tar', ['--numeric-owner', '-C', root, '-cf', `${root}.tar`, '.'])
  cluster('image', IMAGE, `${root}.tar`, '{"Entrypoint":["/app"],"User":"65532"}')
}

let work = ''
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kscan-e2e-awkward-'))
  readyToolbox()
  makeImage(join(work, 'root'))
  await startRestrictedPod('awkward', IMAGE)
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

test('every property of every awkward file is that of the folder that the image was made of', async () => {
  const expected = expectations(join(work, 'root'))
  const checks = expected.reduce((sum, each) => sum + each.checks.length, 0)
  const profile = join(work, 'profile')
  mkdirSync(join(profile, 'controls'), { recursive: true })
  writeFileSync(join(profile, 'inspec.yml'), 'name: awkward\nversion: 1.0.0\ntitle: Awkward files\n')
  writeFileSync(join(profile, 'controls', 'files.rb'), awkwardProfile(expected))
  const line = `scan --namespace ${RESTRICTED} --pod awkward --profile ${profile} --approach debug-container --helper-image ${TOOLBOX}`
  const ran = await kscan([...line.split(' '), '--allow', 'unpoliced-ephemeral-container', '--container-detection', 'native'])
  const [report] = [...hdfOf(ran).values()]
  expect(checks).toBeGreaterThan(1000)
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect([ran.code, report?.profiles[0]?.controls.flatMap(({ results = [] }) => results).length]).toEqual([0, checks])
})
