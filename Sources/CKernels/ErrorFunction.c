// erf for float, in double: x p(x^2) below 1, and 1 - e^q(x) from 1 to 4, q the polynomial of log
// erfc; from 3.93 on a float's erf is 1.

#include "Vector.h"

#define LOG2E 0x1.71547652b82fep+0
#define ROUNDER 0x1.8p52

// e^x for x from -20 to 0.
INLINE double exp_below_zero(double x) {
  double rounded = FUSED(x, LOG2E, ROUNDER);
  double n = rounded - ROUNDER;
  double r = FUSED(-n, LN2_LO, FUSED(-n, LN2_HI, x));
  double scale = double_of((bits64(rounded) + 1023) << 52);
  return FUSED(scale * r, polynomial(EXPM1_MEDIUM, 6, r), scale);
}

INLINE float erf_float(float x) {
  double t = clamped(__builtin_fabs((double)x), 0, 4);
  double near = t * polynomial(ERF_MEDIUM, 7, t * t);
  double far = 1 - exp_below_zero(polynomial(ERFC_LOG, 8, t));
  return __builtin_copysignf((float)(t < 1 ? near : far), x);
}

KERNEL(assay_erf_f32, float, erf_float)
