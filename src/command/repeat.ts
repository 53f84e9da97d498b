import type { Config } from '../config/config.ts'
import type { Finding } from '../report/findings.ts'
import type { RunRecord, TargetRecord } from '../report/record.ts'

/** The command that runs one failed control again, as one types it in a POSIX shell. */
export const repeatCommand =
  (config: Config, record: RunRecord) =>
  ({ target, control }: Finding): string => {
    const where = record.targets.find(({ name }) => name === target)
    const profiles = record.profiles.flatMap(({ source }) => ['--profile', source])
    const waivers = config.waiverFiles.flatMap((path) => ['--waivers-file', path])
    const context = record.cluster.context === '' ? [] : ['--context', record.cluster.context]
    const words = [
      'kscan',
      'scan',
      ...context,
      ...targetWords(config, where),
      ...approachWords(config.approach),
      ...profiles,
      ...waivers,
      '--controls',
      control.id
    ]
    return words.map(word).join(' ')
  }

/** A pod of ours is gone: what it was made for is named as it was. */
const targetWords = ({ target, namespace, approach }: Config, where: TargetRecord | undefined): string[] => {
  if (where === undefined) return []
  const container = target?.kind === 'image' ? [] : ['--container', where.container]
  if (![approach.kind, where.approach].includes('twin-pod')) return ['--namespace', where.namespace, '--pod', where.pod, ...container]
  return [...(namespace === undefined ? [] : ['--namespace', namespace]), ...(target === undefined ? [] : chosenWords(target)), ...container]
}

const chosenWords = (target: NonNullable<Config['target']>): string[] => {
  switch (target.kind) {
    case 'pod':
      return ['--pod', target.pod]
    case 'workload':
      return ['--workload', `${target.workload}/${target.name}`]
    case 'selector':
      return ['--selector', target.selector, '--select', target.select]
    case 'image':
      return ['--target-image', target.image]
  }
}

const approachWords = (approach: Config['approach']): string[] => {
  if (approach.kind === 'auto')
    return approach.allow.length === 0 ? [] : ['--allow', approach.allow.join(','), '--helper-image', approach.image, ...podWords(approach)]
  if (approach.kind === 'kubernetes-api') return ['--approach', approach.kind]
  if (approach.kind === 'sidecar-container') return ['--approach', approach.kind]
  const helper = ['--approach', approach.kind, '--helper-image', approach.image, '--allow']
  if (approach.kind === 'debug-container') return [...helper, approach.unpoliced ? 'unpoliced-ephemeral-container' : 'ephemeral-container']
  return [...helper, 'scan-pod', ...podWords(approach)]
}

const podWords = (approach: { scanNamespace: string | undefined; pullSecret: string | undefined }): string[] => {
  const place = approach.scanNamespace === undefined ? [] : ['--scan-namespace', approach.scanNamespace]
  const pull = approach.pullSecret === undefined ? [] : ['--pull-secret', approach.pullSecret]
  return [...place, ...pull]
}

const word = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
