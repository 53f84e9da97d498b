import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { CATALOG } from '../../src/auditor/gems.ts'
import { VERSION } from '../../src/version.ts'
import { artifactDisagreements } from '../../scripts/release/check/artifacts.ts'
import { houseAt, told } from '../../scripts/release/check/house.ts'
import { fillIn } from '../../scripts/release/files.ts'
import { namesOf, sha256Of } from '../../scripts/release/names.ts'
import { readStamp } from '../../scripts/gitlab/stamp.ts'
import { cycloneDx } from '../support/cyclonedx.ts'
import { DOCKER } from '../support/release/docker.ts'
import { GitHubServer } from '../support/release/github-server.ts'

jest.setTimeout(240_000)
const exec = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'kscan-release-'))
const names = namesOf(VERSION)
const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
const run = (file: string, args: readonly string[], cwd = folder): string =>
  execFileSync(file, args, { cwd, encoding: 'utf8', env: { PATH, HOME: folder, npm_config_update_notifier: 'false' }, stdio: ['ignore', 'pipe', 'pipe'] })
const rehearse = (out: string): string => run(process.execPath, ['scripts/release/main.ts', '--dry-run', '--out', join(folder, out)], process.cwd())
const unpacked = (archive: string, name: string, ...more: readonly string[]): string => {
  const to = join(folder, name)
  mkdirSync(to)
  run('tar', ['-xzf', join(folder, 'one/assets', archive), '-C', to, ...more])
  return to
}

