import { type ApiServer, startApiServer } from './api-server/server.ts'
import { Folder } from './kubeconfig.ts'

/** A stand-in of an API server with the pod shop/web, and a folder in which its administrator's kubeconfig lies. */
export interface Shop {
  readonly server: ApiServer
  readonly folder: Folder
  readonly kubeconfig: string
  close(): Promise<void>
}

/** `web`: what else the pod is. */
export const startShop = async (web: Omit<Parameters<ApiServer['addPod']>[0], 'namespace' | 'name'> = {}): Promise<Shop> => {
  const server = await startApiServer()
  const folder = new Folder()
  server.addPod({ namespace: 'shop', name: 'web', ...web })
  const close = async (): Promise<void> => {
    folder.remove()
    await server.close()
  }
  return { server, folder, kubeconfig: folder.file('kubeconfig', server.kubeconfig()), close }
}
