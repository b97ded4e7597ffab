// Products with a matrix whose rows may overlap in memory: c[i, j] = sum over r of a[i, r] b[at[r] + j].
//
// The windows of a convolution are such rows: row r begins where the first window has its element r,
// and the windows after it follow. So nothing is copied to form the matrix, as a routine of BLAS would
// need. A tile of c stands in registers while all rows pass. Every element is one chain of additions
// in the order of r, fused where the processor can: the bits depend neither on the tiles nor on how rows
// and columns are divided among calls.

#include "Vector.h"

// Rows of c in a tile: with four vectors a row, or two where there are 16 registers, sums, a row of b and
// an element of a fill the registers.
enum { tile_rows = 6 };

// Of c, `rows` rows of `width` elements, at most vectors * lanes; b has that many from every row's start.
#define TILE(name, type, bytes) \
  typedef type name##_vector __attribute__((ext_vector_type(bytes / sizeof(type)))); \
  \
  INLINE void name##_tile( \
      const type *a, long a_step, const type *b, const long *at, type *c, long c_step, long k, \
      int is_added, int rows, int vectors, long width) { \
    _Pragma("clang fp contract(fast)") \
    enum { lanes = bytes / sizeof(type) }; \
    name##_vector sum[tile_rows][4]; \
    for (int i = 0; i < rows; i++) { \
      type row[4 * lanes] = {0}; \
      if (is_added) memcpy(row, c + i * c_step, (size_t)width * sizeof(type)); \
      for (int v = 0; v < vectors; v++) memcpy(&sum[i][v], row + v * lanes, bytes); \
    } \
    for (long r = 0; r < k; r++) { \
      name##_vector x[4]; \
      for (int v = 0; v < vectors; v++) memcpy(&x[v], b + at[r] + v * lanes, bytes); \
      for (int i = 0; i < rows; i++) { \
        name##_vector factor = a[i * a_step + r]; \
        for (int v = 0; v < vectors; v++) sum[i][v] += factor * x[v]; \
      } \
    } \
    for (int i = 0; i < rows; i++) { \
      type row[4 * lanes]; \
      for (int v = 0; v < vectors; v++) memcpy(row + v * lanes, &sum[i][v], bytes); \
      memcpy(c + i * c_step, row, (size_t)width * sizeof(type)); \
    } \
  }

// All rows of c over columns that are a tile wide. Each call of a tile is compiled for its own extents.
#define COLUMNS(name, type, bytes) \
  TILE(name, type, bytes) \
  INLINE void name##_columns( \
      const type *a, long a_step, const type *b, const long *at, type *c, long c_step, long m, \
      long k, int is_added, int vectors, long width) { \
    long i = 0; \
    for (; i + 6 <= m; i += 6) \
      name##_tile( \
          a + i * a_step, a_step, b, at, c + i * c_step, c_step, k, is_added, 6, vectors, width); \
    if (i + 4 <= m) { \
      name##_tile( \
          a + i * a_step, a_step, b, at, c + i * c_step, c_step, k, is_added, 4, vectors, width); \
      i += 4; \
    } \
    if (i + 2 <= m) { \
      name##_tile( \
          a + i * a_step, a_step, b, at, c + i * c_step, c_step, k, is_added, 2, vectors, width); \
      i += 2; \
    } \
    if (i < m) \
      name##_tile( \
          a + i * a_step, a_step, b, at, c + i * c_step, c_step, k, is_added, 1, vectors, width); \
  }

// The product with vectors of `bytes`, at most `most` (4 or 2) to a row of a tile.
#define PRODUCT(name, type, bytes, most, attributes) \
  COLUMNS(name, type, bytes) \
  attributes static void name( \
      const type *a, long a_step, const type *b, const long *at, type *c, long c_step, long m, \
      long n, long k, int is_added) { \
    enum { lanes = bytes / sizeof(type) }; \
    long j = 0; \
    for (; most == 4 && j + 4 * lanes <= n; j += 4 * lanes) \
      name##_columns(a, a_step, b + j, at, c + j, c_step, m, k, is_added, 4, 4 * lanes); \
    for (; most == 4 && j + 3 * lanes <= n; j += 3 * lanes) \
      name##_columns(a, a_step, b + j, at, c + j, c_step, m, k, is_added, 3, 3 * lanes); \
    for (; j + 2 * lanes <= n; j += 2 * lanes) \
      name##_columns(a, a_step, b + j, at, c + j, c_step, m, k, is_added, 2, 2 * lanes); \
    for (; j < n; j += lanes) \
      name##_columns( \
          a, a_step, b + j, at, c + j, c_step, m, k, is_added, 1, n - j < lanes ? n - j : lanes); \
  }

#if defined(__x86_64__) && defined(__linux__)

#define PRODUCTS(name, type) \
  PRODUCT( \
      name##_v4, type, 64, 4, \
      __attribute__((target("arch=x86-64-v4"), __min_vector_width__(512)))) \
  PRODUCT(name##_v3, type, 32, 2, __attribute__((target("arch=x86-64-v3")))) \
  PRODUCT(name##_v1, type, 16, 2, ) \
  \
  void assay_##name( \
      const type *a, long a_step, const type *b, const long *at, type *c, long c_step, long m, \
      long n, long k, int is_added) { \
    __typeof__(name##_v1) *product = \
        __builtin_cpu_supports("x86-64-v4")   ? name##_v4 \
        : __builtin_cpu_supports("x86-64-v3") ? name##_v3 \
                                              : name##_v1; \
    product(a, a_step, b, at, c, c_step, m, n, k, is_added); \
  }

#else

#define PRODUCTS(name, type) \
  PRODUCT(name, type, 16, 4, ) \
  \
  void assay_##name( \
      const type *a, long a_step, const type *b, const long *at, type *c, long c_step, long m, \
      long n, long k, int is_added) { \
    name(a, a_step, b, at, c, c_step, m, n, k, is_added); \
  }

#endif

PRODUCTS(product_f32, float)
PRODUCTS(product_f64, double)
