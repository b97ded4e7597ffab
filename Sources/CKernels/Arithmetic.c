// Signs, small powers, extrema and choices: exact or rounded once by the processor, so the bits are those
// of any correct program. Written in C for the choice of instruction sets alone.

#include "Vector.h"

// z[i] = f(x[i], y[i]); z may be x or y.
#define KERNEL2(name, type, result, f) \
  DISPATCHED void name(const type *x, const type *y, result *z, long n) { \
    VECTORISED for (long i = 0; i < n; i++) z[i] = f(x[i], y[i]); \
  }

#define NEGATIVE(a) (-(a))
#define CUBED(a) ((a) * ((a) * (a)))

// A NaN stays a NaN; +0 is larger than -0, whose bits are all but the sign those of +0.
INLINE float larger32(float a, float b) {
  float equal = float_of(bits32(a) & bits32(b));
  float other = ((a > b) | (a != a)) ? a : b;
  return a == b ? equal : other;
}

INLINE float smaller32(float a, float b) {
  float equal = float_of(bits32(a) | bits32(b));
  float other = ((a < b) | (a != a)) ? a : b;
  return a == b ? equal : other;
}

INLINE double larger64(double a, double b) {
  double equal = double_of(bits64(a) & bits64(b));
  double other = ((a > b) | (a != a)) ? a : b;
  return a == b ? equal : other;
}

INLINE double smaller64(double a, double b) {
  double equal = double_of(bits64(a) | bits64(b));
  double other = ((a < b) | (a != a)) ? a : b;
  return a == b ? equal : other;
}

KERNEL2(assay_larger_f32, float, float, larger32)
KERNEL2(assay_smaller_f32, float, float, smaller32)
KERNEL(assay_neg_f32, float, NEGATIVE)
KERNEL(assay_cube_f32, float, CUBED)

KERNEL2(assay_larger_f64, double, double, larger64)
KERNEL2(assay_smaller_f64, double, double, smaller64)
KERNEL(assay_neg_f64, double, NEGATIVE)
KERNEL(assay_cube_f64, double, CUBED)

DISPATCHED void assay_select_f32(const uint8_t *which, const float *x, const float *y, float *z, long n) {
  VECTORISED for (long i = 0; i < n; i++) z[i] = which[i] ? y[i] : x[i];
}

DISPATCHED void assay_select_f64(
    const uint8_t *which, const double *x, const double *y, double *z, long n) {
  VECTORISED for (long i = 0; i < n; i++) z[i] = which[i] ? y[i] : x[i];
}
