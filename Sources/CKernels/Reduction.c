// Sums and extrema over the middle axis of [outer, n, inner].
//
// With inner = 1 a line of neighbours is folded in 32 interleaved parts, which a fixed tree combines,
// or one by one if it is short; otherwise whole rows are folded, a block of columns standing in
// registers while all n rows pass. The order of additions follows from the extents alone: the same
// bits on every processor.

#include "Vector.h"

enum { parts = 32, block = 64 };

// Reproduces the reference: NaN if either is, and +0 larger than -0.
#define LARGER(a, b) ((a) > (b) || (a) != (a) || ((a) == (b) && !__builtin_signbit(a)) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) || (a) != (a) || ((a) == (b) && __builtin_signbit(a)) ? (a) : (b))
#define PLUS(a, b) ((a) + (b))

#define REDUCTION(name, type, neutral, combined) \
  INLINE type name##_line(const type *x, long n) { \
    type part[parts]; \
    if (n < parts / 2) { \
      part[0] = neutral; \
      for (long i = 0; i < n; i++) part[0] = combined(part[0], x[i]); \
      return part[0]; \
    } \
    for (int j = 0; j < parts; j++) part[j] = neutral; \
    long i = 0; \
    for (; i + parts <= n; i += parts) \
      for (int j = 0; j < parts; j++) part[j] = combined(part[j], x[i + j]); \
    for (int j = 0; i + j < n; j++) part[j] = combined(part[j], x[i + j]); \
    for (int half = parts / 2; half > 0; half /= 2) \
      for (int j = 0; j < half; j++) part[j] = combined(part[j], part[j + half]); \
    return part[0]; \
  } \
  \
  INLINE void name##_rows(const type *x, type *y, long n, long inner) { \
    long start = 0; \
    for (; start + block <= inner; start += block) { \
      type total[block]; \
      for (int j = 0; j < block; j++) total[j] = neutral; \
      for (long r = 0; r < n; r++) \
        for (int j = 0; j < block; j++) \
          total[j] = combined(total[j], x[r * inner + start + j]); \
      for (int j = 0; j < block; j++) y[start + j] = total[j]; \
    } \
    for (long i = start; i < inner; i++) y[i] = neutral; \
    for (long r = 0; r < n; r++) { \
      VECTORISED for (long i = start; i < inner; i++) \
        y[i] = combined(y[i], x[r * inner + i]); \
    } \
  } \
  \
  DISPATCHED void name(const type *x, type *y, long outer, long n, long inner) { \
    for (long o = 0; o < outer; o++) { \
      if (inner == 1) { \
        y[o] = name##_line(x + o * n, n); \
      } else { \
        name##_rows(x + o * n * inner, y + o * inner, n, inner); \
      } \
    } \
  }

REDUCTION(assay_sum_f32, float, 0, PLUS)
REDUCTION(assay_sum_f64, double, 0, PLUS)
REDUCTION(assay_max_f32, float, -__builtin_inff(), LARGER)
REDUCTION(assay_max_f64, double, -__builtin_inf(), LARGER)
REDUCTION(assay_min_f32, float, __builtin_inff(), SMALLER)
REDUCTION(assay_min_f64, double, __builtin_inf(), SMALLER)
