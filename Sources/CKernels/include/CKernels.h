// Loops over arrays, vectorised for the processor that runs them.
//
// Elementwise functions: y[i] = f(x[i]) for i < n. y may be x; otherwise the
// two do not overlap. An element's result depends on that element alone. Worst errors in ulps stand
// in docs/ErrorModels.md; special values are those of C's functions.

#ifndef ASSAY_CKERNELS_H
#define ASSAY_CKERNELS_H

void assay_exp_f32(const float *x, float *y, long n);
void assay_expm1_f32(const float *x, float *y, long n);
void assay_log_f32(const float *x, float *y, long n);
void assay_log1p_f32(const float *x, float *y, long n);
void assay_tanh_f32(const float *x, float *y, long n);
void assay_logistic_f32(const float *x, float *y, long n);
void assay_sin_f32(const float *x, float *y, long n);
void assay_cos_f32(const float *x, float *y, long n);
void assay_erf_f32(const float *x, float *y, long n);
void assay_sqrt_f32(const float *x, float *y, long n);
void assay_rsqrt_f32(const float *x, float *y, long n);

void assay_exp_f64(const double *x, double *y, long n);
void assay_expm1_f64(const double *x, double *y, long n);
void assay_log_f64(const double *x, double *y, long n);
void assay_log1p_f64(const double *x, double *y, long n);
void assay_tanh_f64(const double *x, double *y, long n);
void assay_logistic_f64(const double *x, double *y, long n);
void assay_sin_f64(const double *x, double *y, long n);
void assay_cos_f64(const double *x, double *y, long n);
void assay_sqrt_f64(const double *x, double *y, long n);
void assay_rsqrt_f64(const double *x, double *y, long n);

// y[o, i] is the sum (or the extremum, a NaN if there is one) over r of x[o, r, i], for outer, n and
// inner indices; x is contiguous and does not overlap y. The order of additions follows from n and
// inner alone, so the indices of `outer` can be divided among calls.

void assay_sum_f32(const float *x, float *y, long outer, long n, long inner);
void assay_max_f32(const float *x, float *y, long outer, long n, long inner);
void assay_min_f32(const float *x, float *y, long outer, long n, long inner);

void assay_sum_f64(const double *x, double *y, long outer, long n, long inner);
void assay_max_f64(const double *x, double *y, long outer, long n, long inner);
void assay_min_f64(const double *x, double *y, long outer, long n, long inner);

#endif
