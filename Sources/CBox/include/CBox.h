#ifndef DROPSCRIBE_CBOX_H
#define DROPSCRIBE_CBOX_H

// The box that a child which touches hostile bytes puts itself into before it reads the first of them.

/// What a boxed process may use at most. A field of 0 leaves that limit as it is.
struct box_limits {
  unsigned long long cpu_seconds;
  unsigned long long address_space_bytes;
  unsigned long long file_bytes;
};

/// Sets no-new-privileges, forbids core dumps and applies `limits` to this process and its children to be.
/// Returns 0, or the errno of the call that failed.
int box_enter(struct box_limits limits);

#endif
