import { expect, test } from '@jest/globals'
import { childEnvironment } from '../../../src/scan/ports.ts'

const PASSED_ON = 'PATH LANG TZ TMPDIR SSL_CERT_FILE SSL_CERT_DIR HTTPS_PROXY https_proxy HTTP_PROXY http_proxy NO_PROXY no_proxy'.split(' ')
const KEPT =
  'KUBECONFIG KUBERNETES_SERVICE_HOST HOME AWS_SECRET_ACCESS_KEY GOOGLE_APPLICATION_CREDENTIALS AZURE_CLIENT_SECRET GITHUB_TOKEN ACTIONS_RUNTIME_TOKEN CI_JOB_TOKEN ' +
  'KSCAN_GIT_TOKEN INPUT_GIT-TOKEN SSH_AUTH_SOCK RUBYOPT RUBYLIB GEM_HOME GIT_ASKPASS NODE_OPTIONS LD_PRELOAD'

test('children get the paths, the language and the proxies of our environment, and nothing of the cluster, the cloud or the CI system', () => {
  const env = Object.fromEntries([...PASSED_ON, ...KEPT.split(' ')].map((name) => [name, `of ${name}`]))
  expect(childEnvironment(env)).toEqual(Object.fromEntries(PASSED_ON.map((name) => [name, `of ${name}`])))
})

test('what is not set, or empty, is not passed on', () => expect(childEnvironment({ PATH: '/bin', LANG: '', TZ: undefined })).toEqual({ PATH: '/bin' }))
