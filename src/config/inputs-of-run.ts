import { ISOLATIONS } from '../kernel/isolation.ts'
import { BOOLEAN, TEXT, YAML, LIST, listOf, pathsOr, choice, MINUTE, HOUR, TARGET, RUN, SCAN, FETCH, LOOK, REACH, of } from './row.ts'

/** What is scanned, and with which rights. */
export const RUN_INPUTS = [
  ...of('target', LOOK, [
    { name: 'namespace', type: TEXT, short: 'n', text: "Namespace of the targets. Default: the context's own, else `default`." },
    { name: 'pod', type: TEXT, text: 'Name of one pod. Give exactly one of pod, workload, selector and target-image.' },
    {
      name: 'workload',
      type: TEXT,
      text: 'A workload as kind/name, for example deployment/web: all its running pods. Kinds: deployment, statefulset, daemonset, job.'
    },
    { name: 'selector', type: TEXT, short: 'l', text: 'Label selector, for example app=web,tier!=test.' },
    {
      name: 'target-image',
      type: TEXT,
      verbs: TARGET,
      text: 'An image that need not run: it is scanned in a pod made for it; in a kind cluster also without a helper-image.'
    },
    {
      name: 'select',
      type: choice('pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs'),
      default: 'pods',
      text: 'What the selector selects: pods, or the workloads whose pods are meant.'
    },
    { name: 'container', type: LIST, short: 'c', text: 'Names of the containers to scan. Default: all that keep running.' },
    { name: 'exclude-containers', type: LIST, text: 'Names of containers to leave out, for example istio-proxy.' },
    {
      name: 'max-targets',
      type: { kind: 'count', least: 1, most: 10_000 },
      default: '50',
      text: 'The most containers that a scan may match; more is an error, and so is none.'
    }
  ]),
  ...of('scan', SCAN, [
    {
      name: 'approach',
      type: choice('auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod'),
      default: 'auto',
      verbs: TARGET,
      text: "How kscan gets a shell. auto: the least intrusive that works; kubernetes-api: the image's own; debug-container: lent by an ephemeral container; sidecar-container: by a helper deployed with the pod; twin-pod: in a pod of ours (image only)."
    },
    {
      name: 'allow',
      type: listOf('none', 'ephemeral-container', 'unpoliced-ephemeral-container', 'scan-pod'),
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
      name: 'scan-pod-template',
      type: YAML,
      verbs: TARGET,
      text: 'Partial pod (YAML) that is merged into the pods of approach: twin-pod: labels, annotations, nodeSelector, tolerations, priorityClassName, schedulerName, resources. More is refused.'
    },
    {
      name: 'profile',
      type: pathsOr('kscan-baseline'),
      path: 'folder',
      default: 'kscan-baseline',
      verbs: FETCH,
      text: 'The profiles to run (docs/profiles.md): kscan-baseline, which fits every container; catalog/NAME (`kscan profiles`); a folder; an archive as FILE#sha256=DIGEST or https://…#sha256=DIGEST; git+https:// or git+ssh://HOST/PATH@COMMIT.'
    },
    {
      name: 'allow-unpinned-profiles',
      type: BOOLEAN,
      default: 'false',
      verbs: FETCH,
      notInFile:
        'Whoever writes that file could have another profile run tomorrow. Say it with a flag, an input of the action or KSCAN_ALLOW_UNPINNED_PROFILES.',
      text: 'Takes profiles, and those that they include, that nothing pins (a branch, a tag, an archive without its SHA-256) as they are today.'
    },
    {
      name: 'git-token',
      type: TEXT,
      secret: true,
      verbs: FETCH,
      notInFile: 'A secret does not belong in a file that others read. Give it as KSCAN_GIT_TOKEN in the environment, or as an input of the action.',
      text: 'Token with which git fetches profiles from a private repository, over https and from one host alone.'
    },
    {
      name: 'git-token-host',
      type: TEXT,
      verbs: FETCH,
      text: 'The one host that gets git-token, such as git.example or git.example:8443. Default: that of the first profile that git fetches.'
    },
    { name: 'profile-env', type: LIST, text: 'Names of variables of the environment that the profiles may read, such as BASELINE. They get no others.' },
    { name: 'profile-inputs', type: YAML, secret: true, text: "Values for the profiles' inputs, as inline YAML." },
    { name: 'profile-inputs-file', type: LIST, path: 'file', text: "YAML files with values for the profiles' inputs." },
    {
      name: 'waivers-file',
      type: LIST,
      path: 'file',
      text: "The auditor's waiver files (YAML): by control id a justification, and optionally expiration_date and run."
    },
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
      verbs: TARGET,
      text: "Whose rights the scan uses: an account made for the run and removed after it, a service account that is there, or the caller's own."
    },
    { name: 'service-account', type: TEXT, verbs: TARGET, text: "Its name in the targets' namespace, for access: service-account." },
    {
      name: 'token-ttl',
      type: { kind: 'duration', least: 10 * MINUTE, most: HOUR },
      default: '15m',
      verbs: SCAN,
      text: "How long the scanner's token is valid, 10m to 60m; renewed while a scan lasts longer."
    }
  ]),
  ...of('auditor', TARGET, [
    {
      name: 'auditor',
      type: pathsOr('path', 'cinc', 'gems'),
      path: 'file',
      verbs: [...TARGET, 'vendor'],
      default: 'path,gems',
      text: 'Where the auditor comes from, the first usable counts: path (cinc-auditor or inspec on PATH), cinc (the package of CINC Auditor), gems (with the Ruby on PATH), or the path of a program.'
    },
    { name: 'auditor-version', type: TEXT, text: 'Takes only an auditor of this version, like 7 or 7.0.107.' },
    {
      name: 'download-mirror',
      type: TEXT,
      verbs: [...TARGET, 'vendor'],
      text: 'An address in front of the names of the files that are fetched by digest (CINC Auditor, kind, pinned manifests), in place of their own servers.'
    },
    {
      name: 'ca-file',
      type: TEXT,
      verbs: [...REACH, 'vendor'],
      path: 'file',
      text: 'Certificates (PEM) of authorities to trust besides those of this machine: for downloads, git, gem sources, and an API server whose kubeconfig names none.'
    },
    {
      name: 'offline',
      type: BOOLEAN,
      default: 'false',
      text: 'Fetches nothing: what is not on this machine (profiles of git, auditor, kind, its node image) ends the run.'
    },
    {
      name: 'isolation',
      type: choice('auto', ...ISOLATIONS),
      default: 'auto',
      verbs: [...SCAN, 'vendor'],
      text: 'How the auditor, and git, are kept from this machine (docs/security.md). bwrap, namespaces: they see only what they need. user, for root: they run as another user. none: not at all. auto: the strongest that works. One that fails ends the run.'
    }
  ])
]
