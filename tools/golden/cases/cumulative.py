"""Cumulative reductions, sorts, sections and operations on bits: values, jvp and vjp, and what JAX does at ties, NaN and signed zeros."""

import jax
import numpy as np
from jax import lax
from jax.extend.random import threefry2x32_p

from case import Case, Variant, both, plain
from cases import points
from cases.structural import OTHER_LABELS, cast

CUMULATIVE = {
    "cumsum": lax.cumsum_p, "cumprod": lax.cumprod_p, "cummax": lax.cummax_p, "cummin": lax.cummin_p,
    "cumlogsumexp": lax.cumlogsumexp_p}
SHIFTS = {
    "shift_left": lax.shift_left, "shift_right_logical": lax.shift_right_logical,
    "shift_right_arithmetic": lax.shift_right_arithmetic}
LOGICAL = {"reduce_and": lax.reduce_and_p, "reduce_or": lax.reduce_or_p, "reduce_xor": lax.reduce_xor_p}
INF, NAN = np.inf, np.nan
TIED = ((1, 1, 2), (2, 2, 1), (2, 1, 2), (1, 1, 1), (0.0, -0.0, 0.0))


def cases(source):
    """All cases of cumulative.h5."""
    for make in (running, running_ties, running_edges, logical, bits, casts, neighbours, sorts, sort_edges,
                 largest, sections, random_bits):
        yield from make(source)


def running(source):
    """From both ends, every axis, one element, none, and a long line that carries rounding."""
    a, b, c = source.extents
    forms = (("first", (c, a), 0, False), ("last", (a, b, c), 2, True), ("middle", (a, c, b), 1, False),
             ("one", (1,), 0, True), ("empty", (0, a), 0, False), ("long", (60,), 0, False))
    for program, primitive in CUMULATIVE.items():
        for detail, shape, axis, reverse in forms:
            function = lambda x, p=primitive, axis=axis, reverse=reverse: p.bind(x, axis=axis, reverse=reverse)
            name = f"{program}/random/{detail}"
            span = (0.5, 1.6) if program == "cumprod" else points.WIDE
            x = source.uniform(name, shape, *span)
            if program in ("cummax", "cummin"):  # Apart, so that none tie.
                x = source.rng(name).permutation(x.size).reshape(shape).astype(np.float32) + x / 16
            variants = both(function, (x,), source, name)
            if program != "cumlogsumexp" and detail == "first":
                variants |= {label: plain((cast(x, label),)) for label in ("i32", "u32")}
            yield Case(name, program, function, variants, {"axis": axis, "reverse": reverse},
                       compiled=program in ("cumsum", "cumprod", "cumlogsumexp") and detail != "empty")


def running_ties(source):
    """How the tangent is shared among equals; a tree of pairs decides it (four and seven in a row tell its shape)."""
    rows = TIED + ((1, 1, 1, 1), (3, 3, 3, 3, 3, 3, 3))
    for program in ("cummax", "cummin"):
        for index, row in enumerate(rows):
            for reverse in (False, True):
                yield convention(source, program, f"ties-{index}-{int(reverse)}", row, reverse, "cummax-ties")


def running_edges(source):
    """Zeros in products; NaN and infinities."""
    for index, row in enumerate(((2, 0, 3, 4), (2, 0, 3, 0), (0, 0, 5, 2, 7), (-0.0, 3, -2))):
        yield convention(source, "cumprod", f"zeros-{index}", row, False, "cumprod-zeros")
    rows = ((1, NAN, 3, 0), (NAN, 1, INF), (INF, 1, -INF, 2), (-INF, -INF, 1), (-INF, INF, 2), (1, INF, -INF, INF))
    for program in CUMULATIVE:
        for index, row in enumerate(rows):
            yield convention(source, program, f"edges-{index}", row, False, "cumulative-edges")


def convention(source, program, detail, row, reverse, rule):
    """A vector with tangent and cotangent 1."""
    function = lambda x: CUMULATIVE[program].bind(x, axis=0, reverse=reverse)
    name = f"{program}/special/{detail}"
    variants = both(function, (np.array(row, np.float32),), source, name, ones=True)
    return Case(name, program, function, variants, {"axis": 0, "reverse": reverse}, "special", f"AD-1.{rule}")


