#ifndef DROPSCRIBE_CBOX_H
#define DROPSCRIBE_CBOX_H

// The boxes in which hostile bytes are read: the slicer's and ffmpeg's. Each process shuts its own
// before the first of those bytes is decoded, and neither of them can be opened again.

/// What a boxed process may use at most. A negative field leaves that limit as it is.
struct box_limits {
  /// Seconds of CPU time; then comes SIGXCPU, and two seconds later SIGKILL.
  long long cpu_seconds;
  long long address_space_bytes;
  /// The longest file that may be written; 0 forbids writing to files, pipes are not files.
  long long file_bytes;
  /// The highest number of descriptors, those already open counted.
  long long descriptors;
};

/// What a slicer may do besides computing, and reading and writing what it holds open.
struct box_rights {
  /// Its only child, which it may kill and wait for; 0 when it has none.
  int child;
  /// The descriptor of a folder in which it may create files; -1 when there is none.
  int folder;
};

/// What went wrong: the step in words, and an errno. All went well when there is no step.
struct box_failure {
  const char *step;
  int code;
};

/// Shuts the slicer's box around this process. From then on a system call that decoding does not need kills it
/// with SIGSYS. One call is answered with "no such file" instead: open(2) for reading and nothing else, by which
/// libsndfile looks for the second half of an old Macintosh file wherever it does not know the first.
struct box_failure box_enter(struct box_limits limits, struct box_rights rights);

/// Shuts ffmpeg's box around this process and becomes the program at `path`, with an empty environment. It may
/// read `path`, the file on standard input, and what lies at and below `readable`, a list that ends with a null;
/// places that are not there are passed over. It can open nothing else, no socket, start no process and no other
/// program. Returns only when that failed.
struct box_failure box_become(
  const char *path, char *const arguments[], struct box_limits limits, char *const readable[]
);

/// Closes every descriptor from `first` on. Returns 0 or an errno.
int box_close_from(int first);

#endif
