"""What is drawn from a key: words, and every sampler, as a user's call returns it.

jax.random's samplers are compiled whichever way they are called, and the compiler fuses a product with a sum; so `disable_jit`, under which values are
made, is lifted here. The one exception says so in its parameters: `"rounding":"separate"`. Operand 0 is the key's words.
"""

import jax
import numpy as np
from jax import numpy as jnp
from jax import random

from case import Case, plain

FLOATS = {"f32": np.float32, "f64": np.float64}
WHOLE = {"i32": np.int32, "u32": np.uint32}
PLAIN = {"normal": random.normal, "exponential": random.exponential, "gumbel": random.gumbel, "laplace": random.laplace,
         "logistic": random.logistic, "cauchy": random.cauchy, "maxwell": random.maxwell}
SEEDS = (0, 1, 2**31, 2**32 - 1, 2**32, 2**40 + 7, -1, -2**31 - 1, 2**63 - 1)


def cases(source):
    """All cases of random.h5."""
    for make in (seeds, derived, words, uniforms, limits, normals, scaled, truths, randints, permutations, choices, weights,
                 categoricals):
        yield from make(source)


def eager(function, x64=True):
    """`function` as a user calls it: with its own compiled parts, under this setting of jax_enable_x64."""
    def called(*operands):
        with jax.disable_jit(False), jax.enable_x64(x64):
            return function(*operands)
    return called


def key_of(source, name):
    """Two random words."""
    return source.rng(name + "#key").integers(0, 2**32, 2, np.uint32)


def made(source, program, detail, function, params, others=(), rules="", x64=True, key=None, points="random"):
    """One case under label u32, the dtype of the key."""
    name = f"random_{program}/{points}/{detail}"
    key = key_of(source, name) if key is None else np.array(key, np.uint32)
    return Case(name, f"random_{program}", eager(function, x64), {"u32": plain((key, *others))}, params, points, rules,
                compiled=False)


def shapes(source):
    """Scalar, vector, matrix, empty and rank 3."""
    a, b, c = source.extents
    return {"scalar": (), "vector": (c,), "matrix": (b, a), "empty": (a, 0), "cube": (a, b, c)}


def seeds(source):
    """Seeds of every kind, and the same under 64-bit types."""
    drawn = tuple(int(s) for s in source.rng("seeds").integers(-2**63, 2**63 - 1, 3))
    for index, seed in enumerate(SEEDS + drawn):
        for x64 in (False, True):
            name = f"random_key/{'special' if index < len(SEEDS) else 'random'}/{index}-{int(x64)}"
            yield Case(name, "random_key", eager(lambda seed=seed: random.PRNGKey(seed), x64), {"u32": plain(())},
                       {"seed": seed, "x64": x64}, name.split("/")[1], "RN-02", compiled=False)


def derived(source):
    """Keys from keys."""
    a, b, _ = source.extents
    for detail, shape in (("two", (2,)), ("three", (3,)), ("matrix", (b, a)), ("none", (0,))):
        yield made(source, "split", detail, lambda k, s=shape: random.split(k, s), {"shape": list(shape)}, rules="RN-03")
    rng = source.rng("fold_in")
    for index, word in enumerate((0, 1, 2**32 - 1, int(rng.integers(0, 2**32)))):
        yield made(source, "fold_in", f"{index}", lambda k, d: random.fold_in(k, d), {}, (np.asarray(word, np.uint32),), "RN-03")


def words(source):
    """Words of 32 and of 64 bits; the ends of the key's range."""
    def halves(k, shape):
        whole = random.bits(k, shape, np.uint64)
        return (whole >> np.uint64(32)).astype(np.uint32), (whole & np.uint64(2**32 - 1)).astype(np.uint32)
    for detail, shape in shapes(source).items():
        params = {"shape": list(shape)}
        yield made(source, "bits", detail, lambda k, s=shape: random.bits(k, s, np.uint32), params, rules="RN-04")
        yield made(source, "bits64", detail, lambda k, s=shape: halves(k, s), params, rules="RN-04")
    for detail, key in (("zeros", (0, 0)), ("ones", (2**32 - 1, 2**32 - 1))):
        yield made(source, "bits", detail, lambda k: random.bits(k, (9,), np.uint32), {"shape": [9]}, rules="RN-01 RN-04",
                   key=key, points="special")


