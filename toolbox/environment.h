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

extern char **environ;

/* A copy of a PATH without its last folder, when that is the lent one, wherever it stands: a pod's own PATH may name it too. */
static inline char *own_path(const char *path) {
  const char *last = path ? strrchr(path, ':') : NULL;
  size_t length = last ? strlen(last + 1) : 0;
  if (length < 10 || strcmp(last + 1 + length - 10, "/kscan/bin")) return strdup(path ? path : "");
  char *own = calloc(1, strlen(path) + 1);
  for (const char *folder = path, *end; folder < last; folder = end + 1) {
    end = strchr(folder, ':');
    if ((size_t)(end - folder) == length && !strncmp(folder, last + 1, length)) continue;
    if (folder != path && *own) strcat(own, ":");
    strncat(own, folder, end - folder);
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
static const char *const FOR_TOOLS[] = {"PATH", "HOME", "PWD", "OLDPWD", "TERM", "TZ", "USER", "LOGNAME", "SHELL", "SHLVL", HIDDEN, KEPT "*", NULL};
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
    const char *plain = kept ? text + strlen(KEPT) : text;
    bool ours = is_one_of(plain, FOR_TOOLS);
    if (kept && ours) continue; /* we keep none of these: it is a pod's own, in disguise */
    bool may = is_shell(tool) ? !is_one_of(plain, NOT_FOR_SHELLS) : !kept && ours;
    if (may) made[n++] = (char *)plain;
    else if (kept) made[n++] = text;
    else if (asprintf(&made[n], KEPT "%s", text) >= 0) n++;
  }
  if (!strcmp(tool, "bash") && asprintf(&made[n], "BASH_ENV=%s/kscan/share/bash.env", root) >= 0) n++;
  if (!strcmp(tool, "rpm") && asprintf(&made[n], "RPM_CONFIGDIR=%s/kscan/rpm", root) >= 0) n++;
  return made;
}

/* What a program of the target gets: its variables under their own names, as if nobody had lent anything. */
static inline char **target_environment(char *const *given) {
  size_t n = 0;
  while (given && given[n]) n++;
  char **made = calloc(n + 1, sizeof *made);
  for (size_t i = 0; made && i < n; i++) made[i] = strncmp(given[i], KEPT, strlen(KEPT)) ? given[i] : given[i] + strlen(KEPT);
  return made;
}

static inline void show_variable(const char *entry, char end) {
  if (!strncmp(entry, HIDDEN "=", sizeof HIDDEN)) return;
  if (!strncmp(entry, KEPT, strlen(KEPT))) entry += strlen(KEPT);
  if (strncmp(entry, "PATH=", 5)) printf("%s%c", entry, end);
  else printf("PATH=%s%c", own_path(entry + 5), end);
}

static inline bool show_value(const char *name, char end) {
  size_t length = strlen(name);
  for (char **entry = environ; *entry; entry++) {
    const char *plain = strncmp(*entry, KEPT, strlen(KEPT)) ? *entry : *entry + strlen(KEPT);
    if (strncmp(plain, name, length) || plain[length] != '=') continue;
    printf("%s%c", strcmp(name, "PATH") ? plain + length + 1 : own_path(plain + 5), end);
    return true;
  }
  return false;
}
