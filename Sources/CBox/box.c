#include "CBox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int cap(int resource, unsigned long long value) {
  struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
  return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int box_enter(struct box_limits limits) {
  int failed = 0;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if ((failed = cap(RLIMIT_CORE, 0))) return failed;
  if (limits.cpu_seconds && (failed = cap(RLIMIT_CPU, limits.cpu_seconds))) return failed;
  if (limits.address_space_bytes && (failed = cap(RLIMIT_AS, limits.address_space_bytes))) return failed;
  if (limits.file_bytes && (failed = cap(RLIMIT_FSIZE, limits.file_bytes))) return failed;
  return 0;
}