def uniforms(source):
    """Limits whose product or sum rounds, also where f64 would not hold the sum, and empty or reversed intervals."""
    rng = source.rng("uniforms")
    lim = float(np.round(rng.uniform(0.1, 1), 3))
    intervals = {"unit": (0, 1), "fan-in": (-1 / np.sqrt(3), 1 / np.sqrt(3)), "symmetric": (-lim, lim), "positive": (2.5, 9.1),
                 "wide": (-1e-3, 1e3), "far": (1e9, 1e9 + 6400), "huge": (-1e30, 3.0), "reversed": (0.7, -0.3), "point": (0.1, 0.1)}
    a, b, _ = source.extents
    for detail, (low, high) in intervals.items():
        for dtype, kind in FLOATS.items():
            for rounding in ("fused", "separate"):
                shape = (b, 7 * a) if detail != "fan-in" else (300,)
                def draw(k, s=shape, d=kind, low=low, high=high):
                    return random.uniform(k, s, d, low, high)
                case = made(source, "uniform", f"{detail}-{dtype}-{rounding}", draw,
                            {"dtype": dtype, "from": float(low), "rounding": rounding, "shape": list(shape), "to": float(high)},
                            rules="RN-05")
                # Op by op, as the source of JAX reads.
                yield case if rounding == "fused" else Case(
                    case.name, case.program, draw, case.variants, case.params, case.points, case.rules, compiled=False)
    for detail, shape in shapes(source).items():
        for dtype, kind in FLOATS.items():
            yield made(source, "uniform", f"shape-{detail}-{dtype}", lambda k, s=shape, d=kind: random.uniform(k, s, d),
                       {"dtype": dtype, "from": 0.0, "rounding": "fused", "shape": list(shape), "to": 1.0}, rules="RN-05")


def limits(source):
    """Limits as operands: of every size, broadcast against each other."""
    a, b, c = source.extents
    for dtype, kind in FLOATS.items():
        for detail, low, high in (("scalars", (), ()), ("broadcast", (c,), (b, 1)), ("each", (b, c), (b, c))):
            name = f"limits/{detail}/{dtype}"
            rng = source.rng(name)
            ends = [(rng.standard_normal(s) * 10.0 ** rng.integers(-6, 7, s)).astype(np.float32).astype(kind) for s in (low, high)]
            shape = np.broadcast_shapes((a, b, c), low, high)
            yield made(source, "uniform_between", f"{detail}-{dtype}",
                       lambda k, lo, hi, s=shape, d=kind: random.uniform(k, s, d, lo, hi), {"shape": list(shape)},
                       tuple(np.asarray(e) for e in ends), "RN-05")


def normals(source):
    """What is made of uniform numbers without further parameters, and between two ends."""
    a, b, _ = source.extents
    for program, sampler in PLAIN.items():
        for dtype, kind in FLOATS.items():
            for detail, shape in (("vector", (40,)), ("matrix", (b, a)), ("scalar", ())):
                yield made(source, program, f"{detail}-{dtype}", lambda k, s=shape, d=kind, f=sampler: f(k, s, d),
                           {"dtype": dtype, "shape": list(shape)}, rules="RN-06" if program == "normal" else "")
    for detail, low, high in (("both", -1.5, 0.5), ("wide", -2.0, 2.0), ("tail", 2.5, 4.0)):
        for dtype, kind in FLOATS.items():
            yield made(source, "truncated_normal", f"{detail}-{dtype}",
                       lambda k, d=kind, low=low, high=high: random.truncated_normal(k, low, high, (30,), d),
                       {"dtype": dtype, "from": low, "shape": [30], "to": high})