let said: string
beforeAll(() => {
  said = rehearse('one')
  rehearse('two')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a rehearsal of a release', () => {
  test('makes every file but the list of images, with the same bytes each time', () => {
    expect(readdirSync(join(folder, 'one/assets'))).toEqual([...names.all.filter((file) => file !== names.images), names.sums].toSorted())
    run('diff', ['--recursive', 'one', 'two'])
  })

  test('has the digest of each', () => {
    const checked = run('sha256sum', ['--check', '--strict', names.sums], join(folder, 'one/assets'))
    expect(checked.trim().split('\n').length).toBe(names.all.length - 1)
  })

  test('says what it does not do', () => {
    const lines = said.trim().split('\n')
    expect(lines.filter((line) => !/^would (run|publish)/.test(line))).toEqual([])
    expect(lines.filter((line) => line.includes(' build ')).length).toBe(4)
    expect(lines.at(-1)).toMatch(/then would move v\d+$/)
  })

  test('has a package that is installed, and runs', () => {
    run('npm', ['install', '--global', '--prefix', join(folder, 'prefix'), '--offline', '--no-audit', '--no-fund', join(folder, 'one/assets', names.package)])
    expect(run(join(folder, 'prefix/bin/kscan'), ['--version'])).toBe(`${VERSION}\n`)
  })

  test('has a bundle that is unpacked, and runs, as an action too', () => {
    const to = join(unpacked(names.bundle, 'bundle'), 'kscan')
    expect(run(join(to, 'dist/cli.js'), ['--version'])).toBe(`${VERSION}\n`)
    run('diff', ['--recursive', 'dist', join(to, 'dist')], process.cwd())
    expect(readFileSync(join(to, 'action.yml'), 'utf8')).toBe(readFileSync('action.yml', 'utf8'))
  })

  test('has the component as the root of its project', () => {
    run('diff', ['--recursive', 'gitlab', unpacked(names.component, 'component')], process.cwd())
  })

  test('has bills of materials: of dist, and of the image, with the gems of the auditor', () => {
    const read = (file: string): string => readFileSync(join(folder, 'one/assets', file), 'utf8')
    expect(read(names.bill)).toBe(readFileSync('dist/sbom.cdx.json', 'utf8'))
    const bill = JSON.parse(read(names.imageBill)) as {
      components: { purl: string; hashes?: { content: string }[] }[]
      dependencies: { ref: string; dependsOn: string[] }[]
    }
    const fits = cycloneDx()
    expect([fits(bill), fits.errors]).toEqual([true, null])
    const gems = bill.components.filter(({ purl }) => purl.startsWith('pkg:gem/'))
    expect(gems.map(({ purl, hashes }) => [purl, hashes?.[0]?.content])).toEqual(
      CATALOG.gems.map(({ name, version, sha256 }) => [`pkg:gem/${name}@${version}`, sha256])
    )
    const [root] = bill.dependencies
    const auditor = `pkg:gem/${CATALOG.auditor.gem}@${CATALOG.auditor.version}`
    expect([root?.dependsOn.includes(auditor), bill.dependencies.find(({ ref }) => ref === auditor)?.dependsOn.length]).toEqual([true, CATALOG.gems.length - 1])
  })

  test('has notes of what is new', () => expect(readFileSync(join(folder, 'one/notes.md'), 'utf8')).toMatch(/- .{20}[^]+## Verify/))
})

describe('the files of a release', () => {
  const DIGEST = `sha256:${'a'.repeat(64)}`
  const { image } = readStamp()
  const out = join(folder, 'filled')
  const assets = join(out, 'assets')
  const url = (file: string): string => `https://example.test/v${VERSION}/${file}`
  beforeEach(() => {
    rmSync(out, { recursive: true, force: true })
    cpSync(join(folder, 'one'), out, { recursive: true })
    fillIn(out, { [image]: DIGEST, [image.replace(':', '-toolbox:')]: `sha256:${'b'.repeat(64)}` }, url)
  })
  const wrong = (): string[] => artifactDisagreements(houseAt('.'), assets).map(told)
  const sums = (): void =>
    writeFileSync(
      join(assets, names.sums),
      readdirSync(assets)
        .filter((file) => file !== names.sums)
        .map((file) => `${sha256Of(readFileSync(join(assets, file)))}  ${file}\n`)
        .join('')
    )

  test('agree, with the digests in the component, which is else that of the repository', () => {
    expect(wrong()).toEqual([])
    const to = join(out, 'component')
    mkdirSync(to)
    run('tar', ['-xzf', join(assets, names.component), '-C', to])
    const { stdout } = spawnSync('diff', ['--recursive', '--brief', 'gitlab', to], { encoding: 'utf8' })
    expect(stdout.trim().split('\n')).toEqual([expect.stringMatching(/templates\/kscan\.yml .* differ$/)])
    const template = readFileSync(join(to, 'templates/kscan.yml'), 'utf8')
    expect([template.includes('# Not released'), template.includes(`default: ${image}@${DIGEST}`), template.includes(url(names.package))]).toEqual([
      false,
      true,
      true
    ])
  })

  test.each<[string, () => void, RegExp]>([
    ['a file that is missing', () => rmSync(join(assets, names.bundle)), /^kscan-bundle.*: expected a file of the release, got none/m],
    ['a file that is another', () => writeFileSync(join(assets, names.bundle), 'x'), /^kscan-bundle.*: expected SHA-256 \w{64}, got \w{64}/m],
    ['a file that is not listed', () => writeFileSync(join(assets, 'more'), 'x'), /^more: expected a line in SHA256SUMS, got \w{64}/m],
    ['a list that is gone', () => rmSync(join(assets, names.sums)), /expected a line in SHA256SUMS/],
    ['another package', () => (writeFileSync(join(assets, names.package), 'x'), sums()), /bundle-sha256: expected 2d711642/],
    [
      'other images',
      () => (writeFileSync(join(assets, names.images), `sha256:${'c'.repeat(64)}  ${image}\n`), sums()),
      /component.*, image: expected an image of images\.txt/
    ],
    [
      'a component that no release has filled in',
      () => (cpSync(join(folder, 'one/assets', names.component), join(assets, names.component)), sums()),
      /bundle-sha256: expected \w{64}, got none/
    ]
  ])('do not agree with %s', (_what, change, message) => {
    change()
    expect(wrong().join('\n')).toMatch(message)
  })

  test('are not filled in without the digest of the image', () => {
    expect(() => fillIn(out, { other: DIGEST }, url)).toThrow(`${image}: expected its digest, got those of other`)
  })
})

describe('the steps', () => {
  const step = (args: readonly string[], env: Record<string, string> = {}): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, ['scripts/release/main.ts', ...args], { encoding: 'utf8', env: { PATH, HOME: folder, ...env } })

  test.each<[string, readonly string[], string]>([
    ['none', [], 'expected a step: may, files, bases, image, images, publish'],
    ['one that there is not', ['ship'], 'Got ship.'],
    ['an image of no architecture', ['image', 'riscv64'], 'expected amd64 or arm64, got riscv64'],
    ['a publication without images', ['publish', '--out', join(folder, 'one')], 'images.txt: expected a file of the release, got none']
  ])('%s: refused', (_what, args, message) => {
    expect(step(args)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) })
  })

  describe('of a whole release', () => {
    const out = join(folder, 'whole')
    const commit = 'c'.repeat(40)
    const server = new GitHubServer()
    let env: Record<string, string>
    beforeAll(async () => {
      await server.start()
      server.refs.set(`tags/v${VERSION}`, commit)
      const bin = join(folder, 'bin')
      mkdirSync(bin)
      writeFileSync(join(bin, 'docker'), DOCKER, { mode: 0o755 })
      env = {
        PATH: `${bin}:${PATH}`,
        HOME: folder,
        ASKED: join(folder, 'asked'),
        GITHUB_OUTPUT: join(folder, 'output'),
        GITHUB_SERVER_URL: 'https://github.example',
        GITHUB_API_URL: server.api,
        GITHUB_REPOSITORY: 'org/kscan-action',
        GITHUB_SHA: commit,
        GITHUB_TOKEN: 'the-token'
      }
    })
    afterAll(() => server.stop())
    const take = async (...args: readonly string[]): Promise<string> =>
      (await exec(process.execPath, ['scripts/release/main.ts', ...args, '--out', out], { env })).stdout

    test('give files that agree, tell the workflow what to sign, and publish it', async () => {
      for (const args of [['files'], ['bases'], ['image', 'amd64'], ['image', 'arm64'], ['images']]) await take(...args)
      expect(artifactDisagreements(houseAt('.'), join(out, 'assets')).map(told)).toEqual([])
      expect(readFileSync(join(folder, 'output'), 'utf8')).toMatch(
        /^job-name=\S+\njob-digest=sha256:\w{64}\ntoolbox-name=\S+-toolbox\ntoolbox-digest=sha256:\w{64}\n$/
      )
      const said = await take('publish')
      expect(said).toContain(`published v${VERSION}`)
      expect(server.refs.get(`tags/v${VERSION.split('.')[0]}`)).toBe(commit)
      expect(server.releases[0]?.assets.map(({ name }) => name)).toEqual([...names.all, names.sums].toSorted())
      expect(`${said}${readFileSync(join(folder, 'asked'), 'utf8')}`).not.toContain('the-token')
    })
  })
})
