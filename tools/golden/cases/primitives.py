"""Every primitive at random and special points: value, and jvp and vjp where it is differentiable.

Each case binds exactly the primitive of its name, through lax's function of that name or `bind`.
"""

import numpy as np
from jax import lax

from case import Case, both, differentiable, plain
from cases import points
from cases.structural import structural_cases
from fixture import DTYPES

UNARY = {
    name: getattr(lax, name) for name in (
        "neg sign floor ceil exp exp2 expm1 log log1p sqrt rsqrt cbrt square abs sin cos tan asin acos atan "
        "sinh cosh tanh asinh acosh atanh logistic erf erfc erf_inv lgamma digamma").split()}
UNARY["copy"] = lax.copy_p.bind
UNARY["stop_gradient"] = lax.stop_gradient

FLOAT_BINARY = {
    "add": lax.add, "sub": lax.sub, "mul": lax.mul, "div": lax.div, "rem": lax.rem, "pow": lax.pow,
    "atan2": lax.atan2, "max": lax.max, "min": lax.min}
BITWISE = {"and": lax.bitwise_and, "or": lax.bitwise_or, "xor": lax.bitwise_xor}
COMPARE = {"eq": lax.eq, "ne": lax.ne, "lt": lax.lt, "le": lax.le, "gt": lax.gt, "ge": lax.ge}
# Nothing rounds in these, so a compiled result could not differ.
EXACT = frozenset("neg sign floor ceil round abs copy stop_gradient max min".split())
INTEGER_UNARY = ("neg", "sign", "abs", "square", "copy", "stop_gradient")


def cases(source):
    """All cases of primitives.h5."""
    yield from unary_cases(source)
    yield from parameter_cases(source)
    yield from binary_cases(source)
    yield from predicate_cases(source)
    yield from choice_cases(source)
    yield from structural_cases(source)


def slug(shape):
    """A shape in a case name: 2x3, or `scalar`."""
    return "x".join(str(n) for n in shape) or "scalar"


def odd_shape(source, index):
    """Scalars, empty arrays and size-1 axes, dealt out over the primitives in turn."""
    a, b, c = source.extents
    return ((), (0,), (1,), (c,), (a, 0), (1, b), (a, 1, b), (b, a))[index % 8]


def unary_group(source, name, function, params, index, span):
    """Random, special and subnormal cases of one unary primitive with derivatives."""
    a, b, _ = source.extents
    shapes = ((a, b),) if name == "integer_pow" else ((a, b), odd_shape(source, index))
    for shape in dict.fromkeys(shapes):
        detail = f"{name}/random/{slug(shape)}{params_slug(params)}"
        x = source.uniform(detail, shape, *span)
        yield Case(detail, name, function, both(function, (x,), source, detail), params,
                   compiled=shape == (a, b) and name not in EXACT)
    for kind, chosen in (("special", points.special), ("subnormal", lambda _, d: points.subnormals(d))):
        detail = f"{name}/{kind}/all{params_slug(params)}"
        variants = {
            label: differentiable(function, (chosen(name, DTYPES[label]),), source, detail)
            for label in ("f32", "f64")}
        yield Case(detail, name, function, variants, params, kind, compiled=name not in EXACT)


def params_slug(params):
    """Scalar parameters in a case name: `-y3`, nothing for {}."""
    return "".join(f"-{key[0]}{value}" for key, value in sorted(params.items()))


def unary_cases(source):
    """Primitives of one operand and no parameter; integers where lax takes them."""
    for index, (name, function) in enumerate(UNARY.items()):
        yield from unary_group(source, name, function, {}, index, points.RANGES.get(name, points.WIDE))
        if name in INTEGER_UNARY:
            labels = ("i32",) if name in ("sign", "abs") else ("i32", "u32")
            variants = {label: plain((points.integers(DTYPES[label]),)) for label in labels}
            yield Case(f"{name}/special/integers", name, function, variants, {}, "special")


