#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's way in for a program with a `main` of its own (compiler-rt, FuzzerInterface and FuzzerDriver).
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test_one)(const uint8_t *data, size_t size));

/// A file in memory, which decoders take for a regular one; its descriptor.
int memory_file(void);

/// A pipe that holds a whole recording; how many bytes that may have, or -1.
int roomy_pipe(int ends[2]);

#endif
