"""Rounding to narrower formats: values, and derivatives, which JAX rounds likewise."""

import numpy as np
from jax import lax

from case import Case, both
from cases import points

FORMATS = ((8, 7), (5, 10), (8, 16), (4, 3), (11, 23), (8, 0), (11, 52))
INF, NAN = np.inf, np.nan
# Ties, ends of the ranges of f16 and bf16, subnormal numbers of either.
SPECIAL = (1.0, 1.00390625, 1.01171875, -1.00390625, 65504, 65519.96, 65520, 6.1035156e-05, 6.1e-5, 6.0e-5, 5.9e-8, 448, 464,
           3.3961e38, 3.4e38, -3.4e38, 0.0, -0.0, INF, -INF, NAN)
SUBNORMAL = (1e-39, -1e-39, 1.1754942e-38, 3e-45, 1e-40)


def cases(source):
    """All cases of precision.h5."""
    a, b, _ = source.extents
    for exponent_bits, mantissa_bits in FORMATS:
        function = lambda x, e=exponent_bits, m=mantissa_bits: lax.reduce_precision(x, e, m)
        params = {"exponent_bits": exponent_bits, "mantissa_bits": mantissa_bits}
        detail = f"{exponent_bits}-{mantissa_bits}"
        name = f"reduce_precision/random/{detail}"
        x = source.uniform(name, (a, b), *points.WIDE)
        yield Case(name, "reduce_precision", function, both(function, (x,), source, name), params, compiled=False)
        for kind, numbers in (("special", SPECIAL), ("subnormal", SUBNORMAL)):
            x = np.array(numbers, np.float32)
            variants = both(function, (x,), source, "", derivatives=False)
            yield Case(f"reduce_precision/{kind}/{detail}", "reduce_precision", function, variants, params, kind,
                       compiled=False)
