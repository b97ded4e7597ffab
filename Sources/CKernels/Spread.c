// A smaller operand, spread over the indices of a loop: y[i] = x[((start + i) / inner) % extent].
//
// Nothing is divided but to find the first element: rows are copied, and elements that several
// neighbouring indices meet are stored as vectors.

#include "Vector.h"

#define SPREAD(name, type) \
  DISPATCHED void name(const void *source, void *target, long start, long n, long inner, long extent) { \
    const type *x = source; \
    type *y = target; \
    long row = start / inner, place = row % extent; \
    if (inner == 1 && extent > 1) { \
      for (long run; n > 0; n -= run, y += run, place = 0) { \
        run = extent - place < n ? extent - place : n; \
        memcpy(y, x + place, (size_t)run * sizeof *y); \
      } \
      return; \
    } \
    long left = extent > 1 ? inner - (start - row * inner) : n; \
    for (long run; n > 0; n -= run, y += run, left = inner) { \
      run = left < n ? left : n; \
      type element = x[place]; \
      VECTORISED for (long i = 0; i < run; i++) y[i] = element; \
      if (++place == extent) place = 0; \
    } \
  }

SPREAD(assay_spread_8, uint8_t)
SPREAD(assay_spread_32, uint32_t)
SPREAD(assay_spread_64, uint64_t)
