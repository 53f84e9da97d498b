import { expect, test } from '@jest/globals'
import { forbiddenQuestions, neededQuestions, scanRules, showQuestion, showRule } from '../../../src/access/role.ts'

test.each([
  ['kubernetes-api', ['get pods [a b]', 'get,create pods/exec [a b]']],
  ['sidecar-container', ['get pods [a b]', 'get,create pods/exec [a b]']],
  ['debug-container', ['get pods [a b]', 'get,create pods/exec [a b]', 'patch pods/ephemeralcontainers [a b]']],
  ['twin-pod', ['create pods', 'get,delete pods [a b]', 'get,create pods/exec [a b]']]
] as const)('the role for %s', (approach, rules) => {
  expect(scanRules(['b', 'a', 'b'], approach).map(showRule)).toEqual(rules)
})

test.each(['kubernetes-api', 'sidecar-container', 'debug-container', 'twin-pod'] as const)('all that must be refused with %s', (approach) => {
  expect(forbiddenQuestions('shop', approach).map(showQuestion)).toEqual([
    'list secrets in shop',
    ...(approach === 'twin-pod' ? [] : ['create pods in shop']),
    'create pods/exec in shop',
    'patch pods/ephemeralcontainers in shop',
    'impersonate users'
  ])
})

test.each(['kubernetes-api', 'sidecar-container', 'debug-container', 'twin-pod'] as const)('what %s needs is not what must be refused', (approach) => {
  const needed = neededQuestions('shop', scanRules(['a'], approach)).map(showQuestion)
  const forbidden = new Set(forbiddenQuestions('shop', approach).map(showQuestion))
  expect(needed.filter((question) => forbidden.has(question))).toEqual([])
  expect([needed.includes('create pods in shop'), forbidden.has('create pods in shop')]).toEqual([approach === 'twin-pod', approach !== 'twin-pod'])
})

test.each([1, 99, 100, 101, 720, 1200, 5000])('of %d pods no more than a hundred are asked for, evenly spread, the first and the last too', (count) => {
  const names = Array.from({ length: count }, (_, index) => `web-${String(index).padStart(4, '0')}`)
  const questions = neededQuestions('shop', scanRules(names, 'kubernetes-api'))
  const asked = [...new Set(questions.map(({ name }) => name))]
  const gaps = asked.slice(1).map((name, index) => names.indexOf(name) - names.indexOf(asked[index] ?? ''))
  expect([asked.length, questions.length, asked[0], asked.at(-1)]).toEqual([Math.min(count, 100), 3 * Math.min(count, 100), names[0], names.at(-1)])
  expect(gaps.length === 0 || Math.max(...gaps) - Math.min(...gaps) <= 1).toBe(true)
})
