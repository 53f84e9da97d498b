import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A container that only waits, without a shell or any library. */
const WAITER = '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n'

/** The root of an image for user 65532 that has nothing but /app, which waits. */
export const makeWaiting = (root: string): void => {
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n')
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnonroot:x:65532:\n')
  writeFileSync(join(root, 'etc', 'os-release'), 'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n')
  execFileSync('gcc', ['-static', '-s', '-o', join(root, 'app'), '-x', 'c', '-'], { input: WAITER })
}

/** The archive of a root folder, with the owners' numbers. */
export const archive = (root: string): string => {
  execFileSync('tar', ['--numeric-owner', '-C', root, '-cf', `${root}.tar`, '.'])
  return `${root}.tar`
}
