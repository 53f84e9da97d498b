/*
 * `fill FOLDER`: copies the toolbox to FOLDER/kscan, whole or not at all, for a container that mounts it at /kscan. An init container of the helper image
 * runs it, as any user, without a right. Of what none may read (mode 0111) a copy lies beside it; each file gets the mode that it has here, and what is
 * one file under many names stays one.
 */
#define _GNU_SOURCE
#include "fill.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOLBOX "/kscan"
#define UNREADABLE 0111

static void must(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "kscan: fill: %s: %s\n", what, strerror(errno));
  exit(1);
}

static char *join(const char *folder, const char *name) {
  char *path;
  must(asprintf(&path, "%s/%s", folder, name) > 0, "memory");
  return path;
}

static void copy(const char *from, const char *to, mode_t mode) {
  static char bytes[1 << 16];
  int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(in >= 0, from);
  must(out >= 0, to);
  ssize_t n;
  while ((n = read(in, bytes, sizeof bytes)) > 0) must(write(out, bytes, n) == n, to);
  must(n == 0, from);
  must(fchmod(out, mode) == 0 && close(out) == 0, to);
  close(in);
}

/* One file of the toolbox that cannot be read, and where it goes. */
static struct lone {
  const char *folder, *name, *copy;
  ino_t inode;
  char *made;
} lone[] = {{"bin", "session", "copy/session", 0, NULL}, {"bin", "pid", "bin/hold", 0, NULL}, {"lib", "ld.so", "copy/ld.so", 0, NULL}};
#define LONE (sizeof lone / sizeof *lone)

static void place_lone(struct lone *file, const char *folder) {
  struct stat facts;
  char *from = join(join(TOOLBOX, file->folder), file->name);
  must(stat(from, &facts) == 0, from);
  file->inode = facts.st_ino;
  file->made = join(folder, file->name);
  copy(join(TOOLBOX, file->copy), file->made, UNREADABLE);
}

static void place(const char *from, const char *to) {
  struct stat facts;
  must(stat(from, &facts) == 0, from);
  for (size_t i = 0; i < LONE; i++)
    if (facts.st_ino == lone[i].inode) {
      must(link(lone[i].made, to) == 0 || errno == EEXIST, to);
      return;
    }
  copy(from, to, facts.st_mode & 07777);
}

static void place_folder(const char *name, const char *into) {
  char *from = join(TOOLBOX, name), *to = join(into, name);
  must(mkdir(to, 0755) == 0, to);
  for (size_t i = 0; i < LONE; i++)
    if (!strcmp(lone[i].folder, name)) place_lone(&lone[i], to);
  DIR *folder = opendir(from);
  must(folder != NULL, from);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (entry->d_name[0] != '.') place(join(from, entry->d_name), join(to, entry->d_name));
  closedir(folder);
  must(chmod(to, 0555) == 0, to);
}

int fill(const char *folder) {
  static const char *const FOLDERS[] = {"bin", "lib", "libexec", "rpm", "share"};
  char *made = join(folder, "kscan"), *half = join(folder, ".kscan-XXXXXX");
  if (access(made, F_OK) == 0) return 0; /* whole, from an earlier start of this container */
  must(mkdtemp(half) != NULL, half);
  for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) place_folder(FOLDERS[i], half);
  must(chmod(half, 0555) == 0 && rename(half, made) == 0, made);
  return 0;
}
