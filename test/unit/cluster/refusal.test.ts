import { describe, expect, test } from '@jest/globals'
import { refusalSentence, refuserIn, saysRefused } from '../../../src/cluster/refusal.ts'

const WEBHOOK = 'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/shop/web was blocked due to: policy "x"'
const POLICY = `pods "web" is forbidden: ValidatingAdmissionPolicy 'no-exec' with binding 'shops' denied request: failed expression: false`
const UNASKED = 'Internal error occurred: failed calling webhook "gone.example": failed to call webhook: Post "https://gone.shop.svc:443/?timeout=10s": EOF'
const SERVER = 'pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'

describe('an answer to a create or a patch is a refusal', () => {
  test.each<[string, number, string, boolean]>([
    ...[400, 401, 403, 404, 409, 418, 422, 429, 451, 500, 503, 599].map((code): [string, number, string, boolean] => ['of a webhook', code, WEBHOOK, true]),
    ...[400, 403, 422].map((code): [string, number, string, boolean] => ['of a policy', code, POLICY, true]),
    ['of a webhook without a reason', 400, 'admission webhook "x.example" denied the request without explanation', true],
    ['where a webhook that must be asked could not be', 500, UNASKED, true],
    ["of the server's own rules", 403, SERVER, true],
    ["of the server's validation", 422, 'Pod "web" is invalid: spec.containers[0].image: Required value', true],
    ['not: a fault of ours', 400, 'the object provided is unrecognized', false],
    ['not: nobody is known', 401, 'Unauthorized', false],
    ['not: there is none', 404, 'pods "web" not found', false],
    ['not: the name is taken', 409, 'pods "web" already exists', false],
    ['not: too many at once', 429, 'too many requests', false],
    ['not: a broken server', 500, 'etcdserver: leader changed', false],
    ['not: webhooks alone are spoken of', 500, 'an admission webhook is slow', false]
  ])('%s (%d)', (_what, status, message, refused) => {
    expect(saysRefused(status, message)).toBe(refused)
  })
})

describe('who refused is told with its words', () => {
  test.each<[string, string, string, boolean]>([
    [WEBHOOK, 'the admission webhook "validate.kyverno.svc-fail"', 'resource Pod/shop/web was blocked due to: policy "x"', true],
    ['admission webhook "x.example" denied the request without explanation', 'the admission webhook "x.example"', '', true],
    [POLICY, 'the admission policy "no-exec" (binding "shops")', 'failed expression: false', true],
    [
      UNASKED,
      'the API server, which could not ask the admission webhook "gone.example",',
      'failed to call webhook: Post "https://gone.shop.svc:443/?timeout=10s": EOF',
      false
    ]
  ])('%j', (message, who, words, asked) => {
    expect(refuserIn(message)).toEqual({ who, words, asked })
  })

  test.each([
    [400, 'admission webhook "a" denied the request: no root', 'The admission webhook "a" refused the pod x/y (400): no root'],
    [500, 'admission webhook "a" denied the request without explanation', 'The admission webhook "a" refused the pod x/y (500), and gave no reason'],
    [403, SERVER, `The cluster refused the pod x/y: ${SERVER}`]
  ])('in one sentence (%d)', (status, message, sentence) => {
    expect(refusalSentence('the pod x/y', { status, message })).toBe(sentence)
  })
})
