import type { RawResult } from './schema.ts'

/** Resources whose answers are the kernel's, which all containers of a node share (DESIGN §6). */
const RESOURCES = new Set(['kernel_parameter', 'kernel_parameters', 'kernel_module', 'auditd', 'selinux', 'apparmor'])

/** Commands and files that ask the same. */
const COMMAND = /^Command: `(?:[^`]*[;|&(])?\s*(?:\/(?:usr\/)?s?bin\/)?(?:sysctl|lsmod|modinfo|modprobe|auditctl|dmesg)\b/
const FILE = /^(?:File|Content of) \/(?:proc\/(?:sys|modules|cmdline)|sys\/(?:module|kernel))\b/i

/** Whether a check asks what the node's kernel is like: its answer says nothing of the container. */
export const asksNode = ({ resource_class: resource, code_desc: words }: RawResult): boolean =>
  RESOURCES.has(resource ?? '') || COMMAND.test(words ?? '') || FILE.test(words ?? '')
