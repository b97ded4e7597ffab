// exp, expm1, tanh and logistic.
//
// x = n ln 2 + r with |r| <= ln 2 / 2, e^x = 2^n e^r. For float everything happens in double, whose
// relative error of 2^-33 leaves the one rounding at the end. For double, r is kept in two parts and
// 1 + r is added with its error, so that exp and expm1 commit little more than their last rounding.

#include "Vector.h"

#define LOG2E 0x1.71547652b82fep+0
// Adding it rounds to an integer, which then stands in the low bits.
#define ROUNDER 0x1.8p52

// 2^n for an n from -1022 to 1023, given as the bits of ROUNDER + n.
INLINE double power_of_two(uint64_t rounded) { return double_of((rounded + 1023) << 52); }

// ---- float, in double

typedef struct {
  double scale;     // 2^n
  double fraction;  // e^r - 1
} Medium;

// |x| < 700.
INLINE Medium medium_exp(double x) {
  double rounded = FUSED(x, LOG2E, ROUNDER);
  double n = rounded - ROUNDER;
  double r = FUSED(-n, LN2_LO, FUSED(-n, LN2_HI, x));
  return (Medium){power_of_two(bits64(rounded)), r * polynomial(EXPM1_MEDIUM, 6, r)};
}

// Float ends at e^89 and e^-104: the conversion at the end rounds to a subnormal or to infinity.
INLINE float exp_float(float x) {
  Medium e = medium_exp(clamped(x, -110, 100));
  return (float)FUSED(e.scale, e.fraction, e.scale);
}

// The sign is the operand's: a zero keeps it.
INLINE float expm1_float(float x) {
  Medium e = medium_exp(clamped(x, -50, 100));
  return __builtin_copysignf((float)FUSED(e.scale, e.fraction, e.scale - 1), x);
}

// tanh |x| = -t / (t + 2), t = e^(-2|x|) - 1: t has all its digits where x is small.
INLINE float tanh_float(float x) {
  Medium e = medium_exp(clamped(-2 * __builtin_fabs((double)x), -50, 0));
  double t = FUSED(e.scale, e.fraction, e.scale - 1);
  return __builtin_copysignf((float)(-t / (t + 2)), x);
}

// 1 / (1 + e^-|x|), or e^-|x| / (1 + e^-|x|) for a negative x.
INLINE float logistic_float(float x) {
  Medium m = medium_exp(clamped(-__builtin_fabs((double)x), -110, 0));
  double e = FUSED(m.scale, m.fraction, m.scale);
  return (float)((x < 0 ? e : 1) / (1 + e));
}

KERNEL(assay_exp_f32, float, exp_float)
KERNEL(assay_expm1_f32, float, expm1_float)
KERNEL(assay_tanh_f32, float, tanh_float)
KERNEL(assay_logistic_f32, float, logistic_float)

// ---- double

typedef struct {
  uint64_t rounded;  // ROUNDER + n
  double r;          // rounded to double
  double rest;       // e^(r + its error) - 1 - r
} Reduced;

// n LN2_HI has at most 43 bits, so the first subtraction is exact.
INLINE Reduced reduced_exp(double x) {
  double rounded = FUSED(x, LOG2E, ROUNDER);
  double n = rounded - ROUNDER;
  double first = FUSED(-n, LN2_HI, x);
  double r = FUSED(-n, LN2_LO, first);
  double error = FUSED(-n, LN2_LO, first - r);
  double rest = FUSED(r * r, polynomial(EXP_F64, 10, r), FUSED(error, r, error));
  return (Reduced){bits64(rounded), r, rest};
}

// A number in two parts, the second below the first's last place.
typedef struct {
  double high;
  double low;
} Pair;

// a + b + c with |a| >= |b| and c smaller still, rounded about once to the first part.
INLINE Pair sum(double a, double b, double c) {
  double s = a + b;
  double rest = ((a - s) + b) + c;
  double high = s + rest;
  return (Pair){high, (s - high) + rest};
}

// Scaled by 2^n in two steps: the first stays normal, and so is exact; so is the second, because a
// result that will be subnormal has been rounded to the subnormals' distance beforehand: it is added
// to `unit`, 2^-1022 seen from here, whose last place is that distance.
INLINE double exp_double(double x) {
  Reduced e = reduced_exp(clamped(x, -746, 710));
  uint64_t n = e.rounded - bits64(ROUNDER) + 4096;
  double y = 1 + e.r;
  double low = ((1 - y) + e.r) + e.rest;
  double unit = double_of((4096 - 1022 - n + 1023) << 52);
  double raised = unit + y;
  double tiny = (raised + (((unit - raised) + y) + low)) - unit;
  y = unit > 1 || (unit == 1 && y < 1) ? tiny : y + low;
  uint64_t half = n >> 1;
  return y * double_of((half - 2048 + 1023) << 52) * double_of((n - half - 2048 + 1023) << 52);
}

// e^x - 1, or half of it where 2^n is near its end. 2^n e^r - 1 is (2^n - 1) + 2^n r + 2^n rest, the
// second exact and the first with its error.
INLINE Pair expm1_pair(double x, int is_half) {
  Reduced e = reduced_exp(x);
  double scale = power_of_two(e.rounded - (is_half ? 1 : 0));
  double one = is_half ? 0.5 : 1;
  double whole = scale - one;
  return sum(whole, scale * e.r, FUSED(scale, e.rest, (scale - whole) - one));
}

INLINE double expm1_double(double x) {
  double a = clamped(x, -50, 710);
  int is_large = a > 700;
  double y = expm1_pair(a, is_large).high;
  return __builtin_copysign(is_large ? 2 * y : y, x);
}

// Below 1 as for float, with both parts of t, and the quotient corrected by its remainder; from 1 on
// 1 - 2 / (e^(2|x|) + 1), where the quotient's errors are small.
INLINE double tanh_double(double x) {
  double a = __builtin_fabs(x);
  int is_large = a >= 1;
  Pair t = expm1_pair(clamped(is_large ? 2 * a : -2 * a, -3, 50), 0);
  double below = 2 + t.high;
  double below_low = ((2 - below) + t.high) + t.low;
  double above = is_large ? 2 : -t.high;
  double above_low = is_large ? 0 : -t.low;
  double inverse = 1 / below;
  double quotient = above * inverse;
  double remainder = FUSED(-quotient, below, above) + FUSED(-quotient, below_low, above_low);
  quotient = FUSED(remainder, inverse, quotient);
  return __builtin_copysign(is_large ? 1 - quotient : quotient, x);
}

INLINE double logistic_double(double x) {
  double e = exp_double(-__builtin_fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

KERNEL(assay_exp_f64, double, exp_double)
KERNEL(assay_expm1_f64, double, expm1_double)
KERNEL(assay_tanh_f64, double, tanh_double)
KERNEL(assay_logistic_f64, double, logistic_double)
