// Memory that a run lets go is used again by the next, not given back to the system page by page.
//
// By default glibc takes an array beyond 128 KB from the system and gives it back when it is let go;
// each page costs a fault and a clearing, which was a third of a train step of a few milliseconds. The
// setting is the process's; with another C library the allocator decides.

#include "CKernels.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void assay_keep_memory(void) {
#if defined(__GLIBC__)
  // 32 MB is the most that glibc admits for the first.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}
