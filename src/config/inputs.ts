import type { Input, Verb } from './input.ts'

const TEXT = { kind: 'text' } as const
const YAML = { kind: 'yaml' } as const
const LIST = { kind: 'list' } as const
const BOOLEAN = { kind: 'boolean' } as const
const choice = <const T extends readonly string[]>(...of: T) => ({ kind: 'choice', of }) as const
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const CLUSTER: readonly Verb[] = ['scan', 'plan', 'doctor', 'cleanup']
const TARGET: readonly Verb[] = ['scan', 'plan', 'doctor']
const RUN: readonly Verb[] = ['scan', 'plan']
const SCAN: readonly Verb[] = ['scan']
const VERDICT: readonly Verb[] = ['scan', 'judge']
const REPORT: readonly Verb[] = ['scan', 'report']

/** One input of a group: `default` is empty and `verbs` are the group's where nothing else is said. */
type Row = Pick<Input, 'name' | 'type' | 'text'> & Partial<Input>
type Named<R extends readonly Row[]> = Input & { readonly name: R[number]['name'] }
const of = <const R extends readonly Row[]>(group: Input['group'], verbs: readonly Verb[], rows: R): Named<R>[] =>
  rows.map((row) => ({ group, verbs, default: '', ...row }))

/** THE table: flags, action.yml and the documentation are made from it. */
export const INPUTS = [
  ...of('cluster', CLUSTER, [
    { name: 'kubeconfig', type: TEXT, text: 'Path of the kubeconfig. Without it: the environment variable KUBECONFIG, else ~/.kube/config.' },
    {
      name: 'context',
      type: TEXT,
      text: 'Context of the kubeconfig; may be left out only if it has a single one. `in-cluster` uses the service account of the pod that kscan runs in.'
    },
    {
      name: 'kubeconfig-exec',
      type: choice('deny', 'allow'),
      text: 'Whether a credential plugin that the kubeconfig names may be started. Default: allow, but deny in pull requests from forks.'
    }
  ]),
  ...of('target', TARGET, [
    { name: 'namespace', type: TEXT, text: "Namespace of the targets. Default: the context's own, else `default`." },
    { name: 'pod', type: TEXT, text: 'Name of one pod. Give exactly one of pod, workload, selector and target-image.' },
    {
      name: 'workload',
      type: TEXT,
      text: 'A workload as kind/name, for example deployment/web: all its running pods. Kinds: deployment, statefulset, daemonset, job.'
    },
    { name: 'selector', type: TEXT, text: 'Label selector, for example app=web,tier!=test.' },
    { name: 'target-image', type: TEXT, text: 'An image that need not run: it is scanned in a pod made for it (approach: twin-pod).' },
    {
      name: 'select',
      type: choice('pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs'),
      default: 'pods',
      text: 'What the selector selects: pods, or the workloads whose pods are meant.'
    },
    { name: 'container', type: LIST, text: 'Names of the containers to scan. Default: all that keep running.' },
    { name: 'exclude-containers', type: LIST, text: 'Names of containers to leave out, for example istio-proxy.' },
    {
      name: 'max-targets',
      type: { kind: 'count', least: 1, most: 10_000 },
      default: '50',
      text: 'How many containers may be found; more is an error, and so is none.'
    }
  ]),
  ...of('scan', SCAN, [
    {
      name: 'approach',
      type: choice('auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod'),
      default: 'auto',
      verbs: TARGET,
      text: "How a shell is got. auto: the least intrusive that works; kubernetes-api: the image's own; debug-container: lent by an ephemeral container; sidecar-container: by a helper deployed with the pod; twin-pod: in a pod of ours (image only)."
    },
    {
      name: 'allow',
      type: LIST,
      default: 'none',
      verbs: TARGET,
      text: 'What may be added to the cluster: none; ephemeral-container (its entry stays in the pod); unpoliced-ephemeral-container (also where no policy limits these: the scanner could read Secrets); scan-pod (a pod of ours, removed after the scan).'
    },
    {
      name: 'helper-image',
      type: TEXT,
      verbs: TARGET,
      text: 'Image of the helper, as the nodes can pull it: the toolbox. Under debug-container any image with sleep, sh, cat and readlink works, and answers less.'
    },
    {
      name: 'scan-namespace',
      type: TEXT,
      verbs: TARGET,
      text: 'Namespace of the pods that approach: twin-pod makes. Default: that of the targets. A namespace without Secrets is best: whoever may make pods in one can read them.'
    },
    { name: 'pull-secret', type: TEXT, verbs: TARGET, text: "Secret in that namespace with which the image is pulled, beside those of the target's own pod." },
    {
      name: 'profile',
      type: LIST,
      verbs: RUN,
      text: 'The profiles to run: a folder, an archive as FILE#sha256=DIGEST, or git+https://HOST/PATH@COMMIT with the whole commit id.'
    },
    { name: 'git-token', type: TEXT, secret: true, verbs: RUN, text: 'Token with which git fetches profiles from a private repository.' },
    { name: 'profile-env', type: LIST, text: 'Names of variables of the environment that the profiles may read, such as BASELINE. They get no others.' },
    { name: 'profile-inputs', type: YAML, secret: true, text: "Values for the profiles' inputs, as inline YAML." },
    { name: 'profile-inputs-file', type: LIST, text: "YAML files with values for the profiles' inputs." },
    { name: 'waivers-file', type: LIST, text: "The auditor's waiver files (YAML): by control id a justification, and optionally expiration_date and run." },
    { name: 'controls', type: LIST, text: 'Run only these controls: ids, or /regular expressions/.' },
    { name: 'control-tags', type: LIST, text: 'Run only controls with these tags.' },
    {
      name: 'container-detection',
      type: choice('docker', 'native'),
      default: 'docker',
      text: 'What profiles see of being in a container. docker: an empty /.dockerenv is presented to file checks, as most profiles expect; native: nothing is.'
    },
    {
      name: 'runner-resources',
      type: choice('deny', 'allow'),
      default: 'deny',
      text: "Whether an answer counts that a check got from the machine kscan runs on, not from the container: the ssl resource, or a profile's own Ruby (File.read, Net::HTTP). deny: such controls are unjudged."
    },
    { name: 'command-timeout', type: { kind: 'duration', least: 1000, most: HOUR }, default: '60s', text: 'How long one command of a profile may take.' },
    { name: 'scan-timeout', type: { kind: 'duration', least: 1000, most: 24 * HOUR }, default: '30m', text: 'How long the audit of one container may take.' }
  ]),
  ...of('access', RUN, [
    {
      name: 'access',
      type: choice('per-run', 'service-account', 'self'),
      default: 'per-run',
      text: "Whose rights the scan uses: an account made for the run and removed after it, a service account that is there, or the caller's own."
    },
    { name: 'service-account', type: TEXT, text: "Its name in the targets' namespace, for access: service-account." },
    {
      name: 'token-ttl',
      type: { kind: 'duration', least: 10 * MINUTE, most: HOUR },
      default: '15m',
      verbs: SCAN,
      text: "How long the scanner's token is valid, 10m to 60m; renewed while a scan lasts longer."
    }
  ]),
  ...of('verdict', VERDICT, [
    {
      name: 'threshold',
      type: YAML,
      text: 'Threshold in any form of SAF, for example `compliance.min: 80, failed.high.max: 0`. Default, when neither a threshold nor a baseline is given: failed.total.max 0 and error.total.max 0.'
    },
    { name: 'threshold-file', type: LIST, text: 'Threshold files in the form of SAF; all must hold.' },
    {
      name: 'total-threshold',
      type: YAML,
      text: 'Threshold, in the same forms, that all containers together must meet.'
    },
    {
      name: 'run-json',
      type: TEXT,
      verbs: ['judge'],
      text: 'Of `kscan judge` alone: the run.json of the scan that wrote the HDF files, where it does not lie beside them, as on the standard input.'
    },
    {
      name: 'baseline-file',
      type: TEXT,
      text: 'The run.json of an earlier run, in its folder of reports: controls that are worse than in it are not compliant, and without a threshold nothing else is.'
    },
    {
      name: 'enforce',
      type: BOOLEAN,
      default: 'true',
      text: 'false: a result that is not compliant (exit 1) passes with a warning. Nothing else is softened.'
    },
    {
      name: 'attestation-file',
      type: LIST,
      text: "SAF's attestation files (YAML or JSON): somebody's word, for a time, for controls that were not reviewed."
    },
    {
      name: 'max-waived',
      type: { kind: 'count', least: 0, most: 1_000_000 },
      default: '1000000',
      text: 'How many waivers may be in force, over all containers; more is not compliant (exit 1).'
    },
    {
      name: 'max-unjudged',
      type: { kind: 'count', least: 0, most: 100_000 },
      default: '0',
      text: 'How many controls may be unjudged, for example for want of a program in the image; more is exit 3.'
    },
    {
      name: 'unjudged-ok',
      type: LIST,
      text: 'What may be empty without making the run unjudged: empty-profile (it has no controls to run), skipped-profile (it is for another platform).'
    },
    {
      name: 'unjudged-ok-file',
      type: LIST,
      text: 'Files (YAML) of causes for which controls may stay unjudged, as the reports name them (missing:systemctl): by cause a justification and an expiration_date. Each control counts as waived.'
    }
  ]),
  ...of('auditor', RUN, [
    {
      name: 'auditor',
      type: LIST,
      default: 'path,gems',
      text: 'Where the auditor comes from, the first usable counts: path (cinc-auditor or inspec on PATH), gems (installed with the Ruby on PATH), or the path of a program.'
    }
  ]),
  ...of('reports', SCAN, [
    {
      name: 'reports',
      type: LIST,
      verbs: REPORT,
      default: 'hdf,junit,markdown,html,run.json',
      text: 'Formats to write: hdf, junit, sarif, codequality (GitLab), markdown, comment (for a pull request), html, csv, cklb (STIG Viewer), run.json (always written).'
    },
    {
      name: 'reports-path',
      type: TEXT,
      verbs: REPORT,
      default: 'kscan-reports',
      text: 'Folder for the reports; made if it is not there. Of what is in it, only unchanged reports of an earlier run are replaced.'
    },
    {
      name: 'transcript',
      type: choice('off', 'hashes', 'full'),
      default: 'off',
      text: 'Whether the reports hold each command, its exit status, size and SHA-256 of what it printed, and the controls that rest on it. full: also what it printed; neither that nor the html report that quotes it is ever uploaded.'
    },
    {
      name: 'strict-cleanup',
      type: BOOLEAN,
      default: 'false',
      text: 'true: something that could not be removed from the cluster makes the run fail (exit 4) instead of a warning.'
    },
    {
      name: 'upload',
      type: choice('auto', 'always', 'never'),
      default: 'auto',
      text: 'Whether the reports become an artifact of the job. auto: not in public repositories.'
    },
    { name: 'artifact-name', type: TEXT, text: 'Name of the artifact. Default: kscan, the job, the attempt and the run.' },
    { name: 'retention-days', type: { kind: 'count', least: 0, most: 400 }, default: '0', text: "Days to keep the artifact; 0: the repository's default." },
    { name: 'summary', type: BOOLEAN, default: 'true', text: "Whether the markdown report becomes the job's summary." },
    {
      name: 'annotations',
      type: BOOLEAN,
      default: 'true',
      text: 'Whether the verdict and the worst failures become annotations: at most 1 error and 9 warnings.'
    }
  ])
]

export type InputName = (typeof INPUTS)[number]['name']

export const inputsOf = (verb: Verb): readonly Input[] => INPUTS.filter(({ verbs }) => verbs.includes(verb))
