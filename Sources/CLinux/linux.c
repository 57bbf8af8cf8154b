#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
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

// 1 is LANDLOCK_CREATE_RULESET_VERSION, which the headers of older systems lack.
long linux_landlock_version(void) { return syscall(SYS_landlock_create_ruleset, NULL, 0, 1); }

int linux_return_blocks(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }

static int spawn(const char *path, char *const arguments[], int input, int output, pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int failure = posix_spawn(child, path, &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failure;
}

int linux_start(const char *path, char *const arguments[], int *input, int *output) {
  int in[2] = {-1, -1}, out[2] = {-1, -1};
  pid_t child = -1;
  int failure = 0;
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) failure = errno;
  if (failure == 0) failure = spawn(path, arguments, in[0], out[1], &child);
  close(in[0]);
  close(out[1]);
  if (failure == 0) {
    *input = in[1];
    *output = out[0];
    return child;
  }
  close(in[1]);
  close(out[0]);
  errno = failure;
  return -1;
}
