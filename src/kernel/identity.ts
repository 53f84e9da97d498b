/** Who the caller is to a cluster that exists. */
export type IdentityChoice =
  | { readonly kind: 'kubeconfig' }
  | {
      /** The job itself, by the OpenID Connect token that its CI system gives it. */
      readonly kind: 'github-oidc' | 'gitlab-oidc'
      /** The https address of the API server. */
      readonly server: string
      /** For whom the token is. */
      readonly audience: string
    }

/** One that signs in with the token of its job. */
export type JobIdentity = Exclude<IdentityChoice, { kind: 'kubeconfig' }>

/** With them a job of GitHub asks for its token; the runner sets them where the job may. */
export const GITHUB_VARIABLES = { url: 'ACTIONS_ID_TOKEN_REQUEST_URL', token: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN' } as const
/** It holds the token of a job of GitLab, which declares it in `id_tokens`. */
export const GITLAB_VARIABLE = 'KSCAN_ID_TOKEN'
