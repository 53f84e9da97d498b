import { describe, expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { type Need, showNeeds, unmetNeeds } from '../../../src/access/needs.ts'
import { rightsYaml, subjectOf } from '../../../src/access/rights-yaml.ts'
import { type Question, showQuestion } from '../../../src/access/role.ts'

const need = (verb: string, resource: string, more: Partial<Need> = {}): Need => {
  const [plural = '', subresource = ''] = resource.split('/')
  return { namespace: 'shop', verb, group: '', resource: plural, subresource, name: '', names: [], fixed: false, handedOn: false, ...more }
}
const OF_WEB = { names: ['web'], fixed: true }

describe('a need is met', () => {
  const unmet = async (needs: readonly Need[], allowed: readonly string[]): Promise<string> => {
    const asked: string[] = []
    const ask = (question: Question): Promise<boolean> => Promise.resolve(allowed.includes(asked[asked.push(showQuestion(question)) - 1] ?? ''))
    return showNeeds(await unmetNeeds(needs, ask))
  }

  test.each<[string, Need[], string[], string]>([
    ['by a right to any name', [need('get', 'pods', OF_WEB)], ['get pods in shop'], ''],
    ['by one to each name', [need('get', 'pods', { names: ['a', 'b'] })], ['get pods a in shop', 'get pods b in shop'], ''],
    ['not by one to some', [need('get', 'pods', { names: ['a', 'b'] })], ['get pods a in shop'], 'get pods in shop'],
    ['not without any', [need('get', 'pods', OF_WEB)], [], 'get pods web in shop'],
    [
      'where it is handed on, by escalate and bind',
      [need('get', 'pods/exec', { ...OF_WEB, handedOn: true })],
      ['escalate roles in shop', 'bind roles in shop'],
      ''
    ],
    ['not by escalate alone', [need('get', 'pods/exec', { ...OF_WEB, handedOn: true })], ['escalate roles in shop'], 'get pods/exec web in shop'],
    [
      'not by escalate and bind where it is the caller that needs it',
      [need('get', 'pods', OF_WEB)],
      ['escalate roles in shop', 'bind roles in shop'],
      'get pods web in shop'
    ],
    ['nor by names where it is of any', [need('list', 'pods')], ['list pods web in shop'], 'list pods in shop']
  ])('%s', async (_how, needs, allowed, missing) => expect(await unmet(needs, allowed)).toBe(missing))

  test('of more names than can be asked for, by a right to any only', async () => {
    const names = Array.from({ length: 1200 }, (_, index) => `web-${index}`)
    let asked = 0
    await unmetNeeds([need('get', 'pods', { names })], () => Promise.resolve((asked += 1) < 0))
    expect(asked).toBe(1)
  })
})

describe('the YAML of rights', () => {
  const objects = (yaml: string): unknown[] => parseAllDocuments(yaml).map((document) => document.toJS() as unknown)
  const needs = [
    need('get', 'pods', OF_WEB),
    need('get', 'pods/exec', OF_WEB),
    need('create', 'pods/exec', OF_WEB),
    need('create', 'pods', { namespace: 'scans' })
  ]

  test('is a role and its binding for each namespace', () => {
    const [role, binding, ...others] = objects(rightsYaml('kscan-caller', { kind: 'User', name: 'ann: {x}' }, needs))
    const name = expect.stringMatching(/^kscan-caller-[0-9a-f]{8}$/)
    expect(role).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace: 'shop' },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['web'] },
        { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'], resourceNames: ['web'] }
      ]
    })
    expect(binding).toMatchObject({ metadata: { name, namespace: 'shop' }, roleRef: { kind: 'Role', name }, subjects: [{ kind: 'User', name: 'ann: {x}' }] })
    expect(others).toEqual([
      expect.objectContaining({ kind: 'Role', metadata: { name, namespace: 'scans' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }] }),
      expect.objectContaining({ kind: 'RoleBinding', metadata: { name, namespace: 'scans' } })
    ])
  })

  test('has another name for other rules or another subject, so that what was given before stays', () => {
    const nameIn = (yaml: string): string => (objects(yaml)[0] as { metadata: { name: string } }).metadata.name
    const ann = { kind: 'User', name: 'ann' } as const
    const names = [
      rightsYaml('a', ann, needs),
      rightsYaml('a', ann, needs.slice(1)),
      rightsYaml('a', { kind: 'User', name: 'bob' }, needs),
      rightsYaml('a', ann, needs)
    ].map(nameIn)
    expect([new Set(names).size, names[0] === names[3]]).toEqual([3, true])
  })

  test.each([
    ['ann', { kind: 'User', name: 'ann' }],
    ['system:serviceaccount:ci:runner', { kind: 'ServiceAccount', name: 'runner', namespace: 'ci' }],
    ['system:node:one', { kind: 'User', name: 'system:node:one' }]
  ])('is for %s', (username, subject) => expect(subjectOf(username)).toEqual(subject))
})
