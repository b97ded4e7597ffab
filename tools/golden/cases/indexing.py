"""Reading and writing at computed places: dynamic slices, gathers, scatters, and brackets.

Indices lie inside and outside the operand, and name elements twice, wherever the answer is defined: rule AD-2 of SEMANTICS. Random cases whose name
says `unique` promise distinct indices to JAX, and keep the promise.
"""

import numpy as np
from jax import lax
from jax import numpy as jnp

from case import Case, both, plain
from cases.points import WIDE
from cases.structural import OTHER_LABELS, cast

# Exact in f32, and of every class that movement must keep: the signs of zero, infinities, NaN.
SPECIAL = (0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -2.5, 3.0e38, 1e-30, 7.0, -7.0, 0.1)
SCATTERS = {
    "scatter": lax.scatter, "scatter-add": lax.scatter_add, "scatter-mul": lax.scatter_mul,
    "scatter-min": lax.scatter_min, "scatter-max": lax.scatter_max}
UPDATES = {"at_set": "set", "at_add": "add", "at_mul": "multiply", "at_min": "min", "at_max": "max"}
# The programs whose results are rounded.
ROUNDED = ("scatter-add", "scatter-mul", "at_add", "at_mul")


def cases(source):
    """All cases of indexing.h5."""
    for make in (dynamic_slices, dynamic_updates, gathers, scatters, ties, takes, brackets, updates):
        yield from make(source)


def made(source, program, points, detail, function, floats, whole, params, rules="", order=None, derivatives=True,
         fixed=(), labels=()):
    """One case: float operands first, then indices, unless `order` says where each operand goes."""
    name = f"{program}/{points}/{detail}"

    def arranged(values):
        values = tuple(values) + tuple(np.asarray(i) for i in whole)
        return tuple(values[i] for i in order) if order else values

    variants = both(function, arranged(floats), source, name, derivatives=derivatives, fixed=fixed)
    for label in labels:
        variants[label] = plain(arranged(cast(x, label) for x in floats))
    return Case(name, program, function, variants, params, points, rules, compiled=program in ROUNDED)


def extents(source):
    """The extents, ascending: a window of the smaller fits the larger."""
    return sorted(source.extents)


def values(source, name, *shapes):
    """Random float operands of these shapes."""
    return tuple(source.uniform(f"{name}/{i}", shape, *WIDE) for i, shape in enumerate(shapes))


def special(shape, start=0):
    """Special numbers in a row, from the `start`-th on."""
    count = int(np.prod(shape))
    return np.array([SPECIAL[(start + i) % len(SPECIAL)] for i in range(count)], np.float32).reshape(shape)


def i32(x):
    """Indices."""
    return np.array(x, np.int32)


def dynamic_slices(source):
    """Starts inside, at the end, beyond it, and below zero; signed and unsigned."""
    a, b, c = extents(source)
    for detail, shape, sizes, starts in (
            ("inside", (b, c), (a - 1, b - 1), (1, 1)), ("beyond", (b, c), (2, 2), (b, c + 7)),
            ("below", (b, c), (2, 2), (-1, -9)), ("vector", (c,), (2,), (1,)), ("whole", (a, b), (a, b), (1, -1)),
            ("empty", (a, b), (0, b), (1, 0)), ("scalar", (), (), ()), ("cube", (a, b, c), (1, b, 2), (1, 5, 1))):
        function = lambda x, *s, sizes=sizes: lax.dynamic_slice_p.bind(x, *s, slice_sizes=sizes)
        for unsigned in (False, True) if min(starts, default=0) >= 0 else (False,):
            dtype = np.uint32 if unsigned else np.int32
            name = detail + ("-u32" if unsigned else "")
            yield made(
                source, "dynamic_slice", "random", name, function, values(source, f"dynamic_slice/{name}", shape),
                [dtype(s) for s in starts], {"slice_sizes": list(sizes)}, "AD-2",
                labels=OTHER_LABELS if detail == "inside" else ())
    function = lambda x, *s: lax.dynamic_slice_p.bind(x, *s, slice_sizes=(2, 3))
    yield made(source, "dynamic_slice", "special", "matrix", function, [special((3, 4))], [i32(1), i32(0)],
               {"slice_sizes": [2, 3]})