def parameter_cases(source):
    """round and integer_pow."""
    for index, method in enumerate((lax.RoundingMethod.AWAY_FROM_ZERO, lax.RoundingMethod.TO_NEAREST_EVEN)):
        function = lambda x, method=method: lax.round(x, method)
        params = {"rounding_method": int(method)}
        yield from unary_group(source, "round", function, params, index, points.WIDE)
    for power in (-2, -1, 0, 1, 2, 3, 7):
        function = lambda x, power=power: lax.integer_pow_p.bind(x, y=power)
        yield from unary_group(source, "integer_pow", function, {"y": power}, power, (0.5, 2.0))
        if power in (0, 3):
            variants = {label: plain((points.integers(DTYPES[label]),)) for label in ("i32", "u32")}
            yield Case(f"integer_pow/special/integers-y{power}", "integer_pow", function, variants,
                       {"y": power}, "special")


def random_pair(source, name, detail, shape):
    """Operands at which the primitive is smooth: positive base for pow, no integer quotient for rem."""
    if name == "pow":
        return source.uniform(detail + "/x", shape, 0.2, 3), source.uniform(detail + "/y", shape, -2, 2)
    if name == "rem":
        x = source.uniform(detail + "/x", shape, -9, 9)
        return x, (x / (np.floor(np.abs(x)) + np.float32(0.625))).astype(np.float32)
    away = source.directions(detail + "/y", shape)
    return source.uniform(detail + "/x", shape, *points.WIDE), away


def binary_cases(source):
    """Arithmetic of two operands of equal shape."""
    a, b, _ = source.extents
    for index, (name, function) in enumerate(FLOAT_BINARY.items()):
        for shape in dict.fromkeys(((a, b), odd_shape(source, index))):
            detail = f"{name}/random/{slug(shape)}"
            pair = random_pair(source, name, detail, shape)
            yield Case(detail, name, function, both(function, pair, source, detail),
                       compiled=shape == (a, b) and name not in EXACT)
        detail = f"{name}/special/pairs"
        variants = {
            label: differentiable(function, points.special_pairs(name, DTYPES[label]), source, detail)
            for label in ("f32", "f64")}
        yield Case(detail, name, function, variants, {}, "special", compiled=name not in EXACT)
        yield subnormal_pairs(source, name, function)
        if name not in ("pow", "atan2"):
            variants = {
                label: plain(points.integer_pairs(name, DTYPES[label])) for label in ("i32", "u32")}
            yield Case(f"{name}/special/integers", name, function, variants, {}, "special")
    yield pow_with_integer_exponent(source)


def subnormal_pairs(source, name, function):
    """Subnormals against ordinary numbers and themselves."""
    detail = f"{name}/subnormal/pairs"
    variants = {}
    for label in ("f32", "f64"):
        small = points.subnormals(DTYPES[label])
        other = np.array([1, 2, -1, 0.5, 0, 3], DTYPES[label])
        pair = np.concatenate([small, other, small]), np.concatenate([other, small, small[::-1]])
        variants[label] = differentiable(function, pair, source, detail)
    return Case(detail, name, function, variants, {}, "subnormal", compiled=name not in EXACT)


def pow_with_integer_exponent(source):
    """pow takes an i32 exponent without converting it."""
    a, b, _ = source.extents
    detail = "pow/random/integer-exponent"
    x = source.uniform(detail, (a, b), 0.5, 2)
    exponent = source.rng(detail + "/y").integers(-3, 4, (a, b)).astype(np.int32)
    return Case(detail, "pow", lax.pow, both(lax.pow, (x, exponent), source, detail))


def predicate_cases(source):
    """Comparisons, is_finite and the bitwise primitives: values only."""
    for name, function in COMPARE.items():
        variants = {
            label: plain(points.special_pairs(name, DTYPES[label])) for label in ("f32", "f64")}
        for label in ("i32", "u32"):
            variants[label] = plain(points.integer_pairs(name, DTYPES[label]))
        variants["bool"] = plain(points.all_pairs((False, True), np.bool_))
        yield Case(f"{name}/special/pairs", name, function, variants, {}, "special", compiled=False)
        variants = {
            label: plain((points.subnormals(DTYPES[label]), np.zeros(6, DTYPES[label])))
            for label in ("f32", "f64")}
        yield Case(f"{name}/subnormal/pairs", name, function, variants, {}, "subnormal", compiled=False)
    for name, function in BITWISE.items():
        variants = {label: plain(points.integer_pairs(name, DTYPES[label])) for label in ("i32", "u32")}
        variants["bool"] = plain(points.all_pairs((False, True), np.bool_))
        yield Case(f"{name}/special/pairs", name, function, variants, {}, "special")
    variants = {label: plain((points.integers(DTYPES[label]),)) for label in ("i32", "u32")}
    variants["bool"] = plain((np.array([False, True]),))
    yield Case("not/special/all", "not", lax.bitwise_not, variants, {}, "special")
    variants = {label: plain((points.special("is_finite", DTYPES[label]),)) for label in ("f32", "f64")}
    yield Case("is_finite/special/all", "is_finite", lax.is_finite, variants, {}, "special")
    for name in ("max", "min"):
        variants = {"bool": plain(points.all_pairs((False, True), np.bool_))}
        yield Case(f"{name}/special/bools", name, FLOAT_BINARY[name], variants, {}, "special")


