// sqrt and rsqrt: rounded as IEEE 754 says, rsqrt once for the root and once for the quotient.

#include "Vector.h"

INLINE float sqrt_float(float x) { return SQRT(x); }
INLINE double sqrt_double(double x) { return SQRT(x); }
INLINE float rsqrt_float(float x) { return 1 / SQRT(x); }
INLINE double rsqrt_double(double x) { return 1 / SQRT(x); }

KERNEL(assay_sqrt_f32, float, sqrt_float)
KERNEL(assay_sqrt_f64, double, sqrt_double)
KERNEL(assay_rsqrt_f32, float, rsqrt_float)
KERNEL(assay_rsqrt_f64, double, rsqrt_double)