def scaled(source):
    """One or two parameters."""
    samplers = {
        "rayleigh": lambda k, s, d, p: random.rayleigh(k, np.asarray(p, d), s, d),
        "lognormal": lambda k, s, d, p: random.lognormal(k, np.asarray(p, d), s, d),
        "pareto": lambda k, s, d, p: random.pareto(k, np.asarray(p, d), s, d)}
    for dtype, kind in FLOATS.items():
        for program, sampler in samplers.items():
            scale = round(float(source.rng(program).uniform(0.5, 3)), 2)
            yield made(source, program, dtype, lambda k, f=sampler, d=kind, p=scale: f(k, (20,), d, p),
                       {"dtype": dtype, "scale": scale, "shape": [20]})
        yield made(source, "weibull_min", dtype, lambda k, d=kind: random.weibull_min(k, 1.5, 0.8, (20,), d),
                   {"concentration": 0.8, "dtype": dtype, "scale": 1.5, "shape": [20]})


def truths(source):
    """Coins, signs and numbers of trials; a Python number p draws in f32, or in f64 under x64 (DO-07)."""
    a, b, _ = source.extents
    for x64, drawing in ((False, "f32"), (True, "f64")):
        for index, p in enumerate((0.5, 0.1, 0.0, 1.0, float(source.rng("p").uniform(0, 1)))):
            yield made(source, "bernoulli", f"{index}-{drawing}", lambda k, p=p: random.bernoulli(k, p, (50,)),
                       {"drawing": drawing, "p": p, "shape": [50]}, rules="RN-06 DO-07", x64=x64)
        yield made(source, "bernoulli", f"key0-{drawing}", lambda k: random.bernoulli(k, 0.5, (8,)),
                   {"drawing": drawing, "p": 0.5, "shape": [8]}, rules="DO-07", x64=x64, key=(0, 0), points="special")
        for dtype, kind in (("i32", np.int32), ("f32", np.float32)):
            yield made(source, "rademacher", f"{dtype}-{drawing}", lambda k, d=kind: random.rademacher(k, (b, a), d),
                       {"drawing": drawing, "dtype": dtype, "shape": [b, a]}, x64=x64)
        yield made(source, "geometric", drawing, lambda k: random.geometric(k, 0.2, (30,)).astype(np.int32),
                   {"drawing": drawing, "p": 0.2, "shape": [30]}, x64=x64)
    p = source.uniform("bernoulli_of", (b, 1), 0, 1)
    for dtype, kind in FLOATS.items():
        yield made(source, "bernoulli_of", dtype, lambda k, p: random.bernoulli(k, p, (a, b, 7)), {"shape": [a, b, 7]},
                   (p.astype(kind),))


def randints(source):
    """Spans of every size: one, below and above 2¹⁶, a whole dtype, and none at all."""
    rng = source.rng("randints")
    drawn = sorted(int(n) for n in rng.integers(-2**31, 2**31, 2))
    spans = {"digits": (0, 10), "byte": (0, 256), "one": (4, 5), "below": (-40000, 25536), "above": (-40000, 25537),
             "large": (-2**31, 2**31 - 1), "all": (-2**31, 2**31), "equal": (3, 3), "reversed": (3, -3), "drawn": tuple(drawn)}
    for detail, (low, high) in spans.items():
        yield made(source, "randint", f"{detail}-i32", lambda k, a=low, b=high: random.randint(k, (20,), a, b, np.int32),
                   {"dtype": "i32", "from": low, "shape": [20], "to": high, "x64": False}, rules="RN-06 RN-08")
        yield made(source, "randint", f"{detail}-i64",
                   lambda k, a=low, b=high: random.randint(k, (20,), a, b).astype(np.int32),
                   {"dtype": "i32", "from": low, "shape": [20], "to": high, "x64": True}, rules="RN-08")
    for detail, low, high in (("small", 5, 99), ("large", 7, 2**32 - 3), ("all", 0, 2**32)):
        yield made(source, "randint", f"{detail}-u32", lambda k, a=low, b=high: random.randint(k, (20,), a, b, np.uint32),
                   {"dtype": "u32", "from": low, "shape": [20], "to": high, "x64": False}, rules="RN-06")
    for x64 in (False, True):
        yield made(source, "randint", f"key0-{int(x64)}", lambda k: random.randint(k, (6,), 0, 10).astype(np.int32),
                   {"dtype": "i32", "from": 0, "shape": [6], "to": 10, "x64": x64}, rules="RN-08", x64=x64, key=(0, 0),
                   points="special")
    a, b, c = source.extents
    low, high = rng.integers(-50, 50, (b, 1)).astype(np.int32), rng.integers(-50, 90000, c).astype(np.int32)
    for x64 in (False, True):
        yield made(source, "randint_between", f"broadcast-{int(x64)}",
                   lambda k, lo, hi, x64=x64: random.randint(k, (a, b, c), lo, hi, np.int64 if x64 else np.int32).astype(np.int32),
                   {"shape": [a, b, c], "x64": x64}, (low, high), "RN-08")


