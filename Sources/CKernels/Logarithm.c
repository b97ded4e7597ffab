// log and log1p.
//
// x = 2^k m with m from sqrt(1/2) to sqrt(2), log x = k ln 2 + log(1 + f), f = m - 1. For float a
// polynomial in f, in double. For double log(1 + f) = 2 atanh(s), s = f / (2 + f), ordered such that
// f, the large term, is added last and exactly: f - (f^2/2 - s (f^2/2 + R(s^2))).

#include "Vector.h"

#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdull
#define ONE_BITS 0x3ff0000000000000ull
#define MANTISSA 0x000fffffffffffffull
#define INFINITE __builtin_inf()

typedef struct {
  double k;
  double m;
} Split;

// x a positive normal number.
INLINE Split split(double x) {
  uint64_t shifted = bits64(x) + (ONE_BITS - SQRT_HALF_BITS);
  // The exponent under the bits of 2^52 is 2^52 + exponent.
  double k = double_of((shifted >> 52) | 0x4330000000000000ull) - (0x1p52 + 1023);
  return (Split){k, double_of((shifted & MANTISSA) + SQRT_HALF_BITS)};
}

// The values where there is no logarithm of a positive number: NaN, -inf at 0, inf at inf.
INLINE double completed(double y, double x) {
  y = x > 0 ? y : (x == 0 ? -INFINITE : __builtin_nan(""));
  return x == INFINITE ? x : y;
}

// ---- float, in double

INLINE double medium_log(double k, double f) {
  return FUSED(k, LN2_HI + LN2_LO, FUSED(f * f, polynomial(LOG_MEDIUM, 12, f), f));
}

// Every float is a normal double.
INLINE float log_float(float x) {
  Split s = split(x);
  return (float)completed(medium_log(s.k, s.m - 1), x);
}

// 1 + x loses what a small x has; there k = 0 and f is x itself.
INLINE float log1p_float(float x) {
  double u = 1 + (double)x;
  Split s = split(u);
  double y = medium_log(s.k, s.k == 0 ? (double)x : s.m - 1);
  return x == 0 ? x : (float)completed(y, u);
}

KERNEL(assay_log_f32, float, log_float)
KERNEL(assay_log1p_f32, float, log1p_float)

// ---- double

// k ln 2 + log(1 + f) + c, c far smaller. k LN2_HI is exact.
INLINE double full_log(double k, double f, double c) {
  double s = f / (2 + f);
  double z = s * s;
  double half = 0.5 * f * f;
  double rest = s * FUSED(z, polynomial(LOG_F64, 7, z), half);
  return k * LN2_HI - ((half - (rest + FUSED(k, LN2_LO, c))) - f);
}

INLINE double log_double(double x) {
  int is_subnormal = x < 0x1p-1022;
  Split s = split(is_subnormal ? x * 0x1p54 : x);
  return completed(full_log(is_subnormal ? s.k - 54 : s.k, s.m - 1, 0), x);
}

// u + error = 1 + x; log(u + error) = log u + error / u.
INLINE double log1p_double(double x) {
  double u = 1 + x;
  double back = u - 1;
  double error = (1 - (u - back)) + (x - back);
  Split s = split(u);
  int is_near = s.k == 0;
  double y = full_log(s.k, is_near ? x : s.m - 1, is_near ? 0 : error / u);
  return x == 0 ? x : completed(y, u);
}

KERNEL(assay_log_f64, double, log_double)
KERNEL(assay_log1p_f64, double, log1p_double)
