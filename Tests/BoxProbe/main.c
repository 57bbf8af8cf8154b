// A program that tries what a boxed process may and may not do.
//
//   box-probe                  ends with 0 where the kernel has Landlock, with 1 where it has not
//   box-probe ATTEMPT FOLDER   shuts the slicer's own box around itself, with FOLDER to write into, and tries
//   box-probe --without landlock|seccomp|privileges PROGRAM ARGUMENT…
//                              becomes the program, which then has no such thing
//   ffmpeg …                   given to the slicer as its ffmpeg: tries what the recording says at its 16th byte,
//                              and tells how it went in the sample rate of a second of sound: 8000 plus the errno
//
// By hand it ends with the attempt's errno, 0 when it was let through; or it is killed.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CBox.h"

static int folder = -1;
static pid_t child;

static void *nothing(void *argument) { return argument; }

/// What a decoder does: takes memory and gives it back, reads, moves, asks, and writes.
static int work(void) {
  char *memory = malloc(64);
  for (size_t size = 1 << 10; size <= 64 << 20 && memory; size <<= 1) {
    char *more = realloc(memory, size);
    if (!more) break;
    memory = more;
    memset(memory, 1, size);
  }
  free(memory);
  struct stat facts;
  char byte;
  if (fstat(STDIN_FILENO, &facts) != 0 || pread(STDIN_FILENO, &byte, 1, 0) < 0) return -1;
  int copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  if (copy < 0 || lseek(copy, 0, SEEK_SET) != 0 || close(copy) != 0) return -1;
  return write(STDERR_FILENO, "", 0);
}

static int try_socket(int family) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
  int descriptor = socket(family, SOCK_STREAM, 0);
  return descriptor < 0 ? -1 : connect(descriptor, (struct sockaddr *)&address, sizeof address);
}

static int try_beside(void) {
  char path[4096] = "";
  if (readlink("/proc/self/fd/0", path, sizeof path - 1) < 0) return -1;
  *strrchr(path, '/') = 0;
  return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int try_thread(void) {
  pthread_t thread;
  errno = pthread_create(&thread, NULL, nothing, NULL);
  return errno ? -1 : (int)pthread_join(thread, NULL);
}

static int try_memory(int protection, int flags, void *place) {
  return mmap(place, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int try_to_patch(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? -1 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

/// Returns less than 0 and sets errno when it was refused.
static long attempt(const char *what) {
  char *const words[] = {"true", NULL};
#define IS(name) (strcmp(what, name) == 0)
  if (IS("work")) return work();
  if (IS("read a file")) return open("/etc/passwd", O_RDONLY);
  if (IS("open a file")) return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  if (IS("change a file")) return open("/dev/shm/box-probe", O_RDWR);
  if (IS("make a file")) return open("/dev/shm/box-probe", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (IS("remove a file")) return unlink("/dev/shm/box-probe");
  if (IS("list the folder")) return try_beside();
  if (IS("open its own input")) return open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
  if (IS("open a library")) return open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
  if (IS("make a clip")) return openat(folder, "0001.wav", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (IS("make a clip elsewhere")) return openat(folder, "../0001.wav", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (IS("read a clip")) return openat(folder, "0000.wav", O_RDONLY | O_CLOEXEC);
  if (IS("connect")) return try_socket(AF_INET);
  if (IS("make a local socket")) return try_socket(AF_UNIX);
  if (IS("execute")) return execve("/bin/true", words, words + 1);
  if (IS("execute without a path")) return syscall(SYS_execveat, 0, "", words, words + 1, AT_EMPTY_PATH);
  if (IS("begin a process")) return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (IS("begin a thread")) return try_thread();
  if (IS("end its child")) return kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child ? 0 : -1;
  if (IS("ask its child to end")) return kill(child, SIGTERM);
  if (IS("signal its parent")) return kill(getppid(), 0);
  if (IS("trace")) return ptrace(PTRACE_TRACEME, 0, 0, 0);
  if (IS("write code")) return try_memory(PROT_WRITE | PROT_EXEC, 0, NULL);
  if (IS("turn data into code")) return try_to_patch();
  if (IS("take the place of the path")) return try_memory(PROT_READ | PROT_WRITE, MAP_FIXED, (void *)0x200000);
  if (IS("grow down to the path")) return try_memory(PROT_READ | PROT_WRITE, MAP_GROWSDOWN, (void *)0x300000);
  if (IS("crash")) return raise(SIGSEGV);
  if (IS("take all memory")) return malloc(2l << 30) ? 0 : -1;
  if (IS("burn time")) for (;;) child++;
  fprintf(stderr, "box-probe: %s is no attempt\n", what);
  exit(64);
}

static void put(uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) putchar((int)(number >> shift & 0xFF));
}

/// A second of silence, as an AU stream of 32-bit floats like ffmpeg's.
static void tell(uint32_t rate) {
  printf(".snd");
  put(24);
  put(0xFFFFFFFF);
  put(6);
  put(rate);
  put(1);
  for (uint32_t frame = 0; frame < rate; frame++) put(0);
  fflush(stdout);
}

static int become_without(const char *what, char **command) {
  if (strcmp(what, "privileges") == 0) {
    // Root may use seccomp and Landlock at any time. Who is not root has none to drop.
    prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN);
    execv(command[0], command);
    return 70;
  }
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (strcmp(what, "landlock") == 0) {
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
  } else {
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
  }
  if (seccomp_load(filter) == 0) execv(command[0], command);
  perror("box-probe");
  return 70;
}

int main(int count, char **arguments) {
  errno = 0;
  if (strcmp(arguments[0], "ffmpeg") == 0) {
    char what[64] = "";
    int input = open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
    if (input < 0 || pread(input, what, sizeof what - 1, 16) < 1) return 1;
    close(input);
    int refused = attempt(what) < 0 ? errno : 0;
    tell(8000 + (uint32_t)refused);
    return 0;
  }
  if (count == 1) return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0 ? 0 : 1;
  if (count > 3 && strcmp(arguments[1], "--without") == 0) return become_without(arguments[2], arguments + 3);
  if (count != 3) return 64;
  folder = open(arguments[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // The child ends with its parent, however that ends: then nobody holds the pipe's other end any more.
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return 70;
  child = fork();
  if (child == 0) {
    char byte;
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
  }
  struct box_limits limits = {.cpu_seconds = 1, .address_space_bytes = 1 << 30, .file_bytes = -1, .descriptors = 32};
  struct box_failure failure = box_enter(limits, (struct box_rights){.child = child, .folder = folder});
  if (failure.step) {
    fprintf(stderr, "cannot %s: %s\n", failure.step, strerror(failure.code));
    kill(child, SIGKILL);
    return 70;
  }
  long result = attempt(arguments[1]);
  int refused = result < 0 ? errno : 0;
  if (strcmp(arguments[1], "end its child") != 0) kill(child, SIGKILL);
  return refused;
}
