import type { Headers, Identity } from './connection.ts'
import { askPlugin, type Credential, type Starting, type WithPlugin } from './credential-plugin.ts'
import { type Chosen, readNamed, wrong } from './kubeconfig.ts'
import { certificateOf } from './server-of.ts'

export type { Starting } from './credential-plugin.ts'

/**
 * Who we are by the chosen context: a client certificate, a token, a token file (read anew at each request), a name and password, or a credential plugin (asked
 * anew when its credential runs out). Throws BAD_INPUT for what may not be used, ACCESS_DENIED for a plugin that fails.
 */
export const identityOf = async (chosen: Chosen, allowExec: boolean, starting: Starting): Promise<Identity> => {
  const { user } = chosen
  const { tokenFile } = user
  const common = impersonation(user)
  const certificate = certificateOf(user)
  const own = certificate === undefined ? {} : { certificate }
  const exec = user.exec ?? undefined
  if (exec !== undefined) return { ...own, ...(await pluginIdentity({ ...chosen, exec }, allowExec, starting)) }
  if (tokenFile === undefined) return { ...own, headers: () => Promise.resolve({ ...common, ...fixedHeaders(user) }) }
  return { ...own, headers: () => Promise.resolve({ ...common, authorization: `Bearer ${readNamed('tokenFile', tokenFile).toString('utf8').trim()}` }) }
}

/** As whom the caller asks, where that is another one. */
const impersonation = (user: Chosen['user']): Headers => {
  const { as } = user
  if (as === undefined) return {}
  const uid = user['as-uid']
  const groups = user['as-groups'] ?? []
  const extra = Object.entries(user['as-user-extra'] ?? {}).flatMap(([key, values]) =>
    (values ?? []).length === 0 ? [] : [[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`, [...(values ?? [])]] as const]
  )
  return {
    'impersonate-user': as,
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
    ...Object.fromEntries(extra)
  }
}

const fixedHeaders = ({ token, username, password = '' }: Chosen['user']): Headers => {
  if (token !== undefined) return { authorization: `Bearer ${token.trim()}` }
  if (username !== undefined) return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  return {}
}

const pluginIdentity = async (chosen: WithPlugin, allowExec: boolean, starting: Starting): Promise<Identity> => {
  if (!allowExec) {
    throw wrong({
      name: 'kubeconfig-exec',
      expected: 'a context without a credential plugin',
      got: 'deny',
      hint: 'Set kubeconfig-exec: allow if you trust the program that this kubeconfig starts.'
    })
  }
  const ask = credentialsOf(chosen, starting)
  const { certificate } = await ask(starting.signal) // an interruption ends no later asking: what was made has to be undone
  const bearer = ({ token }: Credential): Headers => (token === undefined ? {} : { authorization: `Bearer ${token}` })
  const headers = async (): Promise<Headers> => ({ ...impersonation(chosen.user), ...bearer(await ask()) })
  return { ...(certificate === undefined ? {} : { certificate }), headers }
}

/** Asks the plugin, and anew only when its credential has run out. */
const credentialsOf = (chosen: WithPlugin, starting: Starting): ((signal?: AbortSignal) => Promise<Credential>) => {
  let asked: Promise<Credential> | undefined
  let known: Credential | undefined
  const fresh = async (signal: AbortSignal | undefined): Promise<Credential> => {
    known = await askPlugin(chosen, { ...starting, signal })
    return known
  }
  return async (signal) => {
    if (known !== undefined && (known.expires === undefined || known.expires > Date.now())) return known
    asked ??= fresh(signal).finally(() => (asked = undefined))
    return await asked
  }
}
