// Loops over arrays, vectorised for the processor that runs them.
//
// Elementwise functions: y[i] = f(x[i]) for i < n. y may be x; otherwise the
// two do not overlap. An element's result depends on that element alone. Worst errors in ulps stand
// in docs/ErrorModels.md; special values are those of C's functions.

#ifndef ASSAY_CKERNELS_H
#define ASSAY_CKERNELS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

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
// inner indices; rows of x are pitch >= inner apart, y is contiguous and does not overlap x. The order of
// additions follows from n and from whether pitch is 1, so the indices of `outer` can be divided among
// calls, and those of `inner` where outer is 1.

void assay_sum_f32(
    const float *x, float *y, long outer, long n, long inner, long pitch);
void assay_max_f32(
    const float *x, float *y, long outer, long n, long inner, long pitch);
void assay_min_f32(
    const float *x, float *y, long outer, long n, long inner, long pitch);

void assay_sum_f64(
    const double *x, double *y, long outer, long n, long inner, long pitch);
void assay_max_f64(
    const double *x, double *y, long outer, long n, long inner, long pitch);
void assay_min_f64(
    const double *x, double *y, long outer, long n, long inner, long pitch);

// z[i] = f(x[i], y[i]), each rounded once; z may be x or y.
void assay_larger_f32(const float *x, const float *y, float *z, long n);
void assay_smaller_f32(const float *x, const float *y, float *z, long n);
void assay_neg_f32(const float *x, float *y, long n);
void assay_cube_f32(const float *x, float *y, long n);
void assay_select_f32(
    const uint8_t *which, const float *x, const float *y, float *z, long n);
void assay_larger_f64(const double *x, const double *y, double *z, long n);
void assay_smaller_f64(const double *x, const double *y, double *z, long n);
void assay_neg_f64(const double *x, double *y, long n);
void assay_cube_f64(const double *x, double *y, long n);
void assay_select_f64(
    const uint8_t *which, const double *x, const double *y, double *z, long n);

// A loop with its operands in x: z[i] = f(x[0][i], x[1][i], …), each operation rounded by itself. The
// result may be an operand.
typedef void (*assay_loop)(const void *_Nonnull const *_Nonnull x, void *_Nonnull z, long n);
typedef enum { assay_add, assay_sub, assay_mul, assay_div } assay_operation;

// x[0] f x[1]
assay_loop assay_arithmetic_f32(assay_operation f);
assay_loop assay_arithmetic_f64(assay_operation f);

// (x[0] f x[1]) g x[2], or x[2] g (x[0] f x[1]) where the first result stands on the right
assay_loop assay_chain_f32(assay_operation f, assay_operation g, int right);
assay_loop assay_chain_f64(assay_operation f, assay_operation g, int right);

// y[i] = x[((start + i) / inner) % extent] for i < n; an element has 8, 32 or 64 bits.
void assay_spread_8(const void *x, void *y, long start, long n, long inner, long extent);
void assay_spread_32(const void *x, void *y, long start, long n, long inner, long extent);
void assay_spread_64(const void *x, void *y, long start, long n, long inner, long extent);

// Tells the processor that this thread waits in a loop.
void assay_pause(void);

// c[i, j] = the sum over r < k of a[i, r] b[at[r] + j], added to c[i, j] if is_added, for i < m and j < n.
// Rows of a and of c are a_step and c_step apart; up to 15 elements behind a row of b are read, and not
// used. One chain of additions per element, so m and n can be divided among calls.
void assay_product_f32(
    const float *a, long a_step, const float *b, const long *_Nullable at, float *c, long c_step,
    long m, long n, long k, int is_added);
void assay_product_f64(
    const double *a, long a_step, const double *b, const long *_Nullable at, double *c, long c_step,
    long m, long n, long k, int is_added);

// y[j, i] = x[i, j] for rows and columns of x, whose rows are x_step elements apart, those of y y_step; an
// element has 32 or 64 bits.
void assay_transpose_32(
    const void *x, long x_step, void *y, long y_step, long rows, long columns);
void assay_transpose_64(
    const void *x, long x_step, void *y, long y_step, long rows, long columns);

// Asks the allocator to keep what is let go.
void assay_keep_memory(void);

#pragma clang assume_nonnull end

#endif
