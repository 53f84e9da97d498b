import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { KUBECONFIG, kubectl, NAMESPACE } from './cluster.ts'

/** Someone who is not the administrator: an account of the cluster, with no rights until a role is given to it. */
export interface Caller {
  readonly name: string
  readonly token: string
  /** Gives the caller rights in the namespace of the targets; `role` is the YAML of a Role. */
  allow(role: string): Promise<void>
  remove(): Promise<void>
}

/** What per-run access needs of its caller, as docs/security.md says. */
export const CALLER_ROLE = stringify({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'kscan-caller', namespace: NAMESPACE },
  rules: [
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['create', 'get', 'delete'] },
    { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create', 'get', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] }
  ]
})

export const makeCaller = async (name: string): Promise<Caller> => {
  await kubectl('create', 'serviceaccount', '-n', NAMESPACE, name)
  const token = (await kubectl('create', 'token', '-n', NAMESPACE, name, '--duration=2h')).trim()
  const roles: string[] = []
  return {
    name,
    token,
    allow: async (role) => {
      const { metadata } = RoleText(role)
      execFileSync('kubectl', ['--kubeconfig', KUBECONFIG, 'apply', '-f', '-'], { input: role })
      await kubectl('create', 'rolebinding', '-n', NAMESPACE, name, `--role=${metadata.name}`, `--serviceaccount=${NAMESPACE}:${name}`)
      roles.push(`role/${metadata.name}`, `rolebinding/${name}`)
    },
    remove: async () => void (await kubectl('delete', '-n', NAMESPACE, `serviceaccount/${name}`, ...roles))
  }
}

const RoleText = (text: string): { metadata: { name: string } } => parse(text) as { metadata: { name: string } }

/** A proxy before the real cluster. */
export const proxyToCluster = async (): Promise<FaultProxy> => {
  const { server, ca } = clusterOf(KUBECONFIG)
  return await startFaultProxy({ server, ca })
}

/** Address and authority of a kubeconfig's cluster. */
export const clusterOf = (kubeconfig: string): { server: string; ca: string } => {
  const view = JSON.parse(execFileSync('kubectl', ['--kubeconfig', kubeconfig, 'config', 'view', '--raw', '--minify', '-o', 'json'], { encoding: 'utf8' })) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  }
  const [{ cluster }] = view.clusters
  return { server: cluster.server, ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8') }
}

/** A kubeconfig as a file of mode 0600. */
export const kubeconfigFile = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'kscan-e2e-kubeconfig-')), 'config')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

/** YAML as it is, by the administrator. */
export const applied = async (verb: 'apply' | 'delete', yaml: string): Promise<void> => {
  const ran = promisify(execFile)('kubectl', ['--kubeconfig', KUBECONFIG, verb, '-f', '-'])
  ran.child.stdin?.end(yaml)
  await ran
}
