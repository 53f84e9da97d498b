import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { controlId, profile, writeProfile } from '../../../scripts/generate-profile.ts'

const controls = (count: number): string[] => [...profile(count)].filter(([path]) => path.startsWith('controls/')).map(([, text]) => text)

const titles = (texts: readonly string[]): string[] => texts.map((text) => /^ {2}title '(.*)'$/m.exec(text)?.[1] ?? '')

const bodies = (texts: readonly string[]): string[] => texts.map((text) => text.slice(text.lastIndexOf("tag 'host'")))

const RESOURCES = 'file( directory( command( login_defs parse_config_file( package( service( kernel_parameter( mount( auditd. input('.split(' ')

describe('the generated profile', () => {
  test('has the same bytes each time', () => {
    expect([...profile(180)]).toEqual([...profile(180)])
  })

  test.each([1, 20, 180, 250])('has %i controls when asked for as many, each in a file of its id', (count) => {
    const files = profile(count)
    expect(files.size).toBe(count + 1)
    expect(files.get('inspec.yml')).toContain('name: generated-handbook')
    expect(files.get(`controls/${controlId(count - 1)}.rb`)).toMatch(new RegExp(`^control '${controlId(count - 1)}' do\n`))
  })

  test('leaves six controls of ten out in containers', () => {
    const left = controls(180).filter((text) => text.includes("!virtualization.system.eql?('docker')"))
    expect(left).toHaveLength(108)
  })

  test('asks for something else in each of its 180 controls', () => {
    const texts = controls(180)
    expect(new Set(titles(texts)).size).toBe(180)
    expect(new Set(bodies(texts)).size).toBe(172) // the nine manual ones share one body
  })

  test.each(RESOURCES)('uses %s in several controls', (resource) => {
    expect(controls(180).filter((text) => text.includes(resource)).length).toBeGreaterThanOrEqual(9)
  })

  test('names no program that needs the network or changes the target', () => {
    const asked = bodies(controls(180)).join('\n')
    expect(asked).not.toMatch(/\b(curl|wget|apt|apt-get|dnf|yum|ping|nslookup|https?:|rm|mv|touch|tee)\s/)
  })

  test('closes each block that it opens', () => {
    for (const text of controls(180)) {
      const opened = text.match(/\bdo( \|.*\|)?$/gm) ?? []
      expect(text.match(/^ *end$/gm)).toHaveLength(opened.length)
    }
  })

  test('keeps quotes and backslashes of its texts', () => {
    expect(controls(180).join('')).toContain(String.raw`-exec stat -c \'%n %a\' \'{}\' \\;`)
  })
})

describe('the folder that it is written into', () => {
  const work = mkdtempSync(join(tmpdir(), 'kscan-generate-'))
  afterAll(() => rmSync(work, { recursive: true }))

  const made = (...parts: string[]): string => {
    const folder = join(work, ...parts)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Paths and texts below it. */
  const below = (folder: string): Map<string, string> => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return new Map(files.map(({ parentPath, name }) => [relative(folder, join(parentPath, name)), readFileSync(join(parentPath, name), 'utf8')]))
  }

  test.each(['new', 'a/new/one', 'empty'])('may be %s, and may be written anew', (name) => {
    const folder = join(name === 'empty' ? made(name) : work, name)
    for (const _time of ['first', 'second']) writeProfile(folder, 2)
    expect(below(folder)).toEqual(profile(2))
  })

  const OTHERS: readonly (readonly [what: string, path: string, text: string])[] = [
    ['a file', 'README.md', 'mine'],
    ['a hidden one', '.env', 'mine'],
    ['one further below', 'src/deep/main.ts', 'mine'],
    ['a control of another name', 'controls/mine.rb', 'mine'],
    ['a control of a larger profile', `controls/${controlId(2)}.rb`, profile(3).get(`controls/${controlId(2)}.rb`) ?? ''],
    ['a file of the same name and another text', 'inspec.yml', 'name: mine\n']
  ]

  test.each(OTHERS)('is refused, and left as it is, where it holds %s', (what, path, text) => {
    const folder = made(what)
    writeFileSync(join(made(what, dirname(path)), basename(path)), text)
    expect(() => writeProfile(folder, 2)).toThrow(`${folder} holds ${path}, which is not of this profile`)
    expect(below(folder)).toEqual(new Map([[path, text]]))
  })

  test.each(['inspec.yml', 'controls'])('is refused where its %s is a link, and what it leads to is left as it is', (name) => {
    const elsewhere = made(`behind ${name}`)
    writeFileSync(join(elsewhere, 'mine'), 'mine')
    const folder = made(`with the link ${name}`)
    symlinkSync(name === 'controls' ? elsewhere : join(elsewhere, 'mine'), join(folder, name))
    expect(() => writeProfile(folder, 2)).toThrow(`${folder} holds ${name}, which is not of this profile`)
    expect(below(elsewhere)).toEqual(new Map([['mine', 'mine']]))
  })

  test('is refused by the command in one line', () => {
    const script = resolve('scripts/generate-profile.ts')
    const cwd = made('of the command')
    writeFileSync(join(cwd, 'mine'), 'mine')
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', script, '.'], { cwd, encoding: 'utf8' })
    expect([status, stdout, stderr]).toEqual([2, '', '. holds mine, which is not of this profile: name a folder that is new or empty\n'])
  })
})
