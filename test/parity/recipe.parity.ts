import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { control, profile, result, textOf } from './hdf.ts'

const recipe = /^```bash\n(.*?)^```$/ms.exec(readFileSync('docs/thresholds.md', 'utf8'))?.[1] ?? ''
const [install = '', ...steps] = recipe.trim().split('\n')

test('the documented recipe, with the pinned SAF', () => {
  const { dependencies } = JSON.parse(readFileSync('test/parity/package.json', 'utf8')) as { dependencies: Record<string, string> }
  expect(install).toBe(`npm install --prefix saf-check --ignore-scripts @mitre/saf@${dependencies['@mitre/saf']}`)
  const folder = mkdtempSync(join(tmpdir(), 'kscan-recipe-'))
  try {
    mkdirSync(join(folder, 'saf-check'))
    mkdirSync(join(folder, 'kscan-reports/hdf'), { recursive: true })
    symlinkSync(resolve('test/parity/node_modules'), join(folder, 'saf-check/node_modules'))
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
    write('threshold.yaml', 'failed: { total: { max: 0 } }\n')
    write('kscan-reports/hdf/a.json', textOf({ profiles: [profile('base', [control('V-1', [result('passed')])])] }))
    write('kscan-reports/hdf/b.json', textOf({ profiles: [profile('base', [control('V-1', [result('failed')])])] }))
    write('kscan-reports/hdf/c.json', 'cut off')
    const env = { PATH: `${resolve('node_modules/.bin')}:${process.env['PATH']}`, HOME: folder }
    const said = execFileSync('sh', ['-e', '-c', steps.join('\n')], { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    expect(said).toBe('kscan-reports/hdf/a.json: passed\nkscan-reports/hdf/b.json: not passed\nkscan-reports/hdf/c.json: not passed\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
