import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { awkwardProfile, expectations, makeAwkward } from './awkward-files.ts'
import { hdfOf, kscan } from './cli.ts'
import { kubectl } from './cluster.ts'
import { deploy } from './deployed.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'
import { archive, makeWaiting } from './waiting-image.ts'

const IMAGE = 'test.local/awkward:1'

const makeImage = (root: string): void => {
  makeWaiting(root)
  makeAwkward(root)
  cluster('image', IMAGE, archive(root), '{"Entrypoint":["/app"],"User":"65532"}')
}

/** Who lends, and what that takes. Of busybox all is right, too, but checksums stay unjudged. */
const LENDERS = [
  ['an ephemeral container', `--approach debug-container --pod awkward --helper-image ${TOOLBOX} --allow unpoliced-ephemeral-container`],
  [
    'an ephemeral container of an image with glibc',
    '--approach debug-container --pod awkward --helper-image test.local/debian:1 --allow unpoliced-ephemeral-container'
  ],
  ['an ephemeral container of busybox', '--approach debug-container --pod awkward --helper-image test.local/busybox:1 --allow unpoliced-ephemeral-container'],
  ['a pod of ours', `--approach twin-pod --pod awkward --helper-image ${TOOLBOX} --allow scan-pod`],
  ['a sidecar', '--approach sidecar-container --workload deployment/awkward-sidecar'],
  ['a volume', '--approach sidecar-container --workload deployment/awkward-toolbox-volume']
] as const

let work = ''
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kscan-e2e-awkward-'))
  makeImage(join(work, 'root'))
  await startRestrictedPod('awkward', IMAGE)
  for (const component of ['sidecar', 'toolbox-volume']) await deploy(`awkward-${component}`, IMAGE, { components: [component] })
})
afterAll(async () => {
  rmSync(work, { recursive: true, force: true })
  await kubectl('delete', 'deployments', 'awkward-sidecar', 'awkward-toolbox-volume', '-n', RESTRICTED, '--ignore-not-found')
})

test.each(LENDERS)('by a shell that %s lends every property of every awkward file is that of the folder that the image was made of', async (_who, takes) => {
  const expected = expectations(join(work, 'root'))
  const checks = expected.reduce((sum, each) => sum + each.checks.length, 0)
  const profile = mkdtempSync(join(work, 'profile-'))
  mkdirSync(join(profile, 'controls'), { recursive: true })
  writeFileSync(join(profile, 'inspec.yml'), 'name: awkward\nversion: 1.0.0\ntitle: Awkward files\n')
  writeFileSync(join(profile, 'controls', 'files.rb'), awkwardProfile(expected))
  const line = `scan --namespace ${RESTRICTED} --profile ${profile} ${takes} --container-detection native`
  const ran = await kscan(line.split(' '))
  const [report] = [...hdfOf(ran).values()]
  expect(checks).toBeGreaterThan(1000)
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect([ran.code, report?.profiles[0]?.controls.flatMap(({ results = [] }) => results).length]).toEqual([takes.includes('busybox') ? 3 : 0, checks])
})
