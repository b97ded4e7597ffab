// Worst errors and times of the kernels of Sources/CKernels.
//
//   clang -O2 -o measure tools/kernels/measure.c Sources/CKernels/*.c -ISources/CKernels/include -lm
//   ./measure floats 1   every float, or every so many; minutes per function
//   ./measure doubles    2e7 doubles of each of three kinds per function
//   ./measure time       nanoseconds per element in 16384 elements, beside the C library's
//
// The truth for float is the C library in double, for double in long double (64 bits): their own
// errors are below 2^-11 ulp. ulp(y) = 2^(max(exponent, emin) - p + 1). Special values (where the
// truth is infinite, zero or no number) must be hit exactly.

#include <CKernels.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void (*Floats)(const float *, float *, long);
typedef void (*Doubles)(const double *, double *, long);

static double logistic(double x) { return 1 / (1 + exp(-x)); }
static double rsqrt(double x) { return 1 / sqrt(x); }
static long double logisticl(long double x) { return 1 / (1 + expl(-x)); }
static long double rsqrtl(long double x) { return 1 / sqrtl(x); }
static float logistic_f(float x) { return 1 / (1 + expf(-x)); }
static float rsqrt_f(float x) { return 1 / sqrtf(x); }

static const struct {
  const char *name;
  Floats kernel;
  double (*truth)(double);
  float (*library)(float);
} floats[] = {
  {"exp", assay_exp_f32, exp, expf}, {"expm1", assay_expm1_f32, expm1, expm1f},
  {"log", assay_log_f32, log, logf}, {"log1p", assay_log1p_f32, log1p, log1pf},
  {"tanh", assay_tanh_f32, tanh, tanhf}, {"logistic", assay_logistic_f32, logistic, logistic_f},
  {"sin", assay_sin_f32, sin, sinf}, {"cos", assay_cos_f32, cos, cosf},
  {"erf", assay_erf_f32, erf, erff}, {"sqrt", assay_sqrt_f32, sqrt, sqrtf},
  {"rsqrt", assay_rsqrt_f32, rsqrt, rsqrt_f},
};

static const struct {
  const char *name;
  Doubles kernel;
  long double (*truth)(long double);
  double (*library)(double);
  double low, high;
} doubles[] = {
  {"exp", assay_exp_f64, expl, exp, -745, 710}, {"expm1", assay_expm1_f64, expm1l, expm1, -40, 710},
  {"log", assay_log_f64, logl, log, 0, 3}, {"log1p", assay_log1p_f64, log1pl, log1p, -1, 3},
  {"tanh", assay_tanh_f64, tanhl, tanh, -3, 3},
  {"logistic", assay_logistic_f64, logisticl, logistic, -745, 40},
  {"sin", assay_sin_f64, sinl, sin, -100, 100}, {"cos", assay_cos_f64, cosl, cos, -100, 100},
  {"sqrt", assay_sqrt_f64, sqrtl, sqrt, 0, 3}, {"rsqrt", assay_rsqrt_f64, rsqrtl, rsqrt, 0, 3},
};

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
enum { block = 16384, doubles_tried = 60000000 };

// In ulps of the format with p bits and least exponent emin; infinity where a special value differs.
static double error(long double y, long double truth, int p, int emin, long double largest) {
  if (isnan(truth)) return isnan(y) ? 0 : INFINITY;
  if (isinf(y) || isinf(truth)) {
    // Half an ulp above the largest number rounding gives infinity.
    long double edge = largest + ldexpl(1, (p == 24 ? 127 : 1023) - p);
    return (isinf(y) ? fabsl(truth) >= edge * (1 - 1e-17L) : fabsl(truth) <= edge) &&
      (signbit(y) == signbit(truth)) ? 0 : INFINITY;
  }
  if (truth == 0) return y == 0 && signbit(y) == signbit(truth) ? 0 : INFINITY;
  int e = ilogbl(truth);
  return (double)fabsl((y - truth) / ldexpl(1, (e < emin ? emin : e) - p + 1));
}

