import type { Config } from '../config/config.ts'
import type { Finding } from '../report/findings.ts'
import type { RunRecord } from '../report/record.ts'

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
      '--namespace',
      where?.namespace ?? '',
      '--pod',
      where?.pod ?? '',
      '--container',
      where?.container ?? '',
      ...profiles,
      ...waivers,
      '--controls',
      control.id
    ]
    return words.map(word).join(' ')
  }

const word = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
