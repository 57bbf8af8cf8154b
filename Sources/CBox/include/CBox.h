#ifndef DROPSCRIBE_CBOX_H
#define DROPSCRIBE_CBOX_H

// The box that a child which touches hostile bytes puts itself into before it decodes the first of them.

/// What a boxed process may use at most. A negative field leaves that limit as it is.
struct box_limits {
  long long cpu_seconds;
  long long address_space_bytes;
  /// The longest file that may be written; 0 forbids writing to files, pipes are not files.
  long long file_bytes;
  /// The highest number of descriptors, those already open counted.
  long long descriptors;
};

/// Sets no-new-privileges, forbids core dumps and applies `limits` to this process and its children to be.
/// Returns 0, or the errno of the call that failed.
int box_enter(struct box_limits limits);

/// Closes every descriptor from `first` on. Returns 0 or an errno.
int box_close_from(int first);

#endif
