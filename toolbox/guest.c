/*
 * Preloaded into every lent program. It takes the loader's words out of the program's command line and name; it leaves out of a listing of /proc the
 * processes that KSCAN_HIDDEN names (`PID:START`, the session's own and the helper's); where the toolbox is mounted (`/kscan` in KSCAN_HIDDEN) it leaves
 * that out of listings of / and of lists of mounts; and where an image keeps its package database in /var/lib/dpkg/status.d, as distroless ones do, it
 * gives that to who opens /var/lib/dpkg/status.
 */
#define _GNU_SOURCE
#include "unseen.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PROC_SUPER_MAGIC 0x9fa0
#define STATUS "/var/lib/dpkg/status"

static int open_plainly(int folder, const char *path, int flags, mode_t mode) {
  static int (*next)(int, const char *, int, ...);
  if (!next) next = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
  return next(folder, path, flags, mode);
}

static size_t read_open(int fd, char *into, size_t room) {
  size_t have = 0;
  for (ssize_t n; fd >= 0 && have < room && (n = read(fd, into + have, room - have)) > 0;) have += n;
  return have;
}

static size_t read_all(const char *path, char *into, size_t room) {
  int fd = open_plainly(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  size_t have = read_open(fd, into, room);
  if (fd >= 0) close(fd);
  return have;
}

/* The arguments move to the front of the memory that the kernel shows as this process's command line. */
__attribute__((constructor)) static void take_name(int argc, char **argv) {
  static char shown[1 << 21];
  size_t total = read_all("/proc/self/cmdline", shown, sizeof shown);
  if (argc < 1 || total == 0) return;
  char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1, *to = end - total;
  if (to > argv[0]) return;
  for (int i = 0; i < argc; i++) {
    size_t length = strlen(argv[i]) + 1;
    argv[i] = memmove(to, argv[i], length);
    to += length;
  }
  memset(to, 0, end - to);
  char *name = strrchr(argv[0], '/');
  program_invocation_name = argv[0];
  program_invocation_short_name = name ? name + 1 : argv[0];
  prctl(PR_SET_NAME, program_invocation_short_name);
}

/* A process that has the number but another start time is not ours. */
static bool is_hidden(const char *pid) {
  const char *entry = getenv("KSCAN_HIDDEN");
  size_t length = strlen(pid);
  for (; entry; entry = strchr(entry, ' ') ? strchr(entry, ' ') + 1 : NULL) {
    if (strncmp(entry, pid, length) || entry[length] != ':') continue;
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    text[read_all(path, text, sizeof text - 1)] = 0;
    char *field = strrchr(text, ')');
    for (int i = 2; field && i < 22; i++) field = strchr(field + 1, ' ');
    if (field && strtoull(field + 1, NULL, 10) == strtoull(entry + length + 1, NULL, 10)) return true;
  }
  return false;
}

static bool lists_processes(DIR *folder) {
  struct statfs facts;
  return fstatfs(dirfd(folder), &facts) == 0 && facts.f_type == PROC_SUPER_MAGIC;
}

static bool is_mounted(void) {
  const char *hidden = getenv("KSCAN_HIDDEN");
  return hidden && strstr(hidden, " /kscan");
}

static bool is_root(DIR *folder) {
  struct stat here, root;
  return fstat(dirfd(folder), &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev && here.st_ino == root.st_ino;
}

static bool is_left_out(DIR *folder, const char *name) {
  if (name[0] >= '1' && name[0] <= '9') return lists_processes(folder) && is_hidden(name);
  return !strcmp(name, "kscan") && is_mounted() && is_root(folder);
}

#define HIDING(NAME, ENTRY)                                                                                   \
  struct ENTRY *NAME(DIR *folder) {                                                                           \
    static struct ENTRY *(*next)(DIR *);                                                                      \
    if (!next) next = (struct ENTRY * (*)(DIR *)) dlsym(RTLD_NEXT, #NAME);                                    \
    struct ENTRY *entry = next(folder);                                                                       \
    while (entry && is_left_out(folder, entry->d_name)) entry = next(folder);                                  \
    return entry;                                                                                             \
  }
HIDING(readdir, dirent)
HIDING(readdir64, dirent64)

/* All packages of status.d as one database; each is there because it is installed, which only the database itself would say. */
static int distroless_status(void) {
  DIR *folder = opendir(STATUS ".d");
  if (!folder) return -1;
  int made = memfd_create("status", 0);
  for (struct dirent *entry; made >= 0 && (entry = readdir(folder));) {
    char path[512], *dot = strrchr(entry->d_name, '.');
    static char text[1 << 20];
    if (entry->d_name[0] == '.' || (dot && !strcmp(dot, ".md5sums"))) continue;
    snprintf(path, sizeof path, STATUS ".d/%.400s", entry->d_name);
    if (access(path, R_OK)) unseen_path(AT_FDCWD, path);
    size_t length = read_all(path, text, sizeof text - 1);
    text[length] = 0;
    while (length && text[length - 1] == '\n') text[--length] = 0;
    if (!length) continue;
    if (strncmp(text, "Package:", 8) && !strstr(text, "\nPackage:")) {
      unseen_sentence("an entry of " STATUS ".d names no package");
      continue;
    }
    dprintf(made, "%s%s\n\n", strstr(text, "\nStatus:") ? "" : "Status: install ok installed\n", text);
  }
  closedir(folder);
  if (made >= 0) lseek(made, 0, SEEK_SET);
  return made;
}

/* An open list of mounts becomes one without the toolbox's own. */
static void leave_out_toolbox(int fd) {
  static char text[1 << 20];
  char link[64], name[128] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (!is_mounted() || readlink(link, name, sizeof name - 1) < 0 || strncmp(name, "/proc/", 6)) return;
  char *last = strrchr(name, '/') + 1;
  if (strcmp(last, "mounts") && strcmp(last, "mountinfo") && strcmp(last, "mountstats")) return;
  int made = memfd_create(last, 0), flags = fcntl(fd, F_GETFD);
  if (made < 0) return;
  text[read_open(fd, text, sizeof text - 1)] = 0;
  for (char *state = NULL, *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
    if (!strstr(line, " /kscan ")) dprintf(made, "%s\n", line);
  lseek(made, 0, SEEK_SET);
  if (dup2(made, fd) >= 0) fcntl(fd, F_SETFD, flags);
  close(made);
}

static int open_seen(int folder, const char *path, int flags, mode_t mode) {
  int fd = open_plainly(folder, path, flags, mode), why = errno;
  if (fd < 0 && why == ENOENT && !strcmp(path, STATUS)) return distroless_status();
  if (fd >= 0 && (flags & O_ACCMODE) == O_RDONLY) leave_out_toolbox(fd);
  errno = why;
  bool only_time = why == EPERM && (flags & O_NOATIME); /* asked of files of others: who gets it tries without */
  if (fd < 0 && (flags & O_ACCMODE) == O_RDONLY && !only_time) unseen_path(folder, path);
  return fd;
}

#define TAKE_MODE                                                            \
  va_list more;                                                              \
  va_start(more, flags);                                                     \
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;  \
  va_end(more)
#define OPENING(SUFFIX)                                                                                               \
  int open##SUFFIX(const char *path, int flags, ...) { TAKE_MODE; return open_seen(AT_FDCWD, path, flags, mode); }    \
  int openat##SUFFIX(int folder, const char *path, int flags, ...) { TAKE_MODE; return open_seen(folder, path, flags, mode); } \
  int __open##SUFFIX##_2(const char *path, int flags) { return open_seen(AT_FDCWD, path, flags, 0); }                 \
  int __openat##SUFFIX##_2(int folder, const char *path, int flags) { return open_seen(folder, path, flags, 0); }     \
  FILE *fopen##SUFFIX(const char *path, const char *how) {                                                            \
    static FILE *(*next)(const char *, const char *);                                                                 \
    if (!next) next = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, "fopen" #SUFFIX);                     \
    FILE *file = next(path, how);                                                                                     \
    if (file && *how == 'r') leave_out_toolbox(fileno(file));                                                         \
    if (!file && *how == 'r') unseen_path(AT_FDCWD, path);                                                            \
    return file;                                                                                                      \
  }
OPENING()
OPENING(64)
