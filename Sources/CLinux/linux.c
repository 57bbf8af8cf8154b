#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

int linux_rename_new(int folder, const char *from, const char *to) {
  return renameat2(folder, from, folder, to, RENAME_NOREPLACE);
}

int linux_rename_exchange(int folder, const char *a, const char *b) {
  return renameat2(folder, a, folder, b, RENAME_EXCHANGE);
}

static int open_beneath(int folder, const char *path, int flags) {
  struct open_how how = {
      .flags = (unsigned long long)(flags | O_CLOEXEC | O_NOFOLLOW),
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
  };
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int linux_open_beneath(int folder, const char *path, int flags) {
  return open_beneath(folder, path, flags | O_NONBLOCK);
}

// Not O_NONBLOCK: openat2(2) refuses it together with O_PATH, which opens nothing and so never blocks.
int linux_look_beneath(int folder, const char *path) { return open_beneath(folder, path, O_PATH); }

long linux_filesystem_type(const char *path) {
  struct statfs facts;
  return statfs(path, &facts) == 0 ? (long)facts.f_type : -1;
}

int linux_has_acl(int file) { return fgetxattr(file, "system.posix_acl_access", NULL, 0) > 0; }

int linux_return_blocks(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }
