import { describe, expect, test } from '@jest/globals'
import { type Refusal, UpgradeRefused } from '../../../src/session/upgrade-refused.ts'

const refusal = (status: number, body: string, more: Partial<Refusal> = {}): UpgradeRefused =>
  new UpgradeRefused({ status, body, host: 'kube.example:6443', ...more })
const STATUS = (message: string): string => JSON.stringify({ kind: 'Status', status: 'Failure', message })
const PAGE = '<!DOCTYPE html>\n<html><head><title> Access denied\u001b[31m – ACME WAF </title></head></html>'

describe('where WebSocket does not get through, that is said, with what to ask for', () => {
  test.each<[string, number, string, string | undefined, string]>([
    ['a page of a WAF', 403, PAGE, 'text/html; charset=utf-8', 'it was answered with 403 and a web page (Access denied\\x1b[31m – ACME WAF)'],
    ['a page without its type', 403, PAGE, undefined, 'it was answered with 403 and a web page (Access'],
    ['a page without a title', 502, '<html>bad</html>', 'text/html', 'it was answered with 502 and a web page.'],
    ['a sign-in page', 401, '<html><body>', 'text/html', 'it was answered with 401 and a web page.'],
    ['a page in place of a stream', 200, '<html>', 'text/html', 'it was answered with 200 and a web page.'],
    ['the server, which got no Upgrade', 400, STATUS('Upgrade request required'), 'application/json', 'it came there without its header Upgrade (400)'],
    ['the same in plain words', 400, 'Upgrade Request Required\n', 'text/plain', 'it came there without its header Upgrade (400)'],
    ['426', 426, '', undefined, 'it came there without its header Upgrade (426)'],
    ['200 without a stream', 200, '{}', 'application/json', 'it was answered with 200, and no stream was opened']
  ])('%s', (_what, status, body, contentType, words) => {
    const error = refusal(status, body, { contentType })
    expect([error.blocked, error.code, error.message]).toEqual([true, 'SESSION_FAILED', expect.stringContaining(words)])
    expect(error.message).toMatch(/^The exec stream did not get through to the API server: .*\. Something on the way does not let WebSocket pass$/)
    expect(error.hint).toMatch(/^Ask your network team to let WebSocket pass to kube\.example:6443: .*Upgrade: websocket.*NO_PROXY/)
  })
})

describe('what the server itself refuses is told in its words', () => {
  test.each<[number, string, string, string]>([
    [403, STATUS('pods "web" is forbidden: no\u0007'), 'ACCESS_DENIED', 'The cluster refused the exec stream (403): pods "web" is forbidden: no\\x07'],
    [401, STATUS('Unauthorized'), 'ACCESS_DENIED', 'The cluster refused the exec stream (401): Unauthorized'],
    [
      400,
      STATUS('container main is not valid for pod web'),
      'SESSION_FAILED',
      'The cluster refused the exec stream (400): container main is not valid for pod web'
    ],
    [404, '404 page not found', 'SESSION_FAILED', 'The cluster refused the exec stream (404): 404 page not found'],
    [500, '', 'SESSION_FAILED', 'The cluster refused the exec stream (500): no reason given']
  ])('%d', (status, body, code, message) => {
    expect(refusal(status, body)).toMatchObject({ blocked: false, code, message })
  })
})
