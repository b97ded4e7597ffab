"""Goldens of the double-double functions: mpmath at 400 bits against pairs of doubles.

One group per function. `in` holds (hi, lo) per argument, `out` the exact result as a sum of three
doubles (about 159 bits), so that errors well below the last bit of a pair can be seen. A special
value (an infinity, NaN, or the sign of a zero) comes from the C library through `math` and NumPy;
where C lacks the function, from JAX. The sum of the three doubles is then the first one alone.

Left out on purpose: results below 1e-290 or above 1e307 in magnitude, and products with an operand
that small, because there the low part is subnormal or the high part overflows while rounding: a
pair of doubles has the exponent range of one. They are not errors of a function.
"""

import math
import random

import fixture
import h5py
import mpmath
import numpy as np
from mpmath import mp, mpf

INF = math.inf
NAN = math.nan
SMALLEST, LARGEST = mpf("1e-290"), mpf("1e307")
PER_RANGE = 40


# -- arguments ------------------------------------------------------------------------------------


def pair(rng, value):
    """`value` as the high part; a low part of full, tiny or zero size."""
    kind = rng.randrange(8)
    if kind == 0:
        return (value, 0.0)
    low = math.ulp(value) * rng.uniform(-0.499, 0.499)
    return (value, math.ldexp(low, -60) if kind == 1 else low)


def uniform(low, high):
    return lambda rng: pair(rng, rng.uniform(low, high))


def logarithmic(low, high, signed=True):
    """Magnitudes uniform in the exponent: the way to meet both tiny and huge arguments."""

    def draw(rng):
        value = math.exp(rng.uniform(math.log(low), math.log(high)))
        return pair(rng, -value if signed and rng.random() < 0.5 else value)

    return draw


def near(center, low=1e-25, high=1e-2, side=0):
    """center + d, |d| uniform in the exponent; d alone may live in the low part."""

    def draw(rng):
        d = math.exp(rng.uniform(math.log(low), math.log(high)))
        sign = side or rng.choice((-1, 1))
        value = mpf(center) + sign * mpf(d)
        high_part = float(value)
        return (high_part, float(value - mpf(high_part)))

    return draw


def integers(low, high):
    return lambda rng: (float(rng.randint(low, high)), 0.0)


def multiples_of_half_pi(low, high):
    """The pair nearest to k pi/2: the hardest arguments of a circular function."""

    def draw(rng):
        value = rng.randint(low, high) * mp.pi / 2
        high_part = float(value)
        return (high_part, float(value - mpf(high_part)))

    return draw


ANY_SIZE = logarithmic(1e-120, 1e120)


# -- the functions --------------------------------------------------------------------------------


def log_gamma(x):
    # mpmath's loggamma is complex below zero; its real part is log |gamma|.
    return mpmath.re(mpmath.loggamma(x))


def real_power(x, y):
    return mpmath.power(x, y) if x > 0 else mpmath.power(x, int(y))


def truncated_remainder(x, y):
    # Exact rational arithmetic: every pair is an integer over a power of two.
    mp.prec, kept = 4500, mp.prec
    q = mpmath.floor(abs(x) / abs(y))
    r = mpmath.sign(x) * (abs(x) - q * abs(y))
    mp.prec = kept
    return r


def rounded_to_even(x):
    return mpmath.nint(x)


def rounded_away(x):
    return mpmath.sign(x) * mpmath.floor(abs(x) + mpf(1) / 2)


def atanh(x):
    return (mpmath.log1p(x) - mpmath.log1p(-x)) / 2


def acosh(x):
    return mpmath.log(x + mpmath.sqrt((x - 1) * (x + 1)))


