import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { hdfOf, kscan, type Ran } from './cli.ts'
import { kubectl, NAMESPACE } from './cluster.ts'
import { deploy } from './deployed.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'

const IMAGE = 'test.local/hostile:1'

/** Looks, as the same user, for a way into each process that is not its own: descriptors, memory, environment, root. Prints what it got. */
const INTRUDER = `
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
  setbuf(stdout, NULL);
  puts("watching");
  for (;; usleep(500)) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
      int pid = atoi(entry->d_name);
      if (pid <= 1 || pid == getpid()) continue;
      const char *ways[] = {"fd/0", "fd/1", "fd/2", "mem", "environ", "root/etc/passwd", "cwd/etc/passwd"};
      char path[64], program[256] = "", holder[] = "/kscan/bin/hold";
      snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
      int names = open(path, O_RDONLY);
      if (names >= 0) { read(names, program, sizeof program - 1); close(names); }
      if (!strcmp(program, holder)) {
        if (getenv("ENDS_HELPERS")) kill(pid, SIGKILL);
        continue;
      }
      for (int i = 0; i < 7; i++) {
        char byte;
        snprintf(path, sizeof path, "/proc/%d/%s", pid, ways[i]);
        int fd = open(path, O_RDONLY | O_NONBLOCK);
        if (fd < 0) continue;
        if (i != 4 || read(fd, &byte, 1) > 0) printf("got %s of %d: %s\\n", ways[i], pid, program);
        close(fd);
      }
    }
    if (proc) closedir(proc);
  }
}
`

/** Every file has mode 0644, whatever is asked; every package is fine. */
const LIAR = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/stat.h>
int fstatat(int folder, const char *path, struct stat *facts, int flags) {
  int (*next)(int, const char *, struct stat *, int) = (int (*)(int, const char *, struct stat *, int))dlsym(RTLD_NEXT, "fstatat");
  int status = next(folder, path, facts, flags);
  facts->st_mode = (facts->st_mode & S_IFMT) | 0644;
  return status;
}
int statx(int folder, const char *path, int flags, unsigned mask, struct statx *facts) {
  int (*next)(int, const char *, int, unsigned, struct statx *) = (int (*)(int, const char *, int, unsigned, struct statx *))dlsym(RTLD_NEXT, "statx");
  int status = next(folder, path, flags, mask, facts);
  facts->stx_mode = (facts->stx_mode & S_IFMT) | 0644;
  return status;
}
`

const makeImage = (root: string): void => {
  for (const folder of ['etc', 'lib/x86_64-linux-gnu']) mkdirSync(join(root, folder), { recursive: true })
  execFileSync('gcc', ['-static', '-s', '-O1', '-o', join(root, 'app'), '-x', 'c', '-'], { input: INTRUDER, stdio: ['pipe', 'ignore', 'ignore'] })
  for (const name of ['session', 'sh', 'dash']) copyFileSync(join(root, 'app'), join(root, name))
  execFileSync('gcc', ['-shared', '-fPIC', '-o', join(root, 'liar.so'), '-x', 'c', '-'], { input: LIAR })
  for (const name of ['libc.so.6', 'libselinux.so.1', 'libnss_hostile.so.2', 'libcap.so.2'])
    execFileSync('cp', [join(root, 'liar.so'), join(root, 'lib/x86_64-linux-gnu', name)])
  writeFileSync(join(root, 'etc', 'ld.so.preload'), '/liar.so\n')
  writeFileSync(join(root, 'etc', 'nsswitch.conf'), 'passwd: hostile files\ngroup: hostile files\n')
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n')
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nnonroot:x:65532:\n')
  writeFileSync(join(root, 'etc', 'app.conf'), 'secret\n', { mode: 0o666 })
  execFileSync('chmod', ['0666', join(root, 'etc', 'app.conf')])
  execFileSync('chmod', ['-R', 'go+rX', root])
  cluster('image', IMAGE, root, '{"Entrypoint":["/app"],"User":"65532"}')
}

/** Variables that make a program of the GNU C library, a bash or a tool do what their owner wants. */
const HOSTILE_ENV = {
  LD_PRELOAD: '/liar.so',
  LD_LIBRARY_PATH: '/lib/x86_64-linux-gnu',
  LD_AUDIT: '/liar.so',
  'BASH_FUNC_stat%%': '() { echo 81a4 0 0 7 0 root:root; }',
  BASH_ENV: '/etc/app.conf',
  ENV: '/etc/app.conf',
  IFS: 'x',
  GCONV_PATH: '/lib/x86_64-linux-gnu',
  PS_FORMAT: 'pid',
  LC_ALL: 'C.UTF-8',
  POSIXLY_CORRECT: '1',
  KSCAN_KEPT_PATH: '/',
  KSCAN_HIDDEN: '1:0',
  KSCAN_TOOLS: '/',
  PATH: '/proc/self/fd/109/kscan/bin:/'
}

const PROFILE = `
control 'mode' do
  impact 1.0
  describe file('/etc/app.conf') do
    its('mode') { should eq 0o666 }
    its('owner') { should eq 'root' }
  end
  describe command("stat -c '%a %U' /etc/app.conf") do
    its('stdout') { should eq "666 root\\n" }
  end
  describe command("bash -c 'stat -c %a /etc/app.conf'") do
    its('stdout') { should eq "666\\n" }
  end
  describe command("find /etc/app.conf -perm 0666") do
    its('stdout') { should eq "/etc/app.conf\\n" }
  end
  describe user('nonroot') do
    its('uid') { should eq 65532 }
  end