def dynamic_updates(source):
    """The same starts, written."""
    a, b, c = extents(source)
    function = lambda x, update, *s: lax.dynamic_update_slice_p.bind(x, update, *s)
    for detail, shape, window, starts in (
            ("inside", (b, c), (a - 1, b - 1), (1, 1)), ("beyond", (b, c), (2, 2), (b, c + 7)),
            ("below", (b, c), (2, 2), (-1, -9)), ("vector", (c,), (2,), (1,)), ("whole", (a, b), (a, b), (1, -1)),
            ("empty", (a, b), (0, b), (1, 0)), ("scalar", (), (), ())):
        yield made(
            source, "dynamic_update_slice", "random", detail, function,
            values(source, f"dynamic_update_slice/{detail}", shape, window), [i32(s) for s in starts], {}, "AD-2",
            labels=OTHER_LABELS if detail == "inside" else ())
    yield made(source, "dynamic_update_slice", "special", "matrix", function, [special((3, 4)), special((2, 3), 3)],
               [i32(1), i32(0)], {})


def layouts(source):
    """(detail, operand, indices, gather numbers, slice sizes): numbers in the order of GatherDimensionNumbers."""
    a, b, c = extents(source)
    rng = source.rng("indexing/indices")

    def inside(shape, *bounds):
        return i32(np.stack([rng.integers(0, n, shape) for n in bounds], -1))

    yield "rows", (b, c), inside((a + 1,), b), ((1,), (0,), (0,), (), ()), (1, c)
    yield "columns", (b, c), inside((a,), c), ((0,), (1,), (1,), (), ()), (b, 1)
    yield "elements", (c,), inside((a, b), c), ((), (0,), (0,), (), ()), (1,)
    yield "pairs", (b, c), inside((a,), b, c), ((), (0, 1), (0, 1), (), ()), (1, 1)
    yield "crossed", (a, b, c), inside((2,), c - 1, b), ((0, 2), (1,), (2, 1), (), ()), (a, 1, 2)
    yield "windows", (c, b), inside((a,), c - 1), ((0, 2), (), (0,), (), ()), (2, b)
    yield "batched", (a, c, b), inside((a, 2), c), ((2,), (1,), (1,), (0,), (0,)), (1, 1, b)
    yield "batched-last", (c, a), inside((b, a), c), ((), (0,), (0,), (1,), (1,)), (1, 1)
    yield "none", (b, c), i32(np.zeros((0, 1))), ((1,), (0,), (0,), (), ()), (1, c)
    yield "outside", (c, b), i32([[c], [0], [-1], [c - 1], [c + 9], [-7]]), ((1,), (0,), (0,), (), ()), (1, b)
    yield "outside-windows", (c,), i32([[c - 1], [c - 2], [-1], [0], [c]]), ((1,), (), (0,), (), ()), (2,)
    yield "twice", (b, a), i32([[1], [0], [1], [1]]), ((1,), (0,), (0,), (), ()), (1, a)


def gather_params(numbers, sizes, mode, fill):
    """The parameters as JSON."""
    names = "offset_dims", "collapsed_slice_dims", "start_index_map", "operand_batching_dims", "start_indices_batching_dims"
    return {"dimension_numbers": {key: list(n) for key, n in zip(names, numbers)}, "fill_value": fill,
            "indices_are_sorted": False, "mode": mode, "slice_sizes": list(sizes), "unique_indices": False}


def gathers(source):
    """Every layout in every mode; a promise is only made where it holds."""
    for detail, shape, indices, numbers, sizes in layouts(source):
        modes = [("fill", None), ("clip", None)]
        modes += [("fill", 0), ("fill", -2.5)] if "outside" in detail else [("promise_in_bounds", None)]
        for mode, fill in modes:
            function = lambda x, i, numbers=numbers, sizes=sizes, mode=mode, fill=fill: lax.gather(
                x, i, lax.GatherDimensionNumbers(*numbers), sizes, mode=mode, fill_value=fill)
            name = f"{detail}-{mode}" + ("" if fill is None else f"-{fill}")
            whole = fill is None and detail in ("rows", "outside", "crossed")
            yield made(
                source, "gather", "random", name, function, values(source, f"gather/{name}", shape), [indices],
                gather_params(numbers, sizes, mode, fill), "AD-2", labels=OTHER_LABELS if whole else ())
    numbers = (1,), (0,), (0,), (), ()
    function = lambda x, i: lax.gather(x, i, lax.GatherDimensionNumbers(*numbers), (1, 4), mode="fill")
    yield made(source, "gather", "special", "rows", function, [special((3, 4))], [i32([[2], [5], [0]])],
               gather_params(numbers, (1, 4), "fill", None), "AD-2")
    yield made(source, "gather", "special", "u32", function, [special((3, 4))],
               [np.array([[2], [2**32 - 1], [0]], np.uint32)], gather_params(numbers, (1, 4), "fill", None), "AD-2")


