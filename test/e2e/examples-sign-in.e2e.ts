import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { kubectl, leftBehind } from './cluster.ts'
import { type Exampled, runExample, runOf, type Surroundings } from './example.ts'
import { apply, inOwn, kubeconfigOf, SHOP, startShop } from './example-cluster.ts'

/** The user whom the example's access.yaml lets use the account kscan: an account of this cluster. */
const CALLER = `system:serviceaccount:${SHOP}:caller`
/** Who may grant rights in the namespace, as somebody's role of a cloud. */
const KEEPER = ['rolebinding', 'keeper', '--clusterrole=admin', `--serviceaccount=${SHOP}:keeper`]

const change = (text: string): string => inOwn(text).replace('ci:github:repo:4711:env:none', CALLER)

const tokenOf = async (account: string): Promise<string> => (await kubectl('create', 'token', account, '-n', SHOP, '--duration=10m')).trim()

const run = (name: string, more: Surroundings): Promise<Exampled> => runExample(`examples/github/${name}.yml`, { change, ...more })

beforeAll(async () => {
  await startShop()
  for (const name of ['caller', 'keeper']) await kubectl('create', 'serviceaccount', name, '-n', SHOP)
  await kubectl('create', ...KEEPER, '-n', SHOP)
  apply(change(readFileSync('examples/service-account/access.yaml', 'utf8')), '-n', SHOP)
}, 120_000)
afterAll(async () => {
  const roles = ['kscan', 'kscan-caller'].flatMap((name) => [`role/${name}`, `rolebinding/${name}`])
  await kubectl('delete', '-n', SHOP, 'rolebinding/keeper', ...roles, ...['caller', 'keeper', 'kscan'].map((name) => `serviceaccount/${name}`))
})
afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const scanned = [{ name: `${SHOP}/web/app`, approach: 'kubernetes-api' }]

/** A program that a kubeconfig names, as those of clouds: it prints a credential, and only for whom the steps before have signed in. */
const credentialOf = (token: string): string =>
  `test -n "$SIGNED_IN" && echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } })}'`
const byPlugin = (command: string, args: readonly string[]): string =>
  kubeconfigOf({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never' } })

describe('a cluster of a cloud, whose sign-in is a stand-in', () => {
  let token = ''
  beforeAll(async () => {
    token = await tokenOf('keeper')
  })

  test('eks', async () => {
    const aws = `case "$*" in
      "eks update-kubeconfig --name prod --alias prod --kubeconfig "*) cat <<'END' >"\${!#}"
${byPlugin('aws', ['eks', 'get-token'])}
END
      ;;
      "eks get-token") ${credentialOf(token)} ;;
      *) echo "unexpected: aws $*" >&2; exit 1 ;;
    esac`
    const signIn = 'test -n "$INPUT_role_to_assume" && test -n "$INPUT_aws_region" && echo SIGNED_IN=yes >>"$GITHUB_ENV"'
    const ran = await run('eks', { programs: { aws }, actions: { 'aws-actions/configure-aws-credentials': signIn } })
    expect([ran.code, runOf(ran)]).toMatchObject([0, { targets: scanned, cluster: { context: 'prod' }, access: { mode: 'per-run' } }])
    expect(ran.log).not.toContain(token)
  })

  test('gke', async () => {
    const auth = 'test -n "$INPUT_workload_identity_provider" && echo SIGNED_IN=yes >>"$GITHUB_ENV"'
    const credentials = `test -n "$SIGNED_IN" && test "$INPUT_context_name" = prod
      cat <<'END' >"$GITHUB_WORKSPACE/gha-kubeconfig-1"
${kubeconfigOf({ token })}
END
      echo "KUBECONFIG=$GITHUB_WORKSPACE/gha-kubeconfig-1" >>"$GITHUB_ENV"`
    const ran = await run('gke', { actions: { 'google-github-actions/auth': auth, 'google-github-actions/get-gke-credentials': credentials } })
    expect([ran.code, runOf(ran)]).toMatchObject([0, { targets: scanned, cluster: { context: 'prod' } }])
  })

  test('aks', async () => {
    const actions = {
      'azure/login': 'test -n "$INPUT_client_id$INPUT_tenant_id$INPUT_subscription_id" && echo SIGNED_IN=yes >>"$GITHUB_ENV"',
      'azure/use-kubelogin': `[[ $INPUT_kubelogin_version == v* ]]`,
      'azure/aks-set-context': `test "$INPUT_use_kubelogin" = true && test "$INPUT_cluster_name" = prod
        cat <<'END' >"$RUNNER_TEMP/kubeconfig_1"
${byPlugin('kubelogin', ['get-token', '--login', 'azurecli'])}
END
        echo "KUBECONFIG=$RUNNER_TEMP/kubeconfig_1" >>"$GITHUB_ENV"`
    }
    const ran = await run('aks', { actions, programs: { kubelogin: credentialOf(token) } })
    expect([ran.code, runOf(ran)]).toMatchObject([0, { targets: scanned, cluster: { context: 'prod' } }])
  })
})

describe('an installed service account', () => {
  test('service-account', async () => {
    const ran = await run('service-account', { secrets: { KUBECONFIG: kubeconfigOf({ token: await tokenOf('caller') }) } })
    expect([ran.code, runOf(ran)]).toMatchObject([0, { targets: scanned, access: { mode: 'service-account' } }])
  })

  test('is all that its caller can use: no shell, no Secret, no other account', async () => {
    const may = async (...question: string[]): Promise<string> =>
      (await kubectl('auth', 'can-i', ...question, '-n', SHOP, `--as=${CALLER}`).catch((error: { stdout: string }) => error.stdout)).trim()
    expect(await may('create', 'serviceaccounts/kscan', '--subresource=token')).toBe('yes')
    const answers = [
      await may('create', 'serviceaccounts/keeper', '--subresource=token'),
      await may('create', 'pods', '--subresource=exec'),
      await may('get', 'secrets'),
      await may('create', 'rolebindings')
    ]
    expect(answers).toEqual(['no', 'no', 'no', 'no'])
  })
})
