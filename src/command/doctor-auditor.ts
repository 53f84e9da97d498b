import { foreseeAuditor } from '../auditor/install.ts'
import type { Config } from '../config/config.ts'
import { marksOf } from '../report/marks.ts'
import { auditorOptions } from '../scan/auditor-options.ts'
import type { Request } from './request.ts'

/** Says which auditor a scan would take, and installs none. Resolves with whether there would be one. */
export const examineAuditor = async (config: Pick<Config, 'auditor' | 'auditorVersion' | 'fetching'>, request: Request): Promise<boolean> => {
  const found = await foreseeAuditor(auditorOptions(config, request))
  switch (found.kind) {
    case 'there':
      request.host.say(`✓ the auditor is ${found.program.product} ${found.program.version} (${found.program.source}: ${found.program.command.file})`, marksOf)
      return true
    case 'to-install':
      request.host.say(`- the auditor would be installed: ${found.what}${found.ruby === undefined ? '' : `, as gems, to run with ${found.ruby}`}`)
      return true
    case 'none':
      request.host.say(`✗ no usable auditor: ${found.reasons.join('; ')}. ${found.hint}`, marksOf)
      return false
  }
}
