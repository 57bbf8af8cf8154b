#ifndef DROPSCRIBE_BOX_PARTS_H
#define DROPSCRIBE_BOX_PARTS_H

// What the boxes are made of. Each function returns 0 or an errno.

#include "CBox.h"

/// No new privileges, no core dumps, and `limits`, for this process and its children to be.
int box_limit(struct box_limits limits);

/// What may be done at and below a place in the file system.
enum { BOX_READ = 1, BOX_EXECUTE = 2, BOX_CREATE = 4 };

struct box_opening {
  /// An open descriptor of a file or folder.
  int descriptor;
  int allowed;
};

/// Fences this process in with Landlock: `openings` are all that is left of the file system, TCP is gone, and so
/// are signals to others unless `signals`. Older kernels do less of that, or nothing: no failure.
int box_fence(const struct box_opening *openings, int count, int signals);

/// The filters of system calls, one for each box. No process gets along without.
int box_filter_slicer(struct box_rights rights);

/// The step in words.
#define BOX_CANNOT_FILTER "filter its system calls, for which the kernel and a container must permit seccomp,"

/// ffmpeg's. execve(2) works with a path at BOX_PATH_ADDRESS alone, where nothing can be put any more.
int box_filter_decoder(void);

/// Above what the kernel keeps free for null pointers, below where any program is loaded.
#define BOX_PATH_ADDRESS 0x200000
#define BOX_PATH_BYTES 0x10000

#endif
