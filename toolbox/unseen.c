/*
 * What a lent program could not see is told on descriptor 108, one datagram each: `p` and the name of a program that it could not start, `r` and a path that
 * this user may not read, `s` and a sentence. The session hands it on with the command's status (session.c). What lies in /proc and /sys is the kernel's, and not told.
 */
#define _GNU_SOURCE
#include "environment.h"
#include "unseen.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_BYTES 1024

static void tell(char kind, const char *text) {
  char message[TEXT_BYTES];
  int length = snprintf(message, sizeof message, "%c%s", kind, text), why = errno;
  send(UNSEEN_FD, message, length < TEXT_BYTES ? length : TEXT_BYTES - 1, MSG_NOSIGNAL);
  errno = why;
}

void unseen_sentence(const char *text) { tell('s', text); }

void unseen_program(const char *name) {
  if (errno == ENOENT || errno == EACCES) tell('p', name);
}

/* The toolbox where it is mounted. */
static bool is_ours(const char *path) {
  const char *hidden = getenv("KSCAN_HIDDEN");
  return hidden && strstr(hidden, " /kscan") && (!strcmp(path, "/kscan") || !strncmp(path, "/kscan/", 7));
}

void unseen_path(int folder, const char *path) {
  char link[32], base[TEXT_BYTES] = "", whole[2 * TEXT_BYTES];
  int why = errno;
  if (why != EACCES && why != EPERM) return;
  snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
  if (*path != '/' && readlink(link, base, sizeof base - 2) > 0) strcat(base, "/");
  snprintf(whole, sizeof whole, "%s%s", base, path);
  errno = why;
  if (strncmp(whole, "/proc/", 6) && strncmp(whole, "/sys/", 5) && !is_ours(whole)) tell('r', whole);
}

#define NEXT(NAME)                       \
  static __typeof__(&NAME) next;         \
  if (!next) next = (__typeof__(&NAME))dlsym(RTLD_NEXT, #NAME)

#define LOOKING(NAME, PARAMETERS, ARGUMENTS, FOLDER)                   \
  int NAME PARAMETERS {                                                \
    NEXT(NAME);                                                        \
    int status = next ARGUMENTS;                                       \
    if (status < 0) unseen_path(FOLDER, path);         \
    return status;                                                     \
  }
LOOKING(stat, (const char *path, struct stat *facts), (path, facts), AT_FDCWD)
LOOKING(stat64, (const char *path, struct stat64 *facts), (path, facts), AT_FDCWD)
LOOKING(lstat, (const char *path, struct stat *facts), (path, facts), AT_FDCWD)
LOOKING(lstat64, (const char *path, struct stat64 *facts), (path, facts), AT_FDCWD)
LOOKING(fstatat, (int folder, const char *path, struct stat *facts, int flags), (folder, path, facts, flags), folder)
LOOKING(fstatat64, (int folder, const char *path, struct stat64 *facts, int flags), (folder, path, facts, flags), folder)
LOOKING(statx, (int folder, const char *path, int flags, unsigned mask, struct statx *facts), (folder, path, flags, mask, facts), folder)

DIR *opendir(const char *path) {
  NEXT(opendir);
  DIR *folder = next(path);
  if (!folder) unseen_path(AT_FDCWD, path);
  return folder;
}

/* A walk of libc's own, which opens and looks by calls that nobody else sees. */
#define WALKING(NAME, CALLBACK, FACTS)                                                                \
  static CALLBACK NAME##_visit;                                                                       \
  static int NAME##_told(const char *path, const struct FACTS *facts, int kind, struct FTW *place) {  \
    errno = EACCES;                                                                                   \
    if (kind == FTW_DNR || kind == FTW_NS) unseen_path(AT_FDCWD, path);                               \
    return NAME##_visit(path, facts, kind, place);                                                    \
  }                                                                                                   \
  int NAME(const char *path, CALLBACK visit, int folders, int flags) {                                \
    NEXT(NAME);                                                                                       \
    NAME##_visit = visit;                                                                             \
    return next(path, NAME##_told, folders, flags);                                                   \
  }
WALKING(nftw, __nftw_func_t, stat)
WALKING(nftw64, __nftw64_func_t, stat64)

static bool is_lent(const char *path) { return strstr(path, "/kscan/bin/") != NULL; }

/* Whether execvp would find a program of the toolbox, or none. */
static bool finds_lent(const char *name) {
  char file[2 * TEXT_BYTES];
  const char *folder = getenv("PATH"), *end;
  if (strchr(name, '/')) return is_lent(name);
  for (; folder && *folder; folder = *end ? end + 1 : end) {
    end = strchrnul(folder, ':');
    snprintf(file, sizeof file, "%.*s/%s", (int)(end - folder), folder, name);
    if (!access(file, X_OK)) return is_lent(file);
  }
  return true;
}

int execve(const char *path, char *const argv[], char *const given[]) {
  NEXT(execve);
  return next(path, argv, is_lent(path) ? given : target_environment(given));
}

int execvp(const char *name, char *const argv[]) {
  NEXT(execvp);
  char **ours = environ;
  if (!finds_lent(name)) environ = target_environment(ours);
  int status = next(name, argv);
  environ = ours;
  unseen_program(name);
  return status;
}

/* Both start /bin/sh in a child and say no more than its status. */
int system(const char *command) {
  NEXT(system);
  if (command && access("/bin/sh", X_OK)) unseen_program("/bin/sh");
  return next(command);
}

FILE *popen(const char *command, const char *how) {
  NEXT(popen);
  if (access("/bin/sh", X_OK)) unseen_program("/bin/sh");
  return next(command, how);
}
