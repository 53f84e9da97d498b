import { ApiError } from '../cluster/api.ts'
import type { RawInputs } from '../config/raw.ts'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { word } from './repeat.ts'

/** What decides on the rights that a scan needs. */
const ASKED = [
  'kubeconfig',
  'context',
  'identity',
  'server',
  'ca-file',
  'oidc-audience',
  'namespace',
  'pod',
  'workload',
  'selector',
  'select',
  'target-image',
  'container',
  'approach',
  'allow',
  'helper-image',
  'scan-namespace',
  'access',
  'service-account'
] as const

/** The command that tells what the caller lacks for what was asked. What the environment and a config file say is read again. */
export const doctorLine = (raw: RawInputs): string => {
  const flags = ASKED.flatMap((name) => {
    const given = raw.get(name)
    return given === undefined || !['flag', 'input'].includes(given.origin) ? [] : [`--${name}`, word(printableLine(given.value.trim(), 300))]
  })
  return ['kscan', 'doctor', ...flags].join(' ')
}

/** The same failure; where rights are missing it says what tells which. */
export const withDoctor = (failure: ScanError, raw: RawInputs | undefined): ScanError => {
  if (raw === undefined || failure.code !== 'ACCESS_DENIED' || !isOfRights(failure)) return failure
  const advice = `This prints what is missing, as YAML that gives it: ${doctorLine(raw)}`
  const { problems, cause, hint } = failure
  return new ScanError(failure.code, failure.message, { problems, cause: cause ?? failure, hint: hint === undefined ? advice : `${hint} ${advice}` })
}

/** A refusal of the API server's, or what it said beforehand. */
const isOfRights = (failure: ScanError): boolean => {
  const answer = [failure, failure.cause].find((each) => each instanceof ApiError)
  return answer === undefined ? failure.hint === undefined : answer.status === 403
}
