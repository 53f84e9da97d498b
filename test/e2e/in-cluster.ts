import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { TOOLS } from './cli.ts'
import { cluster } from './audit-log.ts'
import { KUBECONFIG } from './cluster.ts'

export const IMAGE = 'test.local/kscan-inside:1'

const output = (file: string, ...args: string[]): string => execFileSync(file, args, { encoding: 'utf8' }).trim()

/** An image with kscan as built, this Node and this machine's Ruby, on the file system of the debian image; the auditor is installed in it already. */
export const makeImage = (): void => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kscan-e2e-image-')))
  try {
    const debian = join(dirname(KUBECONFIG), '..', 'images', 'debian')
    if (!existsSync(debian)) throw new Error(`the file system of the debian image is not at ${debian}: run the cluster's command 'fixtures'`)
    execFileSync('cp', ['-a', `${debian}/.`, root])
    const put = (from: string, to = from): void => {
      mkdirSync(dirname(join(root, to)), { recursive: true })
      const folder = realpathSync(join(root, dirname(to)))
      if (!`${folder}/`.startsWith(`${root}/`)) throw new Error(`${to} would lie outside of the image: ${folder}`)
      const file = join(folder, basename(to))
      rmSync(file, { recursive: true, force: true }) // a link in its place may lead out of the image
      cpSync(realpathSync(from), file, { recursive: true, dereference: true })
    }
    put(process.execPath, '/usr/local/bin/node')
    const [ruby = '', ...folders] = output('ruby', '-rrbconfig', '-e', 'puts RbConfig.ruby, $LOAD_PATH').split('\n')
    put(ruby, '/usr/local/bin/ruby')
    for (const folder of folders.filter((path) => existsSync(path))) put(folder)
    const programs = [process.execPath, ruby, ...folders.flatMap((folder) => globSync(join(folder, '**', '*.so')))]
    for (const library of librariesOf(programs)) put(library)
    put(resolve('dist'), '/opt/kscan/dist')
    put(resolve('test/fixtures/profiles/first'), '/opt/first-profile')
    put(join(TOOLS, 'kscan', 'auditor'), '/opt/cache/kscan/auditor')
    cluster(
      'image',
      IMAGE,
      root,
      JSON.stringify({ Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'XDG_CACHE_HOME=/opt/cache', 'HOME=/scratch'], WorkingDir: '/scratch' })
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

const librariesOf = (programs: readonly string[]): string[] => [...new Set(output('ldd', ...programs).match(/(?<=\s)\/\S+(?= \(0x)/g))]
