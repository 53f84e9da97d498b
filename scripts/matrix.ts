// The decision matrix of docs/approaches.md: what src/approach/choose.ts decides, asked for each image and each value of `allow`.
import { type Allowed, type ApproachKind, choose, type Known } from '../src/approach/choose.ts'

type Told = Pick<Known, 'helper' | 'lacking'> & { readonly failed: readonly ApproachKind[] }

/** Images and pods as people tell them, with what a scan knows of them then. */
const TOLD: readonly (readonly [what: string, told: Told])[] = [
  ['has a shell, and the tools that profiles need', { helper: false, lacking: [], failed: [] }],
  ['has a shell, but lacks `getent`, `ps` or `stat`', { helper: false, lacking: ['getent'], failed: [] }],
  ['the same, and a helper is deployed with the pod', { helper: true, lacking: ['getent'], failed: [] }],
  ['has no shell', { helper: false, lacking: undefined, failed: ['kubernetes-api'] }],
  ['the same, and a helper is deployed with the pod', { helper: true, lacking: undefined, failed: ['kubernetes-api'] }],
  ['has no shell, and the helper is refused or does not start', { helper: false, lacking: undefined, failed: ['kubernetes-api', 'debug-container'] }]
]

const ALLOWS: readonly (readonly Allowed[])[] = [[], ['ephemeral-container'], ['scan-pod'], ['ephemeral-container', 'scan-pod']]

const decide = ({ failed, ...told }: Told, allow: readonly Allowed[]): string => {
  const { approach } = choose({ ...told, allow: new Set(allow), failed: new Map(failed.map((one) => [one, 'tried in vain'])) })
  if (approach === undefined) return 'it stops, and says what to allow'
  return told.lacking?.length !== 0 && approach === 'kubernetes-api' ? '`kubernetes-api`; what needs the tool is unjudged' : `\`${approach}\``
}

/** As Markdown. */
export const decisionMatrix = (): string => {
  const heads = ALLOWS.map((allow) => (allow.length === 0 ? '`allow: none`' : `\`${allow.join(',')}\``))
  return [
    `| the image | ${heads.join(' | ')} |`,
    `| --- |${' --- |'.repeat(heads.length)}`,
    ...TOLD.map(([what, told]) => `| ${what} | ${ALLOWS.map((allow) => decide(told, allow)).join(' | ')} |`)
  ].join('\n')
}
