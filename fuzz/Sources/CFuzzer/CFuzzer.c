#define _GNU_SOURCE
#include "CFuzzer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int memory_file(void) { return memfd_create("recording", 0); }

int roomy_pipe(int ends[2]) {
  if (pipe(ends) != 0) return -1;
  return fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
}
