// How a function of one number becomes a kernel over an array.
//
// A kernel is written once, for one element, without a branch, and mapped by a loop that the compiler
// vectorises for several instruction sets; the processor chooses among them when the program starts.
// Multiplications and additions are fused where FUSED says so and nowhere else (contraction is off),
// and no operation depends on the vector's width: an element's bits are a function of its operand
// alone, the same at every place in an array, on every processor and in debug builds.

#ifndef ASSAY_VECTOR_H
#define ASSAY_VECTOR_H

#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "Coefficients.h"

// By default clang may contract a * b + c; each kernel's error analysis decides that instead.
#pragma clang fp contract(off)

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__linux__)
#define DISPATCHED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

// Source and target are one array or do not overlap; the compiler could not know.
#define VECTORISED _Pragma("clang loop vectorize(assume_safety)")

#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SQRT(x) __builtin_elementwise_sqrt(x)

// y[i] = f(x[i]); y may be x.
#define KERNEL(name, type, f) \
  DISPATCHED void name(const type *x, type *y, long n) { \
    VECTORISED for (long i = 0; i < n; i++) y[i] = f(x[i]); \
  }

// The same for an f that holds where |x| <= limit: a block with an element outside goes one by one,
// so that the others have the bits that they would have anywhere.
#define LIMITED_KERNEL(name, type, f, magnitude, limit, elsewhere) \
  DISPATCHED void name(const type *x, type *y, long n) { \
    for (long start = 0; start < n; start += 256) { \
      long end = n - start < 256 ? n : start + 256; \
      int outside = 0; \
      VECTORISED for (long i = start; i < end; i++) outside |= !(magnitude(x[i]) <= limit); \
      if (!outside) { \
        VECTORISED for (long i = start; i < end; i++) y[i] = f(x[i]); \
      } else { \
        for (long i = start; i < end; i++) \
          y[i] = magnitude(x[i]) <= limit ? f(x[i]) : elsewhere(x[i]); \
      } \
    } \
  }

INLINE uint64_t bits64(double x) {
  uint64_t b;
  memcpy(&b, &x, sizeof b);
  return b;
}

INLINE double double_of(uint64_t b) {
  double x;
  memcpy(&x, &b, sizeof x);
  return x;
}

INLINE uint32_t bits32(float x) {
  uint32_t b;
  memcpy(&b, &x, sizeof b);
  return b;
}

INLINE float float_of(uint32_t b) {
  float x;
  memcpy(&x, &b, sizeof x);
  return x;
}

// c[0] + c[1] x + ... by Horner's rule; the degree is a constant where this is inlined.
INLINE double polynomial(const double *c, int degree, double x) {
  double y = c[degree];
#pragma clang loop unroll(full)
  for (int k = degree - 1; k >= 0; k--) y = FUSED(y, x, c[k]);
  return y;
}

// Bounded on both sides; a NaN passes.
INLINE double clamped(double x, double low, double high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

#endif
