import type { RawResult } from './schema.ts'

/** Errors that are raised on purpose: what they say is an answer, or why there is none. */
const MEANT = /^(?:Inspec|RSpec|Train)::|^(?:RuntimeError|StandardError|EncodingError)$/
/** What Ruby says when code stumbles; of an error while a control was loaded, or a resource made, the auditor keeps no more than that. */
const STUMBLED =
  /^(?:undefined (?:local variable or )?method |private method |uninitialized constant |wrong number of arguments|no implicit conversion |comparison of |invalid byte sequence |(?:nil|\S+) can't be coerced |Unsupported resource\/backend combination)/
const LOADING = 'Control Source Code Error'

/** Whose error it is when Ruby code stumbled: never the container's. Undefined where the message itself says what is the matter. */
export const faultOf = (result: RawResult): string | undefined => {
  const { exception, backtrace, code_desc: description, message, skip_message: skipped } = result
  if (exception && !MEANT.test(exception)) return whose(firstFrame(backtrace))
  if (description?.startsWith(LOADING) === true && STUMBLED.test(message ?? '')) return "an error in the control's own code, or in a resource that it uses"
  return STUMBLED.test(skipped ?? '') ? 'an error in a resource of InSpec' : undefined
}

const whose = (frame: string): string => {
  const resource = /\/resources\/(\w+)\.rb:/.exec(frame)?.[1]
  if (resource !== undefined) return `an error in InSpec's resource ${resource}`
  return /(?:^|\/)(?:controls|libraries)\/|\/rspec\/its\/|load_with_context/.test(frame) ? "an error in the profile's own code" : 'an error in InSpec'
}

/** Where it was raised; our plugin stands between Ruby and whoever calls it. */
const firstFrame = (backtrace: unknown): string =>
  Array.isArray(backtrace) ? String(backtrace.find((frame) => !String(frame).includes('/train-kscan/')) ?? '') : ''
