"""Convolutions and windowed reductions: every parameter of lax away from its default, ranks 0 to 3, ties and infinities."""

import numpy as np
from jax import lax

from case import Case, both, plain, widen
from cases.points import WIDE
from cases.structural import OTHER_LABELS, cast

INF, NAN = np.inf, np.nan
REDUCTIONS = {"reduce_window_sum": lax.reduce_window_sum_p, "reduce_window_max": lax.reduce_window_max_p,
              "reduce_window_min": lax.reduce_window_min_p}
SELECTIONS = {"ge": lax.ge_p, "le": lax.le_p}


def cases(source):
    """All cases of windows.h5."""
    for make in (convolutions, figures, special_convolutions, reductions, dilated_extrema, gathers, scatters, ties):
        yield from make(source)


def convolution(lhs, rhs, strides=None, padding=None, lhs_dilation=None, rhs_dilation=None, specs=None, groups=1,
                batch_groups=1):
    """(the function, its parameters); `padding` may be a name, which JAX resolves."""
    rank = len(lhs) - 2
    ones, axes = (1,) * rank, tuple(range(len(lhs)))
    specs = tuple(specs or (axes,) * 3)
    strides, lhs_dilation, rhs_dilation = strides or ones, lhs_dilation or ones, rhs_dilation or ones
    if isinstance(padding, str):
        space, window = np.take(lhs, specs[0])[2:], np.take(rhs, specs[1])[2:]
        effective = [(k - 1) * d + 1 for k, d in zip(window, rhs_dilation)]
        padding = lax.padtype_to_pads(space, effective, strides, padding)
    padding = tuple((int(low), int(high)) for low, high in padding or ((0, 0),) * rank)
    numbers = lax.ConvDimensionNumbers(*specs)

    def function(x, kernel):
        return lax.conv_general_dilated(
            x, kernel, strides, padding, lhs_dilation, rhs_dilation, numbers, groups, batch_groups)

    return function, {
        "batch_group_count": batch_groups, "dimension_numbers": [list(s) for s in specs],
        "feature_group_count": groups, "lhs_dilation": list(lhs_dilation),
        "padding": [list(p) for p in padding], "rhs_dilation": list(rhs_dilation), "window_strides": list(strides)}


def convolutions(source):
    """Random operands: strides, paddings, dilations, groups, layouts, ranks; a window that does not fit; a long sum."""
    a, b, c = source.extents
    table = {
        "plain": ((a, b, c + 4), (3, b, 3), {}),
        "same": ((1, a, c + 3), (b, a, 3), {"strides": (2,), "padding": "SAME"}),
        "same-lower": ((1, a, c + 3), (b, a, 4), {"strides": (3,), "padding": "SAME_LOWER"}),
        "same-dilated": ((1, a, c), (b, a, 3), {"padding": "SAME", "rhs_dilation": (2,)}),
        "crop": ((a, b, c + 5), (2, b, 2), {"strides": (3,), "padding": ((-1, -2),)}),
        "holes": ((a, 1, c), (b, 1, 3), {"padding": ((1, -1),), "lhs_dilation": (2,), "rhs_dilation": (2,)}),
        "groups": ((a, 2 * b, c + 2), (2 * c, b, 3),
                   {"strides": (2,), "padding": ((1, -1),), "lhs_dilation": (2,), "groups": 2}),
        "batch-groups": ((2 * a, b, c + 4), (2 * c, b, 3),
                         {"strides": (2,), "padding": ((1, -1),), "rhs_dilation": (2,), "batch_groups": 2}),
        "depthwise": ((a, b, c), (b, 1, 2), {"groups": b}),
        "one-tap": ((a, b, c), (c, b, 1), {}),
        "empty": ((1, a, 2), (b, a, 3), {}),
        "nhwc": ((a, c + 1, b + 2, 3), (3, 2, 3, 4),
                 {"strides": (2, 1), "padding": ((1, 1), (0, 1)), "rhs_dilation": (1, 2),
                  "specs": ((0, 3, 1, 2), (3, 2, 0, 1), (0, 3, 1, 2))}),
        "crossed": ((4, c + 1, a, b + 1), (2, 2, 4, 3),
                    {"padding": ((2, 0), (1, -1)), "lhs_dilation": (1, 2), "groups": 2,
                     "specs": ((2, 0, 1, 3), (2, 1, 0, 3), (3, 1, 0, 2))}),
        "volume": ((1, 2, a + 1, c, 3), (b, 2, 2, 1, 2),
                   {"strides": (1, 2, 1), "padding": ((0, 1), (0, 0), (1, 0))}),
        "no-space": ((a, b), (c, b), {}),
        "long": ((1, 16, 24), (a, 16, 5), {"padding": "SAME"}),
    }
    for detail, (lhs, rhs, options) in table.items():
        function, params = convolution(lhs, rhs, **options)
        name = f"conv_general_dilated/random/{detail}"
        operands = tuple(source.uniform(f"{name}/{i}", shape, *WIDE) for i, shape in enumerate((lhs, rhs)))
        variants = both(function, operands, source, name)
        for label in OTHER_LABELS if detail in ("plain", "groups", "nhwc") else ():
            variants[label] = plain(tuple(cast(x, label) for x in operands))
        yield Case(name, "conv_general_dilated", function, variants, params, rules="LA-08" if detail == "empty" else "")


