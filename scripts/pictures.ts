// node scripts/pictures.ts FOLDER: draws the pictures of the documentation from a scan's folder of reports. Needs cmark-gfm and Chromium.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The markdown as a CI system shows it. */
const STYLE = `body { font: 16px/1.5 sans-serif; margin: 24px auto; max-width: 1012px; padding: 8px 24px; border: 1px solid #d0d7de; border-radius: 6px }
h2, h3 { line-height: 1.25; border-bottom: 1px solid #d8dee4; padding-bottom: .3em }
table { border-collapse: collapse; display: block; overflow-x: auto; margin-bottom: 16px }
th, td { border: 1px solid #d0d7de; padding: 6px 10px } tr:nth-child(2n) { background: #f6f8fa }
summary { cursor: pointer } details { margin-bottom: 12px }`

const folder = process.argv[2]
if (folder === undefined) throw new Error('Give the folder of reports of a scan.')
const own = mkdtempSync(join(tmpdir(), 'kscan-pictures-'))

const draw = (page: string, picture: string, size: string): void => {
  const flags = ['--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=1', `--window-size=${size}`]
  execFileSync('chromium', [...flags, `--screenshot=${resolve('docs/pictures', picture)}`, `file://${resolve(page)}`], { stdio: 'ignore' })
}

const text = execFileSync('cmark-gfm', ['--unsafe', '--extension', 'table', join(folder, 'comment.md')], { encoding: 'utf8' })
const comment = join(own, 'comment.html')
writeFileSync(comment, `<!DOCTYPE html><meta charset="utf-8"><style>${STYLE}</style>${text}`)
draw(comment, 'comment.png', '1110,1085')
draw(join(folder, 'report.html'), 'report.png', '1280,1500')
draw(join(folder, 'report.html'), 'report-phone.png', '500,1500')
rmSync(own, { recursive: true })
