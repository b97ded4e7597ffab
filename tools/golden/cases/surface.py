"""What stands on top of gather and scatter: brackets in full, take along an axis, slices of one axis, division that rounds down.

The index of a bracket program is a list of texts: Python's own, "t" for the next tensor, "..." and "None", and "mask 2x3:110010" for a mask, which
is part of the program because its values decide the shape of the result. Rules AD-2 (what lies out of range) and AD-3 (rounding of divisions).
"""

import numpy as np
from jax import lax
from jax import numpy as jnp

from case import Case, both, plain
from cases.indexing import extents, i32, values


def cases(source):
    """All cases of surface.h5."""
    for make in (brackets, updates, gets, applied, takes, along_axis, in_dims, divisions):
        yield from make(source)


def made(source, program, detail, function, floats, whole, params, rules="AD-2", fixed=(), derivatives=True):
    """One case, floats first."""
    name = f"{program}/random/{detail}"
    arrays = tuple(floats) + tuple(np.asarray(i) for i in whole)
    variants = both(function, arrays, source, name, derivatives=derivatives, fixed=fixed)
    return Case(name, program, function, variants, params, "random", rules, compiled=False)


def mask(text):
    """The mask that a text names."""
    shape, bits = text.removeprefix("mask ").split(":")
    sizes = tuple(int(n) for n in shape.split("x")) if shape else ()
    return np.array([bit == "1" for bit in bits], bool).reshape(sizes)


def named(bits):
    """The text of a mask."""
    bits = np.asarray(bits, bool)
    return f"mask {'x'.join(map(str, bits.shape))}:{''.join('01'[int(b)] for b in bits.flat)}"


def bracket(texts, tensors):
    """Python's index from its texts."""
    tensors = iter(tensors)

    def one(text):
        if text == "t":
            return next(tensors)
        if text == "...":
            return Ellipsis
        if text == "None":
            return None
        if text.startswith("mask"):
            return mask(text)
        if ":" not in text:
            return int(text)
        return slice(*(int(part) if part else None for part in text.split(":")))

    return tuple(one(text) for text in texts)


def alternating(*shape):
    """A mask with every other element, the first included."""
    return np.arange(int(np.prod(shape))).reshape(shape) % 2 == 0


def indices_of(source):
    """(detail, shape, index, tensors, whether an element is named twice)."""
    a, b, c = extents(source)
    row = named(alternating(b))
    yield "ellipsis", (a, b, c), ("...", "1"), (), False
    yield "ellipsis-middle", (a, b, c), ("1", "...", "0"), (), False
    yield "ellipsis-nothing", (b, c), ("1", "...", "2"), (), False
    yield "ellipsis-alone", (b, c), ("...",), (), False
    yield "new-first", (b, c), ("None",), (), False
    yield "new-middle", (b, c), (":", "None", "1:"), (), False
    yield "new-last", (b, c), ("...", "None"), (), False
    yield "new-between-ints", (a, b, c), ("0", "None", "1"), (), False
    yield "new-and-tensor", (b, c), ("None", "t"), (i32([1, 0, -1]),), False
    yield "reversed", (b, c), ("::-1", "::-2"), (), False
    yield "reversed-part", (c, b), ("-1:0:-2", f"{b + 7}::-1"), (), False
    yield "reversed-none", (c, b), ("1:3:-1",), (), False
    yield "mask-row", (b, c), (row,), (), False
    yield "mask-column", (b, c), (":", named(alternating(c))), (), False
    yield "mask-matrix", (b, c), (named(alternating(b, c)),), (), False
    yield "mask-front", (a, b, c), (named(alternating(a, b)),), (), False
    yield "mask-none", (b, c), (named(np.zeros(b, bool)),), (), False
    yield "mask-scalar", (b, c), (named(np.array(True)),), (), False
    yield "mask-scalar-false", (b, c), (named(np.array(False)), "1"), (), False
    yield "mask-new", (b, c), ("None", row), (), False
    yield "mask-and-int", (b, c), (row, "1"), (), False
    yield "mask-and-tensor", (b, c), (named(np.arange(b) < 2), "t"), (i32([1, -1]),), False
    yield "mask-apart", (a, b, c), (named(np.ones(a, bool)), ":", named(np.arange(c) < a)), (), False
    yield "apart-second", (a, b, c), (":", "t", "None", "t"), (i32([0, 1, 1]), i32([0, -1, 1])), False
    yield "apart-nothing", (a, b, c), (":", "t", "...", "t"), (i32([0, 1, 0]), i32([0, -1, 1])), False
    yield "apart-int", (a, b, c), ("0", "...", "t"), (i32([0, 1, 2]),), False
    yield "neighbours", (a, b, c), (":", "t", "t"), (i32([[0], [1]]), i32([0, -1, 1])), False
    yield "scalar-tensors", (a, b, c), ("t", ":", "t"), (i32(1), i32(-1)), False
    yield "slice-between", (c, a, b), ("t", "::-1", "1"), (i32([[1, 0]]),), False
    yield "twice", (b, c), ("t", "..."), (i32([1, 0, 1, 1]),), True