def permutations(source):
    """No, one, two and three sorts; sections of an array; each line by itself."""
    a, b, c = source.extents
    for count in (0, 1, 8, 1024, 1625, 1626, 2000):
        yield made(source, "permutation", f"{count}", lambda k, n=count: random.permutation(k, n).astype(np.int32),
                   {"count": count}, rules="RN-07")
    for detail, shape, axis, independent in (
            ("vector", (c,), 0, False), ("first", (c, a), 0, False), ("last", (a, b, c), -1, False),
            ("lines", (b, c), 1, True), ("columns", (c, b, a), 0, True), ("many", (90, 20), 0, True)):
        x = source.uniform(f"permutation_of/{detail}", shape, -9, 9)
        if detail == "many":
            x = np.trunc(x).astype(np.int32)
        yield made(source, "permutation_of", detail,
                   lambda k, x, axis=axis, i=independent: random.permutation(k, x, axis, i),
                   {"axis": axis, "independent": independent}, (x,), "RN-07")


def choices(source):
    """Equal probabilities, with and without replacement, of numbers and of sections."""
    a, b, c = source.extents
    for x64 in (False, True):
        for replace in (False, True):
            detail = f"{'with' if replace else 'without'}-{int(x64)}"
            yield made(source, "choice", detail,
                       lambda k, r=replace: random.choice(k, a * b * c, (b, a), r).astype(np.int32),
                       {"count": a * b * c, "replace": replace, "shape": [b, a], "x64": x64}, rules="RN-06", x64=x64)
            for axis in (0, 1):
                x = source.uniform(f"choice_of/{detail}/{axis}", (c, b), -9, 9)
                yield made(source, "choice_of", f"{detail}-{axis}",
                           lambda k, x, r=replace, axis=axis: random.choice(k, x, (2,), r, axis=axis),
                           {"axis": axis, "replace": replace, "shape": [2], "x64": x64}, (x,), "RN-06", x64=x64)


def weights(source):
    """Unequal probabilities, a zero among them."""
    _, b, c = source.extents
    for dtype, kind in FLOATS.items():
        p = source.rng("weights").integers(1, 16, c).astype(kind) / 16
        p[1] = 0
        for replace in (False, True):
            detail = f"{'with' if replace else 'without'}-{dtype}"
            shape = (40,) if replace else (c - 1,)
            yield made(source, "choice", f"weighted-{detail}",
                       lambda k, p, s=shape, r=replace: random.choice(k, len(p), s, r, p).astype(np.int32),
                       {"count": c, "replace": replace, "shape": list(shape), "x64": True}, (p,), "RN-06")
            x = source.uniform(f"weights/{detail}", (b, c), -9, 9)
            yield made(source, "choice_of", f"weighted-{detail}",
                       lambda k, x, p, r=replace: random.choice(k, x, (2,), r, p, axis=1),
                       {"axis": 1, "replace": replace, "shape": [2], "x64": True}, (x, p), "RN-06")


def categoricals(source):
    """Each row by itself, several draws of each, without replacement; an impossible class."""
    a, b, c = source.extents
    for dtype, kind in FLOATS.items():
        logits = source.uniform("categorical", (b, c), -3, 3).astype(kind)
        logits[0, 0] = -np.inf
        for detail, axis, shape, replace in (
                ("rows", -1, None, True), ("columns", 0, None, True), ("draws", 1, (a, 4, b), True),
                ("down", 0, (a, c), True), ("without", -1, (2, b), False), ("without-down", 0, (2, c), False)):
            yield made(source, "categorical", f"{detail}-{dtype}",
                       lambda k, x, axis=axis, s=shape, r=replace: random.categorical(k, x, axis, s, r).astype(np.int32),
                       {"axis": axis, "replace": replace, "shape": None if shape is None else list(shape)}, (logits,), "RN-06")
