#define _GNU_SOURCE
#include "CBox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int cap(int resource, long long value) {
  if (value < 0) return 0;
  struct rlimit limit = {.rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value};
  struct rlimit present;
  // A limit can be lowered, not raised: where a tighter one is in force already, it stands.
  if (getrlimit(resource, &present) == 0 && present.rlim_max < limit.rlim_max) {
    limit.rlim_max = present.rlim_max;
    if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  }
  return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int box_enter(struct box_limits limits) {
  int failed = 0;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if ((failed = cap(RLIMIT_CORE, 0))) return failed;
  if ((failed = cap(RLIMIT_CPU, limits.cpu_seconds))) return failed;
  if ((failed = cap(RLIMIT_AS, limits.address_space_bytes))) return failed;
  if ((failed = cap(RLIMIT_FSIZE, limits.file_bytes))) return failed;
  if ((failed = cap(RLIMIT_NOFILE, limits.descriptors))) return failed;
  return 0;
}

int box_close_from(int first) {
  return close_range((unsigned)first, ~0U, 0) == 0 ? 0 : errno;
}

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

int box_pump(int from, int *child) {
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
    pump(from, ends[1]);
  }
  close(ends[1]);
  *child = pid;
  return ends[0];
}