def logical(source):
    """Reductions of booleans and of bits, over one axis, all, none, and of nothing."""
    a, b, _ = source.extents
    for program, primitive in LOGICAL.items():
        for detail, shape, axes in (("first", (a, b), (0,)), ("all", (b, a), (0, 1)), ("none", (a,), ()),
                                    ("empty", (0, a), (0,))):
            function = lambda x, p=primitive, axes=axes: p.bind(x, axes=axes)
            name = f"{program}/random/{detail}"
            x = source.uniform(name, shape, *points.WIDE)
            variants = {label: plain((cast(x, label),)) for label in OTHER_LABELS}
            yield Case(name, program, function, variants, {"axes": list(axes)}, compiled=False)


def bits(source):
    """Shifts by every kind of count, counts of bits, on special whole numbers."""
    for program, function in SHIFTS.items():
        variants = {}
        for label, dtype in (("i32", np.int32), ("u32", np.uint32)):
            counts = np.array([0, 1, 5, 31, 32, 33, 2 ** 31 - 1, -1, -2 ** 31], np.int64).astype(dtype)
            left, right = np.meshgrid(points.integers(dtype), counts, indexing="ij")
            variants[label] = plain((np.ascontiguousarray(left), np.ascontiguousarray(right)))
        yield Case(f"{program}/special/counts", program, function, variants, {}, "special", compiled=False)
    for program, function in (("population_count", lax.population_count), ("clz", lax.clz)):
        variants = {label: plain((points.integers(dtype),)) for label, dtype in (("i32", np.int32), ("u32", np.uint32))}
        yield Case(f"{program}/special/integers", program, function, variants, {}, "special", compiled=False)


def casts(source):
    """Bits as another dtype of equal width; floats as floats have the derivative zero."""
    a, b, _ = source.extents
    whole = np.array([0, 1, 0x3F800000, 0x7F800000, 0x7FC00000, 0x4048F5C3], np.int32)
    whole = np.concatenate([whole, (whole[2:] | np.int32(-2 ** 31))])
    real = np.array([0.0, -0.0, 1, -1, INF, -INF, NAN, 1.5e-30, 3.25], np.float32)
    for target in ("f32", "i32", "u32"):
        dtype = {"f32": np.float32, "i32": np.int32, "u32": np.uint32}[target]
        function = lambda x, dtype=dtype: lax.bitcast_convert_type(x, dtype)
        name = f"bitcast_convert_type/special/to-{target}"
        variants = {"f32": plain((real,)), "i32": plain((whole,)), "u32": plain((whole.view(np.uint32),))}
        yield Case(name, "bitcast_convert_type", function, variants, {"new_dtype": target}, "special", compiled=False)
    for label in ("f32", "f64"):
        name = f"bitcast_convert_type/random/{label}"
        dtype = {"f32": np.float32, "f64": np.float64}[label]
        function = lambda x, dtype=dtype: lax.bitcast_convert_type(x, dtype)
        x = source.uniform(name, (a, b), *points.WIDE)
        variants = {label: both(function, (x,), source, name)[label]} if label == "f32" else {
            "f64": both(lambda y: lax.bitcast_convert_type(y, y.dtype), (x,), source, name)["f64"]}
        yield Case(name, "bitcast_convert_type", function, variants, {"new_dtype": label}, compiled=False)


def neighbours(source):
    """The next number: across zero, at the ends, at powers of two, where nothing moves; no subnormal operand."""
    variants = {}
    for label, dtype in (("f32", np.float32), ("f64", np.float64)):
        info = np.finfo(dtype)
        grid = (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, info.max, -info.max, 3.5, 2.0)
        variants[label] = plain(points.all_pairs(grid, dtype))
    yield Case("nextafter/special/pairs", "nextafter", lax.nextafter, variants, {}, "special", compiled=False)


def sort_function(dimension, keys):
    """sort_p as a function of its operands, always a tuple if there are several."""
    def function(*operands):
        found = tuple(lax.sort_p.bind(*operands, dimension=dimension, num_keys=keys, is_stable=True))
        return found[0] if len(found) == 1 else found
    return function