def choice_cases(source):
    """select_n and clamp, with scalar and full-shape controls."""
    yield from select_cases(source)
    yield from clamp_cases(source)


def select_cases(source):
    """Two branches by bool, three by i32; a scalar `which` chooses a whole branch."""
    a, b, _ = source.extents
    for detail, which, count in (
            ("full", source.rng("select").integers(0, 2, (a, b)).astype(bool), 2),
            ("scalar", np.array(True), 2),
            ("three", source.rng("select3").integers(0, 3, (a, b)).astype(np.int32), 3)):
        name = f"select_n/random/{detail}"
        branches = [source.uniform(f"{name}/{i}", (a, b), *points.WIDE) for i in range(count)]
        variants = both(lax.select_n, (which, *branches), source, name)
        for label in ("i32", "u32", "bool"):
            variants[label] = plain((which, *(x.astype(DTYPES[label]) for x in map(np.abs, branches))))
        yield Case(name, "select_n", lax.select_n, variants)
    which, branch = points.all_pairs((0.0, -0.0, np.inf, np.nan, 1.0), np.float32)
    chosen = which > 0
    yield Case("select_n/special/poison", "select_n", lax.select_n,
               both(lax.select_n, (chosen, which, branch), source, "select_n/special/poison"),
               {}, "special")


def clamp_cases(source):
    """Scalar bounds, full bounds, the edges themselves, crossed bounds and NaN.

    JAX 0.10.2 cannot differentiate clamp with respect to scalar bounds of a non-scalar (its rule calls select with unequal shapes), so there the
    bounds are fixed.
    """
    a, b, _ = source.extents
    x = source.uniform("clamp", (a, b), *points.WIDE)
    low, high = np.float32(-1.25), np.float32(1.5)
    lows = source.uniform("clamp/low", (a, b), -3, -0.5)
    highs = source.uniform("clamp/high", (a, b), 0.5, 3)
    for detail, operands in (
            ("scalar", (np.asarray(low), x, np.asarray(high))), ("full", (lows, x, highs))):
        name = f"clamp/random/{detail}"
        fixed = (0, 2) if detail == "scalar" else ()
        variants = both(lax.clamp, operands, source, name, fixed=fixed)
        if detail == "scalar":
            for label in ("i32", "u32"):
                ints = points.integers(DTYPES[label])
                variants[label] = plain((np.array(1, ints.dtype), ints, np.array(5, ints.dtype)))
        yield Case(name, "clamp", lax.clamp, variants)
    values = np.array([-1.25, 1.5, 0, -0.0, np.inf, -np.inf, np.nan, -1.2500001, 1.5000001], np.float32)
    name = "clamp/special/edges"
    yield Case(name, "clamp", lax.clamp, both(
        lax.clamp, (np.asarray(low), values, np.asarray(high)), source, name, fixed=(0, 2)), {}, "special")
    crossed = (np.full(3, 2, np.float32), np.array([0, 1, 3], np.float32), np.full(3, 1, np.float32))
    name = "clamp/special/crossed"
    yield Case(name, "clamp", lax.clamp, both(lax.clamp, crossed, source, name), {}, "special")
    nan = np.float32(np.nan)
    bounds = (np.array([nan, 0, 0], np.float32), np.array([1, 1, nan], np.float32),
              np.array([2, nan, 2], np.float32))
    name = "clamp/special/nan-bounds"
    yield Case(name, "clamp", lax.clamp, both(lax.clamp, bounds, source, name), {}, "special")
