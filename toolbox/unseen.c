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
#include <stdarg.h>
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
static bool is_of_toolbox(const char *path) {
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
  if (strncmp(whole, "/proc/", 6) && strncmp(whole, "/sys/", 5) && !is_of_toolbox(whole)) tell('r', whole);
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

/* Whether execvp finds it in the target. */
static bool is_in_target(const char *name) {
  char file[2 * TEXT_BYTES];
  const char *folder = getenv("PATH"), *end;
  for (; folder && *folder; folder = *end ? end + 1 : end) {
    end = strchrnul(folder, ':');
    snprintf(file, sizeof file, "%.*s/%s", (int)(end - folder), folder, name);
    if (!access(file, X_OK)) return true;
  }
  return false;
}

/* The lent program of a name that the target has not; NULL when there is none. */
static const char *lent_only(const char *name) {
  static char file[2 * TEXT_BYTES];
  const char *tools = getenv(TOOLS);
  if (!tools || !*name || strchr(name, '/')) return NULL;
  snprintf(file, sizeof file, "%s/%s", tools, name);
  return access(file, X_OK) || is_in_target(name) ? NULL : file;
}

static bool is_builtin(const char *name) {
  static const char *const builtins[] = {"[", "echo", "false", "kill", "printf", "pwd", "test", "true"};
  for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
    if (!strcmp(builtins[i], name)) return true;
  return false;
}

/* Whether a program of the target is given the name of one that only we have, as `sh -c 'ps | wc'`, `xargs stat` or `find -exec getent`. */
static bool names_lent(const char *program, char *const argv[]) {
  const char *word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+[";
  size_t length = strlen(program);
  bool shell = length >= 2 && !strcmp(program + length - 2, "sh");
  char name[64];
  for (int i = 1; argv[0] && argv[i]; i++)
    for (const char *at = argv[i]; *(at += strcspn(at, word)); at += length) {
      length = strspn(at, word);
      if (length >= sizeof name) continue;
      snprintf(name, sizeof name, "%.*s", (int)length, at);
      if (!(shell && is_builtin(name)) && lent_only(name)) return true;
    }
  return false;
}

static bool is_named(const char *path, const char *name) {
  const char *last = strrchr(path, '/');
  return !strcmp(last ? last + 1 : path, name);
}

/* `which` only asks where a program of the target is, also that of a busybox. */
static bool only_asks(const char *program, char *const argv[]) {
  const char *applet = is_named(program, "busybox") && argv[0] && argv[1] ? argv[1] : program;
  return is_named(applet, "which");
}

/* The variables of a program of the target. PATH is its own; only who is given the name of a lent tool finds the lent folder behind it, for by itself it would find nothing. */
static char **variables_of(const char *program, char *const argv[], char *const given[]) {
  char **made = target_environment(given), *hidden = getenv(HIDDEN);
  if (!made || only_asks(program, argv) || !names_lent(program, argv)) return made;
  size_t n = 0;
  while (made[n]) n++;
  char **more = calloc(n + 3, sizeof *more), **path = NULL;
  if (!more) return made;
  memcpy(more, made, n * sizeof *more);
  for (size_t i = 0; i < n; i++)
    if (!strncmp(more[i], "PATH=", 5)) path = &more[i];
  if (!path) *(path = &more[n++]) = "PATH=" DEFAULT_PATH;
  if (asprintf(path, "%s:%s", *path, getenv(TOOLS)) < 0) return made;
  if (hidden && asprintf(&more[n], HIDDEN "=%s", hidden) < 0) return made;
  return more;
}

int execve(const char *path, char *const argv[], char *const given[]) {
  NEXT(execve);
  return next(path, argv, is_lent(path) ? given : variables_of(path, argv, given));
}

int execvp(const char *name, char *const argv[]) {
  NEXT(execvp);
  const char *lent = lent_only(name);
  char **ours = environ;
  if (lent) execve(lent, argv, ours);
  else {
    if (!is_lent(name)) environ = variables_of(name, argv, ours);
    next(name, argv);
    environ = ours;
  }
  unseen_program(name);
  return -1;
}

int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }

#define WORDS 64

/* Few words, as `sh -c COMMAND`; NULL when there are too many. */
#define TAKE_WORDS(FIRST)                                            \
  char *argv[WORDS + 1] = {(char *)FIRST};                           \
  va_list more;                                                      \
  va_start(more, FIRST);                                             \
  for (int i = 0; i < WORDS && argv[i]; i++) argv[i + 1] = va_arg(more, char *); \
  va_end(more);                                                      \
  if (argv[WORDS]) return errno = E2BIG, -1

int execl(const char *path, const char *first, ...) {
  TAKE_WORDS(first);
  execve(path, argv, environ);
  unseen_program(path);
  return -1;
}

int execlp(const char *name, const char *first, ...) {
  TAKE_WORDS(first);
  return execvp(name, argv);
}

/* What the next two start is a /bin/sh of the target, in a child, and they say no more than its status. */
static char **variables_of_shell(const char *command) {
  if (access("/bin/sh", X_OK)) unseen_program("/bin/sh");
  return variables_of("/bin/sh", (char *[]){"sh", "-c", (char *)command, NULL}, environ);
}

int system(const char *command) {
  NEXT(system);
  char **ours = environ;
  if (command) environ = variables_of_shell(command);
  int status = next(command);
  environ = ours;
  return status;
}

FILE *popen(const char *command, const char *how) {
  NEXT(popen);
  char **ours = environ;
  environ = variables_of_shell(command);
  FILE *file = next(command, how);
  environ = ours;
  return file;
}
