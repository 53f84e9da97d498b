import { z } from 'zod'
import { nearest } from '../kernel/nearest.ts'
import { printableLine } from '../kernel/name.ts'
import { FIELDS, type Part } from './kubeconfig-fields.ts'

const TEXT = z.string('must be text').refine((text) => !text.includes('\0'), 'must hold no NUL character')
/** An empty text is as good as none. */
const text = TEXT.nullish().transform((given) => (given === null || given === '' ? undefined : given))
const flag = z
  .boolean('must be true or false')
  .nullish()
  .transform((given) => given ?? false)
const mapping = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape, 'must be a mapping')
const list = <Entry extends z.ZodType>(entry: Entry) => z.array(entry, 'must be a list').nullish()

const Exec = mapping({
  command: TEXT.min(1, 'must not be empty'),
  args: list(TEXT),
  apiVersion: text,
  env: list(mapping({ name: TEXT.regex(/^[^=]+$/, 'must be a name'), value: TEXT.nullish().transform((value) => value ?? '') })),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text
})
/** What starts a credential plugin. */
export type Exec = z.infer<typeof Exec>

export const UserFields = mapping({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': list(TEXT),
  'as-user-extra': z.record(TEXT, list(TEXT), 'must be a mapping').nullish(),
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  'token-file': z.never('is not known: tokenFile is meant').optional(),
  'auth-provider': z.unknown().optional(),
  exec: Exec.nullish()
})
export type User = z.infer<typeof UserFields>

export const ClusterFields = mapping({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
  extensions: list(mapping({ name: text, extension: z.unknown().optional() }))
})
export type Cluster = z.infer<typeof ClusterFields>

export const ContextFields = mapping({ cluster: text, user: text, namespace: text })
export type Context = z.infer<typeof ContextFields>

const oneOf = (word: string) => text.refine((given) => given === undefined || given === word, `must be ${word}`)

/** What is used of one. Its faults are told without what stands there. */
export const KubeconfigShape = mapping({
  apiVersion: oneOf('v1'),
  kind: oneOf('Config'),
  clusters: list(mapping({ name: text, cluster: ClusterFields.nullish() })),
  users: list(mapping({ name: text, user: UserFields.nullish() })),
  contexts: list(mapping({ name: text, context: ContextFields.nullish() }))
})
export type Kubeconfig = z.infer<typeof KubeconfigShape>

const SHOWN_FAULTS = 5

/** Where something is wrong, and what is expected there. */
export const faultsOf = ({ issues }: z.ZodError): string =>
  `it is no kubeconfig: ${issues
    .slice(0, SHOWN_FAULTS)
    .map(({ path, message }) => `${path.join('.')} ${message}`.trim())
    .join('; ')}`

/** Letters that may be wrong in a name. */
const SLIPS = 2

/** A line for each field that the format has not, and that is ignored therefore, as kubectl ignores it. */
export const unknownFields = (part: Part, of: Readonly<Record<string, unknown>>, where: string): string[] =>
  Object.keys(of)
    .filter((name) => !Object.hasOwn(FIELDS[part], name))
    .map((name) => {
      const meant = nearest(name, Object.keys(FIELDS[part]), SLIPS)
      return printableLine(`${where} has ${name}, which a kubeconfig does not know: it is ignored${meant === undefined ? '' : `. Did you mean ${meant}?`}`)
    })
