import { expect, test } from '@jest/globals'
import { asksNode } from '../../../src/hdf/node.ts'

const asked = (words: string, resource?: string): boolean => asksNode({ status: 'passed', code_desc: words, resource_class: resource })

test.each([
  ['a kernel parameter', 'Kernel Parameter kernel.randomize_va_space value is expected to eq 2', 'kernel_parameter'],
  ['a kernel module', 'Kernel Module dccp is expected not to be loaded', 'kernel_module'],
  ['the audit daemon', 'Auditd Rules is expected to exist', 'auditd'],
  ['sysctl', 'Command: `sysctl net.ipv4.ip_forward` stdout is expected to eq "0"'],
  ['sysctl by its path, in a pipe', 'Command: `/sbin/sysctl -a | grep forward` stdout is expected to eq ""'],
  ['lsmod behind a pipe', 'Command: `true; lsmod | grep usb` stdout is expected to be empty'],
  ['a file of /proc/sys', 'File /proc/sys/kernel/core_pattern content is expected to eq "core"']
])('%s is the node’s', (...[, words = '', resource]: string[]) => expect(asked(words, resource)).toBe(true))

test.each([
  ['a file', 'File /etc/sysctl.conf content is expected to match /a/'],
  ['a command that only names it', 'Command: `cat /etc/sysctl.d/a.conf` stdout is expected to eq ""'],
  ['a text about it', 'sysctl is expected to eq 0'],
  ['a process of the container', 'File /proc/1/environ content is expected to eq ""']
])('%s is the container’s', (_what, words) => expect(asked(words)).toBe(false))
