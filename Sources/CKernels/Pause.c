// A thread that waits in a loop lets the other thread of its core, if there is one, go on.

#include "CKernels.h"

void assay_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
