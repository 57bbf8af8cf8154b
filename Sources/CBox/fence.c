#define _GNU_SOURCE
#include "parts.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface, written down here since the headers of a distribution are often older than its kernel
// (https://docs.kernel.org/userspace-api/landlock.html).

struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scopes;
};

struct __attribute__((packed)) rule {
  uint64_t allowed;
  int32_t descriptor;
};

enum { VERSION = 1, PATH_BENEATH = 1 };

enum {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  MAKE_REG = 1 << 8,
  ALL_OF_VERSION_1 = (1 << 13) - 1,
  REFER = 1 << 13,
  TRUNCATE = 1 << 14,
  IOCTL_DEV = 1 << 15,
  BIND_TCP = 1 << 0,
  CONNECT_TCP = 1 << 1,
  ABSTRACT_SOCKETS = 1 << 0,
  SIGNALS = 1 << 1,
};

/// What this version of Landlock can forbid, and the size of the structure that it knows.
static struct ruleset forbidding(long version, int signals, size_t *size) {
  struct ruleset all = {.files = ALL_OF_VERSION_1};
  *size = offsetof(struct ruleset, network);
  if (version >= 2) all.files |= REFER;
  if (version >= 3) all.files |= TRUNCATE;
  if (version >= 4) {
    all.network = BIND_TCP | CONNECT_TCP;
    *size = offsetof(struct ruleset, scopes);
  }
  if (version >= 5) all.files |= IOCTL_DEV;
  if (version >= 6) {
    all.scopes = ABSTRACT_SOCKETS | (signals ? 0 : SIGNALS);
    *size = sizeof all;
  }
  return all;
}

static int open_up(int ruleset, struct box_opening opening) {
  uint64_t allowed = 0;
  if (opening.allowed & BOX_READ) allowed |= READ_FILE | READ_DIR;
  if (opening.allowed & BOX_EXECUTE) allowed |= EXECUTE;
  if (opening.allowed & BOX_CREATE) allowed |= MAKE_REG | WRITE_FILE;
  struct stat facts;
  if (fstat(opening.descriptor, &facts) != 0) return errno;
  if (!S_ISDIR(facts.st_mode)) allowed &= EXECUTE | WRITE_FILE | READ_FILE;
  struct rule rule = {.allowed = allowed, .descriptor = opening.descriptor};
  return syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &rule, 0) == 0 ? 0 : errno;
}

int box_fence(const struct box_opening *openings, int count, int signals) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);
  // Too old, switched off, or forbidden by a container: the filters of system calls hold without it.
  if (version < 1) return 0;
  size_t size;
  struct ruleset forbidden = forbidding(version, signals, &size);
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &forbidden, size, 0);
  if (ruleset < 0) return errno;
  int failed = 0;
  for (int index = 0; index < count && !failed; index++) failed = open_up(ruleset, openings[index]);
  if (!failed && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) failed = errno;
  close(ruleset);
  return failed;
}
