import { expect, test } from '@jest/globals'
import { planLines } from '../../../src/scan/plan.ts'
import { imageTarget } from '../../../src/target/facts.ts'

const PLAN = { access: { kind: 'per-run' }, namespace: 'shop', targets: [imageTarget('web:1', 'shop')], auditor: 'inspec' } as const
const TWIN = { kind: 'twin-pod', image: 'toolbox:1', scanNamespace: undefined, pullSecret: undefined } as const
const TEMPLATE = {
  labels: { team: 'a\u001b[31m' },
  annotations: {},
  nodeSelector: {},
  tolerations: [{ operator: 'Exists' }],
  priorityClassName: undefined,
  schedulerName: undefined,
  requests: { cpu: '50m' },
  limits: { memory: '128Mi' }
}
const SMALL = 'requests cpu=25m, memory=64Mi, ephemeral-storage=16Mi; limits cpu=500m, memory=256Mi, ephemeral-storage=512Mi'
const more = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('  … '))

test('a plan says what pods of ours get of the template, and what they ask for where a quota wants that to be said', () => {
  const small = `  … once more with ${SMALL}, where a quota asks for what is not said`
  expect(more(planLines({ ...PLAN, approach: TWIN }))).toEqual([small])
  expect(more(planLines({ ...PLAN, approach: { ...TWIN, template: TEMPLATE } }))).toEqual([
    '  … each with labels team=a\\x1b[31m; tolerations [{"operator":"Exists"}]; requests cpu=50m; limits memory=128Mi   (scan-pod-template)',
    small
  ])
})

test('so does that of a scan which may come to them', () => {
  const auto = { ...TWIN, kind: 'auto', allow: ['scan-pod'], template: TEMPLATE } as const
  expect(more(planLines({ ...PLAN, approach: auto })).join('\n')).toContain('requests cpu=50m; limits memory=128Mi   (scan-pod-template)')
})