def scatter_params(numbers, mode, unique):
    """The parameters as JSON."""
    names = ("update_window_dims", "inserted_window_dims", "scatter_dims_to_operand_dims", "operand_batching_dims",
             "scatter_indices_batching_dims")
    return {"dimension_numbers": {key: list(n) for key, n in zip(names, numbers)}, "indices_are_sorted": False,
            "mode": mode, "unique_indices": unique}


def scatter_function(program, numbers, mode, unique):
    """The scatter with its parameters bound."""
    return lambda x, i, u: SCATTERS[program](
        x, i, u, lax.ScatterDimensionNumbers(*numbers), mode=mode, unique_indices=unique)


def window_shape(shape, indices, numbers, sizes):
    """The shape of the updates: that of the gather's result."""
    made_by = lambda x, i: lax.gather(x, i, lax.GatherDimensionNumbers(*numbers), sizes, mode="clip")
    return jnp.shape(made_by(jnp.zeros(shape), indices))


def scatters(source):
    """Every layout, dropping and clipping; duplicates but for products, which then have no derivative in the updates.

    Left out: derivatives of extrema where a clipped window lies outside, which are NaN upstream (docs/Divergences.md)."""
    for detail, shape, indices, numbers, sizes in layouts(source):
        updates = window_shape(shape, indices, numbers, sizes)
        for program in SCATTERS:
            for mode in ("drop", "clip"):
                name = f"{detail}-{mode}"
                function = scatter_function(program, numbers, mode, False)
                clipped = mode == "clip" and "outside" in detail and program in ("scatter-min", "scatter-max")
                whole = detail in ("rows", "outside") and mode == "drop"
                usable = [l for l in OTHER_LABELS if l != "bool" or program not in ROUNDED]
                yield made(
                    source, program, "random", name, function, values(source, f"{program}/{name}", shape, updates),
                    [indices], scatter_params(numbers, mode, False), "AD-2", order=(0, 2, 1),
                    derivatives=not clipped, fixed=(2,) if program == "scatter-mul" else (),
                    labels=usable if whole else ())
        if detail in ("none", "windows"):
            yield from unique_scatters(source, detail, shape, indices[:1], numbers, sizes)
    rows = (1,), (0,), (0,), (), ()
    yield from unique_scatters(source, "rows", (5, 3), i32([[3], [7], [0], [-1], [4]]), rows, (1, 3))
    for program in ("scatter", "scatter-add", "scatter-min", "scatter-max"):
        yield made(
            source, program, "special", "rows", scatter_function(program, rows, "drop", False),
            [special((3, 4)), special((3, 4), 5)], [i32([[2], [5], [0]])], scatter_params(rows, "drop", False), "AD-2",
            order=(0, 2, 1), derivatives=program in ("scatter", "scatter-add"))


def unique_scatters(source, detail, shape, indices, numbers, sizes):
    """A promise of distinct indices, kept."""
    updates = window_shape(shape, indices, numbers, sizes)
    for program in ("scatter", "scatter-mul"):
        name = f"{detail}-unique"
        yield made(
            source, program, "random", name, scatter_function(program, numbers, "drop", True),
            values(source, f"{program}/{name}", shape, updates), [indices], scatter_params(numbers, "drop", True), "AD-2",
            order=(0, 2, 1))


