/*
 * The lent end of a session. Requests on stdin: `run NONCE LENGTH` and a newline, then so many bytes for `sh -c`; `stop NONCE` and a newline ends what
 * that command left running; `end` ends the session. Answers: the command's output, `NONCE:STATUS`, on stdout and on stderr; on stderr there follows,
 * where there is any, a space and in hex what its programs could not see (unseen.c), each with a zero byte behind it. A command has pipes of its own and
 * is over when it has ended and both are at their end. When the input ends, everything started here is killed
 * and collected, for process 1 of the target may collect none.
 */
#define _GNU_SOURCE
#include "session.h"
#include "unseen.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_BYTES 131072
#define NONCE_BYTES 64
#define ROOT_FD 109
#define UNSEEN_BYTES 8192

/* One of the command's two outputs on its way to ours. */
struct channel {
  int from, to;
  bool finished; /* the end mark was put behind the output */
  size_t at, have;
  char bytes[65536];
};

static struct {
  char text[COMMAND_BYTES + NONCE_BYTES + 32];
  size_t have;
  bool ended;
} input;

static struct channel channels[2] = {{.from = -1, .to = 1}, {.from = -1, .to = 2}};
/* What the command's programs could not see. */
static struct {
  int from;
  size_t have;
  char bytes[UNSEEN_BYTES];
} unseen = {.from = -1};

static char nonce[NONCE_BYTES + 1];
static pid_t child;
static int status;
static bool running, stopping;

static void must(bool good, const char *what) {
  if (good) return;
  dprintf(2, "kscan: session: %s: %s\n", what, strerror(errno));
  _exit(125);
}

static pid_t parent_of(pid_t pid) {
  char path[32], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char state, *after = strrchr(text, ')');
  pid_t parent = 0;
  if (!after || sscanf(after + 2, "%c %d", &state, &parent) != 2 || state == 'Z') return 0;
  return parent;
}

/* Orphans come back to us (PR_SET_CHILD_SUBREAPER): all that a command started is found by its ancestors. Returns whether there was any. */
static bool kill_descendants(void) {
  bool any = false;
  DIR *proc = opendir("/proc");
  if (!proc) return false;
  for (struct dirent *entry; (entry = readdir(proc));) {
    pid_t pid = atoi(entry->d_name), up = pid;
    if (pid <= 0 || pid == getpid()) continue;
    for (int depth = 0; up > 1 && up != getpid() && depth < 64; depth++) up = parent_of(up);
    if (up != getpid()) continue;
    kill(pid, SIGKILL);
    any = true;
  }
  closedir(proc);
  return any;
}

static void put(struct channel *channel, const char *text) {
  size_t length = strlen(text);
  must(channel->have + length <= sizeof channel->bytes, "a mark");
  memcpy(channel->bytes + channel->have, text, length);
  channel->have += length;
}

/* Takes what was told so far. Each thing is kept once; what is too much is one `m`. Who tells without end does not keep us from the rest. */
static void hear(void) {
  char text[1032];
  ssize_t n;
  for (int i = 0; i < 1024 && unseen.from >= 0 && (n = recv(unseen.from, text, sizeof text - 1, MSG_DONTWAIT)) >= 0; i++) {
    text[n] = 0;
    size_t length = strlen(text) + 1;
    if (unseen.have + length + 2 > sizeof unseen.bytes) strcpy(text, "m"), length = 2;
    if (n == 0 || memmem(unseen.bytes, unseen.have, text, length)) continue;
    if (unseen.have + length > sizeof unseen.bytes) continue;
    memcpy(unseen.bytes + unseen.have, text, length);
    unseen.have += length;
  }
}

static void put_unseen(struct channel *channel) {
  char pair[3];
  hear();
  if (unseen.have > 0) put(channel, " ");
  for (size_t i = 0; i < unseen.have; i++) {
    snprintf(pair, sizeof pair, "%02x", (unsigned char)unseen.bytes[i]);
    put(channel, pair);
  }
  close(unseen.from);
  unseen.from = -1;
  unseen.have = 0;
}

static void start(const char *root, char *command) {
  int pipes[2][2], told[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  must(null >= 0, "/dev/null");
  for (int i = 0; i < 2; i++) must(pipe2(pipes[i], O_CLOEXEC) == 0, "pipe");
  must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, told) == 0, "socketpair");
  child = fork();
  must(child >= 0, "fork");
  if (child == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    dup2(null, 0);
    dup2(pipes[0][1], 1);
    dup2(pipes[1][1], 2);
    dup2(told[1], UNSEEN_FD);
    run_tool(root, "sh", (char *[]){"/bin/sh", "-c", command, NULL});
  }
  close(null);
  close(told[1]);
  unseen.from = told[0];
  for (int i = 0; i < 2; i++) {
    close(pipes[i][1]);
    channels[i].from = pipes[i][0];
    channels[i].finished = false;
  }
  running = true;
  stopping = false;
}

