import { expect, test } from '@jest/globals'
import { parseThreshold } from '../../../src/verdict/threshold.ts'
import { showProblem } from '../../../src/kernel/error.ts'
import { type Inputs, load, problemsOf } from './load-support.ts'

const said = (inputs: Inputs): string[] => problemsOf(() => load(inputs, { origin: 'flag' })).map(showProblem)

const ONE_OF = 'expected exactly one of pod, workload, selector and target-image'
const KINDS = 'expected kind/name, with a kind of: deployment, statefulset, daemonset, job'
const POD: Inputs = { pod: 'web' }

test.each<[Inputs, string]>([
  [{ pod: 'a', workload: 'deployment/b' }, `pod: ${ONE_OF}; got pod and workload. Take out one of them.`],
  [{ pod: 'a', workload: 'deployment/b', selector: 'c=d' }, `pod: ${ONE_OF}; got pod and workload and selector. Take out all but one.`],
  [{}, `pod: ${ONE_OF}; got none. For example: pod: web-0, or workload: deployment/web.`],
  [{ workload: 'deploymnet/web' }, `workload: ${KINDS}; got "deploymnet/web". Did you mean deployment/web?`],
  [{ workload: 'web' }, `workload: ${KINDS}; got "web". Did you mean deployment/web?`],
  [{ workload: 'rs/web-5d' }, `workload: ${KINDS}; got "rs/web-5d". A ReplicaSet is made by its deployment: name that, or the pod.`],
  [{ workload: 'cj/backup' }, `workload: ${KINDS}; got "cj/backup". A CronJob runs jobs: name one of them, as kubectl get jobs lists them.`],
  [{ workload: 'service/web' }, `workload: ${KINDS}; got "service/web". For example: deployment/web.`],
  [
    { ...POD, approach: 'k8s-api' },
    'approach: expected one of auto, kubernetes-api, debug-container, sidecar-container, twin-pod; got "k8s-api". Did you mean kubernetes-api?'
  ],
  [{ ...POD, access: 'perrun' }, 'access: expected one of per-run, service-account, self; got "perrun". Did you mean per-run?'],
  [
    { ...POD, allow: 'ephemeral-containers', 'helper-image': 'x' },
    'allow: expected one or more of: none, ephemeral-container, unpoliced-ephemeral-container, scan-pod; got "ephemeral-containers". Did you mean ephemeral-container?'
  ],
  [
    { ...POD, reports: 'hdf,jnuit' },
    'reports: expected one or more of: hdf, junit, sarif, codequality, markdown, comment, html, csv, cklb, risk-acceptance, run.json; got "jnuit". Did you mean junit?'
  ],
  [
    { ...POD, 'unjudged-ok': 'emty-profile' },
    'unjudged-ok: expected one or more of: empty-profile, skipped-profile; got "emty-profile". Did you mean empty-profile?'
  ],
  [{ ...POD, auditor: 'cnic' }, 'auditor: expected path, cinc, gems, or the path of a program; got "cnic". Did you mean cinc?'],
  [{ selector: 'a=b', select: 'deploy' }, 'select: expected one of pods, deployments, statefulsets, daemonsets, jobs; got "deploy". Did you mean deployments?'],
  [{ ...POD, transcript: 'hash' }, 'transcript: expected one of off, hashes, full; got "hash". Did you mean hashes?'],
  [
    { ...POD, profile: 'https://github.com/mitre/some-baseline' },
    'profile: expected a path, FILE#sha256=DIGEST, https://…#sha256=DIGEST, git+https://HOST/PATH@COMMIT or catalog/NAME; got "https://github.com/mitre/some-baseline". Did you mean git+https://github.com/mitre/some-baseline@COMMIT? COMMIT is all 40 characters, as git ls-remote prints them.'
  ],
  [
    { ...POD, profile: `https://user:hunter2@github.com/mitre/some-baseline/tree/${'0a'.repeat(20)}?x=y` },
    `profile: expected a path, FILE#sha256=DIGEST, https://…#sha256=DIGEST, git+https://HOST/PATH@COMMIT or catalog/NAME; got "https://***@github.com/mitre/some-baseline/tree/${'0a'.repeat(20)}?***". Did you mean git+https://github.com/mitre/some-baseline@${'0a'.repeat(20)}? COMMIT is all 40 characters, as git ls-remote prints them.`
  ],
  [
    { ...POD, access: 'service-account' },
    'service-account: expected the name of an account, for access: service-account; got none. kubectl get serviceaccounts -n NAMESPACE lists them.'
  ]
])('%j', (inputs, message) => {
  expect(said(inputs)).toEqual([message])
})

test.each([
  ['80', 'threshold:1:1: expected a bound with its name; got 80. For a compliance of at least 80 %: compliance.min: 80'],
  ['"90.5 %"', 'threshold:1:1: expected a bound with its name; got "90.5 %". For a compliance of at least 90.5 %: compliance.min: 90.5'],
  ['high', 'threshold:1:1: expected a mapping like `failed: {total: {max: 0}}`; got something else'],
  ['failed.hihg.max: 0', 'threshold:1:1: expected one of critical, high, medium, low, none, total (did you mean high?); got failed.hihg']
])('the threshold %s', (text, message) => {
  const read = parseThreshold(text, 'threshold')
  expect(read.kind === 'problems' ? read.problems.map(showProblem) : []).toEqual([message])
})
