import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeFiles } from './root.ts'

const KEY = '-----BEGIN RSA PRIVATE KEY-----\nnot a key, but it looks like one to whoever searches\n-----END RSA PRIVATE KEY-----\n'
const PASSWD = `root:x:0:0:root:/root:/bin/sh
toor:x:0:0::/root:/bin/sh
app:x:1001:1001::/home/app:/bin/sh
open::1002:1002::/home/open:/usr/sbin/nologin
`
const SHADOW = 'root:*:19000:0:99999:7:::\napp:$6$saltsalt$hashhashhash:19000:0:99999:7:::\nopen::19000:0:99999:7:::\n'

/** Files that no image should have, by their paths: they can be written into any container. */
export const PLANTED_FILES = {
  '/etc/app.conf': ['listen = 80\n', 0o666],
  '/root/.ssh/authorized_keys': ['ssh-ed25519 AAAA planted\n', 0o600],
  '/srv/app/server.key': [KEY, 0o644],
  '/srv/app/.aws/credentials': ['[default]\naws_access_key_id = planted\n'],
  '/srv/app/.env': ['MODE=test\n'],
  '/srv/app/.git/config': ['[core]\n']
} as const

/** Plants in a root what an image should not have. What only root may make is left out where this is not root. */
export const plant = (root: string): void => {
  writeFiles(root, {
    '/etc/passwd': [PASSWD, 0o666],
    '/etc/group': ['root:x:0:\napp:x:1001:\n'],
    '/etc/shadow': [SHADOW, 0o644],
    '/etc/os-release': ['PRETTY_NAME="Debian GNU/Linux 10 (buster)"\nID=debian\nVERSION_ID="10"\n'],
    '/etc/apt/apt.conf.d/99open': ['APT::Get::AllowUnauthenticated "true";\n'],
    ...PLANTED_FILES,
    '/usr/bin/apt': ['#!/bin/sh\n', 0o755],
    '/usr/sbin/sshd': ['#!/bin/sh\nsleep 1000000\nexit\n', 0o755], // no server at all, but one by its name
    '/usr/bin/curl': ['#!/bin/sh\n', 0o755],
    '/usr/bin/tool': ['#!/bin/sh\n', 0o755],
    '/usr/bin/as-root': ['#!/bin/sh\n', 0o4755],
    '/srv/app/of-nobody': ['left by a build\n']
  })
  mkdirSync(join(root, 'srv', 'drop'))
  chmodSync(join(root, 'srv', 'drop'), 0o777)
  if (process.getuid?.() !== 0) return
  chownSync(join(root, 'srv/app/of-nobody'), 4242, 4242)
  chownSync(join(root, 'usr/bin/tool'), 1001, 1001)
}

/** What goes with it: variables of a container that should not be there. */
export const PLANTED_ENV = {
  PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:.',
  DB_PASSWORD: 'planted-not-a-secret',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  LD_LIBRARY_PATH: '/srv/drop'
}
