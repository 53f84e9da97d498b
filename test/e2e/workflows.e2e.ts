import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const actionlint = promisify(execFile)

test.each([
  ['this project', '.github/workflows/*.yml'],
  ['the examples', 'examples/{github,workflow,pull-request}/*.yml']
])('actionlint accepts the workflows of %s', async (_whose, pattern) => {
  const files = globSync(pattern)
  expect(files.length).toBeGreaterThan(1)
  await actionlint('actionlint', ['-shellcheck=', ...files])
})

test('and refuses one that is wrong', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-workflow-'))
  try {
    writeFileSync(join(folder, 'x.yml'), 'on: push\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    needs: y\n    steps: [{ run: "true" }]\n')
    await expect(actionlint('actionlint', ['-shellcheck=', join(folder, 'x.yml')])).rejects.toMatchObject({ stdout: expect.stringContaining('needs') })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
