"""The primitives that move, repeat, reduce and contract: shapes and parameters are the point."""

import numpy as np
from jax import lax

from case import Case, both, plain
from cases.points import WIDE, integers
from fixture import DTYPES, LABELS

OTHER_LABELS = ("i32", "u32", "bool")
# The layouts at which data movement and contractions are also run on integers and bools.
EVERY_DTYPE = ("rows", "merge", "cycle", "first", "stride", "mixed", "matrix", "two-batch-crossed")


def structural_cases(source):
    """Shape, reduction, conversion and contraction primitives."""
    for make in (broadcasts, reshapes, transposes, squeezes, concatenations, slices, reversals, pads,
                 iotas, conversions, reductions, arguments, contractions):
        yield from make(source)


def cast(array, label):
    """Small non-negative content for u32, a mixed pattern for bool."""
    if label == "bool":
        return array > 0
    return np.trunc(np.abs(array) * 3 if label == "u32" else array * 3).astype(DTYPES[label])


def movement(source, program, detail, function, shapes, params):
    """One case of a primitive that only moves data: derivatives for the floats; other dtypes too if the shape is the
    program's first. Nothing is compiled: moved data cannot differ."""
    name = f"{program}/random/{detail}"
    operands = tuple(
        source.uniform(f"{name}/{i}", shape, *WIDE) for i, shape in enumerate(shapes))
    variants = both(function, operands, source, name)
    for label in OTHER_LABELS if detail in EVERY_DTYPE else ():
        variants[label] = plain(tuple(cast(x, label) for x in operands))
    return Case(name, program, function, variants, params, compiled=False)


def broadcasts(source):
    """New axes before, between and after; size-1 axes stretched; empty results."""
    a, b, c = source.extents
    for detail, shape, new, dims in (
            ("scalar", (), (a, b), ()), ("rows", (b,), (a, b), (1,)), ("columns", (a,), (a, b), (0,)),
            ("stretch", (a, 1), (a, b), (0, 1)), ("between", (a, c), (a, b, c), (0, 2)),
            ("one", (1,), (c,), (0,)), ("empty", (b,), (0, b), (1,))):
        function = lambda x, new=new, dims=dims: lax.broadcast_in_dim_p.bind(
            x, shape=new, broadcast_dimensions=dims, sharding=None)
        params = {"shape": list(new), "broadcast_dimensions": list(dims)}
        yield movement(source, "broadcast_in_dim", detail, function, [shape], params)


def reshapes(source):
    """Split, merge, to and from scalars, with an empty array."""
    a, b, c = source.extents
    for detail, shape, new in (
            ("merge", (a, b), (a * b,)), ("split", (a * b, c), (b, a, c)), ("swap", (a, b), (b, a)),
            ("to-scalar", (1, 1), ()), ("from-scalar", (), (1,)), ("empty", (0, a), (b, 0))):
        function = lambda x, new=new: lax.reshape_p.bind(x, new_sizes=new, dimensions=None, sharding=None)
        yield movement(source, "reshape", detail, function, [shape], {"new_sizes": list(new)})


def transposes(source):
    """A swap, both three-cycles (which tell a permutation from its inverse), the identity, rank 0."""
    a, b, c = source.extents
    for detail, shape, permutation in (
            ("swap", (a, b), (1, 0)), ("cycle", (a, b, c), (1, 2, 0)), ("cycle-back", (a, b, c), (2, 0, 1)),
            ("four", (a, 1, b, c), (3, 0, 2, 1)), ("identity", (a, b), (0, 1)), ("scalar", (), ()),
            ("empty", (a, 0), (1, 0))):
        function = lambda x, permutation=permutation: lax.transpose_p.bind(x, permutation=permutation)
        yield movement(source, "transpose", detail, function, [shape], {"permutation": list(permutation)})


def squeezes(source):
    """First, last and several size-1 axes."""
    a, b, _ = source.extents
    for detail, shape, dims in (
            ("first", (1, a, b), (0,)), ("last", (a, 1), (1,)), ("several", (1, a, 1, b), (0, 2)),
            ("to-scalar", (1,), (0,))):
        function = lambda x, dims=dims: lax.squeeze_p.bind(x, dimensions=dims)
        yield movement(source, "squeeze", detail, function, [shape], {"dimensions": list(dims)})


