#define _GNU_SOURCE
#include "parts.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/// `grace` is what the hard limit leaves above the soft one.
static int cap(int resource, long long value, long long grace) {
  if (value < 0) return 0;
  struct rlimit limit = {.rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)(value + grace)};
  struct rlimit present;
  // A limit can be lowered, not raised: where a tighter one is in force already, it stands.
  if (getrlimit(resource, &present) == 0 && present.rlim_max < limit.rlim_max) {
    limit.rlim_max = present.rlim_max;
    if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  }
  return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int box_limit(struct box_limits limits) {
  int failed = 0;
  // Whoever started this process may have blocked the signal, and then only SIGKILL would come, which says nothing.
  sigset_t overtime;
  sigemptyset(&overtime);
  sigaddset(&overtime, SIGXCPU);
  if (sigprocmask(SIG_UNBLOCK, &overtime, NULL) != 0) return errno;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if ((failed = cap(RLIMIT_CORE, 0, 0))) return failed;
  if ((failed = cap(RLIMIT_CPU, limits.cpu_seconds, 2))) return failed;
  if ((failed = cap(RLIMIT_AS, limits.address_space_bytes, 0))) return failed;
  if ((failed = cap(RLIMIT_FSIZE, limits.file_bytes, 0))) return failed;
  if ((failed = cap(RLIMIT_NOFILE, limits.descriptors, 0))) return failed;
  return 0;
}

struct box_failure box_enter(struct box_limits limits, struct box_rights rights) {
  int failed = 0;
  if ((failed = box_limit(limits))) return (struct box_failure){"limit what it uses", failed};
  struct box_opening folder = {.descriptor = rights.folder, .allowed = BOX_CREATE};
  // A signal to a child that is outside of the fence would be stopped by it.
  if ((failed = box_fence(&folder, rights.folder >= 0, rights.child > 0))) {
    return (struct box_failure){"fence itself in", failed};
  }
  if ((failed = box_filter_slicer(rights))) return (struct box_failure){BOX_CANNOT_FILTER, failed};
  return (struct box_failure){0};
}

int box_close_from(int first) {
  return close_range((unsigned)first, ~0U, 0) == 0 ? 0 : errno;
}
