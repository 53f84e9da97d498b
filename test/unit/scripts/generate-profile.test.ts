import { describe, expect, test } from '@jest/globals'
import { controlId, profile } from '../../../scripts/generate-profile.ts'

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
