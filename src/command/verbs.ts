import type { Verb } from '../config/input.ts'
import type { ExitCode } from '../kernel/error.ts'
import { cleanupCommand } from './cleanup.ts'
import { doctorCommand } from './doctor.ts'
import { judgeCommand } from './judge.ts'
import { planCommand } from './plan.ts'
import { profilesCommand } from './profiles.ts'
import { reportCommand } from './report.ts'
import type { Request } from './request.ts'
import { scanCommand } from './scan.ts'
import { vendorCommand } from './vendor.ts'

/** What each command does. */
export const COMMANDS: Readonly<Record<Verb, (request: Request) => Promise<ExitCode>>> = {
  scan: scanCommand,
  plan: planCommand,
  doctor: doctorCommand,
  judge: judgeCommand,
  report: reportCommand,
  cleanup: cleanupCommand,
  vendor: vendorCommand,
  profiles: profilesCommand
}
