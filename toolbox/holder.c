/*
 * What the helper container runs, as kscan/bin/NAME: `hold SECONDS` waits so long, `pid` prints the process id of this container's `hold` and its start
 * time (field 22 of /proc/PID/stat), `end` ends it, `ids` prints user and group of process 1, `fill FOLDER` copies the toolbox (fill.c). Not the launcher: for others of the same user to see the
 * root of `hold`, its mode must let it be dumped (0755). `pid`, `end` and `ids` are a copy of mode 0111: who could write to what `pid` says could name a process
 * with a root of its own.
 */
#define _GNU_SOURCE
#include "fill.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ended(const char *why) {
  fprintf(stderr, "kscan: %s\n", why);
  return 1;
}

static void leave(int signal) {
  (void)signal;
  _exit(0);
}

static int hold(const char *seconds) {
  signal(SIGTERM, leave); /* as process 1 of a container it would ignore it */
  signal(SIGINT, leave);
  for (unsigned left = atoi(seconds); left > 0;) left = sleep(left);
  return 0;
}

static int same_container(const char *pid) {
  char path[64], ours[64] = "", theirs[64] = "", program[256] = "";
  if (readlink("/proc/self/ns/mnt", ours, sizeof ours - 1) < 0) return 0;
  snprintf(path, sizeof path, "/proc/%.20s/ns/mnt", pid);
  if (readlink(path, theirs, sizeof theirs - 1) < 0 || strcmp(ours, theirs)) return 0;
  snprintf(path, sizeof path, "/proc/%.20s/exe", pid);
  if (readlink(path, program, sizeof program - 1) < 0) return 0;
  size_t length = strlen(program);
  return length >= 5 && !strcmp(program + length - 5, "/hold");
}

static long long start_of(const char *pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  FILE *file = fopen(path, "r");
  size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
  if (file) fclose(file);
  text[n] = 0;
  char *field = strrchr(text, ')');
  for (int i = 2; field && i < 22; i++) field = strchr(field + 1, ' ');
  return field ? atoll(field + 1) : -1;
}

static int find_hold(int end) {
  DIR *proc = opendir("/proc");
  for (struct dirent *entry; proc && (entry = readdir(proc));) {
    if (atoi(entry->d_name) <= 0 || !same_container(entry->d_name)) continue;
    if (end) return kill(atoi(entry->d_name), SIGTERM) == 0 ? 0 : ended("the holder could not be ended");
    printf("%s %lld\n", entry->d_name, start_of(entry->d_name));
    return 0;
  }
  return end ? 0 : ended("no holder in this container");
}

/* In a container's process namespace its process 1 is what its image starts; in one that a pod shares it is the pod's own. */
static int print_ids(void) {
  char line[256], name[64] = "";
  unsigned uid, gid;
  int have = 0;
  FILE *status = fopen("/proc/1/status", "r");
  while (status && fgets(line, sizeof line, status)) {
    sscanf(line, "Name: %63s", name);
    have += sscanf(line, "Uid: %u", &uid) == 1;
    have += sscanf(line, "Gid: %u", &gid) == 1;
  }
  if (have != 2 || !strcmp(name, "pause")) return ended("process 1 is not the container's");
  printf("%u %u\n", uid, gid);
  return 0;
}

int main(int argc, char **argv) {
  const char *name = strrchr(argv[0], '/');
  name = name ? name + 1 : argv[0];
  if (!strcmp(name, "hold")) return argc == 2 ? hold(argv[1]) : ended("hold SECONDS");
  if (!strcmp(name, "pid")) return find_hold(0);
  if (!strcmp(name, "end")) return find_hold(1);
  if (!strcmp(name, "ids")) return print_ids();
  if (!strcmp(name, "fill")) return argc == 2 ? fill(argv[1]) : ended("fill FOLDER");
  return ended("hold, pid, end, ids or fill");
}
