#define _GNU_SOURCE
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

// Arguments are compared in the width that the kernel reads: an int's upper half may hold anything.
#define IS(position, value) SCMP_CMP64(position, SCMP_CMP_MASKED_EQ, 0xFFFFFFFFu, (uint32_t)(value))
#define HAS(position, bits, value) SCMP_CMP64(position, SCMP_CMP_MASKED_EQ, (bits), (value))

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

/// A filter that is being made; the first failure is kept.
struct filter {
  scmp_filter_ctx context;
  int failed;
};

/// Begins a filter; `rest` is what meets the calls that it says nothing of.
static struct filter begin(uint32_t rest) {
  struct filter filter = {.context = seccomp_init(rest)};
  if (!filter.context) {
    filter.failed = EINVAL;
  } else {
    // The calls of another architecture have other numbers.
    filter.failed = -seccomp_attr_set(filter.context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  }
  return filter;
}

static void add(struct filter *filter, uint32_t action, int call, int count, const struct scmp_arg_cmp *arguments) {
  if (filter->failed) return;
  filter->failed = -seccomp_rule_add_array(filter->context, action, call, (unsigned)count, arguments);
}

#define ANSWER(filter, action, call, ...) \
  add(filter, action, SCMP_SYS(call), COUNT(((struct scmp_arg_cmp[]){__VA_ARGS__})), \
      (struct scmp_arg_cmp[]){__VA_ARGS__})
#define ALLOW(filter, call, ...) ANSWER(filter, SCMP_ACT_ALLOW, call, __VA_ARGS__)

static void add_all(struct filter *filter, uint32_t action, const int *calls, int count) {
  for (int index = 0; index < count; index++) add(filter, action, calls[index], 0, 0);
}

/// Puts the filter into force; from then on it holds for this process and all that it becomes.
static int end(struct filter *filter) {
  if (!filter->failed) filter->failed = -seccomp_load(filter->context);
  seccomp_release(filter->context);
  return filter->failed;
}

int box_filter_slicer(struct box_rights rights) {
  static const int calls[] = {
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(close), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
    // Clocks are read without the kernel where it can be done, and through it on some virtual machines.
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
    // The C library's qsort asks how much memory there is before it takes some.
    SCMP_SYS(sysinfo),
    // The end, abort(3) included.
    SCMP_SYS(exit_group), SCMP_SYS(rt_sigprocmask), SCMP_SYS(gettid), SCMP_SYS(getpid),
    SCMP_SYS(restart_syscall),
  };
  struct filter filter = begin(SCMP_ACT_KILL_PROCESS);
  add_all(&filter, SCMP_ACT_ALLOW, calls, COUNT(calls));
  ALLOW(&filter, mmap, HAS(2, PROT_EXEC, 0));
  ALLOW(&filter, mprotect, HAS(2, PROT_EXEC, 0));
  // fstat(3) of many C libraries.
  ALLOW(&filter, newfstatat, IS(3, AT_EMPTY_PATH));
  // Other commands of fcntl(2) can have signals sent.
  ALLOW(&filter, fcntl, IS(1, F_DUPFD_CLOEXEC));
  ALLOW(&filter, fcntl, IS(1, F_GETFL));
  ALLOW(&filter, rt_sigaction, IS(0, SIGABRT));
  ALLOW(&filter, tgkill, IS(0, getpid()));
  ANSWER(&filter, SCMP_ACT_ERRNO(ENOENT), openat, IS(0, AT_FDCWD), IS(2, O_RDONLY));
  if (rights.folder >= 0) {
    ALLOW(&filter, openat, IS(0, rights.folder), IS(2, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC));
  }
  if (rights.child > 0) {
    ALLOW(&filter, kill, IS(0, rights.child), IS(1, SIGKILL));
    ALLOW(&filter, wait4, IS(0, rights.child));
  }
  return end(&filter);
}

/// What no decoder has any business with. Calls that are on neither list are refused as ones that the kernel does
/// not know, so that a library which only looks round at its start goes on without.
static const int hostile[] = {
  SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
  SCMP_SYS(pidfd_getfd), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl),
  SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(io_uring_setup), SCMP_SYS(open_by_handle_at), SCMP_SYS(unshare),
  SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(init_module),
  SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
};

