import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { ATTACKS, type Way } from '../../scripts/isolation.ts'
import { docker, makeImage } from './engine.ts'

/** Nothing but the links that lead into /usr: this machine's programs are mounted. */
const IMAGE = 'kscan-isolation:dev'
const HERE = process.cwd()
beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), 'kscan-image-'))
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name))
  for (const name of ['usr', 'etc', 'tmp', 'root']) mkdirSync(join(root, name))
  makeImage(IMAGE, root)
  rmSync(root, { recursive: true })
})
afterAll(() => docker('rmi', '--force', IMAGE))

const Came = z.object({ kind: z.string(), says: z.string(), came: z.record(z.string(), z.string()) })

/** As GitHub's `container:` and GitLab's Docker executor start them: nothing is allowed or taken. */
const attacked = async (user: string): Promise<z.infer<typeof Came>> => {
  const mounts = ['/usr', '/etc/ld.so.cache', HERE].flatMap((path) => ['--volume', `${path}:${path}:ro`])
  const attacks = `mkdir /tmp/attack && exec '${process.execPath}' test/support/isolation/attack.ts auto /tmp/attack`
  return Came.parse(
    JSON.parse(
      await docker(
        'run',
        '--rm',
        '--user',
        user,
        ...mounts,
        '--tmpfs',
        '/tmp:mode=1777',
        '--workdir',
        HERE,
        '--env',
        'SECRET=secret',
        IMAGE,
        'sh',
        '-c',
        attacks
      )
    )
  )
}

test.each([
  ['root is another user', '0:0', 'user', 'container'],
  ['another user has nothing', '64321:64321', 'none', 'containerUser']
] as const)('in a container without privileges the auditor of %s, and that holds as docs/security.md says', async (_what, user, kind, way: Way) => {
  const { kind: taken, says, came } = await attacked(user)
  const expected = Object.entries(ATTACKS).flatMap(([name, row]) => (row.came[way] === 'none' ? [] : [[name, row.came[way]]]))
  expect([taken, says, came]).toEqual([kind, expect.stringMatching(/not bwrap: .*not namespaces: /), expect.objectContaining(Object.fromEntries(expected))])
})
