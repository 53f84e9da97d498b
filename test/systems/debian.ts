import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What kscan starts, and what that needs. */
const PACKAGES = 'base-files bash dash coreutils util-linux mount findutils grep sed tar xz-utils libstdc++6 libatomic1 ca-certificates ruby'.split(' ')
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The root of another release of Debian: its packages, fetched by this machine's apt, checked by Debian's keys, and unpacked without their scripts. Kept between
 * runs. About 30 MB come, 125 MB stay.
 */
export const debianRoot = (release: string): string => {
  const root = join(tmpdir(), `kscan-systems-${process.getuid?.() ?? ''}`, release)
  if (existsSync(root)) return root
  mkdirSync(dirname(root), { recursive: true, mode: 0o700 })
  const work = mkdtempSync(`${root}.`)
  try {
    for (const archive of fetchPackages(release, join(work, 'apt'))) execFileSync('dpkg-deb', ['--extract', archive, join(work, 'root')])
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) if (!existsSync(join(work, 'root', name))) symlinkSync(`usr/${name}`, join(work, 'root', name))
    writeFileSync(join(work, 'root/etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
    renameSync(join(work, 'root'), root)
    return root
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** Where this machine's own packages of Debian come from. */
const mirror = (): string => {
  const wanted = ['Origin: Debian', 'Component: main', 'Created-By: Packages']
  const uris = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...wanted], { encoding: 'utf8' }).split('\n')
  return uris.find((uri) => !uri.includes('security')) ?? ''
}

/** With folders of its own: nothing of this machine's packages is read or changed. */
const fetchPackages = (release: string, folder: string): string[] => {
  for (const path of ['etc/apt/apt.conf.d', 'etc/apt/preferences.d', 'var/lib/apt/lists/partial', 'var/lib/dpkg', 'var/cache/apt/archives/partial'])
    mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, 'var/lib/dpkg/status'), '')
  writeFileSync(join(folder, 'etc/apt/sources.list'), `deb [signed-by=${KEYS}] ${mirror()} ${release} main\n`)
  const config = join(folder, 'apt.conf')
  const settings = { Dir: folder, 'Dir::State::status': join(folder, 'var/lib/dpkg/status'), 'APT::Install-Recommends': 'false', 'APT::Sandbox::User': '' }
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join('')
  )
  const apt = (...args: readonly string[]): unknown =>
    execFileSync('apt-get', ['-qq', ...args], { env: { ...process.env, APT_CONFIG: config }, stdio: ['ignore', 'ignore', 'inherit'] })
  apt('update')
  apt('install', '--yes', '--download-only', ...PACKAGES)
  const archives = join(folder, 'var/cache/apt/archives')
  return readdirSync(archives).flatMap((name) => (name.endsWith('.deb') ? [join(archives, name)] : []))
}

/** Where a program of this machine runs in that root: with our own folders, the network, and a home of its own. */
export const insideOf = (root: string, folder: string): readonly string[] => {
  const ours = [process.cwd(), '/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/ssl/certs'].filter((path) => existsSync(path))
  return [
    'bwrap',
    '--die-with-parent',
    '--bind',
    root,
    '/',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    ...ours.flatMap((path) => ['--ro-bind', path, path]),
    '--bind',
    folder,
    folder,
    '--chdir',
    folder,
    '--'
  ]
}
