// npm run bench [-- --profile DIR --pairs N]: figures as ratios taken in one run, on the cluster of KSCAN_E2E_KUBECONFIG. Nothing is remembered from earlier runs.
// npm run bench -- --only judge: what needs no cluster.
import { SHAPES, timeJudge } from './bench/judge-size.ts'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { profile: { type: 'string' }, pairs: { type: 'string', default: '10' }, pod: { type: 'string', default: 'debian' }, only: { type: 'string' } }
})
const show = (what: string, figure: string, wanted: string): void => console.log(`${what.padEnd(76)} ${figure.padEnd(34)} ${wanted}`)

for (const shape of SHAPES) {
  const { seconds, megabytes, said } = await timeJudge(shape, 100)
  show(`judging an HDF file of 100 MB (${shape})`, `${seconds.toFixed(2)} s, ${Math.round(megabytes)} MB (${said})`, 'wanted ≤ 2 s and ≤ 600 MB')
}

// what needs a cluster is not even loaded without one
if (values.only !== 'judge') {
  const { benchInCluster } = await import('./bench/in-cluster.ts')
  await benchInCluster(values, show)
}
