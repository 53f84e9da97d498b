import { call } from '../../../src/cluster/api.ts'
import { connect, type Connection } from '../../../src/cluster/connection.ts'
import type { ApiServer } from './server.ts'

/** Connects to a stand-in as its administrator. The first request, which takes long on a busy machine, is done. */
export const connectAdmin = async ({ url, ca, adminToken }: ApiServer): Promise<Connection> => {
  const cluster = { url: new URL(url), ca, serverName: undefined, skipVerify: false, proxy: undefined }
  const connection = connect(cluster, { headers: () => Promise.resolve({ authorization: `Bearer ${adminToken}` }) })
  await call(connection, { method: 'GET', path: 'version', timeout: 60_000, patience: 60_000 })
  return connection
}
