import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from '@jest/globals'

const folder = mkdtempSync(join(tmpdir(), 'kscan-size-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A file without a block on the disk. */
const sparse = (name: string, bytes: number): string => {
  const file = join(folder, name)
  writeFileSync(file, '')
  truncateSync(file, bytes)
  return file
}

const TOO_LARGE = sparse('large.json', 400 * 1024 * 1024 + 1)
const SENTENCE = 'cannot be read: it has more than the 419430400 bytes that can be judged'

/** The command line from its sources, with what the shell puts before and behind it. */
const shell = async (line: string): Promise<{ code: number; stderr: string }> => {
  const command = line.replace('KSCAN', `"${process.execPath}" --no-warnings --input-type=module -e "import('./src/cli.ts').then(({ cli }) => cli())" kscan`)
  const { code = 0, stderr } = await promisify(execFile)('sh', ['-c', command], { env: { PATH: process.env['PATH'] ?? '', HOME: folder } }).catch(
    (error) => error
  )
  return { code, stderr }
}

describe('more than can be judged is refused with a sentence', () => {
  test.each([
    ['as a file', `KSCAN judge '${TOO_LARGE}'`],
    ['as the standard input', `KSCAN judge - < '${TOO_LARGE}'`],
    ['through a pipe', 'head -c 500000000 /dev/zero | KSCAN judge -']
  ])('%s', async (_, line) => {
    const { code, stderr } = await shell(line)
    expect(stderr).toContain(SENTENCE)
    expect(code).toBe(3)
  })

  test('and what has no end is not read', async () => {
    const { code, stderr } = await shell('KSCAN judge /dev/zero')
    expect([code, stderr]).toEqual([2, expect.stringContaining('/dev/zero: expected a readable file; got it is a device')])
  })

  test('and so is a threshold', async () => {
    const { code, stderr } = await shell(`KSCAN judge test/fixtures/hdf/one-profile.json --threshold-file '${TOO_LARGE}'`)
    expect(stderr).toContain('it has more than 1048576 bytes')
    expect(code).toBe(2)
  })
})

test('a threshold that is no UTF-8 is refused', async () => {
  const file = join(folder, 'latin.yaml')
  writeFileSync(file, Buffer.from('failed.total.max: 9 # \u00fcber', 'latin1'))
  const { code, stderr } = await shell(`KSCAN judge test/fixtures/hdf/one-profile.json --threshold-file '${file}'`)
  expect(stderr).toContain('not valid for encoding utf-8')
  expect(code).toBe(2)
})

test('results come through a pipe, piece by piece', async () => {
  const { code, stderr } = await shell('(head -c 1000; sleep 1; cat) < test/fixtures/hdf/one-profile.json | KSCAN judge -')
  expect(stderr).not.toContain('error')
  expect(code).toBe(1)
})
