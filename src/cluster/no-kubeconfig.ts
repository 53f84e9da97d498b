import { existsSync } from 'node:fs'
import { badInput } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'

interface Wanted {
  readonly kubeconfig: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Throws BAD_INPUT where there is no such file: by whom it was named, and the ways to one. */
export const demandKubeconfig = ({ kubeconfig, env }: Wanted): void => {
  if (existsSync(kubeconfig)) return
  const byVariable = env['KUBECONFIG']?.split(':').includes(kubeconfig) === true
  throw badInput([
    {
      name: 'kubeconfig',
      expected: 'a kubeconfig',
      got: printableLine(`none at ${kubeconfig}${byVariable ? ', which the variable KUBECONFIG names' : ''}`),
      hint: "Name the file with kubeconfig or KUBECONFIG; your cloud's command line makes one. A scan can make its own cluster: cluster: kind, with target-image or manifests."
    }
  ])
}
