import { helperContainer } from '../../src/approach/helper-spec.ts'
import { applyFixture, kubectl, NAMESPACE, RESTRICTED } from './cluster.ts'
import { TOOLBOX } from './toolbox.ts'

/** Installs the admission policy that limits scanners to the helper in the namespace of the level restricted, waits until it is in force on the pod `static`, and returns what removes it, and waits until it is not. */
export const enforcePolicy = async (): Promise<() => Promise<void>> => {
  await applyFixture('policies/helper.yaml', { change: (text) => text.replace('TOOLBOX', TOOLBOX) })
  await until(true)
  return async () => {
    for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy']) await kubectl('delete', kind, `${NAMESPACE}-helper`)
    await until(false)
  }
}

/** A server takes up to some seconds to know a new policy on the pods of a namespace, and to forget one. */
export const until = async (enforced: boolean, { namespace = RESTRICTED, pod = 'static', container = 'main' } = {}): Promise<void> => {
  const helper = { ...helperContainer({ name: 'other', image: TOOLBOX, target: container, uid: 65532, gid: 65532, lifetime: 1 }), args: ['more'] }
  const body = JSON.stringify({ spec: { ephemeralContainers: [helper] } })
  const scanner = `--as=system:serviceaccount:${namespace}:kscan-any`
  await kubectl('create', 'rolebinding', 'policy', '-n', namespace, '--clusterrole=cluster-admin', `--user=${scanner.slice(5)}`)
  try {
    for (let look = 0; look < 60; look += 1) {
      const patch = ['patch', 'pod', pod, '-n', namespace, '--subresource=ephemeralcontainers', '--type=strategic', '--dry-run=server', '-p', body]
      const said = await kubectl(scanner, ...patch).then(
        () => 'done',
        (error: unknown) => String(error)
      )
      if (enforced ? said.includes('only the helper of kscan') : said === 'done') return
      await new Promise((wait) => setTimeout(wait, 250))
    }
    throw new Error(`the policy did not ${enforced ? 'come into' : 'go out of'} force`)
  } finally {
    await kubectl('delete', 'rolebinding', 'policy', '-n', namespace)
  }
}
