import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { z } from 'zod'
import { type Exampled, runExample, runOf } from '../e2e/example.ts'
import { ENGINE, IMAGES, NODE_IMAGE, nodesLeft } from './engine.ts'
import { container, deployment } from './workload.ts'

/** What somebody has in the repository; nothing can be fetched from here, so that it begins with an image of the engine. */
const DOCKERFILE = `FROM ${IMAGES.whole}\nCOPY deploy /srv/deploy\nCMD ["sleep", "100000"]\n`

const run = (name: string, files: Readonly<Record<string, string>> = {}): Promise<Exampled> =>
  runExample(`examples/github/${name}.yml`, {
    files: { Dockerfile: DOCKERFILE, 'deploy/README.md': '# The application\n', ...files },
    env: { ...ENGINE, KSCAN_KIND_NODE_IMAGE: NODE_IMAGE }
  })

/** Clusters of other tests stand beside it: a cluster's name begins with its run. */
const nothingLeft = async (ran: Exampled): Promise<void> => {
  const { run: id } = z.looseObject({ run: z.string().length(10) }).parse(runOf(ran))
  expect(await nodesLeft(`kscan-${id}-`)).toEqual([])
}

test('kind', async () => {
  const ran = await run('kind')
  expect([ran.code, runOf(ran)]).toMatchObject([
    0,
    { cluster: { kind: { loaded: ['shop/web:dev'], kept: false } }, targets: [{ name: 'default/web/web', approach: 'kubernetes-api' }] }
  ])
  await nothingLeft(ran)
})

test('build-load-deploy-scan', async () => {
  const manifest = stringify(deployment('web', { containers: [container('shop/web:dev')] }))
  const ran = await run('build-load-deploy-scan', { 'deploy/web.yaml': manifest.replace('  name: web\n', '  name: web\n  namespace: shop\n') })
  expect([ran.code, runOf(ran)]).toMatchObject([
    0,
    { cluster: { kind: { loaded: ['shop/web:dev'], kept: false } }, targets: [{ name: 'shop/web/app', approach: 'kubernetes-api' }] }
  ])
  await nothingLeft(ran)
})