def figures(source):
    """x = 1…6 under w = (1, 10, 100): the numbers can be read off."""
    x = np.arange(1, 7, dtype=np.float32).reshape(1, 1, 6)
    kernel = np.array([1, 10, 100], np.float32).reshape(1, 1, 3)
    table = {
        "plain": ("LA-07", x, {}), "pad": ("LA-07", x, {"padding": ((1, 1),)}),
        "leading": ("LA-07", x, {"padding": ((1, 0),)}),
        "same": ("LA-07", x, {"strides": (2,), "padding": "SAME"}),
        "same-lower": ("LA-07", x, {"strides": (2,), "padding": "SAME_LOWER"}),
        "dilation": ("LA-07", x, {"rhs_dilation": (2,)}),
        "dilation-same": ("LA-07", x, {"rhs_dilation": (2,), "padding": "SAME"}),
        "stride": ("LA-07", x, {"strides": (3,)}), "crop": ("LA-07", x, {"padding": ((-1, -1),)}),
        "transposed": ("LA-09", x[:, :, :2], {"padding": ((2, 2),), "lhs_dilation": (2,)})}
    for detail, (rule, operand, options) in table.items():
        function, params = convolution(operand.shape, kernel.shape, **options)
        name = f"conv_general_dilated/figures/{detail}"
        yield Case(name, "conv_general_dilated", function, both(function, (operand, kernel), source, name), params,
                   rules=rule)


def special_convolutions(source):
    """Infinities, NaN and zeros without padding, where every implementation multiplies the same numbers; and with."""
    x = np.array([1, INF, 2, 0, -0.0, NAN, 3, 4, -INF], np.float32).reshape(1, 1, 9)
    kernel = np.array([[2, 1], [0.5, -1]], np.float32).reshape(2, 1, 2)
    for detail, options in {"plain": {}, "padded": {"padding": ((1, 1),)}, "stride": {"strides": (2,)}}.items():
        function, params = convolution(x.shape, kernel.shape, **options)
        variants = {"f32": plain((x, kernel)), "f64": plain(widen((x, kernel)))}
        yield Case(f"conv_general_dilated/special/{detail}", "conv_general_dilated", function, variants, params, "special")


def window(dimensions, strides=None, padding=None, base=None, dilation=None):
    """The keyword parameters of a reduction over windows."""
    ones = (1,) * len(dimensions)
    return {"window_dimensions": dimensions, "window_strides": strides or ones,
            "padding": padding or ((0, 0),) * len(dimensions), "base_dilation": base or ones,
            "window_dilation": dilation or ones}


def as_json(parameters):
    """Tuples as lists."""
    return {key: [list(v) if isinstance(v, tuple) else v for v in value] if isinstance(value, tuple) else value
            for key, value in parameters.items()}


def windows(source):
    """{detail: (shape, window)}: those whose every derivative JAX has."""
    a, b, c = source.extents
    return {
        "vector": ((c + 2,), window((3,))),
        "pool": ((a, c + 2), window((1, 3), (1, 2), ((0, 0), (1, 1)))),
        "plane": ((a, c, b + 3), window((1, 2, 3), (1, 2, 1), ((0, 0), (1, 0), (0, 1)))),
        "holes": ((b + 1, c), window((2, 2), (1, 3), ((0, 1), (0, 0)), (2, 1))),
        "apart": ((c + 2, b), window((1, 2), (3, 2))),
        "empty": ((2, b), window((3, 1))),
        "whole": ((a, b), window((a, b)))}


