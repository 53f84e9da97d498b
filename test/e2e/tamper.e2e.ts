import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { hdfOf, kscan } from './cli.ts'
import { kubectl } from './cluster.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { readyToolbox, TOOLBOX } from './toolbox.ts'

const IMAGE = 'test.local/hostile:1'

/** Looks, as the same user, for a way into each process that is not its own: descriptors, memory, environment, root. Prints what it got. */
const INTRUDER = `
#include <dirent.h>
#include <fcntl.h>
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
      if (!strcmp(program, holder)) continue;
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
  readyToolbox()
  makeImage(join(work, 'root'))
  mkdirSync(join(work, 'profile', 'controls'), { recursive: true })
  writeFileSync(join(work, 'profile', 'inspec.yml'), 'name: hostile\nversion: 1.0.0\ntitle: What a hostile image would like to hide\n')
  writeFileSync(join(work, 'profile', 'controls', 'hostile.rb'), PROFILE)
  await startRestrictedPod('hostile', IMAGE, HOSTILE_ENV)
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

test('a lent shell in a hostile image answers right, and its processes are closed to the image', async () => {
  const line = `scan --namespace ${RESTRICTED} --pod hostile --profile ${join(work, 'profile')} --approach debug-container --helper-image ${TOOLBOX}`
  const ran = await kscan([...line.split(' '), '--allow', 'unpoliced-ephemeral-container', '--container-detection', 'native'])
  const [report] = [...hdfOf(ran).values()]
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect(ran.code).toBe(0)
  const log = (await kubectl('logs', '-n', RESTRICTED, 'hostile')).trim().split('\n')
  expect(log).toEqual(['watching'])
})
