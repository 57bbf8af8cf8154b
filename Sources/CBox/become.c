#define _GNU_SOURCE
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_OPENINGS = 32 };

/// Where the one path that may be executed stands. The filter knows nothing of a path but its address, so this
/// is one at which ffmpeg cannot put another: it lies below all that the kernel hands out by itself, and the
/// filter refuses whatever would reach down to it.
static void *const place = (void *)BOX_PATH_ADDRESS;

static int put_path(const char *path) {
  size_t length = strlen(path) + 1;
  if (length > BOX_PATH_BYTES) return ENAMETOOLONG;
  void *page = mmap(
    place, BOX_PATH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0
  );
  if (page == MAP_FAILED) return errno;
  memcpy(page, path, length);
  return page == place ? 0 : EEXIST;
}

/// Keeps the decoder's fence as narrow as it can be. A descriptor that is opened here is closed by execve(2).
static int fence_decoder(const char *path, char *const readable[]) {
  struct box_opening openings[MOST_OPENINGS] = {{.descriptor = STDIN_FILENO, .allowed = BOX_READ}};
  int count = 1;
  int program = open(path, O_PATH | O_CLOEXEC);
  if (program < 0) return errno;
  openings[count++] = (struct box_opening){.descriptor = program, .allowed = BOX_READ | BOX_EXECUTE};
  for (; *readable; readable++) {
    if (count == MOST_OPENINGS) return E2BIG;
    int descriptor = open(*readable, O_PATH | O_CLOEXEC);
    if (descriptor < 0) continue;
    // To execute is needed for the loader, which lies among the libraries.
    openings[count++] = (struct box_opening){.descriptor = descriptor, .allowed = BOX_READ | BOX_EXECUTE};
  }
  return box_fence(openings, count, 0);
}

struct box_failure box_become(
  const char *path, char *const arguments[], struct box_limits limits, char *const readable[]
) {
  int failed = 0;
  if ((failed = put_path(path))) return (struct box_failure){"keep its program's path", failed};
  // First, since Landlock is for those alone who have given up all new privileges.
  if ((failed = box_limit(limits))) return (struct box_failure){"limit what it uses", failed};
  if ((failed = fence_decoder(path, readable))) return (struct box_failure){"fence itself in", failed};
  if ((failed = box_filter_decoder())) return (struct box_failure){BOX_CANNOT_FILTER, failed};
  execve(place, arguments, (char *const[]){NULL});
  return (struct box_failure){"start ffmpeg", errno};
}
