// Transposes of matrices, eight by eight elements at a time in registers: a loop that reads along rows
// and writes along columns fetches a line of the cache for every element of one of the two.

#include "Vector.h"

// Of a row whole lines of the cache are read before those of other rows take their places.
enum { line = 16 };

#define PAIR(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)

// Eight rows of x become eight columns: pairs of rows exchange elements one apart, then two, then four.
#define TRANSPOSITION(name, type) \
  typedef type name##_row __attribute__((ext_vector_type(8))); \
  \
  INLINE void name##_block(const type *x, long x_step, type *y, long y_step) { \
    name##_row a[8], b[8]; \
    for (int i = 0; i < 8; i++) memcpy(&a[i], x + i * x_step, sizeof a[i]); \
    for (int i = 0; i < 8; i += 2) { \
      b[i] = PAIR(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14); \
      b[i + 1] = PAIR(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15); \
    } \
    for (int i = 0; i < 8; i += i % 2 ? 3 : 1) { \
      a[i] = PAIR(b[i], b[i + 2], 0, 1, 8, 9, 4, 5, 12, 13); \
      a[i + 2] = PAIR(b[i], b[i + 2], 2, 3, 10, 11, 6, 7, 14, 15); \
    } \
    for (int i = 0; i < 4; i++) { \
      b[i] = PAIR(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11); \
      b[i + 4] = PAIR(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15); \
    } \
    for (int i = 0; i < 8; i++) memcpy(y + i * y_step, &b[i], sizeof b[i]); \
  } \
  \
  DISPATCHED void assay_##name( \
      const void *from, long x_step, void *to, long y_step, long rows, long columns) { \
    const type *x = from; \
    type *y = to; \
    long whole_rows = rows / 8 * 8, whole_columns = columns / 8 * 8; \
    for (long start = 0; start < whole_columns; start += line) \
      for (long i = 0; i < whole_rows; i += 8) \
        for (long j = start; j < start + line && j < whole_columns; j += 8) \
          name##_block(x + i * x_step + j, x_step, y + j * y_step + i, y_step); \
    for (long j = 0; j < columns; j++) \
      for (long i = j < whole_columns ? whole_rows : 0; i < rows; i++) \
        y[j * y_step + i] = x[i * x_step + j]; \
  }

TRANSPOSITION(transpose_32, uint32_t)
TRANSPOSITION(transpose_64, uint64_t)