def concatenations(source):
    """Unequal extents along either axis, one operand, an empty operand."""
    a, b, c = source.extents
    for detail, shapes, dim in (
            ("rows", [(a, b), (c, b), (1, b)], 0), ("columns", [(a, b), (a, c)], 1),
            ("one", [(b,)], 0), ("with-empty", [(a,), (0,), (c,)], 0)):
        function = lambda *xs, dim=dim: lax.concatenate_p.bind(*xs, dimension=dim)
        yield movement(source, "concatenate", detail, function, shapes, {"dimension": dim})


def slices(source):
    """Windows with and without strides, whole and empty ones."""
    a, b, c = source.extents
    for detail, shape, start, limit, strides in (
            ("window", (b, c), (1, 1), (b, c - 1), (1, 1)), ("stride", (c + 2, b), (1, 0), (c + 2, b), (3, 2)),
            ("vector", (c,), (0,), (c,), (2,)), ("whole", (a, b), (0, 0), (a, b), (1, 1)),
            ("empty", (a, b), (1, 0), (1, b), (1, 1))):
        function = lambda x, start=start, limit=limit, strides=strides: lax.slice_p.bind(
            x, start_indices=start, limit_indices=limit, strides=strides)
        params = {"start_indices": list(start), "limit_indices": list(limit), "strides": list(strides)}
        yield movement(source, "slice", detail, function, [shape], params)


def reversals(source):
    """One axis, both, none."""
    a, b, _ = source.extents
    for detail, shape, dims in (
            ("first", (a, b), (0,)), ("both", (a, b), (0, 1)), ("none", (b,), ()), ("empty", (0, a), (1,))):
        function = lambda x, dims=dims: lax.rev_p.bind(x, dimensions=dims)
        yield movement(source, "rev", detail, function, [shape], {"dimensions": list(dims)})


def pads(source):
    """Edges, gaps, negative padding that crops, and all together; padding of nothing."""
    a, b, c = source.extents
    for detail, shape, config in (
            ("edges", (a, b), ((1, 2, 0), (0, 1, 0))), ("gaps", (c,), ((0, 0, 2),)),
            ("crop", (c, b), ((-1, 0, 0), (1, -2, 0))), ("mixed", (b, c), ((2, -1, 1), (-2, 1, 2))),
            ("empty", (0,), ((2, 1, 3),)), ("scalar", (), ())):
        function = lambda x, value, config=config: lax.pad_p.bind(x, value, padding_config=config)
        params = {"padding_config": [list(entry) for entry in config]}
        yield movement(source, "pad", detail, function, [shape, ()], params)


def iotas(source):
    """Counting along either axis in every dtype but bool."""
    a, b, c = source.extents
    for label in ("f32", "f64", "i32", "u32"):
        for detail, shape, dim in ((f"vector-{label}", (c,), 0), (f"rows-{label}", (a, b), 0),
                                   (f"columns-{label}", (a, b), 1), (f"empty-{label}", (0,), 0)):
            function = lambda shape=shape, dim=dim, label=label: lax.iota_p.bind(
                dtype=np.dtype(DTYPES[label]), shape=shape, dimension=dim, sharding=None)
            params = {"dtype": label, "shape": list(shape), "dimension": dim}
            yield Case(f"iota/random/{detail}", "iota", function, {label: plain(())}, params, compiled=False)


def conversions(source):
    """Every pair of dtypes on values that both hold; special floats between f32 and f64."""
    a, b, _ = source.extents
    for target, dtype in DTYPES.items():
        function = lambda x, dtype=dtype: lax.convert_element_type_p.bind(
            x, new_dtype=np.dtype(dtype), weak_type=False, sharding=None)
        name = f"convert_element_type/random/to-{target}"
        low = 0.0 if target == "u32" else -9.0
        x = source.uniform(name, (a, b), low, 9.0)
        variants = both(function, (x,), source, name, derivatives=target in ("f32", "f64"))
        for label in OTHER_LABELS:
            variants[label] = plain((cast(np.abs(x) if target == "u32" else x, label),))
        yield Case(name, "convert_element_type", function, variants, {"new_dtype": target}, compiled=False)
        if target in ("f32", "f64"):
            yield from special_conversions(source, target, function)


