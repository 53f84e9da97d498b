import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { makeCertificates, makeClientCertificate } from '../support/api-server/certificates.ts'
import { ask, type Caller, type Ended, exec, type Exec, type Reply } from './client.ts'
import { IN_NAMESPACE, NAMESPACE, type Subject, subjects, until } from './subject.ts'

const RBAC = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`
const ACCOUNTS = `${IN_NAMESPACE}/serviceaccounts`
const GROUP = 'rbac.authorization.k8s.io'
const SLOW = 90_000

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }
const Made = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) })
const Token = z.looseObject({ status: z.looseObject({ token: z.string(), expirationTimestamp: z.string() }) })

describe.each(subjects())('the API of %s', (name, start) => {
  let subject: Subject
  let admin: Caller
  beforeAll(async () => {
    subject = await start()
    admin = subject.admin
  }, SLOW)
  afterAll(async () => {
    await subject.end()
  }, SLOW)

  const get = (path: string, as = admin): Promise<Reply> => ask(as, 'GET', path)
  const post = (path: string, body: unknown, as = admin): Promise<Reply> => ask(as, 'POST', path, body)
  const remove = (path: string, body?: unknown): Promise<Reply> => ask(admin, 'DELETE', path, body)

  /** An account with a role, and a caller with its token; waits until the role is in force. */
  const account = async (name: string, rules: readonly Rule[] = []): Promise<Caller> => {
    expect((await post(ACCOUNTS, { metadata: { name } })).status).toBe(201)
    expect((await post(`${RBAC}/roles`, { metadata: { name }, rules })).status).toBe(201)
    const subjects = [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }]
    expect((await post(`${RBAC}/rolebindings`, { metadata: { name }, roleRef: { apiGroup: GROUP, kind: 'Role', name }, subjects })).status).toBe(201)
    const answer = await post(`${ACCOUNTS}/${name}/token`, { spec: { expirationSeconds: 600 } })
    const caller = { url: admin.url, ca: admin.ca, token: Token.parse(answer.json).status.token }
    const [rule] = rules
    if (rule !== undefined) await until('the role', async () => (await review(caller, rule)).includes('"allowed":true'))
    return caller
  }

  const review = async (caller: Caller, { apiGroups, resources, verbs, resourceNames = [] }: Rule): Promise<string> => {
    const [resource, subresource = ''] = resources[0]?.split('/') ?? []
    const resourceAttributes = { namespace: NAMESPACE, verb: verbs[0], group: apiGroups[0], resource, subresource, name: resourceNames[0] ?? '' }
    return (await post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes } }, caller)).text
  }

  /** `exec` into a pod's container `main` with stdout and stderr; `stdin` only where bytes are sent. */
  const run = (argv: readonly string[], more: Partial<Exec> & { as?: Caller; pod?: string; container?: string; streams?: string[] } = {}): Promise<Ended> => {
    const streams = more.streams ?? ['stdout', 'stderr', ...(more.send === undefined ? [] : ['stdin'])]
    const container = more.container === '' ? [] : [['container', more.container ?? 'main'] as const]
    return exec(more.as ?? admin, {
      path: `${IN_NAMESPACE}/pods/${more.pod ?? 'shell'}/exec`,
      query: [...container, ...argv.map((part) => ['command', part] as const), ...streams.map((stream) => [stream, 'true'] as const)],
      ...more
    })
  }
  const sh = (script: string, more: Parameters<typeof run>[1] = {}): Promise<Ended> => run(['/bin/sh', '-c', script], more)

  describe('reading', () => {
    test('the version has a major and a minor number', async () => {
      expect(await get('/version')).toMatchObject({
        status: 200,
        json: { major: '1', minor: expect.stringMatching(/^\d+$/), gitVersion: expect.stringMatching(/^v1\./) }
      })
    })

    test('a pod has what a scan reads of it', async () => {
      const status = {
        phase: 'Running',
        containerStatuses: [{ name: 'main', restartCount: 0, containerID: expect.stringContaining('://'), state: { running: {} } }]
      }
      const metadata = { name: 'shell', namespace: NAMESPACE, labels: { app: 'shell' }, uid: expect.any(String), resourceVersion: expect.any(String) }
      const json = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { nodeName: expect.any(String), containers: [{ name: 'main' }] }, status }
      expect(await get(`${IN_NAMESPACE}/pods/shell`)).toMatchObject({ status: 200, type: 'application/json', json })
    })

    test('a container that waits for its image has no id', async () => {
      const { json } = await get(`${IN_NAMESPACE}/pods/waiting`)
      expect(json).toMatchObject({ status: { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ErrImageNeverPull' } } }] } })
      expect(JSON.stringify(json)).not.toMatch(/"containerID":"[^"]/)
    })

    test('a namespace can be read', async () => {
      expect(await get(IN_NAMESPACE)).toMatchObject({ status: 200, json: { kind: 'Namespace', metadata: { name: NAMESPACE }, status: { phase: 'Active' } } })
    })

    test('a deployment can be read and has the selector of its pods', async () => {
      const json = { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'none' } } } }
      expect(await get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web`)).toMatchObject({ status: 200, json })
    })

    test.each([
      [`${IN_NAMESPACE}/pods/none`, 'pods "none" not found', { name: 'none', kind: 'pods' }],
      ['/api/v1/namespaces/none', 'namespaces "none" not found', { name: 'none', kind: 'namespaces' }],
      [`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/none`, 'deployments.apps "none" not found', { name: 'none', group: 'apps', kind: 'deployments' }],
      [`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/none`, 'jobs.batch "none" not found', { name: 'none', group: 'batch', kind: 'jobs' }],
      [`${RBAC}/roles/none`, `roles.${GROUP} "none" not found`, { name: 'none', group: GROUP, kind: 'roles' }]
    ])('%s is not there', async (path, message, details) => {
      const json = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotFound', details, code: 404 }
      expect(await get(path)).toMatchObject({ status: 404, type: 'application/json', json })
    })

    test.each(['deployments', 'statefulsets', 'daemonsets', 'replicasets'])('%s of an unknown namespace are an empty list', async (plural) => {
      const { status, json } = await get(`/apis/apps/v1/namespaces/none/${plural}`)
      expect({ status, json }).toMatchObject({ status: 200, json: { apiVersion: 'apps/v1', kind: expect.stringMatching(/List$/), items: [] } })
    })
  })

  describe('listing', () => {
    const List = z.looseObject({
      metadata: z.looseObject({ continue: z.string().optional() }),
      items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) }))
    })
    const names = async (query: string): Promise<string[]> =>
      List.parse((await get(`${IN_NAMESPACE}/pods?${query}`)).json).items.map(({ metadata }) => metadata.name)

    test('items come in the order of their names, without kind and apiVersion', async () => {
      const { json } = await get(`${IN_NAMESPACE}/pods`)
      expect(json).toMatchObject({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: expect.any(String) } })
      const { items } = List.parse(json)
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['shell', 'two', 'waiting'])
      expect(items.filter((item) => 'kind' in item || 'apiVersion' in item)).toEqual([])
    })

    test.each([
      ['app=shell', ['shell']],
      ['app==shell', ['shell']],
      ['app!=shell', ['two', 'waiting']],
      ['app in (shell, two)', ['shell', 'two']],
      ['app notin (shell)', ['two', 'waiting']],
      ['tier', ['shell']],
      ['!tier', ['two', 'waiting']],
      ['app in (shell,two),tier=web', ['shell']],
      ['app=none', []],
      ['', ['shell', 'two', 'waiting']]
    ])('the selector `%s`', async (selector, expected) => {
      expect(await names(`labelSelector=${encodeURIComponent(selector)}`)).toEqual(expected)
    })

    test.each(['app in (shell', 'app===shell', '=x', 'app in shell'])('the selector `%s` is refused', async (selector) => {
      const { status, json } = await get(`${IN_NAMESPACE}/pods?labelSelector=${encodeURIComponent(selector)}`)
      expect({ status, json }).toMatchObject({
        status: 400,
        json: { reason: 'BadRequest', code: 400, message: expect.stringMatching(/found '.*expected: /) }
      })
    })

    test('a limit gives pages, each with the way to the next', async () => {
      const first = List.parse((await get(`${IN_NAMESPACE}/pods?limit=2`)).json)
      const next = first.metadata.continue ?? ''
      expect([first.items.length, next === '']).toEqual([2, false])
      const second = List.parse((await get(`${IN_NAMESPACE}/pods?limit=2&continue=${encodeURIComponent(next)}`)).json)
      expect([second.items.map(({ metadata }) => metadata.name), second.metadata.continue ?? '']).toEqual([['waiting'], ''])
    })

    test('a continue that no server gave is refused', async () => {
      expect(await get(`${IN_NAMESPACE}/pods?limit=1&continue=bad`)).toMatchObject({
        status: 400,
        json: { message: expect.stringContaining('continue key is not valid') }
      })
    })

    test('namespaces', async () => {
      const { status, json } = await get('/api/v1/namespaces?limit=500')
      const { kind, items } = json as { kind: string; items: { metadata: { name: string } }[] }
      expect([status, kind, items.map(({ metadata }) => metadata.name).includes(NAMESPACE)]).toEqual([200, 'NamespaceList', true])
    })

    test('pods of all namespaces', async () => {
      expect(await get('/api/v1/pods?labelSelector=tier%3Dweb')).toMatchObject({
        status: 200,
        json: { items: [{ metadata: { name: 'shell', namespace: NAMESPACE } }] }
      })
    })
  })

  describe('making and removing', () => {
    test('an account gets its uid, version and time from the server', async () => {
      const answer = await post(ACCOUNTS, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'made', uid: 'mine', labels: { run: 'one' }, annotations: { owner: 'me' } }
      })
      const metadata = {
        name: 'made',
        namespace: NAMESPACE,
        labels: { run: 'one' },
        annotations: { owner: 'me' },
        resourceVersion: expect.stringMatching(/^\d+$/)
      }
      expect(answer).toMatchObject({ status: 201, json: { kind: 'ServiceAccount', apiVersion: 'v1', metadata } })
      expect(answer.json).toMatchObject({
        metadata: { uid: expect.stringMatching(/^[0-9a-f]{8}-/), creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) }
      })
      expect((await get(`${ACCOUNTS}/made`)).json).toMatchObject({ metadata })
      expect(await get(`${ACCOUNTS}?labelSelector=run%3Done`)).toMatchObject({ json: { kind: 'ServiceAccountList', items: [{ metadata: { name: 'made' } }] } })
    })

    test('the same name a second time is a conflict', async () => {
      await post(ACCOUNTS, { metadata: { name: 'twice' } })
      const details = { name: 'twice', kind: 'serviceaccounts' }
      const json = { reason: 'AlreadyExists', message: 'serviceaccounts "twice" already exists', details, code: 409 }
      expect(await post(ACCOUNTS, { metadata: { name: 'twice' } })).toMatchObject({ status: 409, json })
    })

    test.each([
      ['a name with capitals', { metadata: { name: 'Bad_name' } }, 422, 'metadata.name: Invalid value: "Bad_name"'],
      ['no name', { metadata: {} }, 422, 'metadata.name: Required value: name or generateName is required'],
      ['a colon in a label', { metadata: { name: 'x', labels: { a: '12:30' } } }, 422, 'metadata.labels: Invalid value: "12:30"'],
      ['a colon in the name of a label', { metadata: { name: 'x', labels: { 'a:b': 'c' } } }, 422, 'metadata.labels: Invalid value: "a:b"'],
      ['another kind', { apiVersion: 'v1', kind: 'Role', metadata: { name: 'x' } }, 400, 'cannot be handled as a ServiceAccount'],
      [
        'another namespace',
        { metadata: { name: 'x', namespace: 'other' } },
        400,
        'the namespace of the provided object does not match the namespace sent on the request'
      ],
      ['no object', 'nonsense', 400, '']
    ])('%s is refused', async (_what, body, status, message) => {
      expect(await post(ACCOUNTS, body)).toMatchObject({ status, json: { kind: 'Status', code: status, message: expect.stringContaining(message) } })
    })

    test('nothing can be made in a namespace that is not there', async () => {
      expect(await post('/api/v1/namespaces/none/serviceaccounts', { metadata: { name: 'x' } })).toMatchObject({
        status: 404,
        json: { message: 'namespaces "none" not found' }
      })
    })

    test('a role whose rule has no API group is refused', async () => {
      const answer = await post(`${RBAC}/roles`, { metadata: { name: 'x' }, rules: [{ resources: ['pods'], verbs: ['get'] }] })
      expect(answer).toMatchObject({ status: 422, json: { message: expect.stringContaining('rules[0].apiGroups: Required value') } })
    })

    test.each([
      [ACCOUNTS, 'serviceaccounts', 'ServiceAccount', {}],
      [`${RBAC}/roles`, `roles.${GROUP}`, `Role.${GROUP}`, { rules: [] }],
      [`${RBAC}/rolebindings`, `rolebindings.${GROUP}`, `RoleBinding.${GROUP}`, { roleRef: { apiGroup: GROUP, kind: 'Role', name: 'none' } }]
    ])('%s: removed by its uid only, and once', async (path, plural, kind, fields) => {
      const { uid } = Made.parse((await post(path, { metadata: { name: 'gone' }, ...fields })).json).metadata
      const message = `Operation cannot be fulfilled on ${kind} "gone": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`
      expect(await remove(`${path}/gone`, { preconditions: { uid: 'other' } })).toMatchObject({ status: 409, json: { reason: 'Conflict', message } })
      expect((await get(`${path}/gone`)).status).toBe(200)
      expect((await remove(`${path}/gone`, { preconditions: { uid } })).status).toBe(200)
      expect(await remove(`${path}/gone`, { preconditions: { uid } })).toMatchObject({ status: 404, json: { message: `${plural} "gone" not found` } })
    })

    test('what a finalizer holds is still there after its removal, and again after the next, and goes with that', async () => {
      const path = `${RBAC}/rolebindings`
      const body = { metadata: { name: 'held', finalizers: ['example.com/keep'] }, roleRef: { apiGroup: GROUP, kind: 'Role', name: 'none' } }
      const made = Made.parse((await post(path, { ...body, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: NAMESPACE }] })).json)
      const metadata = {
        name: 'held',
        uid: made.metadata.uid,
        finalizers: ['example.com/keep'],
        deletionTimestamp: expect.any(String),
        deletionGracePeriodSeconds: 0
      }
      const held = { status: 200, json: { kind: 'RoleBinding', metadata } }
      const preconditions = { uid: made.metadata.uid }
      expect([await remove(`${path}/held`), await remove(`${path}/held`, { preconditions })]).toMatchObject([held, held])
      expect((await get(`${path}/held`)).json).toMatchObject(held.json)
      const patch = (change: unknown): Promise<Reply> => ask(admin, 'PATCH', `${path}/held`, change, 'application/strategic-merge-patch+json')
      const other = `RoleBinding.${GROUP} "held" is invalid: metadata.uid: Invalid value: "other": field is immutable`
      expect(await patch({ metadata: { uid: 'other' }, subjects: null })).toMatchObject({ status: 422, json: { reason: 'Invalid', message: other } })
      expect(await patch({ metadata: preconditions, subjects: null })).toMatchObject({ status: 200, json: { metadata: { uid: made.metadata.uid } } })
      expect(JSON.stringify((await get(`${path}/held`)).json)).not.toContain('ServiceAccount')
      expect((await patch({ metadata: { finalizers: null } })).status).toBe(200)
      expect((await remove(`${path}/held`, { preconditions })).status).toBe(404)
    })

    test('the answer to a removal is the account, or a Status for a role', async () => {
      await post(ACCOUNTS, { metadata: { name: 'answer' } })
      await post(`${RBAC}/roles`, { metadata: { name: 'answer' }, rules: [] })
      expect(await remove(`${ACCOUNTS}/answer`)).toMatchObject({ status: 200, json: { kind: 'ServiceAccount', metadata: { name: 'answer' } } })
      const details = { name: 'answer', group: GROUP, kind: 'roles', uid: expect.any(String) }
      expect(await remove(`${RBAC}/roles/answer`)).toMatchObject({ status: 200, json: { kind: 'Status', status: 'Success', details } })
    })
  })

  describe('applying', () => {
    const Listed = z.looseObject({ resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })) })
    const Settings = z.looseObject({ metadata: z.looseObject({ uid: z.string(), name: z.string() }), data: z.record(z.string(), z.string()) })
    const apply = (path: string, body: unknown): Promise<Reply> => ask(admin, 'PATCH', `${path}?fieldManager=conformance&force=true`, body)
    const settings = (mode: string): unknown => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: NAMESPACE }, data: { mode } })

    test.each([
      ['/api/v1', 'pods', 'Pod', true],
      ['/api/v1', 'namespaces', 'Namespace', false],
      ['/apis/apps/v1', 'deployments', 'Deployment', true]
    ])('%s tells of %s', async (path, name, kind, namespaced) => {
      expect(Listed.parse((await get(path)).json).resources).toContainEqual(expect.objectContaining({ name, kind, namespaced }))
    })

    test('a group that is not there is not found', async () => {
      expect((await get('/apis/none.example/v1')).status).toBe(404)
    })

    test('an object is made, and is the same one when it is applied again', async () => {
      const [made, again] = [
        await apply(`${IN_NAMESPACE}/configmaps/settings`, settings('a')),
        await apply(`${IN_NAMESPACE}/configmaps/settings`, settings('b'))
      ]
      const [before, after] = [Settings.parse(made.json), Settings.parse(again.json)]
      expect([made.status, again.status, after.metadata.uid, after.data]).toEqual([201, 200, before.metadata.uid, { mode: 'b' }])
    })

    test.each([
      ['of no type', ''],
      ['of JSON', 'application/json'],
      ['of a text', 'text/plain']
    ])('a body %s is refused', async (_what, type) => {
      const message = '415: Unsupported Media Type'
      expect((await ask(admin, 'PATCH', `${IN_NAMESPACE}/configmaps/settings?fieldManager=conformance`, settings('a'), type)).json).toMatchObject({
        reason: 'UnsupportedMediaType',
        message,
        code: 415
      })
    })

    test.each(['', '?fieldManager='])('without a field manager nothing is (%j)', async (query) => {
      const reply = await ask(admin, 'PATCH', `${IN_NAMESPACE}/configmaps/settings${query}`, settings('a'))
      const cause = { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' }
      expect([reply.status, reply.json]).toEqual([
        422,
        expect.objectContaining({
          message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
          reason: 'Invalid',
          details: { group: 'meta.k8s.io', kind: 'PatchOptions', causes: [cause] }
        })
      ])
    })

    test('in a namespace that is not there nothing is', async () => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'kscan-none' }, data: {} }
      expect((await apply('/api/v1/namespaces/kscan-none/configmaps/settings', body)).status).toBe(404)
    })

    test.each([
      ['name', { name: 'other', namespace: NAMESPACE }],
      ['namespace', { name: 'settings', namespace: 'default' }]
    ])('what has another %s than its path is refused', async (_what, metadata) => {
      expect((await apply(`${IN_NAMESPACE}/configmaps/settings`, { apiVersion: 'v1', kind: 'ConfigMap', metadata })).status).toBe(400)
    })

    test('a namespace keeps the labels that it is applied with', async () => {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { 'conformance/applied': 'yes' } } }
      expect([(await apply(`/api/v1/namespaces/${NAMESPACE}`, body)).status, (await get(`/api/v1/namespaces/${NAMESPACE}`)).json]).toEqual([
        200,
        expect.objectContaining({ metadata: expect.objectContaining({ labels: expect.objectContaining({ 'conformance/applied': 'yes' }) }) })
      ])
    })

    test('a list of resources has subresources, of the same kind', async () => {
      expect(Listed.parse((await get('/api/v1')).json).resources).toContainEqual(expect.objectContaining({ name: 'pods/ephemeralcontainers', kind: 'Pod' }))
    })

    test('what is of another kind than its path is refused', async () => {
      expect((await apply(`${IN_NAMESPACE}/configmaps/settings`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'settings' } })).status).toBe(400)
    })
  })

  describe('tokens', () => {
    test.each([
      [599, 'Invalid value: 599: may not specify a duration less than 10 minutes'],
      [2 ** 32 + 1, 'Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds']
    ])('a lifetime of %i s is refused', async (expirationSeconds, problem) => {
      const json = { reason: 'Invalid', message: `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: ${problem}` }
      expect(await post(`${ACCOUNTS}/default/token`, { spec: { expirationSeconds } })).toMatchObject({ status: 422, json })
    })

    test('a token is three parts with the claims of its account, and says when it ends', async () => {
      const { status, json } = await post(`${ACCOUNTS}/default/token`, { spec: { expirationSeconds: 600 } })
      expect({ status, json }).toMatchObject({ status: 201, json: { kind: 'TokenRequest', metadata: { name: 'default' }, spec: { expirationSeconds: 600 } } })
      const { token, expirationTimestamp } = Token.parse(json).status
      const parts = token.split('.')
      const claims = z.looseObject({ sub: z.string(), exp: z.number(), iat: z.number() }).parse(JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()))
      expect([parts.length, claims.sub, claims.exp - claims.iat]).toEqual([3, `system:serviceaccount:${NAMESPACE}:default`, 600])
      expect(Date.parse(expirationTimestamp)).toBe(claims.exp * 1000)
    })

    test('there is no token for an account that is not there', async () => {
      expect(await post(`${ACCOUNTS}/none/token`, { spec: {} })).toMatchObject({ status: 404, json: { message: 'serviceaccounts "none" not found' } })
    })

    test(
      'a token ends with its account, and an account of the same name does not revive it',
      async () => {
        const caller = await account('short-lived')
        expect((await get(`${IN_NAMESPACE}/pods`, caller)).status).toBe(403)
        await remove(`${ACCOUNTS}/short-lived`)
        await post(ACCOUNTS, { metadata: { name: 'short-lived' } })
        await until('the token to end', async () => (await get(`${IN_NAMESPACE}/pods`, caller)).status === 401)
      },
      SLOW
    )
  })

  describe('client certificates', () => {
    const pods = `${IN_NAMESPACE}/pods`
    const foreign = makeClientCertificate(makeCertificates(), '/O=system:masters/CN=admin')

    test('one of the own authority says who asks, before any token', async () => {
      expect((await get(pods, subject.certified)).status).toBe(200)
      expect((await get(pods, { ...subject.certified, token: 'unknown' })).status).toBe(200)
    })

    test('an exec stream takes it too', async () => {
      expect(await run(['echo', 'x'], { as: subject.certified })).toMatchObject({ refused: undefined, stdout: 'x\n' })
    })

    test('one of another authority is unauthorized, and counts as none beside a token', async () => {
      const stranger = { url: admin.url, ca: admin.ca, ...foreign }
      expect(await get('/version', stranger)).toMatchObject({ status: 401, json: { message: 'Unauthorized', reason: 'Unauthorized' } })
      const { token } = await account('certified', [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }])
      expect((await get(pods, { ...stranger, token: token ?? '' })).status).toBe(200)
      expect((await get(pods, { ...stranger, token: 'unknown' })).status).toBe(401)
    })
  })

  describe('authorization', () => {
    test('an unknown token is unauthorized, no token is anonymous', async () => {
      const unknown = { url: admin.url, ca: admin.ca, token: 'unknown' }
      expect(await get('/version', unknown)).toMatchObject({
        status: 401,
        json: { status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 }
      })
      const message = 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope'
      expect(await get('/api/v1/pods', { url: admin.url, ca: admin.ca })).toMatchObject({ status: 403, json: { message } })
      expect((await get('/version', { url: admin.url, ca: admin.ca })).status).toBe(200)
    })

    test('a refusal names the user, the verb, the resource and the place', async () => {
      const caller = await account('nobody')
      const user = `User "system:serviceaccount:${NAMESPACE}:nobody"`
      const here = `in the namespace "${NAMESPACE}"`
      const table: readonly (readonly [method: string, path: string, message: string])[] = [
        ['GET', `${IN_NAMESPACE}/pods/x`, `pods "x" is forbidden: ${user} cannot get resource "pods" in API group "" ${here}`],
        ['GET', `${IN_NAMESPACE}/pods`, `pods is forbidden: ${user} cannot list resource "pods" in API group "" ${here}`],
        ['GET', '/api/v1/pods', `pods is forbidden: ${user} cannot list resource "pods" in API group "" at the cluster scope`],
        ['GET', IN_NAMESPACE, `namespaces "${NAMESPACE}" is forbidden: ${user} cannot get resource "namespaces" in API group "" ${here}`],
        [
          'GET',
          `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/x`,
          `deployments.apps "x" is forbidden: ${user} cannot get resource "deployments" in API group "apps" ${here}`
        ],
        ['POST', ACCOUNTS, `serviceaccounts is forbidden: ${user} cannot create resource "serviceaccounts" in API group "" ${here}`],
        ['POST', `${ACCOUNTS}/x/token`, `serviceaccounts "x" is forbidden: ${user} cannot create resource "serviceaccounts/token" in API group "" ${here}`],
        ['DELETE', `${RBAC}/roles/x`, `roles.${GROUP} "x" is forbidden: ${user} cannot delete resource "roles" in API group "${GROUP}" ${here}`],
        ['GET', `${IN_NAMESPACE}/pods/x/exec`, `pods "x" is forbidden: ${user} cannot get resource "pods/exec" in API group "" ${here}`]
      ]
      for (const [method, path, message] of table) {
        expect(await ask(caller, method, path, method === 'POST' ? {} : undefined)).toMatchObject({
          status: 403,
          json: { reason: 'Forbidden', message, code: 403 }
        })
      }
    })

    test('a role gives what it names and nothing else, and a review says the same', async () => {
      const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['shell'] }]
      const caller = await account('reader', rules)
      expect((await get(`${IN_NAMESPACE}/pods/shell`, caller)).status).toBe(200)
      expect((await get(`${IN_NAMESPACE}/pods/two`, caller)).status).toBe(403)
      expect((await get(`${IN_NAMESPACE}/pods`, caller)).status).toBe(403)
      expect((await run(['true'], { as: caller })).refused?.status).toBe(403)
      const table: readonly (readonly [Rule, boolean])[] = [
        [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['shell'] }, true],
        [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['two'] }, false],
        [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }, false],
        [{ apiGroups: [''], resources: ['pods'], verbs: ['list'], resourceNames: ['shell'] }, false],
        [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'], resourceNames: ['shell'] }, false],
        [{ apiGroups: ['apps'], resources: ['pods'], verbs: ['get'], resourceNames: ['shell'] }, false],
        [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }, false]
      ]
      for (const [rule, allowed] of table) expect([rule, await review(caller, rule)]).toEqual([rule, expect.stringContaining(`"allowed":${allowed}`)])
      expect(await review(caller, rules[0] ?? { apiGroups: [], resources: [], verbs: [] })).toContain('RBAC: allowed by RoleBinding')
      expect(await review(admin, { apiGroups: [''], resources: ['secrets'], verbs: ['list'] })).toContain('"allowed":true')
    })

    test('stars give everything, and a star for subresources only those', async () => {
      const rules = [
        { apiGroups: [''], resources: ['*/exec'], verbs: ['*'] },
        { apiGroups: ['*'], resources: ['deployments'], verbs: ['get'] }
      ]
      const caller = await account('stars', rules)
      expect((await run(['true'], { as: caller })).status).toMatchObject({ status: 'Success' })
      expect((await get(`${IN_NAMESPACE}/pods/shell`, caller)).status).toBe(403)
      expect((await get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web`, caller)).status).toBe(200)
    })

    test('a binding to all accounts of the namespace counts', async () => {
      const caller = await account('grouped')
      await post(`${RBAC}/roles`, { metadata: { name: 'for-all' }, rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] }] })
      const subjects = [{ apiGroup: GROUP, kind: 'Group', name: `system:serviceaccounts:${NAMESPACE}` }]
      await post(`${RBAC}/rolebindings`, { metadata: { name: 'for-all' }, roleRef: { apiGroup: GROUP, kind: 'Role', name: 'for-all' }, subjects })
      await until('the binding', async () => (await get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, caller)).status === 200)
      await remove(`${RBAC}/rolebindings/for-all`)
      await until('the binding to end', async () => (await get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, caller)).status === 403)
    })

    test('nobody can hand on a right that they do not hold', async () => {
      const make = { apiGroups: [GROUP], resources: ['roles', 'rolebindings'], verbs: ['create'] }
      const caller = await account('granter', [make, { apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
      const role = (name: string, verbs: string[]): unknown => ({
        metadata: { name },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs, resourceNames: ['shell'] }]
      })
      expect((await post(`${RBAC}/roles`, role('handed-on', ['get']), caller)).status).toBe(201)
      const message = expect.stringMatching(
        /^roles\.rbac\.authorization\.k8s\.io "more" is forbidden: user "system:serviceaccount:kscan-conformance:granter" \(groups=\[.*\]\) is attempting to grant RBAC permissions not currently held:\n.*"list"/
      )
      expect(await post(`${RBAC}/roles`, role('more', ['get', 'list']), caller)).toMatchObject({ status: 403, json: { reason: 'Forbidden', message } })
      await post(`${RBAC}/roles`, role('strong', ['delete']))
      const binding = { metadata: { name: 'strong' }, roleRef: { apiGroup: GROUP, kind: 'Role', name: 'strong' } }
      expect((await post(`${RBAC}/rolebindings`, binding, caller)).status).toBe(403)
    })

    test('a binding whose role is gone gives nothing, and the refusal says so', async () => {
      const caller = await account('orphan', [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }])
      await remove(`${RBAC}/roles/orphan`)
      const message = expect.stringContaining(`RBAC: role.${GROUP} "orphan" not found`)
      await until('the role to be gone', async () => (await get(`${IN_NAMESPACE}/pods`, caller)).status === 403)
      expect((await get(`${IN_NAMESPACE}/pods`, caller)).json).toMatchObject({ message })
    })
  })

  describe('exec', () => {
    test('gives output by channel, then the status, then closes', async () => {
      const ended = await sh('echo out; echo err >&2')
      expect(ended).toMatchObject({ refused: undefined, protocol: 'v5.channel.k8s.io', stdout: 'out\n', stderr: 'err\n', closeCode: 1000 })
      expect(ended.status).toEqual({ metadata: {}, status: 'Success' })
      expect([ended.first, ended.channels[0], ended.channels.at(-1)]).toEqual([1, 1, 3])
    })

    test('v4 is spoken where it alone is offered', async () => {
      expect(await run(['echo', 'a  b', '$HOME'], { protocols: ['v4.channel.k8s.io'] })).toMatchObject({
        protocol: 'v4.channel.k8s.io',
        stdout: 'a  b $HOME\n'
      })
    })

    test.each([
      ['exit 3', 3],
      ['kill -9 $$', 137],
      ['exec >&- 2>&-; exit 4', 4]
    ])('`%s` has the exit code %i', async (script, code) => {
      const message = `command terminated with non-zero exit code: command terminated with exit code ${code}`
      const details = { causes: [{ reason: 'ExitCode', message: String(code) }] }
      expect((await sh(script)).status).toEqual({ metadata: {}, status: 'Failure', message, reason: 'NonZeroExitCode', details })
    })

    test.each([
      [['/nosuch'], 'unable to start container process: exec: "/nosuch": stat /nosuch: no such file or directory'],
      [['nosuch'], 'unable to start container process: exec: "nosuch": executable file not found in $PATH'],
      [['/etc/passwd'], 'unable to start container process: exec: "/etc/passwd": permission denied'],
      [['/etc'], 'unable to start container process: exec: "/etc": is a directory'],
      [[], 'args must not be empty']
    ])('%j cannot be started', async (argv, problem) => {
      const text = expect.stringMatching(
        /^Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: /
      )
      const ended = await run(argv)
      expect(ended.status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500, message: text })
      expect(ended.status).toMatchObject({ message: expect.stringContaining(`exec failed: ${problem}`) })
      expect([ended.closeCode, ended.stdout, ended.stderr]).toEqual([1000, '', ''])
    })

    test('in v5 the input can be ended and the output still comes', async () => {
      expect(await run(['cat'], { send: [Buffer.from('\0a\n'), Buffer.from('\0b'), Buffer.of(255, 0)] })).toMatchObject({
        stdout: 'a\nb',
        status: { status: 'Success' }
      })
    })

    test('in v4 the input cannot be ended', async () => {
      const send = [Buffer.from('\0a\n'), Buffer.of(255, 0), Buffer.from('\0b\n')]
      const ended = await run(['cat'], { protocols: ['v4.channel.k8s.io'], send, onOutput: (output, socket) => output === 'a\nb\n' && socket.terminate() })
      expect(ended).toMatchObject({ stdout: 'a\nb\n', status: undefined, closeCode: 1006 })
    })

    test('what was not asked for is not there', async () => {
      expect(await sh('echo out; echo err >&2; cat; echo end', { streams: ['stdout'] })).toMatchObject({
        stdout: 'out\nend\n',
        stderr: '',
        status: { status: 'Success' }
      })
    })

    test('a background writer keeps the stream open', async () => {
      expect((await sh('(sleep 0.3; echo late) & echo early')).stdout).toBe('early\nlate\n')
    })

    test('much output is whole and comes in messages of at most 32 KiB', async () => {
      const ended = await sh('head -c 3000000 /dev/zero | tr "\\0" y')
      expect([ended.stdout.length, ended.largest <= 32 * 1024 + 1, /^y+$/.test(ended.stdout)]).toEqual([3000000, true, true])
    })

    test('much input arrives whole', async () => {
      const send = [...Array.from({ length: 64 }, () => Buffer.from(`\0${'z'.repeat(16_000)}`)), Buffer.of(255, 0)]
      expect((await sh('sleep 0.3; wc -c', { send })).stdout.trim()).toBe('1024000')
    })

    test('a program goes on without its client, at the end of its input', async () => {
      const file = `/tmp/kscan-conformance-${process.pid}-${name.length}`
      await sh(`echo ready; cat; sleep 0.3; echo out; echo went on >${file}`, {
        send: [],
        streams: ['stdin', 'stdout'],
        onOutput: (_output, socket) => socket.terminate()
      })
      await until('the program', async () => (await sh(`cat ${file} 2>/dev/null`)).stdout === 'went on\n')
      await sh(`rm ${file}`)
    })

    test.each([
      ['no container of two', { pod: 'two', container: '' }, 400, 'a container name must be specified for pod two, choose one of: [main side]'],
      ['a container that is not there', { container: 'none' }, 400, 'container none is not valid for pod shell'],
      ['a pod that is not there', { pod: 'none' }, 404, 'pods "none" not found']
    ])('%s is refused', async (_what, place, status, message) => {
      expect((await run(['true'], place)).refused).toMatchObject({ status, json: { kind: 'Status', message, code: status } })
    })

    test.each([
      ['a container that does not run', { pod: 'waiting' }, 500, 'container not found ("main")'],
      ['no stream', { streams: [] }, 400, 'you must specify at least 1 of stdin, stdout, stderr']
    ])('%s is refused by the node: in plain text, or in the status of a stream that its server has accepted before', async (_what, more, status, text) => {
      const plain = await run(['true'], { ...more, protocols: ['v4.channel.k8s.io'] })
      expect([plain.refused?.status, plain.refused?.text.trim()]).toEqual([status, text])
      const newest = await run(['true'], more)
      const message = `Internal error occurred: unable to upgrade connection: ${text}`
      const late = { metadata: {}, status: 'Failure', message, reason: 'InternalError', details: { causes: [{ message: message.slice(25) }] }, code: 500 }
      if (subject.minor >= 36) expect([newest.refused?.status, newest.refused?.text.trim()]).toEqual([status, text])
      else expect([newest.refused, newest.status]).toEqual([undefined, late])
    })

    test('an unknown protocol is refused without a word', async () => {
      const { refused } = await run(['true'], { protocols: ['v9.channel.k8s.io'] })
      expect([refused?.status, refused?.text]).toEqual([403, ''])
    })

    test('the one container of a pod need not be named', async () => {
      expect((await run(['echo', 'x'], { container: '' })).stdout).toBe('x\n')
    })

    test.each(['GET', 'POST'])('%s without an upgrade is refused', async (method) => {
      const answer = await ask(admin, method, `${IN_NAMESPACE}/pods/shell/exec?container=main&command=true&stdout=true`)
      expect(answer).toMatchObject({ status: 400, json: { message: 'Upgrade request required' } })
    })

    test('the verb create alone is refused, get alone too since 1.35, both together are enough', async () => {
      const rule = (verbs: string[]): Rule => ({ apiGroups: [''], resources: ['pods/exec'], verbs, resourceNames: ['shell'] })
      const creator = await account('creator', [rule(['create'])])
      expect((await run(['true'], { as: creator })).refused).toMatchObject({
        status: 403,
        json: { message: expect.stringContaining('cannot get resource "pods/exec"') }
      })
      const getter = await run(['true'], { as: await account('getter', [rule(['get'])]) })
      if (subject.minor >= 35) expect(getter.refused).toMatchObject({ status: 403, json: { message: 'pods "shell" is forbidden: ', reason: 'Forbidden' } })
      else expect(getter.status).toMatchObject({ status: 'Success' })
      const both = await account('both', [rule(['get', 'create'])])
      expect((await run(['true'], { as: both })).status).toMatchObject({ status: 'Success' })
      expect((await run(['true'], { as: both, pod: 'two' })).refused?.status).toBe(403)
      expect((await run(['true'], { as: { ...both, token: 'unknown' } })).refused?.status).toBe(401)
    })

    test('an open stream outlives the account, its role and its binding', async () => {
      const caller = await account('outlived', [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'], resourceNames: ['shell'] }])
      let revoked = false
      const revoke = async (): Promise<void> => {
        for (const path of [`${RBAC}/rolebindings`, `${RBAC}/roles`, ACCOUNTS]) expect((await remove(`${path}/outlived`)).status).toBe(200)
        await until('the refusal', async () => (await run(['true'], { as: caller })).refused !== undefined)
      }
      const onOutput: Exec['onOutput'] = (output, socket) => {
        if (revoked || output !== 'a\n') return
        revoked = true
        void revoke().then(() => [Buffer.from('\0b\n'), Buffer.of(255, 0)].forEach((message) => socket.send(message)))
      }
      expect(await run(['cat'], { as: caller, send: [Buffer.from('\0a\n')], onOutput })).toMatchObject({ stdout: 'a\nb\n', status: { status: 'Success' } })
    })
  })
})
