/*
 * What runs first of everything lent. One static program, hard-linked under kscan/bin once per tool and reached by a path that ends in /kscan/bin/NAME:
 * what stands before that is the root that lends, wherever the running container sees it. It executes the lent loader on the lent binary, so a tool
 * works inside another root, with that root's files and this user's rights, and takes no library, setting or variable from it.
 * In the image it has mode 0111: a process of it is not dumpable, so no other process of the same user may read or replace what it holds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "database.h"
#include "environment.h"
#include "session.h"
#include "unseen.h"

/* The lending root stays open under this number: /proc/PID may be another process by the time a tool starts. Too high for `dash` to name. */
#define ROOT_FD 109
#define PINNED "/proc/self/fd/109"
#define BIN "/kscan/bin/"

extern char **environ;

static void fail(const char *what) {
  dprintf(2, "kscan: %s: %s\n", what, strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

static char *join(const char *left, const char *right) {
  char *text;
  if (asprintf(&text, "%s%s", left, right) < 0) fail("memory");
  return text;
}

/* which [-a] NAME...: in the target's own folders only. */
static int which(int argc, char **argv) {
  bool all = argc > 1 && !strcmp(argv[1], "-a");
  int status = argc < 2 ? 1 : 0;
  for (int i = all ? 2 : 1; i < argc; i++) {
    bool found = false;
    char *copy = strdup(strchr(argv[i], '/') || !getenv("PATH") ? "" : getenv("PATH")), *state = NULL;
    char *folder = strchr(argv[i], '/') ? "" : strtok_r(copy, ":", &state);
    for (; folder && (all || !found); folder = *folder ? strtok_r(NULL, ":", &state) : NULL) {
      char *file = *folder ? join(join(folder, "/"), argv[i]) : argv[i];
      struct stat facts;
      if (stat(file, &facts) || !S_ISREG(facts.st_mode) || access(file, X_OK)) continue;
      puts(file);
      found = true;
    }
    if (!found) status = 1;
  }
  return status;
}

/* env and printenv without a command to run: the target's variables as the target has them. */
static int print_environment(int argc, char **argv) {
  int status = 0, i = 1;
  char end = '\n';
  if (i < argc && (!strcmp(argv[i], "-0") || !strcmp(argv[i], "--null"))) end = '\0', i++;
  if (i == argc) {
    for (char **entry = environ; *entry; entry++) show_variable(*entry, end);
    return 0;
  }
  for (; i < argc; i++) status |= !show_value(argv[i], end);
  return status;
}

static bool prints_environment(const char *tool, int argc, char **argv) {
  if (!strcmp(tool, "printenv")) return argc < 2 || argv[1][0] != '-' || !strcmp(argv[1], "-0") || !strcmp(argv[1], "--null");
  return !strcmp(tool, "env") && (argc == 1 || (argc == 2 && (!strcmp(argv[1], "-0") || !strcmp(argv[1], "--null"))));
}

/* Makes the lending root reachable by a name that outlives the process by which it was found. */
static char *pin(char *root) {
  if (strncmp(root, "/proc/", 6) || !strncmp(root, "/proc/self/", 11)) return root;
  int fd = open(*root ? root : "/", O_PATH | O_DIRECTORY);
  if (fd < 0 || dup2(fd, ROOT_FD) < 0) fail("the lending root");
  close(fd);
  return PINNED;
}

/* Those that are lent find each other by a variable of ours; PATH stays the target's own. */
static void offer_tools(const char *root) {
  const char *tools = join(root, "/kscan/bin"), *path = getenv("PATH");
  setenv(TOOLS, tools, 1);
  if (path) setenv("PATH", path_without(path, tools), 1);
}

/* Names that are scripts elsewhere, and options without which a tool would read settings or modules of the target: `%` stands for the lending root. */
static const struct extra {
  const char *name, *program, *options[2];
} EXTRAS[] = {
    {"apk", "gawk", {"--file", "%/kscan/share/apk.awk"}},
    {"awk", "gawk", {NULL}},
    {"egrep", "grep", {"-E"}},
    {"fgrep", "grep", {"-F"}},
    {"file", "file", {"--magic-file", "%/kscan/share/magic.mgc"}},
    {"getent", "getent", {"--service=files"}},
    {"lsmod", "kmod", {NULL}},
    {"modinfo", "kmod", {NULL}},
    {"modprobe", "kmod", {NULL}},
    {"sh", "dash", {NULL}},
    {"zcat", "gzip", {"-cd"}},
};

static struct extra extra_of(const char *tool) {
  for (size_t i = 0; i < sizeof EXTRAS / sizeof *EXTRAS; i++)
    if (!strcmp(EXTRAS[i].name, tool)) return EXTRAS[i];
  return (struct extra){tool, tool, {NULL}};
}

/* What a pipe may hide of it, the session is told. */
static void refuse(const char *tool, const char *why) {
  char said[256];
  int length = snprintf(said, sizeof said, "s%s: %s", tool, why);
  dprintf(2, "kscan: %s\n", said + 1);
  send(UNSEEN_FD, said, length, MSG_NOSIGNAL);
  _exit(127);
}

/* Replaces this process by a lent tool. */
void run_tool(const char *root, const char *tool, char **argv) {
  int argc = 0, n = 0;
  while (argv[argc]) argc++;
  struct extra extra = extra_of(tool);
  const char *without, *const *database = database_options(tool, argv, &without);
  if (!database) refuse(tool, without);
  char **all = calloc(argc + 18, sizeof *all);
  char *lib = join(root, "/kscan/lib");
  all[n++] = join(lib, "/ld.so");
  all[n++] = "--preload";
  all[n++] = join(lib, "/guest.so");
  all[n++] = "--inhibit-cache";
  all[n++] = "--library-path";
  all[n++] = lib;
  all[n++] = "--argv0";
  all[n++] = argv[0] ? argv[0] : (char *)tool;
  all[n++] = join(join(root, "/kscan/libexec/"), extra.program);
  for (int i = 0; i < 2 && extra.options[i]; i++) all[n++] = *extra.options[i] == '%' ? join(root, extra.options[i] + 1) : (char *)extra.options[i];
  for (; *database; database++) all[n++] = (char *)*database;
  for (int i = 1; i < argc; i++) all[n++] = argv[i];
  execve(all[0], all, environment_for(tool, root));
  fail(tool);
}

int main(int argc, char **argv) {
  char *self = (char *)getauxval(AT_EXECFN), *at = NULL;
  for (char *found = self; found && (found = strstr(found, BIN)); found++) at = found;
  if (!at) {
    dprintf(2, "kscan: %s was not started as /kscan/bin/NAME\n", self ? self : "the launcher");
    return 126;
  }
  const char *tool = at + strlen(BIN);
  char *root = strndup(self, at - self);
  root = pin(root);
  offer_tools(root);
  if (!strcmp(tool, "session")) return serve(root, argc > 1 ? argv[1] : "ready");
  if (!strcmp(tool, "which")) return which(argc, argv);
  if (prints_environment(tool, argc, argv)) return print_environment(argc, argv);
  run_tool(root, tool, argv);
}