def special_conversions(source, target, function):
    """Ties of f64 → f32, overflow to infinity, NaN, signed zeros; large integers."""
    values = [0.0, -0.0, np.inf, -np.inf, np.nan, 1 + 2.0**-24, 1 + 3 * 2.0**-24, 1e39, -1e39, 3.4028235e38]
    name = f"convert_element_type/special/to-{target}"
    with np.errstate(over="ignore"):
        variants = {label: plain((np.array(values, DTYPES[label]),)) for label in ("f32", "f64")}
    variants |= {label: plain((integers(DTYPES[label]),)) for label in ("i32", "u32")}
    yield Case(name, "convert_element_type", function, variants, {"new_dtype": target}, "special", compiled=False)


REDUCTIONS = {
    "reduce_sum": lambda x, axes: lax.reduce_sum_p.bind(x, axes=axes, out_sharding=None),
    "reduce_max": lambda x, axes: lax.reduce_max_p.bind(x, axes=axes),
    "reduce_min": lambda x, axes: lax.reduce_min_p.bind(x, axes=axes),
    "reduce_prod": lambda x, axes: lax.reduce_prod_p.bind(x, axes=axes),
}


def reductions(source):
    """Every choice of axes of rank 3, no axis, size-1 and empty axes; special content. Only sums and products round,
    so only they are compiled too."""
    a, b, c = source.extents
    for program, bind in REDUCTIONS.items():
        for detail, shape, axes in (
                ("first", (a, b, c), (0,)), ("middle", (a, b, c), (1,)), ("outer", (a, b, c), (0, 2)),
                ("all", (b, c), (0, 1)), ("none", (a, b), ()), ("one", (1, b), (0,)), ("empty", (0, b), (0,)),
                ("empty-result", (0, b), (1,)), ("scalar", (), ())):
            function = lambda x, bind=bind, axes=axes: bind(x, axes)
            name = f"{program}/random/{detail}"
            x = source.uniform(name, shape, *WIDE)
            derivatives = not (detail == "empty" and program in ("reduce_max", "reduce_min"))
            variants = both(function, (x,), source, name, derivatives)
            for label in ("i32", "u32") if detail in ("outer", "empty") else ():
                variants[label] = plain((cast(x, label),))
            compiled = program in ("reduce_sum", "reduce_prod")
            yield Case(name, program, function, variants, {"axes": list(axes)}, compiled=compiled)
        yield special_reduction(source, program, bind)


def special_reduction(source, program, bind):
    """Rows of ties, infinities, NaN, zeros, cancellation and large numbers; reduced along axis 1."""
    rows = [
        [2, 2, 1, 2], [1, np.inf, 3, np.inf], [1, -np.inf, 3, 2], [np.inf, -np.inf, 1, 2],
        [1, np.nan, 3, 2], [0, -0.0, 0, -0.0], [-0.0, -0.0, -0.0, -0.0], [0, 2, 3, 4], [0, 2, 0, 4],
        [1e20, 1, -1e20, 1], [1e30, 1e30, 1e-30, 2], [np.nan, np.inf, np.nan, 0], [-3, -3, -3, -3]]
    name = f"{program}/special/rows"
    function = lambda x: bind(x, (1,))
    x = np.array(rows, np.float32)
    return Case(name, program, function, both(function, (x,), source, name), {"axes": [1]}, "special")


def arguments(source):
    """argmax and argmin along each axis; ties, NaN and infinities among special rows."""
    a, b, c = source.extents
    rows = [[2, 2, 1, 1], [1, np.nan, 3, np.nan], [np.inf, 1, np.inf, -np.inf], [-np.inf, -np.inf, 0, -0.0],
            [0.0, -0.0, 0.0, -0.0]]
    for program, primitive in (("argmax", lax.argmax_p), ("argmin", lax.argmin_p)):
        for points, shape, axis in (("random", (a, b, c), 1), ("random", (c,), 0), ("random", (b, a), 1),
                                    ("special", None, 1)):
            function = lambda x, primitive=primitive, axis=axis: primitive.bind(
                x, axes=(axis,), index_dtype=np.dtype(np.int32))
            name = f"{program}/{points}/axis{axis}" + (f"-rank{len(shape)}" if shape else "")
            x = source.uniform(name, shape, *WIDE) if shape else np.array(rows, np.float32)
            variants = both(function, (x,), source, name, derivatives=False)
            if shape:
                variants |= {label: plain((cast(x, label),)) for label in OTHER_LABELS}
            params = {"axis": axis, "index_dtype": LABELS[np.dtype(np.int32)]}
            yield Case(name, program, function, variants, params, points, compiled=False)


