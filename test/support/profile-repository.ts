import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Files by path. */
export type Files = Readonly<Record<string, string>>

/** A profile with one control that passes wherever there is a root folder. */
export const profileFiles = (name: string, { depends = '', code, version = '1.0.0' }: { depends?: string; code?: string; version?: string } = {}): Files => ({
  'inspec.yml': `name: ${name}\nversion: ${version}\n${depends}`,
  'controls/all.rb': code ?? `control '${name}-1' do\n  describe file('/') do\n    it { should be_directory }\n  end\nend\n`
})

export const writeFiles = (folder: string, files: Files): string => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Repositories in one folder, as a server has them. */
export class Repositories {
  readonly root = mkdtempSync(join(tmpdir(), 'kscan-repositories-'))

  /** A commit of these files, and of submodules by path; its id. */
  commit(name: string, files: Files, submodules: Readonly<Record<string, { url: string; commit: string }>> = {}): string {
    const folder = join(this.root, name)
    mkdirSync(folder, { recursive: true })
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
    git('init', '--quiet', '--initial-branch', 'main')
    writeFiles(folder, files)
    const modules = Object.entries(submodules).map(([path, { url }]) => `[submodule "${basename(path)}"]\n\tpath = ${path}\n\turl = ${url}\n`)
    if (modules.length > 0) writeFileSync(join(folder, '.gitmodules'), modules.join(''))
    git('add', '--all')
    for (const [path, { commit }] of Object.entries(submodules)) git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
    git('commit', '--quiet', '--message', 'x')
    return git('rev-parse', 'HEAD')
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
