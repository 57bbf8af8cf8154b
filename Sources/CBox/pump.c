#define _GNU_SOURCE
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static void pump(int from, int to) {
  static char block[1 << 16];
  off_t offset = 0;
  for (;;) {
    ssize_t got = pread(from, block, sizeof block, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) _exit(got == 0 ? 0 : 1);
    offset += got;
    for (ssize_t written = 0; written < got;) {
      ssize_t put = write(to, block + written, (size_t)(got - written));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) _exit(0);
      written += put;
    }
  }
}

int box_pump(int from, struct box_limits limits, int *child) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  pid_t pid = fork();
  if (pid < 0) {
    int failed = errno;
    close(ends[0]);
    close(ends[1]);
    return -failed;
  }
  if (pid == 0) {
    // The daemon's pipe must not be held open by a pump that outlives its slicer.
    close(STDOUT_FILENO);
    close(ends[0]);
    signal(SIGPIPE, SIG_DFL);
    if (box_limit(limits) || box_fence(0, 0, 0) || box_filter_pump(from, ends[1])) _exit(1);
    pump(from, ends[1]);
  }
  close(ends[1]);
  *child = pid;
  return ends[0];
}