# name: (exact function, ranges)
UNARY = {
    "sqrt": (mpmath.sqrt, [logarithmic(1e-280, 1e300, False), uniform(0, 4)]),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), [logarithmic(1e-280, 1e300, False), uniform(0, 4)]),
    "cbrt": (
        lambda x: mpmath.sign(x) * mpmath.root(abs(x), 3),
        [logarithmic(1e-280, 1e300), uniform(-8, 8)],
    ),
    "exp": (mpmath.exp, [uniform(-1, 1), uniform(-660, 706), logarithmic(1e-280, 1)]),
    "exp2": (lambda x: mpf(2) ** x, [uniform(-1, 1), uniform(-960, 1018), logarithmic(1e-40, 1)]),
    "expMinusOne": (
        mpmath.expm1,
        [uniform(-2, 2), uniform(-100, 706), logarithmic(1e-280, 1), near("0.3465735902799726")],
    ),
    "log": (
        mpmath.log,
        [logarithmic(1e-280, 1e300, False), uniform(0.3, 3), near(1), near(mpmath.sqrt(2))],
    ),
    "logOnePlus": (
        mpmath.log1p,
        [logarithmic(1e-280, 1), logarithmic(1, 1e300, False), uniform(-0.5, 1), near(-1, side=1)],
    ),
    "sin": (
        mpmath.sin,
        [uniform(-4, 4), logarithmic(1e-280, 1), logarithmic(1, 1e15), logarithmic(1e15, 1e300),
         multiples_of_half_pi(1, 100), multiples_of_half_pi(1, 10**20)],
    ),
    "cos": (
        mpmath.cos,
        [uniform(-4, 4), logarithmic(1e-280, 1), logarithmic(1, 1e15), logarithmic(1e15, 1e300),
         multiples_of_half_pi(1, 100), multiples_of_half_pi(1, 10**20)],
    ),
    "tan": (
        mpmath.tan,
        [uniform(-4, 4), logarithmic(1e-280, 1), logarithmic(1, 1e15), logarithmic(1e15, 1e300),
         multiples_of_half_pi(1, 100), multiples_of_half_pi(1, 10**20)],
    ),
    "asin": (
        mpmath.asin,
        [uniform(-1, 1), logarithmic(1e-280, 1), near(1, side=-1), near(-1, side=1)],
    ),
    "acos": (
        mpmath.acos,
        [uniform(-1, 1), logarithmic(1e-40, 1), near(1, side=-1), near(-1, side=1)],
    ),
    "atan": (mpmath.atan, [uniform(-3, 3), logarithmic(1e-280, 1), logarithmic(1, 1e300)]),
    "sinh": (mpmath.sinh, [uniform(-3, 3), logarithmic(1e-280, 1), uniform(-706, 706)]),
    "cosh": (mpmath.cosh, [uniform(-3, 3), logarithmic(1e-40, 1), uniform(-706, 706)]),
    "tanh": (mpmath.tanh, [uniform(-3, 3), logarithmic(1e-280, 1), uniform(-50, 50)]),
    "asinh": (mpmath.asinh, [uniform(-3, 3), logarithmic(1e-140, 1), logarithmic(1, 1e300)]),
    "acosh": (acosh, [uniform(1, 5), near(1, side=1), logarithmic(1, 1e300, False)]),
    "atanh": (
        atanh,
        [uniform(-1, 1), logarithmic(1e-100, 1), near(1, side=-1), near(-1, side=1)],
    ),
    "logistic": (
        lambda x: 1 / (1 + mpmath.exp(-x)),
        [uniform(-5, 5), logarithmic(1e-40, 1), uniform(-660, 100)],
    ),
    "erf": (
        mpmath.erf,
        [uniform(-1, 1), uniform(-7, 7), logarithmic(1e-280, 1), near(0.5)],
    ),
    "erfc": (mpmath.erfc, [uniform(-1, 2), uniform(-7, 25.5), uniform(5, 11), near(0.5)]),
    "erfInv": (
        mpmath.erfinv,
        [uniform(-1, 1), logarithmic(1e-280, 1), near(1, 1e-30, 0.1, -1), near(-1, 1e-30, 0.1, 1),
         near(0.5)],
    ),
    "logGamma": (
        log_gamma,
        [uniform(0, 3), uniform(0, 30), logarithmic(1e-280, 1, False),
         logarithmic(1, 1e300, False), near(1), near(2), uniform(-20, 0), near(-3), near(24)],
    ),
    "digamma": (
        mpmath.digamma,
        [uniform(0, 3), uniform(0, 30), logarithmic(1e-280, 1, False),
         logarithmic(1, 1e300, False), near("1.4616321449683623"), uniform(-20, 0), near(-3),
         near(24)],
    ),
    "trigamma": (
        lambda x: mpmath.polygamma(1, x),
        [uniform(0, 3), uniform(0, 40), logarithmic(1e-140, 1, False),
         logarithmic(1, 1e280, False), uniform(-20, 0), near(-3), near(36)],
    ),
    "tetragamma": (
        lambda x: mpmath.polygamma(2, x),
        [uniform(0, 3), uniform(0, 40), logarithmic(1e-90, 1, False),
         logarithmic(1, 1e140, False), uniform(-20, 0), near(-3), near(38)],
    ),
    "floor": (mpmath.floor, [uniform(-9, 9), logarithmic(1, 1e40), near(3), near(2**53)]),
    "ceil": (mpmath.ceil, [uniform(-9, 9), logarithmic(1, 1e40), near(3), near(2**53)]),
    "roundToEven": (
        rounded_to_even,
        [uniform(-9, 9), logarithmic(1, 1e40), near(2.5), near(3.5), near(-0.5),
         near(2**53 + 0.5, 1e-12)],
    ),
    "roundAwayFromZero": (
        rounded_away,
        [uniform(-9, 9), logarithmic(1, 1e40), near(2.5), near(3.5), near(-0.5),
         near(2**53 + 0.5, 1e-12)],
    ),
}

