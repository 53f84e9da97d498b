import { execFileSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import { FOREIGN_LOOK, foreignTools } from '../../../src/approach/foreign-helper.ts'

const GLIBC = `lender 14 7796
loader /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
folder /usr/lib/x86_64-linux-gnu
folder /usr/lib
loaded sh /usr/bin/dash
loaded cat /usr/bin/cat
loaded awk /usr/bin/mawk
loaded stat /usr/bin/coreutils
loaded ps /usr/bin/ps
other egrep /usr/bin/egrep
`
const LOAD = ['/proc/14/root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', '--library-path', '/proc/14/root/usr/lib/x86_64-linux-gnu:/proc/14/root/usr/lib']
const BUSYBOX = 'lender 9 12\nother sh /bin/busybox\nother cat /bin/busybox\nother stat /bin/busybox\nother grep /bin/busybox\n'

describe('what a helper of any image lends', () => {
  test('is started by its own loader: tools that are one program, and not those that answer for the helper', () => {
    const { lender, sh, cat, tools } = foreignTools(GLIBC)
    expect({ lender, sh, cat }).toEqual({
      lender: { pid: 14, start: '7796' },
      sh: [...LOAD, '/proc/14/root/usr/bin/dash'],
      cat: [...LOAD, '/proc/14/root/usr/bin/cat']
    })
    expect([...tools.keys()]).toEqual(['cat', 'awk'])
  })

  test('is busybox where nothing can be loaded, with the applets of which every option is known', () => {
    const { sh, tools } = foreignTools(BUSYBOX)
    expect(sh).toEqual(['/proc/9/root/bin/busybox', 'sh'])
    expect([...tools]).toEqual([
      ['cat', ['/proc/9/root/bin/busybox', 'cat']],
      ['stat', ['/proc/9/root/bin/busybox', 'stat']]
    ])
  })

  test('is nothing that lies behind a blank in a path', () => {
    const { tools } = foreignTools(`${GLIBC}loaded id /opt/id tools/id\nloaded stat /usr/bin/stat x\nfolder /opt/a b\n`)
    expect([...tools.keys()]).toEqual(['cat', 'awk'])
    expect(tools.get('cat')).toEqual([...LOAD, '/proc/14/root/usr/bin/cat'])
  })

  test.each([
    ['no process', BUSYBOX.replace(/^lender.*\n/, '')],
    ['two processes', `lender 3 4\n${BUSYBOX}`],
    ['no cat', BUSYBOX.replace(/.* cat .*\n/, '')],
    ['a shell that only another loader starts', 'lender 9 12\nother sh /bin/dash\nother cat /bin/cat\n'],
    ['a path that would mean something to a shell', BUSYBOX.replaceAll('/bin/', '/bin;id/')],
    ['nothing', '']
  ])('is nothing where it shows %s', (_what, said) => expect(() => foreignTools(said)).toThrow(expect.objectContaining({ code: 'HELPER_FAILED' })))

  test('is found by a look at a real image', () => {
    const [program, ...args] = FOREIGN_LOOK
    const said = execFileSync(program, args, { encoding: 'utf8' })
    expect(said).toMatch(/^loaded sh \/\S+$/m)
    expect(said).toMatch(/^loaded cat \/\S+$/m)
  })
})