def contractions(source):
    """dot_general in every layout: which axes contract, which are batched, and in what order."""
    a, b, c = source.extents
    layouts = {
        "matrix": ((a, b), (b, c), (1,), (0,), (), ()),
        "left-transposed": ((b, a), (b, c), (0,), (0,), (), ()),
        "right-transposed": ((a, b), (c, b), (1,), (1,), (), ()),
        "both-transposed": ((b, a), (c, b), (0,), (1,), (), ()),
        "matrix-vector": ((a, b), (b,), (1,), (0,), (), ()),
        "vector-matrix": ((b,), (b, c), (0,), (0,), (), ()),
        "inner": ((c,), (c,), (0,), (0,), (), ()),
        "outer": ((a,), (c,), (), (), (), ()),
        "scalar": ((), (a, b), (), (), (), ()),
        "two-contracting": ((a, b, c), (c, 3, b), (2, 1), (0, 2), (), ()),
        "contracting-crossed": ((b, c, a), (b, c), (0, 1), (0, 1), (), ()),
        "full": ((a, b), (b, a), (0, 1), (1, 0), (), ()),
        "batch": ((c, a, b), (c, b, 4), (2,), (1,), (0,), (0,)),
        "batch-last": ((a, b, c), (b, 4, c), (1,), (0,), (2,), (2,)),
        "batch-moved": ((a, c, b), (b, 4, c), (2,), (0,), (1,), (2,)),
        "two-batch": ((a, c, b, 4), (4, c, 2, a), (3,), (0,), (0, 1), (3, 1)),
        "two-batch-crossed": ((a, b, c, 2), (b, 4, 2, a), (3,), (2,), (1, 0), (0, 3)),
        "batch-only": ((a, b), (a, b), (), (), (0, 1), (0, 1)),
        "batch-vectors": ((a, b), (a, b), (1,), (1,), (0,), (0,)),
        "one-row": ((1, b), (b, 1), (1,), (0,), (), ()),
        "nothing-contracted": ((a, 0), (0, c), (1,), (0,), (), ()),
        "empty-rows": ((0, b), (b, c), (1,), (0,), (), ()),
        "empty-batch": ((0, a, b), (0, b, c), (2,), (1,), (0,), (0,)),
    }
    for detail, (left, right, *dims) in layouts.items():
        yield contraction(source, detail, left, right, dims)
    yield special_contraction(source)


def dot_function(dims):
    """dot_general with (lhs contracting, rhs contracting, lhs batch, rhs batch)."""
    numbers = ((dims[0], dims[1]), (dims[2], dims[3]))
    return lambda x, y: lax.dot_general(x, y, numbers)


def dot_params(dims):
    """The same as JSON."""
    return {"dimension_numbers": [[list(dims[0]), list(dims[1])], [list(dims[2]), list(dims[3])]]}


def contraction(source, detail, left, right, dims):
    """One layout, floats with derivatives and i32."""
    name = f"dot_general/random/{detail}"
    pair = source.uniform(name + "/lhs", left, *WIDE), source.uniform(name + "/rhs", right, *WIDE)
    function = dot_function(dims)
    variants = both(function, pair, source, name)
    if detail in EVERY_DTYPE:
        variants["i32"] = plain(tuple(cast(x, "i32") for x in pair))
    return Case(name, "dot_general", function, variants, dot_params(dims))


def special_contraction(source):
    """Infinities and NaN reach exactly the rows and columns that they should; 0·∞ is NaN."""
    dims = ((1,), (0,), (), ())
    left = np.array([[1, 2, 3], [0, np.inf, 1], [np.nan, 1, 1], [0, 0, 0], [1e30, 1e30, -1e30]], np.float32)
    right = np.array([[1, 0], [2, np.inf], [1, 1]], np.float32)
    name = "dot_general/special/poison"
    function = dot_function(dims)
    return Case(name, "dot_general", function, both(function, (left, right), source, name),
                dot_params(dims), "special")
