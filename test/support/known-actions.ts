/** An action of somebody else's, as its repository has it at that commit: which inputs it takes, and which it cannot do without. */
export interface KnownAction {
  readonly commit: string
  readonly version: string
  readonly inputs: readonly string[]
  readonly needs: readonly string[]
}

/** Those that the examples use. What an action takes is read from the action.yml of its commit when the pin is raised. */
export const KNOWN_ACTIONS: Readonly<Record<string, KnownAction>> = {
  'actions/checkout': { commit: '93cb6efe18208431cddfb8368fd83d5badbf9bfd', version: 'v5.0.1', inputs: ['persist-credentials'], needs: [] },
  'actions/cache': { commit: '27d5ce7f107fe9357f9df03efb73ab90386fccae', version: 'v5.0.5', inputs: ['path', 'key'], needs: ['path', 'key'] },
  'github/codeql-action/upload-sarif': {
    commit: '8aad20d150bbac5944a9f9d289da16a4b0d87c1e',
    version: 'v4.36.2',
    inputs: ['sarif_file', 'category'],
    needs: []
  },
  'aws-actions/configure-aws-credentials': {
    commit: 'e6de054238d6b7531b4efff3b6587d9aade6a06c',
    version: 'v6.2.3',
    inputs: ['role-to-assume', 'aws-region'],
    needs: ['aws-region']
  },
  'google-github-actions/auth': {
    commit: '7c6bc770dae815cd3e89ee6cdf493a5fab2cc093',
    version: 'v3.0.0',
    inputs: ['project_id', 'workload_identity_provider', 'service_account'],
    needs: []
  },
  'google-github-actions/get-gke-credentials': {
    commit: '3da1e46a907576cefaa90c484278bb5b259dd395',
    version: 'v3.0.0',
    inputs: ['cluster_name', 'location', 'project_id', 'context_name'],
    needs: ['cluster_name']
  },
  'azure/login': {
    commit: 'f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca',
    version: 'v3.0.1',
    inputs: ['client-id', 'tenant-id', 'subscription-id'],
    needs: []
  },
  'azure/use-kubelogin': { commit: '0ce7c36141aa27d4934872cf00b0120804c98a29', version: 'v1.3', inputs: ['kubelogin-version'], needs: [] },
  'azure/aks-set-context': {
    commit: '60623acbdcbbdcf799ad50a1adf8703874339f8b',
    version: 'v5.0.0',
    inputs: ['resource-group', 'cluster-name', 'use-kubelogin'],
    needs: ['resource-group', 'cluster-name']
  }
}
