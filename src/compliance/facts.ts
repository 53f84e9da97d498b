/** A fact of a run: what it is, and what it can be. */
interface Fact {
  readonly text: string
  /** Its values with what each means, or `a number`. */
  readonly of: Readonly<Record<string, string>> | 'a number'
}

/**
 * All that a status can rest on: how a run scanned, as it was observed. A closed set: the data file can name nothing else. What a run did not observe is left out,
 * and nothing is concluded from that.
 */
export const FACTS = {
  approach: {
    text: 'how a shell was got into the container',
    of: {
      'kubernetes-api': "the image's own shell",
      'debug-container': 'lent by an ephemeral container',
      'sidecar-container': 'lent by what the owner deployed',
      'twin-pod': 'lent in a pod of the same image'
    }
  },
  access: {
    text: 'whose rights were used',
    of: { 'per-run': 'those of an account made for the run', 'service-account': 'those of an installed account', self: "the caller's own" }
  },
  rules: {
    text: 'the rules of the role that was made for the run',
    of: { named: 'each names its pods', 'with-new-pods': 'each names its pods, but for the right to create pods, which knows no names' }
  },
  'more-rights': { text: 'what the scanner could do beside its rules, of what it was asked', of: { none: 'nothing', some: 'something' } },
  'reads-secrets': { text: 'whether the scanner could list Secrets', of: { refused: 'it could not', allowed: 'it could' } },
  'creates-pods': { text: 'whether the scanner could create pods', of: { refused: 'it could not', allowed: 'it could' } },
  impersonates: { text: 'whether the scanner could impersonate users', of: { refused: 'it could not', allowed: 'it could' } },
  token: { text: 'the longest life of a token, in minutes', of: 'a number' },
  held: { text: 'how long the rights were held, in minutes', of: 'a number' },
  revoked: {
    text: 'what became of the rights when the audit had ended',
    of: {
      removed: 'account, role and binding are gone',
      left: 'something of them is still there',
      expires: 'the token stays valid until it expires',
      'not-ours': "they are the caller's"
    }
  },
  isolation: {
    text: 'how the auditor was kept from the machine that it ran on',
    of: { bwrap: 'by bubblewrap', namespaces: 'by namespaces', user: 'as another user', none: 'not at all' }
  },
  auditor: { text: 'which auditor ran', of: { verified: 'one whose digest kscan knows', found: 'one that was on the machine' } },
  added: { text: 'what was added to the cluster for a shell', of: { nothing: 'nothing', 'ephemeral-container': 'a container in the pod', pod: 'a pod' } },
  policy: {
    text: 'whether the cluster refuses to add containers that may do more than the helper',
    of: { 'not-needed': 'none was added to a pod', refuses: 'it does: each was asked for by a dry run', 'not-asked': 'nobody asked' }
  },
  'helper-image': { text: 'how the image of the helper was named', of: { none: 'there was no helper', digest: 'by its digest', name: 'by a name or tag' } },
  'helper-rights': {
    text: 'what the helper may do, as the API has it',
    of: {
      none: 'there was no helper',
      restricted: 'no more than the Pod Security level restricted allows',
      root: 'the same, but as root',
      wider: 'more than that',
      privileged: 'everything'
    }
  },
  processes: {
    text: 'whose processes the container sees',
    of: { apart: 'its own', joined: "its own and the helper's, while that ran", shared: 'those of the whole pod, as long as it lives' }
  },
  answers: {
    text: 'which shell answered',
    of: { 'own-shell': 'one that the container can take over', 'lent-shell': 'one that its processes can neither read nor replace' }
  },
  kept: { text: 'what stays in the pod by design', of: { nothing: 'nothing', entry: 'the entry of a helper, or ended processes' } },
  leftovers: { text: 'whether something could not be removed', of: { none: 'no', some: 'yes' } },
  namespace: { text: 'the namespace that was scanned', of: { own: 'one of its users', default: 'default', system: "one of Kubernetes' own (kube-…)" } },
  image: { text: 'how the image of the container is known', of: { digest: 'by its digest', name: 'by a name or tag' } },
  cluster: { text: 'whose cluster it was', of: { existing: 'one that was there', own: 'one that was made for the run' } },
  transcript: {
    text: 'what was kept of the commands',
    of: { off: 'nothing', hashes: 'each with the digest of what it printed', full: 'each with what it printed' }
  }
} as const satisfies Readonly<Record<string, Fact>>

export type FactName = keyof typeof FACTS

/** What a run observed. */
export type Facts = { readonly [Name in FactName]?: ValueOf<Name> | undefined }

type ValueOf<Name extends FactName> = (typeof FACTS)[Name]['of'] extends 'a number' ? number : keyof (typeof FACTS)[Name]['of']

const isFact = (name: string): name is FactName => Object.hasOwn(FACTS, name)

export const FACT_NAMES: readonly FactName[] = Object.keys(FACTS).filter(isFact)

/** The values that a fact can have; undefined where it is a number. */
export const valuesOf = (name: FactName): Readonly<Record<string, string>> | undefined => {
  const { of }: Fact = FACTS[name]
  return of === 'a number' ? undefined : of
}
