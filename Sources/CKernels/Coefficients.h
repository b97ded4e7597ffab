// Polynomials and constants of the kernels. Printed by tools/kernels/coefficients.py, which
// explains them; do not edit. Lowest power first; the error stated is the largest of the
// weighted error (relative to the function unless said otherwise).

#ifndef ASSAY_COEFFICIENTS_H
#define ASSAY_COEFFICIENTS_H

// ln 2: 32 bits, so that n * LN2_HI is exact; the rest.
#define LN2_HI 0x1.62e42ff000000p-1
#define LN2_LO -0x1.718432a1b0e26p-35

// pi / 2 in three doubles.
#define HALF_PI_1 0x1.921fb54442d18p+0
#define HALF_PI_2 0x1.1a62633145c07p-54
#define HALF_PI_3 -0x1.f1976b7ed8fbcp-110

// (e^r - 1) / r
// on [-0.346608, 0.346608]: 2^-32.0.
static const double EXPM1_MEDIUM[7] = {
  0x1.0000000022530p+0,
  0x1.0000002818b1fp-1,
  0x1.555554c5fd5f8p-3,
  0x1.5554ada580135p-5,
  0x1.1111a67b97e42p-7,
  0x1.6d74922a436e3p-10,
  0x1.a019f038b3b1ep-13,
};

// (e^r - 1 - r) / r^2, error relative to (e^r - 1) / r
// on [-0.346608, 0.346608]: 2^-59.72.
static const double EXP_F64[11] = {
  0x1.0000000000000p-1,
  0x1.5555555555559p-3,
  0x1.555555555553fp-5,
  0x1.111111110f6ecp-7,
  0x1.6c16c16c1ef58p-10,
  0x1.a01a01afcd9b3p-13,
  0x1.a01a017c0ff02p-16,
  0x1.71ddf88d3b2b4p-19,
  0x1.27e535a442f2ep-22,
  0x1.af5e5d8179999p-26,
  0x1.1ee942b70ce3dp-29,
};

// (log(1 + f) - f) / f^2, error relative to log(1 + f) / f
// on [-0.292923, 0.414255]: 2^-38.39.
static const double LOG_MEDIUM[13] = {
  -0x1.fffffffef087dp-2,
  0x1.5555556503b36p-2,
  -0x1.0000015732574p-2,
  0x1.999988bca2c9fp-3,
  -0x1.5554697135973p-3,
  0x1.2494def838d6ap-3,
  -0x1.00229d00a75e3p-3,
  0x1.c6e4bdc23e3ddp-4,
  -0x1.94b65c50f2d01p-4,
  0x1.71dd845bae307p-4,
  -0x1.7da1eaf957600p-4,
  0x1.77cadb4a742c5p-4,
  -0x1.8ca3963677165p-5,
};

// (2 atanh(s) - 2 s) / s^3 in z = s^2, error relative to 2 atanh(s) / s
// on [0.0, 0.0294667]: 2^-61.1.
static const double LOG_F64[8] = {
  0x1.5555555555555p-1,
  0x1.9999999999b94p-2,
  0x1.249249245419ap-2,
  0x1.c71c722f584bbp-3,
  0x1.745ce9b3d2981p-3,
  0x1.3b1ee9720bc9cp-3,
  0x1.0f80b4673300bp-3,
  0x1.0e38635224f4bp-3,
};

// (sin r - r) / r^3 in z = r^2, error relative to sin(r) / r
// on [0.0, 0.617467]: 2^-63.88.
#define SIN_F64_LOW -0x1.4c2f10134c2d9p-57
static const double SIN_F64[7] = {
  -0x1.5555555555555p-3,
  0x1.111111111110bp-7,
  -0x1.a01a01a018b0ep-13,
  0x1.71de3a533bfb9p-19,
  -0x1.ae64529ac1262p-26,
  0x1.612093e45d3bbp-33,
  -0x1.aaa5b550c9888p-41,
};

// (cos r - 1 + r^2 / 2) / r^4 in z = r^2, absolute error of cos r
// on [0.0, 0.617467]: 2^-59.99.
static const double COS_F64[7] = {
  0x1.5555555555555p-5,
  -0x1.6c16c16c16c12p-10,
  0x1.a01a01a0191c5p-16,
  -0x1.27e4fb7637195p-22,
  0x1.1eed8cdd2e49dp-29,
  -0x1.939372ee95d3bp-37,
  0x1.aaddbdaeba00dp-45,
};

// (sin r - r) / r^3 in z = r^2, error relative to sin(r) / r
// on [0.0, 0.617467]: 2^-37.55.
static const double SIN_MEDIUM[4] = {
  -0x1.5555554cc67f8p-3,
  0x1.1111089b31199p-7,
  -0x1.a00f9fac6c255p-13,
  0x1.6cd8884358d38p-19,
};

// (cos r - 1 + r^2 / 2) / r^4 in z = r^2, absolute error of cos r
// on [0.0, 0.617467]: 2^-43.14.
static const double COS_MEDIUM[4] = {
  0x1.5555554f7b06ep-5,
  -0x1.6c16b8beb8640p-10,
  0x1.a011349287507p-16,
  -0x1.242e5da47db84p-22,
};

// erf(x) / x in z = x^2
// on [0.0, 1.0]: 2^-34.8.
static const double ERF_MEDIUM[8] = {
  0x1.20dd750404e7dp+0,
  -0x1.812746623fd87p-2,
  0x1.ce2f0803e8aadp-4,
  -0x1.b829af833608dp-6,
  0x1.562939e9aab81p-8,
  -0x1.bcc1ae27fd8fap-11,
  0x1.d836d6735571ap-14,
  -0x1.43a677ba13c92p-17,
};

// log(erfc(x)), error times erfc(x): absolute for erf
// on [1.0, 4.01]: 2^-35.86.
static const double ERFC_LOG[9] = {
  0x1.ac967fc3d068ap-13,
  -0x1.213179d336637p+0,
  -0x1.441dc2031126fp-1,
  -0x1.bcfc593cef33ep-4,
  0x1.9fb8b9403dac1p-6,
  -0x1.18a712c5cfc82p-8,
  0x1.e65412df7e451p-12,
  -0x1.a8be12735466ap-16,
  0x1.0dffc949c7a28p-22,
};

#endif