static void take(size_t bytes) {
  input.have -= bytes;
  memmove(input.text, input.text + bytes, input.have);
}

/* Carries out the first request, if it is there whole. */
static bool request(const char *root) {
  char *line = memchr(input.text, '\n', input.have), asked[NONCE_BYTES + 1];
  if (!line) {
    must(input.have < NONCE_BYTES + 32, "a request's first line is too long");
    return false;
  }
  *line = 0;
  size_t head = line + 1 - input.text, length;
  if (!strcmp(input.text, "end")) {
    input.ended = true;
    return true;
  }
  if (sscanf(input.text, "stop %64s", asked) == 1) {
    if (running && !strcmp(asked, nonce)) stopping = true;
    take(head);
    return true;
  }
  must(!running && sscanf(input.text, "run %64s %zu", asked, &length) == 2 && length < COMMAND_BYTES, "not a request");
  *line = '\n';
  if (input.have < head + length) return false;
  char *command = strndup(input.text + head, length);
  strcpy(nonce, asked);
  start(root, command);
  free(command);
  take(head + length);
  return true;
}

static void read_input(void) {
  ssize_t n = read(0, input.text + input.have, sizeof input.text - 1 - input.have);
  if (n > 0) input.have += n;
  else if (n == 0 || (errno != EINTR && errno != EAGAIN)) input.ended = true;
}

static void move(struct channel *channel, short in, short out) {
  if (in && channel->from >= 0 && channel->have == 0) {
    ssize_t n = read(channel->from, channel->bytes, sizeof channel->bytes);
    if (n > 0) channel->have = n;
    else if (n == 0) {
      close(channel->from);
      channel->from = -1;
    }
  }
  if (!out || channel->have == 0) return;
  ssize_t n = write(channel->to, channel->bytes + channel->at, channel->have);
  if (n < 0) input.ended = errno != EAGAIN && errno != EINTR; /* nobody reads any more */
  else if ((channel->have -= n) == 0) channel->at = 0;
  else channel->at += n;
}

/* Takes the ends of children, the command's among them. Returns whether others still run. */
static bool collect(void) {
  int how;
  pid_t pid;
  while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
    if (pid != child) continue;
    status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    child = 0;
  }
  return pid == 0;
}

static void reap(int signals) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) > 0) continue;
  collect();
}

static void finish(void) {
  bool over = child == 0 && channels[0].from < 0 && channels[1].from < 0;
  for (int i = 0; i < 2; i++) {
    if (!over || channels[i].have > 0 || channels[i].finished) continue;
    char mark[NONCE_BYTES + 8];
    snprintf(mark, sizeof mark, "%s:%d", nonce, status);
    put(&channels[i], mark);
    if (channels[i].to == 2) put_unseen(&channels[i]);
    put(&channels[i], "\n");
    channels[i].finished = true;
  }
  if (over && channels[0].finished && channels[1].finished && channels[0].have == 0 && channels[1].have == 0) running = false;
}

static void one_round(int signals) {
  struct pollfd polls[7] = {{input.have < sizeof input.text - 1 ? 0 : -1, POLLIN, 0}, {signals, POLLIN, 0}};
  polls[6] = (struct pollfd){unseen.from, POLLIN, 0};
  for (int i = 0; i < 2; i++) {
    struct channel *channel = &channels[i];
    polls[2 + i] = (struct pollfd){channel->have == 0 ? channel->from : -1, POLLIN, 0};
    polls[4 + i] = (struct pollfd){channel->have > 0 ? channel->to : -1, POLLOUT, 0};
  }
  poll(polls, 7, stopping ? 20 : -1);
  if (polls[0].revents) read_input();
  if (polls[1].revents) reap(signals);
  if (polls[6].revents) hear();
  for (int i = 0; i < 2; i++) move(&channels[i], polls[2 + i].revents, polls[4 + i].revents);
}

int serve(const char *root, const char *greeting) {
  sigset_t chld;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  sigprocmask(SIG_BLOCK, &chld, NULL);
  signal(SIGPIPE, SIG_IGN);
  int signals = signalfd(-1, &chld, SFD_NONBLOCK | SFD_CLOEXEC);
  must(signals >= 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "set-up");
  for (int fd = 3; fd < 256; fd++)
    if (fd != signals && fd != ROOT_FD) close(fd);
  for (int fd = 0; fd < 3; fd++) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  dprintf(1, "%s\n", greeting);
  dprintf(2, "%s\n", greeting);
  while (!input.ended) {
    one_round(signals);
    if (stopping && !kill_descendants()) stopping = false;
    if (running) finish();
    while (!input.ended && request(root)) continue;
  }
  for (int i = 0; i < 100; i++) {
    kill_descendants();
    if (!collect()) break;
    usleep(10000);
  }
  return 0;
}
