/** A rule of the cluster that refused a request, as the API server names it. */
export interface Refuser {
  /** For the middle of a sentence: `the admission webhook "x"`. */
  readonly who: string
  /** Its own words; empty where it gave none. They are data: whoever wrote the rule chose them. */
  readonly words: string
  /** It was asked, and would say the same again. */
  readonly asked: boolean
}

interface Kind {
  readonly pattern: RegExp
  readonly who: (name: string, binding: string) => string
  readonly asked: boolean
}

/** The API server's words around a refusal, which are the same whatever HTTP code the webhook chose. */
const KINDS: readonly Kind[] = [
  {
    pattern: /admission webhook "(?<name>[^"]+)" denied the request(?:: (?<words>[^]*))?/,
    who: (name) => `the admission webhook "${name}"`,
    asked: true
  },
  {
    pattern: /ValidatingAdmissionPolicy '(?<name>[^']+)' with binding '(?<binding>[^']+)' denied request(?:: (?<words>[^]*))?/,
    who: (name, binding) => `the admission policy "${name}" (binding "${binding}")`,
    asked: true
  },
  {
    pattern: /failed calling webhook "(?<name>[^"]+)"(?:: (?<words>[^]*))?/,
    who: (name) => `the API server, which could not ask the admission webhook "${name}",`,
    asked: false
  }
]

/** Who refused, by the message of an answer; undefined where it names nobody. Nothing was made or changed then. */
export const refuserIn = (message: string): Refuser | undefined => {
  for (const { pattern, who, asked } of KINDS) {
    const { name, binding = '', words = '' } = pattern.exec(message)?.groups ?? {}
    if (name !== undefined) return { who: who(name, binding), words: words.trim(), asked }
  }
  return undefined
}

/** Whether an answer to a create or a patch says that it is against the caller's rights, the server's rules or somebody's policy. */
export const saysRefused = (status: number, message: string): boolean => status === 403 || status === 422 || refuserIn(message) !== undefined

/** A refusal in one sentence: who refused what, with which code and words; the server's own message where nobody is named. */
export const refusalSentence = (what: string, { status, message }: { readonly status: number; readonly message: string }): string => {
  const refuser = refuserIn(message)
  if (refuser === undefined) return `The cluster refused ${what}: ${message}`
  const { who, words } = refuser
  return `${who.charAt(0).toUpperCase()}${who.slice(1)} refused ${what} (${status})${words === '' ? ', and gave no reason' : `: ${words}`}`
}
