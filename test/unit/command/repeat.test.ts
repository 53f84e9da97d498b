import { expect, test } from '@jest/globals'
import { repeatCommand } from '../../../src/command/repeat.ts'
import { parseArguments } from '../../../src/command/program.ts'
import type { Inputs } from '../config/load-support.ts'
import { load } from '../config/load-support.ts'
import { record, targetRecord } from '../report/sample.ts'

const repeated = (inputs: Inputs): string => {
  const config = load({ profile: './profile', ...inputs })
  const done = { ...record([]), targets: [targetRecord('web/api/nginx')] }
  return repeatCommand(config, done)({ target: 'web/api/nginx', control: { id: 'V-1' } } as never)
}

const TWIN = { approach: 'twin-pod', allow: 'scan-pod', 'helper-image': 'toolbox:1' }

test.each<[Inputs, string]>([
  [{ pod: 'api-7d9' }, '--namespace web --pod api-7d9 --container nginx --profile'],
  [
    { pod: 'api-7d9', approach: 'debug-container', allow: 'ephemeral-container', 'helper-image': 'toolbox:1' },
    '--pod api-7d9 --container nginx --approach debug-container --helper-image toolbox:1 --allow ephemeral-container --profile'
  ],
  [{ pod: 'api-7d9', approach: 'kubernetes-api' }, '--pod api-7d9 --container nginx --approach kubernetes-api --profile'],
  [
    { pod: 'api-7d9', allow: 'ephemeral-container,scan-pod', 'helper-image': 'toolbox:1', 'scan-namespace': 'scans' },
    '--pod api-7d9 --container nginx --allow ephemeral-container,scan-pod --helper-image toolbox:1 --scan-namespace scans --profile'
  ],
  [{ pod: 'api-7d9', approach: 'sidecar-container' }, '--pod api-7d9 --container nginx --approach sidecar-container --profile'],
  [
    { workload: 'deployment/api', namespace: 'web', ...TWIN },
    '--namespace web --workload deployment/api --container nginx --approach twin-pod --helper-image toolbox:1 --allow scan-pod --profile'
  ],
  [
    { selector: 'app=api', ...TWIN, 'scan-namespace': 'scans' },
    '--selector app=api --select pods --container nginx --approach twin-pod --helper-image toolbox:1 --allow scan-pod --scan-namespace scans --profile'
  ],
  [
    { 'target-image': 'app:1', ...TWIN, 'pull-secret': 'registry' },
    '--target-image app:1 --approach twin-pod --helper-image toolbox:1 --allow scan-pod --pull-secret registry --profile'
  ]
])('%j is repeated as it was', (inputs, expected) => {
  const line = repeated(inputs)
  expect(line).toContain(expected)
  expect(parseArguments(line.split(' ').slice(1), '0')).toMatchObject({ kind: 'call' })
})
