// Two arithmetic operations in one loop, so that what the first gives never leaves the processor's
// registers: z = (a f b) g c, or z = c g (a f b). Each is rounded by itself (contraction is off), so the
// bits are those of two loops.

#include "Vector.h"

#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define MUL(a, b) ((a) * (b))
#define DIV(a, b) ((a) / (b))

#define ONE(name, type, F) \
  DISPATCHED void name(const void *const *x, void *result, long n) { \
    const type *a = x[0], *b = x[1]; \
    type *z = result; \
    VECTORISED for (long i = 0; i < n; i++) z[i] = F(a[i], b[i]); \
  }

#define TWO(name, type, expression) \
  DISPATCHED void name(const void *const *x, void *result, long n) { \
    const type *a = x[0], *b = x[1], *c = x[2]; \
    type *z = result; \
    VECTORISED for (long i = 0; i < n; i++) z[i] = expression; \
  }

#define LEFT(f, F, g, G, type, bits) \
  TWO(assay_##f##_##g##_left_f##bits, type, G(F(a[i], b[i]), c[i]))
#define RIGHT(f, F, g, G, type, bits) \
  TWO(assay_##f##_##g##_right_f##bits, type, G(c[i], F(a[i], b[i])))

// Sums and products are the same whichever side the first result stands on.
#define AFTER(f, F, type, bits) \
  LEFT(f, F, add, ADD, type, bits) \
  LEFT(f, F, sub, SUB, type, bits) \
  RIGHT(f, F, sub, SUB, type, bits) \
  LEFT(f, F, mul, MUL, type, bits) \
  LEFT(f, F, div, DIV, type, bits) \
  RIGHT(f, F, div, DIV, type, bits)

#define ROW(f, bits) \
  { \
    {assay_##f##_add_left_f##bits, assay_##f##_add_left_f##bits}, \
    {assay_##f##_sub_left_f##bits, assay_##f##_sub_right_f##bits}, \
    {assay_##f##_mul_left_f##bits, assay_##f##_mul_left_f##bits}, \
    {assay_##f##_div_left_f##bits, assay_##f##_div_right_f##bits}, \
  }

#define ARITHMETIC(type, bits) \
  ONE(assay_add_f##bits, type, ADD) \
  ONE(assay_sub_f##bits, type, SUB) \
  ONE(assay_mul_f##bits, type, MUL) \
  ONE(assay_div_f##bits, type, DIV) \
  AFTER(add, ADD, type, bits) \
  AFTER(sub, SUB, type, bits) \
  AFTER(mul, MUL, type, bits) \
  AFTER(div, DIV, type, bits) \
  assay_loop assay_arithmetic_f##bits(assay_operation f) { \
    static const assay_loop loops[4] = { \
      assay_add_f##bits, assay_sub_f##bits, assay_mul_f##bits, assay_div_f##bits}; \
    return loops[f]; \
  } \
  assay_loop assay_chain_f##bits(assay_operation f, assay_operation g, int right) { \
    static const assay_loop loops[4][4][2] = { \
      ROW(add, bits), ROW(sub, bits), ROW(mul, bits), ROW(div, bits)}; \
    return loops[f][g][right]; \
  }

ARITHMETIC(float, 32)
ARITHMETIC(double, 64)
