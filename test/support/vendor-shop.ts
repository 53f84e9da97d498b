import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from './api-server/certificates.ts'
import { type Ran, startCommandLine } from './command-line.ts'
import { serveOpen, startServer } from './git-server.ts'
import { profileFiles, Repositories, writeFiles } from './profile-repository.ts'

/** A profile `top` with two levels of dependencies, `middle` and `base`, that a git server has. */
export interface VendorShop {
  readonly root: string
  readonly repositories: Repositories
  /** The folder of `top`. */
  readonly top: string
  readonly commits: { readonly base: string; readonly middle: string }
  /** The address of a repository. */
  git(name: string): string
  vendor(words: readonly string[]): Promise<Ran>
  close(): Promise<void>
}

const include = (name: string): string => `include_controls '${name}'\n`

export const openVendorShop = async (): Promise<VendorShop> => {
  const repositories = new Repositories()
  const pair = makeCertificates()
  const root = mkdtempSync(join(tmpdir(), 'kscan-vendor-'))
  chmodSync(root, 0o755)
  writeFileSync(join(root, 'ca.pem'), pair.ca)
  const server = await startServer(serveOpen(repositories.root), pair)
  const git = (name: string): string => `${server.url}/${name}/.git`
  const depends = (name: string, commit: string): string => `depends:\n  - name: ${name}\n    git: ${git(name)}\n    ref: ${commit}\n`
  const base = repositories.commit('base', profileFiles('base'))
  const middle = repositories.commit(
    'middle',
    profileFiles('middle', {
      depends: depends('base', base),
      code: `${include('base')}control 'middle-1' do\n  describe file('/') do\n    it { should exist }\n  end\nend\n`
    })
  )
  return {
    root,
    repositories,
    top: writeFiles(join(root, 'top'), profileFiles('top', { depends: depends('middle', middle), code: include('middle') })),
    commits: { base, middle },
    git,
    vendor: (words) => startCommandLine(['vendor', ...words, '--ca-file', join(root, 'ca.pem')], { folder: mkdtempSync(join(root, 'v-')) }).ended,
    close: async () => {
      await server.close()
      repositories.remove()
      rmSync(root, { recursive: true })
    }
  }
}