def brackets(source):
    """x[…] in full."""
    for detail, shape, texts, tensors, _ in indices_of(source):
        function = lambda x, *i, texts=texts: x[bracket(texts, i)]
        yield made(source, "getitem", detail, function, values(source, f"surface/getitem/{detail}", shape), tensors,
                   {"index": list(texts)})


UPDATES = ("set", "add", "multiply", "min", "max", "subtract", "divide", "power")


def updates(source):
    """x.at[…]. Factors, divisors and exponents have a derivative where no tensor or mask is in the index."""
    chosen = {"new-middle", "reversed-part", "mask-matrix", "mask-and-int", "mask-none", "apart-second",
              "twice"}
    for detail, shape, texts, tensors, _ in indices_of(source):
        if detail not in chosen:
            continue
        place = np.zeros(shape)[bracket(texts, [np.asarray(t) for t in tensors])].shape
        is_static = not tensors and not any(text.startswith("mask") for text in texts)
        for method in UPDATES:
            program = "at_" + {"multiply": "mul"}.get(method, method)
            function = lambda x, v, *i, texts=texts, method=method: getattr(x.at[bracket(texts, i)], method)(v)
            floats = values(source, f"surface/{program}/{detail}", shape, place)
            if method in ("divide", "power"):
                floats = tuple(np.abs(x) + np.float32(0.5) for x in floats)
            held = method in ("multiply", "divide", "power") and not is_static
            yield made(source, program, detail, function, floats, tensors, {"index": list(texts)},
                       fixed=(1,) if held else ())
    a, b, c = extents(source)
    for method in UPDATES:
        program = "at_" + {"multiply": "mul"}.get(method, method)
        function = lambda x, v, i, method=method: getattr(x.at[i], method)(v)
        floats = tuple(
            np.abs(x) + np.float32(0.5) for x in values(source, f"surface/{program}/outside", (b, c), (4, c)))
        yield made(source, program, "outside", function, floats, [i32([b, 0, -b - 1, -1])], {"index": ["t"]},
                   fixed=(1,) if method in ("multiply", "divide", "power") else ())


def gets(source):
    """x.at[…].get in its modes. The default has no derivative here: outside, JAX's modes disagree (docs/Divergences.md)."""
    a, b, c = extents(source)
    index = i32([b, 0, -b - 1, -1])
    for mode, fill in (("clip", None), ("fill", None), ("fill", 7.0), ("fill", 0.0)):
        function = lambda x, i, mode=mode, fill=fill: x.at[i].get(mode=mode, fill_value=fill)
        detail = mode + ("" if fill is None else f"-{fill:g}")
        yield made(source, "at_get", detail, function, values(source, f"surface/at_get/{detail}", (b, c)), [index],
                   {"fill_value": fill, "index": ["t"], "mode": mode})
    yield made(source, "at_get", "default", lambda x, i: x.at[i].get(), values(source, "surface/at_get/default", (b, c)),
               [index], {"fill_value": None, "index": ["t"], "mode": "default"}, derivatives=False)
    yield made(source, "at_get", "static", lambda x: x.at[b + 3].get(), values(source, "surface/at_get/static", (b, c)),
               [], {"fill_value": None, "index": [str(b + 3)], "mode": "default"}, derivatives=False)


def applied(source):
    """x.at[…].apply of z² + 1: as often as an element is named. JAX has no derivative of it."""
    a, b, c = extents(source)
    for detail, texts, tensors in (
            ("row", ("1",), ()), ("slice", (":2", "::-1"), ()), ("twice", ("t",), (i32([0, 1, 0, 0]),)),
            ("outside", ("t",), (i32([0, b, -b - 1]),)), ("mask", (named(alternating(b, c)),), ())):
        function = lambda x, *i, texts=texts: x.at[bracket(texts, i)].apply(lambda z: z * z + 1)
        yield made(source, "at_apply", detail, function, values(source, f"surface/at_apply/{detail}", (b, c)), tensors,
                   {"index": list(texts)}, derivatives=False)


def takes(source):
    """jnp.take beyond indexing.h5: wrapped indices, a fill value, a flat operand."""
    a, b, c = extents(source)
    for detail, axis, indices, mode, fill in (
            ("wrap", 0, [[b, -1], [-b - 1, 3 * b + 1]], "wrap", None), ("wrap-last", 1, [c + 1, -1], "wrap", None),
            ("fill-value", 0, [b, -1, -b - 1], "fill", 2.5), ("flat", None, [[0, -1, b * c], [c, 1, 2]], "fill", None),
            ("flat-clip", None, [0, -1, b * c], "clip", None), ("flat-wrap", None, [0, -1, b * c], "wrap", None)):
        function = lambda x, i, axis=axis, mode=mode, fill=fill: jnp.take(x, i, axis=axis, mode=mode, fill_value=fill)
        yield made(source, "take", detail, function, values(source, f"surface/take/{detail}", (b, c)), [i32(indices)],
                   {"axis": axis, "fill_value": fill, "mode": mode})


