import { ClusterFields, UserFields } from './kubeconfig-format.ts'
import { type Chosen, readNamed, wrong } from './kubeconfig.ts'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The service account of the pod that we run in. Throws BAD_INPUT outside of a pod. */
export const loadInCluster = (env: Readonly<Record<string, string | undefined>>): Chosen => {
  const host = env['KUBERNETES_SERVICE_HOST']
  if (host === undefined || host === '') {
    throw wrong({
      name: 'context',
      expected: 'KUBERNETES_SERVICE_HOST, as every pod has it',
      got: 'no such variable',
      hint: '`in-cluster` works inside a pod only.'
    })
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`
  return {
    context: { name: 'in-cluster', namespace: readNamed('namespace of the service account', `${ACCOUNT}/namespace`).toString('utf8').trim() },
    cluster: { ...ClusterFields.parse({ 'certificate-authority': `${ACCOUNT}/ca.crt` }), server },
    user: UserFields.parse({ tokenFile: `${ACCOUNT}/token` }),
    warnings: []
  }
}
