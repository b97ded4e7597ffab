// sin and cos.
//
// x = n pi/2 + r with |r| <= pi/4; n chooses between the series of sin and cos and their sign. pi/2
// has three parts of 53 bits; x - n HALF_PI_1 is exact, since both are multiples of 2^-52 (or of
// 2^-53 below 1) and the difference is below 1. Up to 2^20 the parts suffice; beyond, the C library
// has the digits of pi.

#include <math.h>

#include "Vector.h"

#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define ROUNDER 0x1.8p52
#define LIMIT 0x1p20

// The quadrant's parity chooses the series, its second bit the sign. `first` is the number of
// quadrants by which the function is ahead of sin.
INLINE double signed_choice(uint64_t quadrant, double sine, double cosine) {
  double y = quadrant & 1 ? cosine : sine;
  return double_of(bits64(y) ^ ((quadrant & 2) << 62));
}

// ---- float, in double

INLINE float circular_float(float x, uint64_t first) {
  double rounded = FUSED((double)x, TWO_OVER_PI, ROUNDER);
  double n = rounded - ROUNDER;
  double r = FUSED(-n, HALF_PI_2, FUSED(-n, HALF_PI_1, (double)x));
  double z = r * r;
  double sine = FUSED(r * z, polynomial(SIN_MEDIUM, 3, z), r);
  double cosine = FUSED(z * z, polynomial(COS_MEDIUM, 3, z), FUSED(z, -0.5, 1.0));
  return (float)signed_choice(bits64(rounded) + first, sine, cosine);
}

INLINE float sin_float(float x) { return x == 0 ? x : circular_float(x, 0); }
INLINE float cos_float(float x) { return circular_float(x, 1); }

LIMITED_KERNEL(assay_sin_f32, float, sin_float, __builtin_fabsf, (float)LIMIT, sinf)
LIMITED_KERNEL(assay_cos_f32, float, cos_float, __builtin_fabsf, (float)LIMIT, cosf)

// ---- double

INLINE double circular_double(double x, uint64_t first) {
  double rounded = FUSED(x, TWO_OVER_PI, ROUNDER);
  double n = rounded - ROUNDER;
  double whole = FUSED(-n, HALF_PI_1, x);
  double part = n * HALF_PI_2;
  double r = whole - part;
  // What r lost (either term may be the larger), what `part` lost, and the third part.
  double back = r - whole;
  double error = (whole - (r - back)) - (part + back);
  error -= FUSED(n, HALF_PI_3, FUSED(n, HALF_PI_2, -part));
  double z = r * r;
  double z_low = FUSED(r, r, -z);
  double cube = r * z;
  double cube_low = FUSED(r, z_low, FUSED(r, z, -cube));
  // sin(r + e) = sin r + e cos r, cos(r + e) = cos r - e sin r, to first order. The cube's term is a
  // tenth of sin r: it is added unrounded.
  double fifth = FUSED(z, polynomial(SIN_F64 + 1, 5, z), SIN_F64_LOW);
  double low = FUSED(cube_low, SIN_F64[0], error * FUSED(z, -0.5, 1.0));
  double sine = r + FUSED(cube, SIN_F64[0], FUSED(cube, fifth, low));
  double half = 0.5 * z;
  double top = 1 - half;
  double lost = ((1 - top) - half) - FUSED(0.5, z_low, r * error);
  double cosine = top + FUSED(z * z, polynomial(COS_F64, 6, z), lost);
  return signed_choice(bits64(rounded) + first, sine, cosine);
}

INLINE double sin_double(double x) { return x == 0 ? x : circular_double(x, 0); }
INLINE double cos_double(double x) { return circular_double(x, 1); }

LIMITED_KERNEL(assay_sin_f64, double, sin_double, __builtin_fabs, LIMIT, sin)
LIMITED_KERNEL(assay_cos_f64, double, cos_double, __builtin_fabs, LIMIT, cos)
