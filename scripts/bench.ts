// npm run bench [-- --profile DIR --pairs N]: figures as ratios taken in one run, on the cluster of KSCAN_E2E_KUBECONFIG. Nothing is remembered from earlier runs.
// npm run bench -- --only judge, or isolation: what needs no cluster.
import { timeIsolation } from './bench/isolation.ts'
import { SHAPES, timeJudge } from './bench/judge-size.ts'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { profile: { type: 'string' }, pairs: { type: 'string', default: '10' }, pod: { type: 'string', default: 'debian' }, only: { type: 'string' } }
})
const show = (what: string, figure: string, wanted: string): void => console.log(`${what.padEnd(76)} ${figure.padEnd(34)} ${wanted}`)

if (values.only === undefined || values.only === 'isolation')
  for (const { kind, start, bare } of await timeIsolation())
    show(
      `starting a program in the isolation ${kind}, for each container`,
      `${(start - bare).toFixed(0)} ms more than ${bare.toFixed(0)} ms`,
      'wanted ≤ 50 ms more'
    )

if (values.only === undefined || values.only === 'judge')
  for (const shape of SHAPES) {
    const { seconds, megabytes, said } = await timeJudge(shape, 100)
    show(`judging an HDF file of 100 MB (${shape})`, `${seconds.toFixed(2)} s, ${Math.round(megabytes)} MB (${said})`, 'wanted ≤ 2 s and ≤ 600 MB')
  }

// what needs a cluster is not even loaded without one
if (values.only === undefined) {
  const { benchInCluster } = await import('./bench/in-cluster.ts')
  await benchInCluster(values, show)
}
