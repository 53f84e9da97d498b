import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { stringify } from 'yaml'
import { kubectl } from './cluster.ts'
import { RESTRICTED_SECURITY } from '../support/restricted-security.ts'
import { RESTRICTED } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'

const deploymentOf = (name: string, image: string, env: Readonly<Record<string, string>>): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'app',
            image,
            imagePullPolicy: 'Never',
            env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
            securityContext: RESTRICTED_SECURITY
          }
        ]
      }
    }
  }
})

/** Deploys an image in the namespace of the level restricted, with the components of examples/, as an owner would. */
export const deploy = async (
  name: string,
  image: string,
  { components, env = {} }: { components: readonly string[]; env?: Readonly<Record<string, string>> }
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-deployed-'))
  const [newName, newTag] = TOOLBOX.split(/:(?=[^:]*$)/)
  writeFileSync(join(folder, 'deployment.yaml'), stringify(deploymentOf(name, image, env)))
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    stringify({
      namespace: RESTRICTED,
      resources: ['deployment.yaml'],
      components: components.map((component) => relative(folder, resolve('examples', component))),
      images: [{ name: 'registry.example/kscan-toolbox', newName, newTag }]
    })
  )
  await kubectl('delete', 'deployment', name, '-n', RESTRICTED, '--ignore-not-found', '--cascade=foreground')
  await kubectl('apply', '-k', folder)
  await kubectl('rollout', 'status', '-n', RESTRICTED, `deployment/${name}`, '--timeout=90s')
  rmSync(folder, { recursive: true, force: true })
}
