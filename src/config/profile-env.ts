import type { Reader } from './reader.ts'

/** What steers the auditor, its Ruby and its tools, and what CI systems and clouds set for themselves. */
const RESERVED =
  /^(?:PATH|HOME|TMPDIR|TZ|LANG|SHELL|ENV|IFS|CI|LC_\w+|(?:HTTPS?|ALL|NO)_PROXY|(?:BASH|RUBY|GEM|BUNDLE|INSPEC|CHEF|CINC|KSCAN|KUBE|GITHUB|GITLAB|RUNNER|DOCKER)\w*|(?:LD|GLIBC|INPUT|ACTIONS|CI|AWS|AZURE|ARM|GOOGLE|GCP|CLOUDSDK|SSL|GIT|SSH)_\w+)$/i
const SECRET = /TOKEN|SECRET|PASS|CREDENTIAL|PRIVATE|AUTH|JWT|CERT|(?:^|_)\w*KEY(?:_|$)/i

/** The variables that profiles are given, by name; those that are not set are not among them. */
export const readProfileEnv = (reader: Reader, env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> => {
  const names = reader.list('profile-env')
  for (const name of names) {
    if (!/^[A-Za-z_]\w*$/.test(name)) reader.problem('profile-env', 'names of variables, such as BASELINE', [JSON.stringify(name)])
    else if (RESERVED.test(name) || SECRET.test(name))
      reader.problem('profile-env', 'no variable that may hold a secret, or that the CI system or the auditor uses', [
        name,
        'Profiles are programs. Give them the value under another name, or as an input with profile-inputs.'
      ])
    else if (/\p{C}/u.test(env[name] ?? '')) reader.problem('profile-env', `a value of ${name} in one line`, ['one with control characters'])
  }
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
