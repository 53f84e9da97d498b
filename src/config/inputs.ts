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

/** THE table: flags, action.yml and the documentation are made from it. */
export const INPUTS: readonly Input[] = [
  {
    name: 'kubeconfig',
    group: 'cluster',
    type: TEXT,
    default: '',
    verbs: CLUSTER,
    text: 'Path of the kubeconfig. Without it: the environment variable KUBECONFIG, else ~/.kube/config.'
  },
  {
    name: 'context',
    group: 'cluster',
    type: TEXT,
    default: '',
    verbs: CLUSTER,
    text: 'Context of the kubeconfig; may be left out only if it has a single one. `in-cluster` uses the service account of the pod that kscan runs in.'
  },
  {
    name: 'kubeconfig-exec',
    group: 'cluster',
    type: choice('deny', 'allow'),
    default: '',
    verbs: CLUSTER,
    text: 'Whether a credential plugin that the kubeconfig names may be started. Default: allow, but deny in pull requests from forks.'
  },
  { name: 'namespace', group: 'target', type: TEXT, default: '', verbs: TARGET, text: "Namespace of the targets. Default: the context's own, else `default`." },
  {
    name: 'pod',
    group: 'target',
    type: TEXT,
    default: '',
    verbs: TARGET,
    text: 'Name of one pod. Give exactly one of pod, workload, selector and target-image.'
  },
  {
    name: 'workload',
    group: 'target',
    type: TEXT,
    default: '',
    verbs: TARGET,
    text: 'A workload as kind/name, for example deployment/web: all its running pods. Kinds: deployment, statefulset, daemonset, job.'
  },
  { name: 'selector', group: 'target', type: TEXT, default: '', verbs: TARGET, text: 'Label selector, for example app=web,tier!=test.' },
  {
    name: 'target-image',
    group: 'target',
    type: TEXT,
    default: '',
    verbs: TARGET,
    text: 'An image that need not run: it is scanned in a pod made for it (approach: twin-pod).'
  },
  {
    name: 'select',
    group: 'target',
    type: choice('pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs'),
    default: 'pods',
    verbs: TARGET,
    text: 'What the selector selects: pods, or the workloads whose pods are meant.'
  },
  { name: 'container', group: 'target', type: LIST, default: '', verbs: TARGET, text: 'Names of the containers to scan. Default: all that keep running.' },
  { name: 'exclude-containers', group: 'target', type: LIST, default: '', verbs: TARGET, text: 'Names of containers to leave out, for example istio-proxy.' },
  {
    name: 'max-targets',
    group: 'target',
    type: { kind: 'count', least: 1, most: 10_000 },
    default: '50',
    verbs: TARGET,
    text: 'How many containers may be found; more is an error, and so is none.'
  },
  {
    name: 'approach',
    group: 'scan',
    type: choice('auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod'),
    default: 'auto',
    verbs: TARGET,
    text: "How a shell is got. auto: the least intrusive that works; kubernetes-api: the image's own; debug-container: lent by an ephemeral container; sidecar-container: by a helper deployed with the pod; twin-pod: in a pod of ours (image only)."
  },
  {
    name: 'allow',
    group: 'scan',
    type: LIST,
    default: 'none',
    verbs: TARGET,
    text: 'What may be added to the cluster: none; ephemeral-container (its entry stays in the pod); unpoliced-ephemeral-container (also where no policy limits these: the scanner could read Secrets); scan-pod (a pod of ours, removed after the scan).'
  },
  { name: 'helper-image', group: 'scan', type: TEXT, default: '', verbs: TARGET, text: 'Image of the helper: the toolbox, as the nodes can pull it.' },
  {
    name: 'scan-namespace',
    group: 'scan',
    type: TEXT,
    default: '',
    verbs: TARGET,
    text: 'Namespace of the pods that approach: twin-pod makes. Default: that of the targets. A namespace without Secrets is best: whoever may make pods in one can read them.'
  },
  {
    name: 'pull-secret',
    group: 'scan',
    type: TEXT,
    default: '',
    verbs: TARGET,
    text: "Secret in that namespace with which the image is pulled, beside those of the target's own pod."
  },
  {
    name: 'profile',
    group: 'scan',
    type: LIST,
    default: '',
    verbs: RUN,
    text: 'The profiles to run: a folder, an archive as FILE#sha256=DIGEST, or git+https://HOST/PATH@COMMIT with the whole commit id.'
  },
  {
    name: 'git-token',
    group: 'scan',
    type: TEXT,
    default: '',
    secret: true,
    verbs: RUN,
    text: 'Token with which git fetches profiles from a private repository.'
  },
  { name: 'profile-inputs', group: 'scan', type: YAML, default: '', secret: true, verbs: SCAN, text: "Values for the profiles' inputs, as inline YAML." },
  { name: 'profile-inputs-file', group: 'scan', type: LIST, default: '', verbs: SCAN, text: "YAML files with values for the profiles' inputs." },
  {
    name: 'waivers-file',
    group: 'scan',
    type: LIST,
    default: '',
    verbs: SCAN,
    text: "The auditor's waiver files (YAML): by control id a justification, and optionally expiration_date and run."
  },
  { name: 'controls', group: 'scan', type: LIST, default: '', verbs: SCAN, text: 'Run only these controls: ids, or /regular expressions/.' },
  { name: 'control-tags', group: 'scan', type: LIST, default: '', verbs: SCAN, text: 'Run only controls with these tags.' },
  {
    name: 'container-detection',
    group: 'scan',
    type: choice('docker', 'native'),
    default: 'docker',
    verbs: SCAN,
    text: 'What profiles see of being in a container. docker: an empty /.dockerenv is presented to file checks, as most profiles expect; native: nothing is.'
  },
  {
    name: 'command-timeout',
    group: 'scan',
    type: { kind: 'duration', least: 1000, most: HOUR },
    default: '60s',
    verbs: SCAN,
    text: 'How long one command of a profile may take.'
  },
  {
    name: 'scan-timeout',
    group: 'scan',
    type: { kind: 'duration', least: 1000, most: 24 * HOUR },
    default: '30m',
    verbs: SCAN,
    text: 'How long the audit of one container may take.'
  },
  {
    name: 'access',
    group: 'access',
    type: choice('per-run', 'service-account', 'self'),
    default: 'per-run',
    verbs: RUN,
    text: "Whose rights the scan uses: an account made for the run and removed after it, a service account that is there, or the caller's own."
  },
  { name: 'service-account', group: 'access', type: TEXT, default: '', verbs: RUN, text: "Its name in the targets' namespace, for access: service-account." },
  {
    name: 'token-ttl',
    group: 'access',
    type: { kind: 'duration', least: 10 * MINUTE, most: HOUR },
    default: '15m',
    verbs: SCAN,
    text: "How long the scanner's token is valid, 10m to 60m; renewed while a scan lasts longer."
  },
  {
    name: 'threshold',
    group: 'verdict',
    type: YAML,
    default: '',
    verbs: VERDICT,
    text: 'Threshold in the form of SAF, as inline YAML. Default, when no threshold is given: failed.total.max 0 and error.total.max 0.'
  },
  { name: 'threshold-file', group: 'verdict', type: LIST, default: '', verbs: VERDICT, text: 'Threshold files in the form of SAF; all must hold.' },
  {
    name: 'enforce',
    group: 'verdict',
    type: BOOLEAN,
    default: 'true',
    verbs: VERDICT,
    text: 'false: a result that is not compliant (exit 1) passes with a warning. Nothing else is softened.'
  },
  {
    name: 'max-unjudged',
    group: 'verdict',
    type: { kind: 'count', least: 0, most: 100_000 },
    default: '0',
    verbs: VERDICT,
    text: 'How many controls may be unjudged, for example for want of a program in the image; more is exit 3.'
  },
  {
    name: 'auditor',
    group: 'auditor',
    type: LIST,
    default: 'path,gems',
    verbs: RUN,
    text: 'Where the auditor comes from, the first usable counts: path (cinc-auditor or inspec on PATH), gems (installed with the Ruby on PATH), or the path of a program.'
  },
  {
    name: 'reports',
    group: 'reports',
    type: LIST,
    default: 'hdf,junit,markdown,run.json',
    verbs: SCAN,
    text: 'Formats to write: hdf, junit, markdown, run.json.'
  },
  { name: 'reports-path', group: 'reports', type: TEXT, default: 'kscan-reports', verbs: SCAN, text: 'Folder for the reports; made if it is not there.' },
  {
    name: 'strict-cleanup',
    group: 'reports',
    type: BOOLEAN,
    default: 'false',
    verbs: SCAN,
    text: 'true: something that could not be removed from the cluster makes the run fail (exit 4) instead of a warning.'
  },
  {
    name: 'upload',
    group: 'reports',
    type: choice('auto', 'always', 'never'),
    default: 'auto',
    verbs: SCAN,
    text: 'Whether the reports become an artifact of the job. auto: not in public repositories.'
  },
  {
    name: 'artifact-name',
    group: 'reports',
    type: TEXT,
    default: '',
    verbs: SCAN,
    text: 'Name of the artifact. Default: kscan, the job, the attempt and the run.'
  },
  {
    name: 'retention-days',
    group: 'reports',
    type: { kind: 'count', least: 0, most: 400 },
    default: '0',
    verbs: SCAN,
    text: "Days to keep the artifact; 0: the repository's default."
  },
  { name: 'summary', group: 'reports', type: BOOLEAN, default: 'true', verbs: SCAN, text: "Whether the markdown report becomes the job's summary." },
  {
    name: 'annotations',
    group: 'reports',
    type: BOOLEAN,
    default: 'true',
    verbs: SCAN,
    text: 'Whether the verdict and the worst failures become annotations: at most 1 error and 9 warnings.'
  }
]

export const inputsOf = (verb: Verb): readonly Input[] => INPUTS.filter(({ verbs }) => verbs.includes(verb))