def ties(source):
    """Extrema that several updates, and the operand, attain."""
    numbers = (), (0,), (0,), (), ()
    x = np.array([2, 1, 3, 5, 0], np.float32)
    indices = i32([[0], [0], [1], [1], [1], [2], [9]])
    for program, sign in (("scatter-max", 1), ("scatter-min", -1)):
        updates = sign * np.array([2, 2, 4, 4, 0, 3, 1], np.float32)
        yield made(
            source, program, "special", "ties", scatter_function(program, numbers, "drop", False),
            [sign * x, updates], [indices], scatter_params(numbers, "drop", False), "AD-1.max", order=(0, 2, 1))


def takes(source):
    """jnp.take: negative indices, out of range on both sides."""
    a, b, c = extents(source)
    for mode in ("fill", "clip"):
        for axis in (0, 1):
            for detail, indices in (("inside", [[0, -1], [1, 1]]), ("outside", [[c + 4, -1], [-a - b - c, 0]])):
                function = lambda x, i, axis=axis, mode=mode: jnp.take(x, i, axis=axis, mode=mode)
                name = f"{detail}-{mode}-{axis}"
                yield made(
                    source, "take", "random", name, function, values(source, f"take/{name}", (b, c)), [i32(indices)],
                    {"axis": axis, "mode": mode}, "AD-2")


def bracket(texts, tensors):
    """Python's index from its text; "t" is the next tensor."""
    tensors = iter(tensors)

    def one(text):
        if text == "t":
            return next(tensors)
        if ":" not in text:
            return int(text)
        return slice(*(int(part) if part else None for part in text.split(":")))

    return tuple(one(text) for text in texts)


def indices_of(source):
    """(detail, shape, index, tensors, whether something lies outside)."""
    a, b, c = extents(source)
    yield "int", (b, c), ("1",), (), False
    yield "negative", (b, c), ("-1", "0"), (), False
    yield "int-outside", (b, c), (str(b + 3), str(-c - 4)), (), True
    yield "slices", (b, c), ("1:", "-2:"), (), False
    yield "slice-outside", (b, c), (f"-{b + 9}:{b + 9}", f"1:{c + 9}"), (), False
    yield "steps", (b, c), ("::-1", "::2"), (), False
    yield "reverse-step", (c, b), ("3:0:-2",), (), False
    yield "no-elements", (b, c), ("2:1",), (), False
    yield "tensor", (b, c), ("t",), (i32([0, -1, 1, 0]),), False
    yield "tensor-outside", (b, c), ("t",), (i32([0, -b - 3, b, -1]),), True
    yield "tensor-last", (b, c), (":", "t"), (i32([[0, 1], [-1, 1]]),), False
    yield "two-tensors", (a, b, c), ("t", "t"), (i32([[0], [1]]), i32([1, 0, -1])), False
    yield "apart", (a, b, c), ("t", ":", "t"), (i32([0, 1]), i32([1, -1])), False
    yield "int-and-tensor", (a, b, c), ("0", ":", "t"), (i32([1, -1]),), False
    yield "slice-and-tensor", (a, b, c), (":1", "t", "1:"), (i32([1, -1]),), False
    yield "scalar-tensor", (b, c), ("t",), (i32(-1),), False


def brackets(source):
    """x[…]. Derivatives where everything lies inside: outside, JAX's forward and reverse mode disagree (docs/Divergences.md)."""
    for detail, shape, texts, tensors, outside in indices_of(source):
        function = lambda x, *i, texts=texts: x[bracket(texts, i)]
        yield made(
            source, "getitem", "random", detail, function, values(source, f"getitem/{detail}", shape), tensors,
            {"index": list(texts)}, "AD-2", derivatives=not (outside and tensors))


def updates(source):
    """x.at[…]: a product has a derivative in the values where no tensor is in the index."""
    for detail, shape, texts, tensors, _ in indices_of(source):
        sub = np.zeros(shape)[bracket(texts, tensors)].shape if "outside" not in detail else ()
        for program, method in UPDATES.items():
            function = lambda x, v, *i, texts=texts, method=method: getattr(x.at[bracket(texts, i)], method)(v)
            yield made(
                source, program, "random", detail, function, values(source, f"{program}/{detail}", shape, sub), tensors,
                {"index": list(texts)}, "AD-2", fixed=(1,) if program == "at_mul" and tensors else ())
