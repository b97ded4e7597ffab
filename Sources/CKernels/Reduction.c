// Sums and extrema over the middle axis of [outer, n, inner].
//
// A line of neighbours is folded in 32 interleaved parts, which a fixed tree combines, or one by one if
// it is short; otherwise whole rows, `pitch` apart, are folded, a block of columns standing in
// registers while all n rows pass, each column from the first row to the last. The order of additions
// follows from n and the pitch alone: the same bits on every processor, and for a column among any
// others.

#include "Vector.h"

enum { parts = 32, block = 64, short_line = 16 };

// Reproduces the reference: NaN if either is, and +0 larger than -0.
#define LARGER(a, b) ((a) > (b) || (a) != (a) || ((a) == (b) && !__builtin_signbit(a)) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) || (a) != (a) || ((a) == (b) && __builtin_signbit(a)) ? (a) : (b))
#define PLUS(a, b) ((a) + (b))

#define FOLDED_LINE(name, type, neutral, combined) \
  INLINE type name(const type *x, long n) { \
    type part[parts]; \
    if (n < short_line) { \
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
  }

// The same for a sum, in vectors: the lines of layers are short, and combining the parts through
// memory would cost more than adding them up.
#define SUMMED_LINE(name, type) \
  typedef type name##_4 __attribute__((ext_vector_type(4))); \
  typedef type name##_8 __attribute__((ext_vector_type(8))); \
  typedef type name##_16 __attribute__((ext_vector_type(16))); \
  \
  INLINE void name##_add(name##_16 *low, name##_16 *high, const type *x) { \
    name##_16 v[2]; \
    memcpy(v, x, sizeof v); \
    *low += v[0]; \
    *high += v[1]; \
  } \
  \
  INLINE type name(const type *x, long n) { \
    if (n < short_line) { \
      type total = 0; \
      for (long i = 0; i < n; i++) total += x[i]; \
      return total; \
    } \
    name##_16 low = 0, high = 0; \
    long i = 0; \
    for (; i + parts <= n; i += parts) name##_add(&low, &high, x + i); \
    if (i < n) { \
      type rest[parts] = {0}; \
      memcpy(rest, x + i, (size_t)(n - i) * sizeof *rest); \
      name##_add(&low, &high, rest); \
    } \
    low += high; \
    name##_8 eight = low.lo + low.hi; \
    name##_4 four = eight.lo + eight.hi; \
    return (four.x + four.z) + (four.y + four.w); \
  }

#define REDUCTION(name, type, neutral, combined) \
  INLINE void name##_rows(const type *x, type *y, long n, long inner, long pitch) { \
    long start = 0; \
    for (; start + block <= inner; start += block) { \
      type total[block]; \
      for (int j = 0; j < block; j++) total[j] = neutral; \
      for (long r = 0; r < n; r++) \
        for (int j = 0; j < block; j++) \
          total[j] = combined(total[j], x[r * pitch + start + j]); \
      for (int j = 0; j < block; j++) y[start + j] = total[j]; \
    } \
    for (long i = start; i < inner; i++) y[i] = neutral; \
    for (long r = 0; r < n; r++) { \
      VECTORISED for (long i = start; i < inner; i++) \
        y[i] = combined(y[i], x[r * pitch + i]); \
    } \
  } \
  \
  DISPATCHED void assay_##name( \
      const type *x, type *y, long outer, long n, long inner, long pitch) { \
    for (long o = 0; o < outer; o++) { \
      if (pitch == 1) { \
        y[o] = name##_line(x + o * n, n); \
      } else { \
        name##_rows(x + o * n * pitch, y + o * inner, n, inner, pitch); \
      } \
    } \
  }

SUMMED_LINE(sum_f32_line, float)
SUMMED_LINE(sum_f64_line, double)
FOLDED_LINE(max_f32_line, float, -__builtin_inff(), LARGER)
FOLDED_LINE(max_f64_line, double, -__builtin_inf(), LARGER)
FOLDED_LINE(min_f32_line, float, __builtin_inff(), SMALLER)
FOLDED_LINE(min_f64_line, double, __builtin_inf(), SMALLER)

REDUCTION(sum_f32, float, 0, PLUS)
REDUCTION(sum_f64, double, 0, PLUS)
REDUCTION(max_f32, float, -__builtin_inff(), LARGER)
REDUCTION(max_f64, double, -__builtin_inf(), LARGER)
REDUCTION(min_f32, float, __builtin_inff(), SMALLER)
REDUCTION(min_f64, double, __builtin_inf(), SMALLER)