def reduced(program, parameters):
    """The primitive as a function."""
    primitive = REDUCTIONS[program]
    return lambda x: primitive.bind(x, **parameters)


def reductions(source):
    """Random operands; whole numbers and truth values where a reduction takes them; cropped windows without vjp."""
    _, b, c = source.extents
    for program in REDUCTIONS:
        for detail, (shape, parameters) in windows(source).items():
            name, function = f"{program}/random/{detail}", reduced(program, parameters)
            x = source.uniform(name, shape, *WIDE)
            variants = both(function, (x,), source, name)
            for label in OTHER_LABELS if detail in ("pool", "holes") else ():
                if label != "bool" or program != "reduce_window_sum":
                    variants[label] = plain((cast(x, label),))
            yield Case(name, program, function, variants, as_json(parameters))
        # The vjp of a cropped maximum is an error in JAX (docs/Divergences.md).
        parameters = window((2, 1), (2, 1), ((-1, -2), (0, 0)))
        name, function = f"{program}/random/crop", reduced(program, parameters)
        x = source.uniform(name, (c + 4, b), *WIDE)
        variants = both(function, (x,), source, name, derivatives=program == "reduce_window_sum")
        yield Case(name, program, function, variants, as_json(parameters))


def dilated_extrema(source):
    """Dilated windows: a sum has all derivatives, an extremum no vjp."""
    _, b, c = source.extents
    for program in REDUCTIONS:
        for detail, shape, parameters in (
                ("dilated", (c + 2, b), window((3, 2), (1, 1), ((1, 0), (0, 0)), None, (2, 1))),
                ("all-dilated", (b + 2,), window((2,), (2,), ((1, -1),), (3,), (2,)))):
            name, function = f"{program}/random/{detail}", reduced(program, parameters)
            x = source.uniform(name, shape, *WIDE)
            variants = both(function, (x,), source, name, derivatives=program == "reduce_window_sum")
            yield Case(name, program, function, variants, as_json(parameters))


def gathers(source):
    """The tangent of a maximum on its own, with its derivatives."""
    for prim, primitive in SELECTIONS.items():
        for detail, (shape, parameters) in windows(source).items():
            name = f"select_and_gather_add/random/{prim}-{detail}"
            function = lambda t, x, parameters=parameters, primitive=primitive: lax.select_and_gather_add_p.bind(
                t, x, select_prim=primitive, **parameters)
            operands = tuple(source.uniform(f"{name}/{i}", shape, *WIDE) for i in range(2))
            yield Case(name, "select_and_gather_add", function, both(function, operands, source, name),
                       as_json(parameters) | {"select_prim": prim})


def scatters(source):
    """The cotangent of a maximum on its own, with its derivatives."""
    for prim, primitive in SELECTIONS.items():
        for detail, (shape, parameters) in windows(source).items():
            if max(parameters["base_dilation"]) > 1:
                continue
            plain_window = {k: parameters[k] for k in ("window_dimensions", "window_strides", "padding")}
            name = f"select_and_scatter_add/random/{prim}-{detail}"
            function = lambda s, x, plain_window=plain_window, primitive=primitive: lax.select_and_scatter_add_p.bind(
                s, x, select_prim=primitive, **plain_window)
            x = source.uniform(f"{name}/1", shape, *WIDE)
            places = lax.reduce_window_sum_p.bind(x, **parameters).shape
            operands = source.uniform(f"{name}/0", places, *WIDE), x
            yield Case(name, "select_and_scatter_add", function, both(function, operands, source, name),
                       as_json(plain_window) | {"select_prim": prim})


def ties(source):
    """The first of equals is selected; NaN goes on to the next; padding wins against its own infinity."""
    rows = np.array([[1, 1, 0, 2, 2], [5, 5, 5, 5, 5], [NAN, 1, 2, 3, 0], [1, NAN, 2, 0, 1], [1, 2, NAN, NAN, 1],
                     [0, -0.0, 0, -0.0, 0], [-INF] * 5, [INF] * 5, [INF, 1, -INF, 1, INF]], np.float32)
    for program in REDUCTIONS:
        for detail, parameters in (("overlap", window((1, 3), (1, 1), ((0, 0), (1, 1)))),
                                   ("apart", window((1, 2), (1, 2)))):
            name, function = f"{program}/special/{detail}", reduced(program, parameters)
            yield Case(name, program, function, both(function, (rows,), source, name), as_json(parameters), "special",
                       "LA-12")
