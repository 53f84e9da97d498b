const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Whether a revision names one commit for ever. */
export const isCommit = (revision: string): boolean => COMMIT.test(revision)

/** Whether a revision may be handed to git: a branch, a tag, a commit. */
export const isRevision = (text: string): boolean => /^[\w][\w./+-]{0,199}$/.test(text) && !/\.\.|\/\/|@\{|\.lock$|\/$/.test(text)

/** Whether a text is a folder within a repository. */
export const isSubdir = (text: string): boolean =>
  text !== '' && !text.startsWith('/') && !/[\\\p{C}]/u.test(text) && text.split('/').every((part) => !['', '.', '..', '.git'].includes(part))

const SCP = /^([\w.-]+@)?([\w.-]+):(?!\/\/)(?!\d+\/)(.+)$/

/** An address of git as an URL of https or ssh, without user and password but for the user of ssh; undefined for any other. */
export const gitUrl = (text: string): string | undefined => {
  const spelled = text.includes('://') ? text.replace(/^git\+/, '') : ofScp(text)
  if (!URL.canParse(spelled) || /[\s?#\p{C}]/u.test(spelled)) return undefined
  return isUsable(new URL(spelled)) ? spelled : undefined
}

/** `git@host:path`, as scp has it. */
const ofScp = (text: string): string => {
  const [, user = '', host, path] = SCP.exec(text) ?? []
  return host === undefined ? text : `ssh://${user}${host}/${path}`
}

const isUsable = ({ protocol, hostname, pathname, username, password }: URL): boolean => {
  if (pathname.length < 2 || hostname === '' || password !== '') return false
  if (protocol === 'https:') return username === ''
  return protocol === 'ssh:' && /^[\w.-]*$/.test(username) && isHost(hostname) && isRemotePath(pathname)
}

/** A host that ssh cannot take for an option. */
const isHost = (text: string): boolean => /^(?:[A-Za-z0-9][\w.-]*|\[[0-9a-fA-F:.]+\])$/.test(text)

/** What a shell on the other side takes as it is, in quotes. */
const isRemotePath = (path: string): boolean => /^\/[\w.~/+ %@-]+$/.test(path)