/// What ffmpeg, its libraries and their loader need, whatever the version.
static const int decoding[] = {
  SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
  SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat),
  SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
  SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64),
  SCMP_SYS(pipe2), SCMP_SYS(eventfd2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
  SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(membarrier),
  SCMP_SYS(get_mempolicy), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list),
  SCMP_SYS(set_tid_address), SCMP_SYS(rseq), SCMP_SYS(arch_prctl), SCMP_SYS(sched_yield),
  SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
  SCMP_SYS(sched_get_priority_max), SCMP_SYS(sched_get_priority_min), SCMP_SYS(getcpu), SCMP_SYS(nanosleep),
  SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday),
  SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(getrlimit), SCMP_SYS(getrandom),
  SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
  SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
  SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/// Memory is never writable and executable, nor made executable later. And nothing can be put where the path of the
/// one program stood: all that the kernel places by itself lies higher, so what could reach it would have to name
/// an address up to there, or grow down.
static void allow_memory(struct filter *filter) {
  const uint64_t end = BOX_PATH_ADDRESS + BOX_PATH_BYTES;
  const uint64_t never = MAP_GROWSDOWN, freely = never | MAP_FIXED | MAP_FIXED_NOREPLACE;
  const uint64_t either[] = {PROT_WRITE, PROT_EXEC};
  for (int index = 0; index < 2; index++) {
    ALLOW(filter, mmap, SCMP_A0_64(SCMP_CMP_EQ, 0), HAS(2, either[index], 0), HAS(3, freely, 0));
    ALLOW(filter, mmap, SCMP_A0_64(SCMP_CMP_GE, end), HAS(2, either[index], 0), HAS(3, never, 0));
  }
  ALLOW(filter, mprotect, HAS(2, PROT_EXEC, 0));
  ALLOW(filter, mremap, HAS(3, MREMAP_FIXED | MREMAP_DONTUNMAP, 0));
}

int box_filter_decoder(void) {
  const uint64_t writing = O_ACCMODE | O_CREAT | O_TRUNC;
  const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  struct filter filter = begin(SCMP_ACT_ERRNO(ENOSYS));
  add_all(&filter, SCMP_ACT_ALLOW, decoding, COUNT(decoding));
  add_all(&filter, SCMP_ACT_KILL_PROCESS, hostile, COUNT(hostile));
  ANSWER(&filter, SCMP_ACT_KILL_PROCESS, execve, SCMP_A0_64(SCMP_CMP_NE, BOX_PATH_ADDRESS));
  ALLOW(&filter, execve, SCMP_A0_64(SCMP_CMP_EQ, BOX_PATH_ADDRESS));
  allow_memory(&filter);
  ALLOW(&filter, open, HAS(1, writing, O_RDONLY));
  ALLOW(&filter, openat, HAS(2, writing, O_RDONLY));
  // Threads, and no processes. clone3(2), whose flags cannot be seen from here, is unknown, and clone(2) taken.
  ALLOW(&filter, clone, HAS(0, CLONE_THREAD | namespaces, CLONE_THREAD));
  ALLOW(&filter, tgkill, IS(0, getpid()));
  ALLOW(&filter, prlimit64, SCMP_A2_64(SCMP_CMP_EQ, 0));
  const int commands[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL};
  for (int index = 0; index < COUNT(commands); index++) ALLOW(&filter, fcntl, IS(1, commands[index]));
  const int options[] = {PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ};
  for (int index = 0; index < COUNT(options); index++) ALLOW(&filter, prctl, IS(0, options[index]));
  return end(&filter);
}
