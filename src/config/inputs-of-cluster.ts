import { TEXT, LIST, choice, CLUSTER, TARGET, REACH, of } from './row.ts'

/** Which cluster, and as whom. */
export const CLUSTER_INPUTS = of('cluster', CLUSTER, [
  {
    name: 'cluster',
    type: choice('kind', 'existing'),
    text: 'kind: made for the run with a local container engine, and removed after it. existing: one that a kubeconfig names. Default: existing if context or kubeconfig is given or KUBECONFIG is set, or nothing says what to put into a new one.'
  },
  {
    name: 'kubeconfig',
    type: TEXT,
    verbs: REACH,
    path: 'file',
    text: 'Path of the kubeconfig. Without it: the environment variable KUBECONFIG, else ~/.kube/config.'
  },
  {
    name: 'context',
    type: TEXT,
    verbs: REACH,
    text: 'Context of the kubeconfig; may be left out only if it has a single one. `in-cluster` uses the service account of the pod that kscan runs in.'
  },
  {
    name: 'kubeconfig-exec',
    type: choice('deny', 'allow'),
    verbs: REACH,
    notInFile: 'Whoever writes that file could start programs. Say it with a flag, an input of the action or KSCAN_KUBECONFIG_EXEC.',
    text: 'Whether a credential plugin that the kubeconfig names may be started. Default: allow, but deny in pull requests from forks, and where a config file names the kubeconfig.'
  },
  {
    name: 'identity',
    type: choice('kubeconfig', 'github-oidc', 'gitlab-oidc'),
    default: 'kubeconfig',
    verbs: REACH,
    notInFile: 'Whoever writes that file could have the token of the job sent elsewhere. Say it with a flag, an input of the action or KSCAN_IDENTITY.',
    text: 'Who signs in to the cluster. kubeconfig: the user of its context. github-oidc, gitlab-oidc: the job itself, at server, by the token that GitHub (`permissions: id-token: write`) or GitLab (`id_tokens`) gives it: nothing is stored.'
  },
  {
    name: 'server',
    type: TEXT,
    verbs: REACH,
    notInFile: 'Whoever writes that file could have the token of the job sent elsewhere. Say it with a flag, an input of the action or KSCAN_SERVER.',
    text: 'Address of the API server, https, for identity: github-oidc or gitlab-oidc. With an authority of its own, name that with ca-file.'
  },
  {
    name: 'oidc-audience',
    type: TEXT,
    default: 'kscan',
    verbs: REACH,
    text: 'For whom the token of the job is, as the API server expects it.'
  },
  {
    name: 'kind-version',
    type: TEXT,
    verbs: TARGET,
    text: 'Exact version of kind. Default: the kind on PATH if it is new enough, else one that is downloaded and verified.'
  },
  {
    name: 'kind-node-image',
    type: TEXT,
    verbs: TARGET,
    text: 'Node image of the kind cluster: a Kubernetes version such as 1.36, pinned by digest in kscan, or an image of your own. Default: the newest of kscan.'
  },
  { name: 'kind-config', type: TEXT, path: 'file', verbs: TARGET, text: 'Path of a configuration file of kind, for example for several nodes or mounts.' },
  {
    name: 'load-images',
    type: LIST,
    verbs: TARGET,
    text: 'Images of the local container engine to load into the kind cluster. A local target-image or helper-image is loaded by itself.'
  },
  {
    name: 'manifests',
    type: LIST,
    path: 'folder',
    verbs: TARGET,
    text: 'What to deploy into the kind cluster: YAML or JSON files, folders of them, Kustomize folders, or https://HOST/FILE#sha256=DIGEST. The scan begins when all of it is ready.'
  },
  {
    name: 'keep-cluster',
    type: choice('never', 'on-failure'),
    default: 'never',
    verbs: TARGET,
    text: 'Whether the kind cluster stays after a run that did not pass; the log says how to reach and to delete it.'
  }
])
