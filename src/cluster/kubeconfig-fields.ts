/** What kscan does with a field of a kubeconfig. `refused`: with words that say so, before anything is asked of the cluster. */
export interface Field {
  readonly how: 'honoured' | 'refused' | 'ignored'
  /** What that means; of an ignored one, why. Markdown. */
  readonly text: string
}

const honoured = (text: string): Field => ({ how: 'honoured', text })
const ignored = (text: string): Field => ({ how: 'ignored', text })
const refused = (text: string): Field => ({ how: 'refused', text })

/** Parts of the format that have fields. */
export type Part = 'file' | 'cluster' | 'user' | 'exec' | 'context'

const FOR_TOOLS = ignored('other tools keep their own data there')

/** Each field of the format (client-go, kubeconfig v1), by the part that it stands in. An empty text is as good as none. */
export const FIELDS: Readonly<Record<Part, Readonly<Record<string, Field>>>> = {
  file: {
    apiVersion: honoured('must be `v1`, where it is there'),
    kind: honoured('must be `Config`, where it is there'),
    clusters: honoured('names must be different'),
    users: honoured('names must be different'),
    contexts: honoured('names must be different'),
    'current-context': ignored('which cluster is scanned is for the input `context` to say, unless there is only one'),
    preferences: ignored('it is about the output of kubectl'),
    extensions: FOR_TOOLS
  },
  cluster: {
    server: honoured('must begin with `https://`: tokens are never sent over plain HTTP. A path in it stays'),
    'tls-server-name': honoured('the name that the certificate must be for, and that TLS asks for (SNI)'),
    'certificate-authority': honoured('PEM, a path from the folder of the kubeconfig; an intermediate authority is enough. Refused beside `-data`'),
    'certificate-authority-data': honoured('the same, as base64'),
    'insecure-skip-tls-verify': honoured('with a warning at each run; refused beside an authority'),
    'proxy-url': honoured('`http://`, `https://`, `socks5://` (the proxy resolves names); goes before the environment. Refused with anything else'),
    'disable-compression': ignored('kscan asks for no compression'),
    extensions: ignored('but `client.authentication.k8s.io/exec`, which a credential plugin gets, as from kubectl; other tools keep their own data there')
  },
  user: {
    'client-certificate': honoured('PEM, a path from the folder of the kubeconfig. Refused without a key, and beside `-data`'),
    'client-certificate-data': honoured('the same, as base64'),
    'client-key': honoured('PEM, a path from the folder of the kubeconfig. Refused without a certificate, and beside `-data`'),
    'client-key-data': honoured('the same, as base64'),
    token: honoured('refused beside `username`, `exec` and `auth-provider`: one way to say who asks'),
    tokenFile: honoured('read anew at each request; goes before `token`'),
    as: honoured('the caller asks as that user; the account of a run never does'),
    'as-uid': honoured('refused without `as`'),
    'as-groups': honoured('refused without `as`'),
    'as-user-extra': honoured('refused without `as`'),
    username: honoured('with `password`, where the server still knows it'),
    password: honoured('refused without `username`'),
    'auth-provider': refused('use the credential plugin (`exec`) of your provider'),
    exec: honoured('unless `kubeconfig-exec: deny`; see below'),
    extensions: FOR_TOOLS
  },
  exec: {
    apiVersion: honoured('`client.authentication.k8s.io/v1` or `v1beta1`; the answer must have the same'),
    command: honoured('a path from the folder of the kubeconfig; a bare name is looked for on PATH'),
    args: honoured('as they are; no shell'),
    env: honoured('beside the environment of kscan, without its inputs'),
    installHint: honoured('shown where the program is not there'),
    provideClusterInfo: honoured('the plugin gets the cluster in KUBERNETES_EXEC_INFO'),
    interactiveMode: honoured('`Never` and `IfAvailable`, with a closed standard input; `Always` is refused')
  },
  context: {
    cluster: honoured('must be in the file'),
    user: honoured('must be in the file'),
    namespace: honoured('unless the input `namespace` says another one'),
    extensions: FOR_TOOLS
  }
}