end
control 'running' do
  describe os_env('LD_PRELOAD') do
    its('content') { should eq '/liar.so' }
  end
  describe command('env | grep -c ^LD_PRELOAD=/liar.so') do
    its('stdout') { should eq "1\\n" }
  end
  describe command('type session') do
    its('stdout') { should eq "session is //session\\n" }
  end
  describe command('ps -eo comm=') do
    its('stdout') { should match(/^app$/) }
    its('stdout') { should_not match(/hold|session|ld.so/) }
  end
end
`

let work = ''
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kscan-e2e-hostile-'))
  makeImage(join(work, 'root'))
  mkdirSync(join(work, 'profile', 'controls'), { recursive: true })
  writeFileSync(join(work, 'profile', 'inspec.yml'), 'name: hostile\nversion: 1.0.0\ntitle: What a hostile image would like to hide\n')
  writeFileSync(join(work, 'profile', 'controls', 'hostile.rb'), PROFILE)
  await startRestrictedPod('hostile', IMAGE, HOSTILE_ENV)
  for (const component of ['sidecar', 'toolbox-volume']) await deploy(`hostile-${component}`, IMAGE, { components: [component], env: HOSTILE_ENV })
})
afterAll(async () => {
  rmSync(work, { recursive: true, force: true })
  await kubectl('delete', 'deployments', 'hostile-sidecar', 'hostile-toolbox-volume', '-n', RESTRICTED, '--ignore-not-found')
})

const LENT = `--approach debug-container --helper-image ${TOOLBOX} --allow unpoliced-ephemeral-container`
const scan = async (how: string): Promise<Ran> =>
  await kscan(`scan --namespace ${RESTRICTED} --profile ${join(work, 'profile')} --container-detection native ${how}`.split(' '))

const tamperResistance = ({ folder }: Ran): string | undefined => {
  const record = JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8')) as { targets: { tamperResistance: string }[] }
  return record.targets[0]?.tamperResistance
}

/** Who lends; a pod of ours has nothing of the running one, so neither its variables nor its processes. */
const LENDERS = [
  ['an ephemeral container', 'pod/hostile', `--pod hostile ${LENT}`],
  ['a sidecar', 'deployment/hostile-sidecar', '--workload deployment/hostile-sidecar --approach sidecar-container'],
  ['a volume', 'deployment/hostile-toolbox-volume', '--workload deployment/hostile-toolbox-volume --approach sidecar-container'],
  ['a pod of ours', 'pod/hostile', `--pod hostile --approach twin-pod --helper-image ${TOOLBOX} --allow scan-pod --controls mode`]
] as const

test.each(LENDERS)('a shell that %s lends in a hostile image answers right, and its processes are closed to the image', async (_who, image, how) => {
  const ran = await scan(how)
  const [report] = [...hdfOf(ran).values()]
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect([ran.code, tamperResistance(ran)]).toEqual([0, 'lent-shell'])
  const log = (await kubectl('logs', '-n', RESTRICTED, image, '--all-containers')).trim().split('\n')
  expect(log).toEqual(['watching'])
})

test('an image that ends helpers as soon as they come gets no answers of its own in', async () => {
  await startRestrictedPod('ends-helpers', IMAGE, { ...HOSTILE_ENV, ENDS_HELPERS: '1' })
  const ran = await scan(`--pod ends-helpers ${LENT}`)
  const failed = [4, expect.stringMatching(/error: .*(?:helper|lent shell)/i), []]
  const [report] = ran.code === 0 ? [...hdfOf(ran).values()] : []
  expect([ran.code, ran.stderr, report === undefined ? [] : notPassed(report)]).toEqual(ran.code === 0 ? [0, expect.any(String), []] : failed)
})

test("a target's own shell is said to have no such resistance", async () => {
  const ran = await kscan(`scan --namespace ${NAMESPACE} --pod debian --profile ${resolve('test/fixtures/profiles/first')} --controls accounts-1`.split(' '))
  expect(tamperResistance(ran)).toBe('none')
})
