/*
 * "Not installed" of a tool that reads no database, or another one, would be a wrong answer: so a package tool starts only where the target has a database
 * that it can read. A tool never makes one, as rpm would.
 */
#define _GNU_SOURCE
#include "database.h"
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const NOTHING[] = {NULL};

static bool can_read(const char *path) { return access(path, R_OK) == 0; }

/* Berkeley DB's mark of a hash table, in the byte order of the machine that wrote it: RHEL 8, Amazon Linux 2. */
static bool is_berkeley(const char *path) {
  uint32_t mark[4] = {0};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && read(fd, mark, sizeof mark) < (ssize_t)sizeof mark) mark[3] = 0;
  if (fd >= 0) close(fd);
  return mark[3] == 0x00061561;
}

static const char *const *rpm_options(void) {
  static const char *const folders[] = {"/var/lib/rpm", "/usr/lib/sysimage/rpm"};
  static const char *options[] = {"--dbpath", NULL, "--define", "_db_backend sqlite", NULL};
  for (int i = 0; i < 2; i++) {
    char sqlite[64], berkeley[64];
    snprintf(sqlite, sizeof sqlite, "%s/rpmdb.sqlite", folders[i]);
    snprintf(berkeley, sizeof berkeley, "%s/Packages", folders[i]);
    options[1] = folders[i];
    if (can_read(sqlite)) return options;
    options[3] = "_db_backend bdb_ro";
    if (is_berkeley(berkeley)) return options;
    options[3] = "_db_backend sqlite";
  }
  return NULL;
}

/* Of apk only what lists or asks for installed packages is lent (apk.awk). */
static bool lists_installed(char **argv) {
  bool info = argv[1] && !strcmp(argv[1], "info"), list = argv[1] && !strcmp(argv[1], "list"), installed = info, exists = false;
  for (char **at = argv + 1; (info || list) && *++at;) {
    if (list && (!strcmp(*at, "-I") || !strcmp(*at, "--installed"))) installed = true;
    else if (info && (!strcmp(*at, "-e") || !strcmp(*at, "--installed"))) exists = true;
    else if (**at == '-' ? strcmp(*at, "-v") && strcmp(*at, "-vv") && strcmp(*at, "--no-network") : !exists) return false;
  }
  return installed;
}

static const char *apk_database(void) {
  static const char *const paths[] = {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"};
  return can_read(paths[0]) ? paths[0] : can_read(paths[1]) ? paths[1] : NULL;
}

const char *const *database_options(const char *tool, char **argv, const char **without) {
  *without = "the image has no package database that it could read";
  if (!strncmp(tool, "dpkg", 4)) return can_read("/var/lib/dpkg/status") || can_read("/var/lib/dpkg/status.d") ? NOTHING : NULL;
  if (!strcmp(tool, "rpm")) return rpm_options();
  if (strcmp(tool, "apk")) return NOTHING;
  if (!apk_database()) return NULL;
  *without = "only what lists or asks for installed packages is lent";
  return lists_installed(argv) ? NOTHING : NULL;
}
