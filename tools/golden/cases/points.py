"""Where each primitive is evaluated: random ranges inside its domain, and its special points.

Special points hold no subnormal operand; those are in `subnormals`, because XLA on CPUs reads and writes subnormal numbers as zero.
"""

import numpy as np

WIDE = (-4.0, 4.0)
POSITIVE = (0.1, 5.0)

# Ranges of the random points of unary primitives, inside the domain and away from its edges.
RANGES = {
    "log": POSITIVE, "sqrt": POSITIVE, "rsqrt": POSITIVE, "log1p": (-0.9, 4.0),
    "tan": (-1.4, 1.4), "asin": (-0.95, 0.95), "acos": (-0.95, 0.95), "acosh": (1.1, 5.0),
    "atanh": (-0.95, 0.95), "erf": (-2.5, 2.5), "erfc": (-2.5, 2.5), "erf_inv": (-0.95, 0.95),
    "lgamma": (0.2, 6.0), "digamma": (0.2, 6.0),
}

COMMON = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e-3, -1e-3, 100.0, -100.0)

HALVES = (1.5, -1.5, 2.5, -2.5, 3.5, -3.5, 0.4999, -0.4999)
# Where exp, exp2 and the hyperbolic functions leave the range of f32 and of f64.
OVERFLOW = (80.0, -80.0, 88.5, 89.0, -87.0, 700.0, -700.0, 709.5, 710.0)
LARGE_ANGLES = (3.1415927, 1.5707964, 6.2831855, 1e4, -1e4, 1e6, 1e10)
NEAR_ONE = (0.999, -0.999, 1.001, -1.001)

EXTRA = {
    "floor": HALVES, "ceil": HALVES, "round": HALVES,
    "exp": OVERFLOW, "expm1": OVERFLOW, "logistic": OVERFLOW, "sinh": OVERFLOW, "cosh": OVERFLOW,
    "exp2": (127.0, 127.5, 128.0, -126.0, 1023.5, 1024.0, -1022.0),
    "tanh": (9.0, -9.0, 20.0, -20.0), "log1p": NEAR_ONE + (1e10,), "log": (0.999, 1.001, 1e10),
    "sin": LARGE_ANGLES, "cos": LARGE_ANGLES, "tan": LARGE_ANGLES[:5],
    "asin": NEAR_ONE, "acos": NEAR_ONE, "atanh": NEAR_ONE, "erf_inv": NEAR_ONE,
    "acosh": (0.999, 1.001, 1e10), "asinh": (1e10, -1e10), "atan": (1e10, -1e10),
    "erf": (4.0, -4.0, 6.0, -6.0), "erfc": (4.0, -4.0, 6.0, -6.0, 9.0),
    "lgamma": (1.5, -1.5, 4.0, 0.999, 1.001, 1.999, 2.001, 30.0), "digamma": (1.5, -1.5, 4.0, 1.4616321, 30.0),
    "cbrt": (8.0, -8.0, 27.0, 1e30), "rsqrt": (4.0, 1e30), "sqrt": (4.0, 1e30), "square": (1e15, -1e15),
}


def extremes(dtype):
    """Largest and smallest normal numbers, the spacing at 1, and the last numbers with a fraction."""
    info = np.finfo(dtype)
    last_fraction = 2.0 ** info.nmant
    return (info.max, -info.max, info.tiny, -info.tiny, info.eps, -info.eps, 1 + info.eps, 1 - info.epsneg,
            -1 - info.eps, -1 + info.epsneg, last_fraction / 2 + 0.5, -last_fraction / 2 - 0.5, last_fraction + 1)


def special(program, dtype):
    """The special points of a unary primitive in a float dtype."""
    values = COMMON + EXTRA.get(program, ()) + extremes(dtype)
    return np.array(values, dtype)


def subnormals(dtype):
    """The smallest and largest subnormal numbers of both signs, and one between."""
    info = np.finfo(dtype)
    largest = info.tiny - info.smallest_subnormal
    values = (info.smallest_subnormal, -info.smallest_subnormal, largest, -largest, info.tiny / 4, 0.0)
    return np.array(values, dtype)


# Operand pairs of binary primitives.
PAIRED = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 2.0, -3.0)


def all_pairs(values, dtype):
    """Every ordered pair of the values, as two vectors."""
    grid = np.array(values, dtype)
    left, right = np.meshgrid(grid, grid, indexing="ij")
    return np.ascontiguousarray(left.ravel()), np.ascontiguousarray(right.ravel())


def special_pairs(program, dtype):
    """Pairs of special numbers; pow also meets odd and even integers and roots, the rest extremes."""
    left, right = all_pairs(PAIRED, dtype)
    info = np.finfo(dtype)
    more = {
        "pow": ((-2.0, 2.0), (-2.0, 3.0), (-8.0, 1 / 3), (0.0, 3.0), (-0.0, 3.0), (-0.0, -3.0), (4.0, 0.5), (1e10, 30.0)),
        "rem": ((5.0, 3.0), (-5.0, 3.0), (5.0, -3.0), (-6.0, 3.0), (6.0, -3.0), (1e10, 3.0), (5.5, 0.25)),
    }.get(program, ((info.max, info.max), (info.max, -info.max), (info.tiny, -info.tiny), (info.max, 2.0), (1.0, info.max)))
    if program in ("div", "mul", "atan2"):
        more = ((1.0, 3.0), (info.max, 0.5), (info.max, 2.0), (info.tiny, 2.0 ** 10), (-1.0, 1e10))
    extra = np.array(more, dtype)
    return np.concatenate([left, extra[:, 0]]), np.concatenate([right, extra[:, 1]])


def integers(dtype):
    """Special integers: extremes and neighbours of zero."""
    info = np.iinfo(dtype)
    low = (info.min, info.min + 1) if info.min < 0 else ()
    around = (-7, -2, -1, 0, 1, 2, 7) if info.min < 0 else (0, 1, 2, 7)
    return np.array(low + around + (info.max - 1, info.max), dtype)


def integer_pairs(program, dtype):
    """Every pair of special integers on which the program is defined."""
    left, right = all_pairs(integers(dtype), dtype)
    if program in ("div", "rem"):
        defined = (right != 0) & ~((right == np.array(-1).astype(dtype)) & (np.iinfo(dtype).min < 0))
        left, right = left[defined], right[defined]
    return left, right