def along_axis(source):
    """jnp.take_along_axis: each line by itself, broadcasting, out of range."""
    a, b, c = extents(source)
    rng = source.rng("surface/take_along_axis")
    for detail, shape, indices, axis, mode in (
            ("first", (b, c), rng.integers(-b, b, (a, c)), 0, "fill"), ("last", (b, c), rng.integers(-c, c, (b, a)), 1, "fill"),
            ("middle", (a, b, c), rng.integers(0, b, (a, 2, c)), 1, "fill"),
            ("one-line", (b, c), rng.integers(0, c, (1, a)), 1, "fill"),
            ("one-operand", (1, c), rng.integers(0, c, (b, 2)), 1, "fill"),
            ("outside", (b, c), np.array([[c], [-c - 1]] + [[0]] * (b - 2)), 1, "fill"),
            ("outside-clip", (b, c), np.array([[c], [-c - 1]] + [[0]] * (b - 2)), 1, "clip"),
            ("negative-axis", (b, c), rng.integers(0, c, (b, 2)), -1, "fill")):
        function = lambda x, i, axis=axis, mode=mode: jnp.take_along_axis(x, i, axis=axis, mode=mode)
        yield made(source, "take_along_axis", detail, function, values(source, f"surface/along/{detail}", shape),
                   [i32(indices)], {"axis": axis, "mode": mode})


def in_dims(source):
    """lax's slices of one axis, at known and at computed places."""
    a, b, c = extents(source)

    def one(program, detail, function, shapes, whole, params):
        return made(source, program, detail, function, values(source, f"surface/{program}/{detail}", *shapes),
                    [i32(i) for i in whole], params)

    for detail, axis, index, keep in (("first", 0, 1, True), ("last", 1, -1, False), ("beyond", 0, b + 4, True),
                                      ("below", 1, -c - 5, False)):
        yield one("dynamic_index_in_dim", detail,
                  lambda x, i, axis=axis, keep=keep: lax.dynamic_index_in_dim(x, i, axis, keep), [(b, c)], [index],
                  {"axis": axis, "keepdims": keep})
        yield one("dynamic_update_index_in_dim", detail,
                  lambda x, u, i, axis=axis: lax.dynamic_update_index_in_dim(x, u, i, axis),
                  [(b, c), (c,) if axis == 0 else (b, 1)], [index], {"axis": axis})
        yield one("dynamic_slice_in_dim", detail,
                  lambda x, i, axis=axis: lax.dynamic_slice_in_dim(x, i, 2, axis), [(b, c)], [index],
                  {"axis": axis, "slice_size": 2})
        yield one("dynamic_update_slice_in_dim", detail,
                  lambda x, u, i, axis=axis: lax.dynamic_update_slice_in_dim(x, u, i, axis),
                  [(b, c), (2, c) if axis == 0 else (b, 2)], [index], {"axis": axis})
    for detail, axis, index, keep in (("first", 0, 1, True), ("last", 1, -1, False)):
        yield one("index_in_dim", detail, lambda x, a=axis, i=index, k=keep: lax.index_in_dim(x, i, a, k), [(b, c)], [],
                  {"axis": axis, "index": index, "keepdims": keep})
    for detail, start, limit, stride, axis in (("all", None, None, 1, 0), ("part", 1, -1, 1, 1), ("steps", None, None, 2, 1)):
        yield one("slice_in_dim", detail,
                  lambda x, s=start, l=limit, d=stride, a=axis: lax.slice_in_dim(x, s, l, d, a), [(b, c)], [],
                  {"axis": axis, "limit_index": limit, "start_index": start, "stride": stride})


def divisions(source):
    """floor_divide and remainder: whole numbers of all signs; floats at ordinary points."""
    x, y = (np.array(v, np.int32).ravel() for v in np.meshgrid([-7, -6, -1, 0, 1, 6, 7], [-3, -2, -1, 1, 2, 3]))
    for program, function in (("floor_divide", jnp.floor_divide), ("remainder", jnp.remainder)):
        unsigned = np.abs(x).astype(np.uint32), np.abs(y).astype(np.uint32)
        variants = {"i32": plain((x, y)), "u32": plain(unsigned)}
        yield Case(f"{program}/random/whole", program, function, variants, {}, "random", "AD-3")
        floats = source.uniform(f"surface/{program}/x", (2, 5), -9, 9), np.array([2, -2, 0.75, -3.5, 5], np.float32) + np.zeros(
            (2, 5), np.float32)
        yield made(source, program, "floats", function, floats, [], {}, "AD-3")
