import { readyAuditor } from '../auditor/install.ts'
import { FETCHING } from '../kernel/fetching.ts'
import { auditorOptions } from '../scan/auditor-options.ts'
import type { Request } from './request.ts'

/** Puts the auditor into the folder of tools before any run: fetched and verified as a run does it. Throws AUDITOR_MISSING. */
export const installAuditor = async (request: Pick<Request, 'host' | 'plugin' | 'signal'>): Promise<void> =>
  void (await readyAuditor(auditorOptions({ auditor: ['gems'], auditorVersion: undefined, fetching: FETCHING }, request)))
