import type { Verb } from '../config/input.ts'

export interface VerbText {
  readonly summary: string
  /** Command lines that are good; a test reads each. */
  readonly examples: readonly string[]
  /** What the words are that are no flags; undefined: it takes none. */
  readonly files?: string
}

/** What people are told of each command. */
export const VERBS: Readonly<Record<Verb, VerbText>> = {
  scan: {
    summary: 'Scan containers, judge the results, write reports, leave the cluster as it was.',
    examples: [
      'kscan scan --context prod -n shop --pod web-0 --profile ./profiles/baseline',
      'kscan scan --context prod -n shop --workload deployment/web -c app --profile ./profiles/baseline --threshold-file threshold.yaml',
      "kscan scan --context prod -l app=web --profile base.tgz#sha256=… --threshold 'failed: {total: {max: 0}}'"
    ]
  },
  plan: {
    summary: 'Print everything that a scan would make, ask and start; make and start nothing.',
    examples: ['kscan plan --context prod -n shop --pod web-0']
  },
  doctor: {
    summary: 'Say what is missing for the scan that is asked for, with the YAML that gives the rights; make and start nothing.',
    examples: [
      'kscan doctor --context prod -n shop',
      'kscan doctor --context prod -n shop --workload deployment/web',
      'kscan doctor --context prod -n shop --pod web-0 --yaml'
    ]
  },
  judge: {
    summary: 'Judge HDF files by thresholds, without a cluster.',
    examples: [
      'kscan judge --threshold-file threshold.yaml kscan-reports/hdf/*.json',
      "kscan judge --threshold 'compliance: {min: 90}' results.json",
      'cat results.json | kscan judge -'
    ],
    files: 'HDF files, patterns of them, or - for the standard input'
  },
  report: {
    summary: 'Write reports of an earlier scan from its HDF files and its run.json, without a cluster. It judges nothing.',
    examples: ['kscan report --reports sarif,csv kscan-reports/hdf/*.json', 'kscan report --reports html --reports-path pages kscan-reports/hdf/*.json'],
    files: 'all HDF files of a scan, or a pattern of them'
  },
  cleanup: {
    summary: 'Undo what runs that died have left behind.',
    examples: ['kscan cleanup --context prod', 'kscan cleanup --context prod --run 4f0c2m1x9q', 'kscan cleanup --context prod --expired']
  },
  vendor: {
    summary: 'Write one archive of profiles and all that they include, for machines without network.',
    examples: [
      'kscan vendor ./profiles/baseline --output profiles.tgz',
      'kscan vendor catalog/ssh-baseline ./profiles/baseline --auditor gems --output offline.tgz'
    ],
    files: 'profiles, as the input profile names them'
  },
  profiles: {
    summary: 'List the public profiles that are known by name, and which of them fit a system.',
    examples: ['kscan profiles', 'kscan profiles --context prod -n shop --workload deployment/web', 'kscan profiles --os-release /etc/os-release']
  }
}

export const isVerb = (text: string): text is Verb => Object.hasOwn(VERBS, text)

/** The command that prints a shell's completion: it reads no inputs. */
export const COMPLETION: VerbText = {
  summary: 'Print the script with which a shell completes the command line.',
  examples: ['source <(kscan completion bash)', 'kscan completion zsh > "${fpath[1]}/_kscan"', 'kscan completion fish > ~/.config/fish/completions/kscan.fish']
}
