#ifndef DROPSCRIBE_CLINUX_H
#define DROPSCRIBE_CLINUX_H

// Linux calls that Swift's Glibc module does not import. All return what the call returns; errno is set.

/// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST when `to` is there.
int linux_rename_new(int folder, const char *from, const char *to);

/// renameat2(2) with RENAME_EXCHANGE: both names must be there and swap what they name.
int linux_rename_exchange(int folder, const char *a, const char *b);

/// openat2(2), read only, without following any symbolic link and without leaving `folder`.
int linux_open_beneath(int folder, const char *path, int flags);

/// The same with O_PATH: a descriptor for fstat(2) alone, which touches neither a FIFO nor a device.
int linux_look_beneath(int folder, const char *path);

/// The magic number of the filesystem that holds `path` (statfs(2) f_type), or -1.
long linux_filesystem_type(const char *path);

/// 1 when the open file has an access control list beside its mode, 0 when not or when the filesystem has none.
int linux_has_acl(int file);

/// Landlock's version, from 1 on; less where the kernel has none, or it is switched off.
long linux_landlock_version(void);

/// mallopt(3) with M_MMAP_THRESHOLD: blocks of so many bytes and more go back to the system when they are freed. 1, or 0
/// when the C library does not do so.
int linux_return_blocks(int bytes);

/// posix_spawn(3): starts a program on two pipes, with our standard error and environment, a process group of its own, no
/// other descriptor, and all signals at their defaults. Returns its process id, and our ends of its standard input and
/// output; or -1.
int linux_start(const char *path, char *const arguments[], int *input, int *output);

#endif