def sorts(source):
    """One key; a key and others; keys that tie before others that do not; booleans and whole numbers."""
    a, b, c = source.extents
    for detail, shape, count, dimension, keys in (
            ("one", (c, a), 1, 0, 1), ("last", (a, b, c), 1, 2, 1), ("payload", (b, c), 3, 1, 1),
            ("two-keys", (c, b), 3, 0, 2), ("empty", (a, 0), 2, 1, 1), ("single", (1,), 1, 0, 1)):
        name = f"sort/random/{detail}"
        operands = [source.uniform(f"{name}/{i}", shape, *points.WIDE) for i in range(count)]
        if keys == 2:
            operands[0] = np.trunc(operands[0] / 3)
        function = sort_function(dimension, keys)
        variants = both(function, operands, source, name)
        variants |= {label: plain(tuple(cast(x, label) for x in operands)) for label in OTHER_LABELS}
        yield Case(name, "sort", function, variants, {"dimension": dimension, "num_keys": keys}, compiled=False)


def sort_edges(source):
    """NaN last, zeros of both signs equal, equals in their order, each shown by a payload; the gradient at ties."""
    key = np.array([0.0, -0.0, NAN, -1, 1, -0.0, 0.0, INF, NAN, -INF, 1, 1], np.float32)
    payload = np.arange(len(key), dtype=np.float32)
    name, function = "sort/special/order", sort_function(0, 1)
    variants = both(function, (key, payload), source, name)
    yield Case(name, "sort", function, variants, {"dimension": 0, "num_keys": 1}, "special", compiled=False)
    name = "sort/special/ties"
    variants = both(function, (np.array([2, 1, 1], np.float32),), source, name)
    yield Case(name, "sort", function, variants, {"dimension": 0, "num_keys": 1}, "special", "AD-1.sort-ties",
               compiled=False)


def largest(source):
    """Some, all and none of a line; ties by index, NaN first, −0 after 0."""
    a, b, c = source.extents
    rows = np.array([[0.0, -0.0, NAN, -1, 1, -0.0, 0.0, INF], [2, 2, 1, 2, -INF, NAN, 1, NAN]], np.float32)
    for points_, detail, shape, k, axis in (
            ("random", "some", (b, c), 2, 1), ("random", "first", (c, a), c, 0), ("random", "none", (a,), 0, 0),
            ("special", "order", None, 8, 1), ("special", "cut", None, 3, 1)):
        name = f"top_k/{points_}/{detail}"
        function = lambda x, k=k, axis=axis: tuple(lax.top_k(x, k, axis=axis))
        x = rows if shape is None else source.uniform(name, shape, *points.WIDE)
        variants = both(function, (x,), source, name)
        if shape:
            variants |= {label: plain((cast(x, label),)) for label in ("i32", "u32")}
        yield Case(name, "top_k", function, variants, {"k": k, "axis": axis}, points_, compiled=False)


def sections(source):
    """Sections of unequal extent, one of them empty."""
    a, b, c = source.extents
    for detail, shape, sizes, axis in (("last", (a, b + c), (b, 0, c), 1), ("first", (c, a), (1, c - 1), 0)):
        name = f"split/random/{detail}"
        function = lambda x, sizes=sizes, axis=axis: tuple(lax.split(x, sizes, axis))
        x = source.uniform(name, shape, *points.WIDE)
        variants = both(function, (x,), source, name)
        variants |= {label: plain((cast(x, label),)) for label in OTHER_LABELS}
        yield Case(name, "split", function, variants, {"axis": axis, "sizes": list(sizes)}, compiled=False)


def random_bits(source):
    """The known answers of RN-01, and drawn words under a key of their own and under one for all."""
    known = np.array([[0, 0, 0, 0], [2 ** 32 - 1] * 4, [0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3]], np.uint32)
    function = lambda *words: tuple(threefry2x32_p.bind(*words))
    yield Case("threefry2x32/special/known", "threefry2x32", function,
               {"u32": plain(tuple(np.ascontiguousarray(w) for w in known.T))}, {}, "special", "RN-01", compiled=False)
    a, b, _ = source.extents
    for detail, shape in (("each", (a, b)), ("shared", ())):
        rng = source.rng(f"threefry2x32/{detail}")
        words = [rng.integers(0, 2 ** 32, s, np.uint32) for s in (shape, shape, (a, b), (a, b))]
        yield Case(f"threefry2x32/random/{detail}", "threefry2x32", function,
                   {"u32": plain(tuple(np.asarray(w) for w in words))}, {}, compiled=False)
