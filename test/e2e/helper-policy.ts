import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { helperContainer } from '../../src/approach/helper-spec.ts'
import { kubectl } from './cluster.ts'
import { RESTRICTED } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'

/** Installs the admission policy that limits scanners to the helper, waits until it is in force on the pod `static`, and returns what removes it, and waits until it is not. */
export const enforcePolicy = async (): Promise<() => Promise<void>> => {
  const policy = join(mkdtempSync(join(tmpdir(), 'kscan-e2e-policy-')), 'policy.yaml')
  writeFileSync(policy, readFileSync('test/fixtures/policies/helper.yaml', 'utf8').replace('TOOLBOX', TOOLBOX))
  await kubectl('apply', '-f', policy)
  await until(true)
  return async () => {
    await kubectl('delete', '-f', policy)
    await until(false)
  }
}

/** A server takes up to some seconds to know a new policy, and to forget one. */
const until = async (enforced: boolean): Promise<void> => {
  const container = { ...helperContainer({ name: 'other', image: TOOLBOX, target: 'main', uid: 65532, gid: 65532, lifetime: 1 }), args: ['more'] }
  const body = JSON.stringify({ spec: { ephemeralContainers: [container] } })
  const scanner = `--as=system:serviceaccount:${RESTRICTED}:kscan-any`
  await kubectl('create', 'clusterrolebinding', 'kscan-e2e-policy', '--clusterrole=cluster-admin', `--user=${scanner.slice(5)}`)
  try {
    for (let look = 0; look < 60; look += 1) {
      const patch = ['patch', 'pod', 'static', '-n', RESTRICTED, '--subresource=ephemeralcontainers', '--type=strategic', '--dry-run=server', '-p', body]
      const said = await kubectl(scanner, ...patch).then(
        () => 'done',
        (error: unknown) => String(error)
      )
      if (enforced ? said.includes('only the helper of kscan') : said === 'done') return
      await new Promise((wait) => setTimeout(wait, 250))
    }
    throw new Error(`the policy did not ${enforced ? 'come into' : 'go out of'} force`)
  } finally {
    await kubectl('delete', 'clusterrolebinding', 'kscan-e2e-policy')
  }
}
