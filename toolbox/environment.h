/* Which variables of a container's environment reach what is lent. */
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* A variable that must not act on a lent program is carried on under this name, for programs that only show it. */
#define KEPT "KSCAN_KEPT_"
/* The processes that lent tools do not list; ours, and never shown. */
#define HIDDEN "KSCAN_HIDDEN"
/* The lent folder: behind all of PATH for lent programs, and not in it, so that PATH is the target's own. Ours, and never shown. */
#define TOOLS "KSCAN_TOOLS"

extern char **environ;

/* A copy of a PATH without a folder: a pod's own PATH may name the lent one too. */
static inline char *path_without(const char *path, const char *without) {
  size_t length = strlen(without);
  char *own = calloc(1, strlen(path) + 1);
  bool first = true;
  for (const char *folder = path, *end; folder; folder = *end ? end + 1 : NULL) {
    end = strchrnul(folder, ':');
    if ((size_t)(end - folder) == length && !strncmp(folder, without, length)) continue;
    if (!first) strcat(own, ":");
    strncat(own, folder, end - folder);
    first = false;
  }
  return own;
}

static inline bool is_one_of(const char *entry, const char *const *names) {
  for (; *names; names++) {
    size_t length = strlen(*names);
    bool prefix = (*names)[length - 1] == '*';
    if (prefix ? !strncmp(entry, *names, length - 1) : !strncmp(entry, *names, length) && entry[length] == '=') return true;
  }
  return false;
}

/* Tools: nothing but this. */
static const char *const FOR_TOOLS[] = {"PATH", "HOME", "PWD", "OLDPWD", "TERM", "TZ", "USER", "LOGNAME", "SHELL", "SHLVL", HIDDEN, TOOLS, KEPT "*", NULL};
/* Shells hand the rest on to what they run, but for what would act on themselves or on their loader. */
static const char *const NOT_FOR_SHELLS[] = {
    "LD_*", "GLIBC_*",   "MALLOC_*", "GCONV_PATH", "GETCONF_DIR", "LOCPATH", "NLSPATH", "HOSTALIASES", "RESOLV_*", "RES_OPTIONS",     "LOCALDOMAIN", "TZDIR",
    "LANG", "LANGUAGE",  "LC_*",     "ENV",        "BASH*",       "SHELLOPTS", "IFS",   "CDPATH",      "PS4",      "POSIXLY_CORRECT", "TMPDIR",      NULL};

static inline bool is_shell(const char *tool) { return !strcmp(tool, "sh") || !strcmp(tool, "dash") || !strcmp(tool, "bash"); }

/* The environment of one lent program, as a new array. */
static inline char **environment_for(const char *tool, const char *root) {
  size_t count = 0;
  while (environ[count]) count++;
  char **made = calloc(count + 3, sizeof *made);
  size_t n = 0;
  for (char **entry = environ; *entry; entry++) {
    char *text = *entry;
    bool kept = !strncmp(text, KEPT, strlen(KEPT));
    const char *name = kept ? text + strlen(KEPT) : text;
    bool ours = is_one_of(name, FOR_TOOLS);
    if (kept && ours) continue; /* we keep none of these: it is a pod's own, in disguise */
    bool may = is_shell(tool) ? !is_one_of(name, NOT_FOR_SHELLS) : !kept && ours;
    if (may) made[n++] = (char *)name;
    else if (kept) made[n++] = text;
    else if (asprintf(&made[n], KEPT "%s", text) >= 0) n++;
  }
  if (!strcmp(tool, "bash") && asprintf(&made[n], "BASH_ENV=%s/kscan/share/bash.env", root) >= 0) n++;
  if (!strcmp(tool, "rpm") && asprintf(&made[n], "RPM_CONFIGDIR=%s/kscan/rpm", root) >= 0) n++;
  return made;
}

static inline bool is_ours(const char *entry) { return is_one_of(entry, (const char *const[]){HIDDEN, TOOLS, NULL}); }

static inline const char *plain(const char *entry) { return strncmp(entry, KEPT, strlen(KEPT)) ? entry : entry + strlen(KEPT); }

/* What a program of the target gets: its variables under their own names, as if nobody had lent anything. */
static inline char **target_environment(char *const *given) {
  size_t n = 0, had = 0;
  while (given && given[had]) had++;
  char **made = calloc(had + 1, sizeof *made);
  for (size_t i = 0; made && i < had; i++)
    if (!is_ours(given[i])) made[n++] = (char *)plain(given[i]);
  return made;
}

static inline void show_variable(const char *entry, char end) {
  if (!is_ours(entry)) printf("%s%c", plain(entry), end);
}

static inline bool show_value(const char *name, char end) {
  size_t length = strlen(name);
  for (char **entry = environ; *entry; entry++) {
    const char *shown = plain(*entry);
    if (strncmp(shown, name, length) || shown[length] != '=' || is_ours(shown)) continue;
    printf("%s%c", shown + length + 1, end);
    return true;
  }
  return false;
}
