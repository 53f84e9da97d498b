import type { ErrorCode } from './error.ts'

/** Why a run ends with this code, and what its user does: for docs/troubleshooting.md, in Markdown. What an error itself says is more exact. */
export interface ErrorText {
  readonly cause: string
  readonly remedy: string
}

export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  BAD_INPUT: {
    cause: 'An input, a file that it names, or a combination of inputs is not usable. All faults are listed at once.',
    remedy: 'Each line says what was expected, what came and what to write. `kscan COMMAND --help` and [inputs](inputs.md) list all inputs.'
  },
  CLUSTER_UNREACHABLE: {
    cause: 'No connection to the API server: its address, a proxy, a certificate, or something else answers there.',
    remedy: '`kubectl --context NAME version` from the same machine must work. Proxies come from `HTTPS_PROXY`, an authority of your own from `ca-file`.'
  },
  CLUSTER_FAILED: {
    cause: 'The kind cluster of this run could not be made, or an image not be loaded into it.',
    remedy: '`kscan doctor --cluster kind` says what this machine lacks. [A cluster made for the run](kind.md).'
  },
  ACCESS_DENIED: {
    cause: 'The API server refused your identity, or one of the rights that a scan needs.',
    remedy:
      '`kscan doctor` with the inputs of your scan prints the missing role. If you may not create accounts, use `access: service-account` or `access: self`.'
  },
  API_FAILED: {
    cause: 'The API server answered with an error or with something that cannot be read, or kscan met what nobody foresaw.',
    remedy: 'Try again. If it comes back, `--verbose` shows what was asked and what was answered: report it with that.'
  },
  TARGET_UNUSABLE: {
    cause: 'What you named is not there, does not run, or no allowed approach leads into it.',
    remedy: '`kscan plan` shows what would be scanned and how. For images without a shell: [no shell in the image](approaches.md#no-shell-in-the-image).'
  },
  TARGET_FULL: {
    cause: 'The container has less memory left until its limit than a scan needs.',
    remedy: 'Raise `resources.limits.memory`, or `allow: scan-pod` to look at its image in a pod of its own.'
  },
  TARGET_CHANGED: {
    cause: 'The container was restarted or replaced during the scan, so that its answers are of two containers.',
    remedy: 'Scan again after the rollout: `kubectl rollout status` before the scan waits for it.'
  },
  SESSION_FAILED: {
    cause: 'The shell in the container, or the connection to it, ended or gave no answer.',
    remedy: 'Scan again. `kubectl describe pod` tells whether the container ran out of memory or was stopped; a proxy may close long connections.'
  },
  POLICY_REFUSED: {
    cause: 'An admission webhook or policy of the cluster refused the shell or the object. Its name and its words follow.',
    remedy: 'Ask who runs it for an exception, or allow another approach: `auto` goes on to the next one that `allow` names.'
  },
  HELPER_REFUSED: {
    cause: 'The cluster refused the helper or the pod, or would admit helpers that give the scanner more than it needs.',
    remedy: 'The words of the policy follow. See [debug-container](approaches.md#debug-container) for what a policy must refuse, and for the way without one.'
  },
  HELPER_FAILED: {
    cause: 'The helper or the pod was made and did not start, or is not the toolbox.',
    remedy: 'Look at the name of `helper-image`, the pull secrets of the pod and the architecture of the node.'
  },
  AUDITOR_MISSING: {
    cause: 'None of the sources in `auditor` gave a program that runs profiles. Each is named with its reason.',
    remedy: 'Install Ruby 3.1 or newer or `cinc-auditor`, or name a program. [The auditor](auditor.md).'
  },
  AUDITOR_FAILED: {
    cause: 'The auditor stopped with an error of its own before it had results.',
    remedy: 'Its last lines follow; the whole output is in `kscan-reports/auditor.log`. Mostly it is the profile.'
  },
  ISOLATION_FAILED: {
    cause: 'The means that `isolation` names cannot be had on this machine.',
    remedy: 'The hint says what is missing. `isolation: auto` takes the strongest that works.'
  },
  PROFILE_FAILED: {
    cause: 'A profile could not be fetched, did not load, or includes one that cannot be used.',
    remedy: 'The place in its source follows. `cinc-auditor check PROFILE`, where it is installed, shows the same without a cluster.'
  },
  RESULTS_UNREADABLE: {
    cause: 'A results file or run.json is missing, cut, of another version, or not that of the run that it lies beside.',
    remedy: 'Judge the files of one run, from one folder. If a scan says it, look at `kscan-reports/auditor.log`.'
  },
  REPORT_FAILED: {
    cause: 'The reports could not be written.',
    remedy: 'Free the disk, or name another `reports-path`.'
  },
  JOURNAL_FAILED: {
    cause: 'The file that lists what the run makes could not be written, or others could change it. Nothing is made without it.',
    remedy: 'The error names the folder: make it writable for this user and for no other (`chmod go-w`).'
  },
  TIMED_OUT: {
    cause: 'The audit took longer than `scan-timeout`.',
    remedy: 'Raise `scan-timeout`, or choose fewer `controls`. What was made in the cluster is removed all the same.'
  },
  INTERRUPTED: {
    cause: 'A signal, or the cancelling of the job, ended the run. There are no results.',
    remedy: 'Nothing: what the run had made is removed. If the process was killed, `kscan cleanup`.'
  }
}
