#define _GNU_SOURCE
#include "CBox.h"

#include <errno.h>
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
