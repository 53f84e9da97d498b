// node scripts/pictures.ts DEMO CHANGE RECORDING TESTS: draws the pictures of the documentation from two folders of reports, that of the demo and that of the example of a
// pull request, and from what `script -qc 'npm run demo'` and `script -qc 'npm test'` have recorded. Needs cmark-gfm, Chromium, and a font with emoji.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The markdown as a CI system shows it. */
const STYLE = `body { font: 16px/1.5 sans-serif; margin: 24px auto; max-width: 1012px; padding: 8px 24px; border: 1px solid #d0d7de; border-radius: 6px }
h2, h3 { line-height: 1.25; border-bottom: 1px solid #d8dee4; padding-bottom: .3em }
table { border-collapse: collapse; display: block; overflow-x: auto; margin-bottom: 16px }
th, td { border: 1px solid #d0d7de; padding: 6px 10px } tr:nth-child(2n) { background: #f6f8fa }
summary { cursor: pointer } details { margin-bottom: 12px }`

const [, , demo, change, recording, tests] = process.argv
if (demo === undefined || change === undefined || recording === undefined || tests === undefined)
  throw new Error('Give the folders of reports of the demo and of a change, and two recordings.')
const own = mkdtempSync(join(tmpdir(), 'kscan-pictures-'))

const draw = (page: string, picture: string, size: string): void => {
  const flags = ['--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=1', `--window-size=${size}`]
  execFileSync('chromium', [...flags, `--screenshot=${resolve('docs/pictures', picture)}`, `file://${resolve(page)}`], { stdio: 'ignore' })
}

const text = execFileSync('cmark-gfm', ['--unsafe', '--extension', 'table', join(change, 'comment.md')], { encoding: 'utf8' })
const comment = join(own, 'comment.html')
writeFileSync(comment, `<!DOCTYPE html><meta charset="utf-8"><style>${STYLE}</style>${text}`)
draw(comment, 'comment.png', '1110,1085')
draw(join(demo, 'report.html'), 'report.png', '1280,1440')
draw(join(demo, 'report.html'), 'report-phone.png', '500,1500')

const COLOURS: Readonly<Record<string, string>> = { 31: 'color:#ff7b72', 32: 'color:#7ee787', 33: 'color:#e3b341', 1: 'font-weight:bold' }

/** The last lines of a recording, as a terminal shows them. */
const drawTerminal = (file: string, command: string, { picture, lines }: { picture: string; lines: number }): void => {
  const said = readFileSync(file, 'utf8')
    .replaceAll('\r', '')
    .replaceAll(/^Script (?:started|done) on .*\n?/gm, '')
    .replaceAll(/[\u2800-\u28ff]?\u001b\[\d*[GK]/g, '') // npm's wheel
    .replaceAll(/^.*npm.*notice.*\n?/gm, '')
    .trim()
  const shown = said.split('\n').slice(-lines).join('\n')
  const marked = shown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\u001b\[(\d+)m/g, (_, code: string) => (code === '0' ? '</span>' : `<span style="${COLOURS[code] ?? ''}">`))
  const page = join(own, `${picture}.html`)
  const style = 'body{margin:0;background:#0d1117;color:#e6edf3;font:14px/1.45 monospace;padding:20px}pre{white-space:pre-wrap;margin:0}'
  writeFileSync(
    page,
    `<!DOCTYPE html><meta charset="utf-8"><style>${style}</style><pre>$ ${command}\n${said.split('\n').length > lines ? '…\n' : ''}${marked}</pre>`
  )
  draw(page, picture, `1120,${lines * 21 + 90}`)
}
drawTerminal(recording, 'npm run demo', { picture: 'demo.png', lines: 44 })
drawTerminal(tests, 'npm test', { picture: 'test.png', lines: 18 })
rmSync(own, { recursive: true })