BINARY = {
    "add": (lambda x, y: x + y, [(ANY_SIZE, ANY_SIZE), (uniform(-1, 1), uniform(-1, 1)),
                                 (near(1), near(-1))]),
    "subtract": (lambda x, y: x - y, [(ANY_SIZE, ANY_SIZE), (uniform(-1, 1), uniform(-1, 1)),
                                      (near(1), near(1))]),
    "multiply": (lambda x, y: x * y, [(ANY_SIZE, ANY_SIZE), (uniform(-2, 2), uniform(-2, 2))]),
    "divide": (lambda x, y: x / y, [(ANY_SIZE, ANY_SIZE), (uniform(-2, 2), uniform(-2, 2))]),
    "power": (
        real_power,
        [(uniform(0, 5), uniform(-9, 9)), (logarithmic(1e-30, 1e30, False), uniform(-9, 9)),
         (near(1, 1e-20), logarithmic(1, 1e5)), (uniform(-5, 5), integers(-90, 90))],
    ),
    "atan2": (
        mpmath.atan2,
        [(uniform(-2, 2), uniform(-2, 2)), (ANY_SIZE, ANY_SIZE), (uniform(-2, 2), near(0)),
         (near(0), uniform(-2, 2))],
    ),
    "remainder": (
        truncated_remainder,
        [(uniform(-9, 9), uniform(-9, 9)), (logarithmic(1, 1e30), integers(1, 1000)),
         (logarithmic(1, 1e12), uniform(-9, 9))],
    ),
}


# -- special values -------------------------------------------------------------------------------

SPECIAL_POINTS = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, -0.5, 0.5, 800.0, -800.0, INF, -INF, NAN]


def or_nan(function):
    """The value, where Python raises for what C answers with NaN or an infinity."""

    def call(x):
        try:
            return function(x)
        except (ValueError, OverflowError):
            return INF if function is math.lgamma else NAN

    return call


def literal(table):
    """Values at `SPECIAL_POINTS`; None where the point is ordinary."""
    assert len(table) == len(SPECIAL_POINTS)
    values = {repr(x): y for x, y in zip(SPECIAL_POINTS, table)}
    return lambda x: values[repr(x)]


def c_power(x, y):
    """C's pow; Python raises at its poles and overflows. (NumPy's own differs at -0 and -inf.)"""
    try:
        return math.pow(x, y)
    except OverflowError:
        return INF
    except ValueError:
        return NAN if x != 0 else math.copysign(INF, math.pow(x, -y))


