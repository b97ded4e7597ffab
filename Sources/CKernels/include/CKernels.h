// Elementwise functions over arrays, vectorised: y[i] = f(x[i]) for i < n. y may be x; otherwise the
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

#endif