static void measure_floats(uint64_t stride) {
  static float x[block], y[block];
  for (int f = 0; f < COUNT(floats); f++) {
    double worst = 0;
    float at = 0;
    for (uint64_t start = 0; start < (1ull << 32); start += block * stride) {
      for (int i = 0; i < block; i++) {
        uint32_t b = (uint32_t)(start + i * stride);
        memcpy(&x[i], &b, 4);
      }
      floats[f].kernel(x, y, block);
      for (int i = 0; i < block; i++) {
        double e = error(y[i], floats[f].truth(x[i]), 24, -126, 0x1.fffffep127L);
        if (e > worst) worst = e, at = x[i];
      }
    }
    printf("%s_f32 %.4f ulp at %a\n", floats[f].name, worst, at);
    fflush(stdout);
  }
}

static uint64_t state = 1;
static uint64_t next(void) {
  state += 0x9e3779b97f4a7c15ull;
  uint64_t z = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// By turns: anywhere among the bits, even in the range, and of any small magnitude.
static double point(int kind, double low, double high) {
  uint64_t b = next();
  double x;
  memcpy(&x, &b, 8);
  if (kind == 0) return x;
  double unit = (double)(b >> 11) * 0x1p-53;
  if (kind == 1) return low + unit * (high - low);
  return ldexp(1 + unit, (int)(next() % 24) - 20) * (next() & 1 ? 1 : -1);
}

static void measure_doubles(void) {
  static double x[block], y[block];
  for (int f = 0; f < COUNT(doubles); f++) {
    double worst = 0, at = 0;
    for (long start = 0; start < doubles_tried; start += block) {
      for (int i = 0; i < block; i++) x[i] = point(i % 3, doubles[f].low, doubles[f].high);
      doubles[f].kernel(x, y, block);
      for (int i = 0; i < block; i++) {
        double e = error(y[i], doubles[f].truth(x[i]), 53, -1022, 0x1.fffffffffffffp1023L);
        if (e > worst) worst = e, at = x[i];
      }
    }
    printf("%s_f64 %.4f ulp at %a\n", doubles[f].name, worst, at);
    fflush(stdout);
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

// The best of several runs over operands between 0.1 and 3.
#define TIME(call) ({ \
  double best = 1e18; \
  for (int run = 0; run < 30; run++) { \
    double start = now(); \
    for (int repeat = 0; repeat < 10; repeat++) call; \
    double t = (now() - start) / 10 / block; \
    if (t < best) best = t; \
  } \
  best; \
})

static void measure_times(void) {
  static float x[block], y[block];
  static double u[block], v[block];
  for (int i = 0; i < block; i++) u[i] = x[i] = (float)(0.1 + 2.9 * (next() >> 40) * 0x1p-24);
  for (int f = 0; f < COUNT(floats); f++) {
    double ours = TIME(floats[f].kernel(x, y, block));
    double library = TIME(for (int i = 0; i < block; i++) y[i] = floats[f].library(x[i]));
    printf("%s_f32 %.2f ns, library %.2f ns\n", floats[f].name, ours, library);
  }
  for (int f = 0; f < COUNT(doubles); f++) {
    double ours = TIME(doubles[f].kernel(u, v, block));
    double library = TIME(for (int i = 0; i < block; i++) v[i] = doubles[f].library(u[i]));
    printf("%s_f64 %.2f ns, library %.2f ns\n", doubles[f].name, ours, library);
  }
}

int main(int count, char **arguments) {
  if (count > 1 && !strcmp(arguments[1], "time")) return measure_times(), 0;
  if (count > 1 && !strcmp(arguments[1], "doubles")) return measure_doubles(), 0;
  if (count > 2 && !strcmp(arguments[1], "floats"))
    return measure_floats(strtoull(arguments[2], NULL, 10)), 0;
  return fprintf(stderr, "measure time | doubles | floats STRIDE\n"), 2;
}