SPECIAL_UNARY = {
    "sqrt": np.sqrt, "cbrt": np.cbrt, "exp": np.exp, "exp2": None, "expMinusOne": np.expm1,
    "log": np.log, "logOnePlus": np.log1p, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "erf": math.erf, "erfc": math.erfc, "logGamma": or_nan(math.lgamma),
    "floor": np.floor, "ceil": np.ceil, "roundToEven": np.rint,
    "rsqrt": lambda x: np.float64(1) / np.sqrt(np.float64(x)),
    "logistic": lambda x: np.float64(1) / (np.float64(1) + np.exp(-np.float64(x))),
    # jax 0.10.2: lax.erf_inv, lax.digamma, lax.polygamma
    "erfInv": literal([0.0, -0.0, INF, -INF, NAN, NAN, None, None, NAN, NAN, NAN, NAN, NAN]),
    "digamma": literal([NAN, NAN, None, NAN, None, NAN, None, None, None, NAN, INF, NAN, NAN]),
    # The limit is 0 at infinity, where jax 0.10.2 answers NaN for every order.
    "trigamma": literal([INF, INF, None, INF, None, INF, None, None, None, INF, 0.0, NAN, NAN]),
    "tetragamma": literal([NAN, NAN, None, NAN, None, NAN, None, None, None, NAN, 0.0, NAN, NAN]),
    "roundAwayFromZero": literal(
        [0.0, -0.0, None, None, None, None, None, None, None, None, INF, -INF, NAN]),
}
SPECIAL_UNARY["exp2"] = np.exp2

SPECIAL_BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "power": c_power, "atan2": np.arctan2, "remainder": np.fmod,
}


def is_special(y):
    return math.isnan(y) or math.isinf(y) or y == 0


def special_rows(name, arity):
    """Rows whose result is NaN, infinite or zero, where only the class and the sign are judged."""
    rows = []
    with np.errstate(all="ignore"):
        if arity == 1:
            for x in SPECIAL_POINTS:
                y = SPECIAL_UNARY[name](x)
                if y is not None and is_special(float(y)):
                    rows.append(([x, 0.0], [float(y), 0.0, 0.0]))
        else:
            for x in SPECIAL_POINTS:
                for y in SPECIAL_POINTS:
                    z = float(SPECIAL_BINARY[name](np.float64(x), np.float64(y)))
                    if is_special(z):
                        rows.append(([x, 0.0, y, 0.0], [z, 0.0, 0.0]))
    return rows


# -- rows -----------------------------------------------------------------------------------------


def three_doubles(value):
    parts = []
    for _ in range(3):
        part = float(value)
        parts.append(part)
        value -= mpf(part)
    return parts


def exact(parts):
    return mpf(parts[0]) + mpf(parts[1])


def ordinary_rows(name, function, ranges, seed):
    rng = random.Random(f"{seed}/{name}")
    rows = []
    for samplers in ranges:
        draws = samplers if isinstance(samplers, tuple) else (samplers,)
        for _ in range(PER_RANGE):
            arguments = [draw(rng) for draw in draws]
            numbers = [exact(a) for a in arguments]
            try:
                value = function(*numbers)
            except (ValueError, ZeroDivisionError):
                continue
            if not mpmath.isfinite(value) or isinstance(value, mpmath.mpc):
                continue
            if value != 0 and not SMALLEST < abs(value) < LARGEST:
                continue
            if value == 0 and numbers[0] < 0:
                continue  # The sign of a zero result is judged by the special rows.
            rows.append(([part for a in arguments for part in a], three_doubles(value)))
    return rows


def write(file: h5py.File, seed: int) -> None:
    """Writes one group per function, the same bytes for the same seed."""
    mp.prec = 400
    for arity, table in ((1, UNARY), (2, BINARY)):
        for name, (function, ranges) in sorted(table.items()):
            rows = ordinary_rows(name, function, ranges, seed) + special_rows(name, arity)
            group = fixture.make_group(file, name)
            fixture.set_text(group, "program", f"numbers/{name}")
            fixture.set_text(group, "params", "{}")
            fixture.set_text(group, "rules", "")
            fixture.write_array(group, "in", np.array([row[0] for row in rows]))
            fixture.write_array(group, "out", np.array([row[1] for row in rows]))
