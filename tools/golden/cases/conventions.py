"""The derivatives that JAX chooses at hard points: rules AD-1 to AD-4 of SEMANTICS.md 2.13.

Tangents and cotangents of elementwise functions, ties and products are 1, so that every result reads as a plain derivative; those of functions
that are invariant to a shift (softmax, var, …) are not uniform, as a uniform one would hide everything.
"""

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from jax.scipy.special import xlogy

from case import Case, Variant, both, widen
from cases import functions as f

INF, NAN = np.inf, np.nan
SIGNED = (0.0, -0.0, NAN, INF, -INF, 1.0, -1.0)


def cases(source):
    """All cases of conventions.h5."""
    for make in (elementwise, powers, pairs, ties, products, reductions, casts, duplicates, outside, orders, whole):
        yield from make(source)
    yield second_derivative_of_pow()


def convention(source, slug, program, function, operands, detail="", params=None, fixed=(), ones=True):
    """One cell of the table, in both dtypes."""
    name = f"{slug}/{program}" + (f"-{detail}" if detail else "")
    arrays = tuple(np.array(x, np.float32) for x in operands)
    variants = both(function, arrays, source, name, ones=ones, fixed=fixed)
    return Case(name, program, function, variants, params or {}, "special", f"AD-1.{slug}")


def elementwise(source):
    """Functions of one operand, each on the signed special numbers and its own edges."""
    table = (
        ("relu", "relu", jax.nn.relu, ()), ("relu6", "relu6", jax.nn.relu6, (6.0, 5.5, 7.0)),
        ("leaky_relu", "leaky_relu", jax.nn.leaky_relu, ()),
        ("hard_tanh", "hard_tanh", jax.nn.hard_tanh, (0.5, 1.5, -1.5)), ("elu", "elu", jax.nn.elu, (-20.0,)),
        ("abs", "abs", lax.abs, ()), ("sign", "sign", lax.sign, ()), ("floor", "floor", lax.floor, (0.5,)),
        ("floor", "ceil", lax.ceil, (0.5,)), ("sqrt", "sqrt", lax.sqrt, (4.0,)), ("cbrt", "cbrt", lax.cbrt, (8.0,)),
        ("rsqrt", "rsqrt", lax.rsqrt, (4.0,)), ("log", "log", lax.log, (2.0,)),
        ("where", "where_sqrt", f.where_sqrt, (4.0,)), ("where", "double_where_sqrt", f.double_where_sqrt, (4.0,)),
        ("gelu", "gelu", jax.nn.gelu, (0.5, 3.0, -3.0)), ("gelu", "gelu_exact", f.gelu_exact, (0.5, 3.0, -3.0)),
        ("stop-gradient", "stop_gradient_mul", f.stop_gradient_mul, (2.5,)))
    for slug, program, function, more in table:
        yield convention(source, slug, program, function, (SIGNED + more,))
    for method in (lax.RoundingMethod.AWAY_FROM_ZERO, lax.RoundingMethod.TO_NEAREST_EVEN):
        yield convention(
            source, "round", "round", lambda x, method=method: lax.round(x, method),
            ((0.0, -0.0, 0.5, -0.5, 1.5, 2.5, NAN, INF),), f"r{int(method)}", {"rounding_method": int(method)})
    edges = (0.0, -0.0, 1.0, 0.5, -1.0, 2.0, NAN, INF, -INF)
    yield convention(source, "clip", "clip", f.clip(0, 1), (edges,), params={"lo": 0.0, "hi": 1.0})
    yield convention(source, "clamp", "clamp", lax.clamp, (0.0, edges, 1.0), fixed=(0, 2))


def powers(source):
    """Zero bases, negative bases, and integer powers at 0."""
    left = (0.0, -2.0, 0.0, 0.0, 0.0, -2.0, -8.0, 1.0, INF, -0.0, 0.0, 1.0, -1.0, 0.0)
    right = (0.0, 2.0, 0.5, -1.0, 1.0, 3.0, 1 / 3, NAN, 0.0, 3.0, 2.0, 0.0, 0.0, 3.0)
    yield convention(source, "pow", "pow", lax.pow, (left, right))
    for power in (0, 1, 2, 3, -1, -2):
        function = lambda x, power=power: lax.integer_pow_p.bind(x, y=power)
        yield convention(source, "integer-pow", "integer_pow", function, ((0.0, -0.0, 1.0, -2.0, INF, NAN),),
                         f"y{power}", {"y": power})


def pairs(source):
    """Functions of two operands: ties, NaN, and 0/0."""
    left = (0.0, 0.0, -0.0, 1.0, 2.0, 3.0, INF, -INF, INF)
    right = (0.0, -0.0, 0.0, 1.0, 3.0, 2.0, INF, -INF, -INF)
    nans = (NAN, 1.0, NAN), (1.0, NAN, NAN)
    for program, function in (("max", lax.max), ("min", lax.min)):
        yield convention(source, "max", program, function, (left, right))
        yield convention(source, "max-nan", program, function, nans)
    yield convention(source, "div", "div", lax.div, ((0.0, 1.0, 0.0, 0.0, INF), (0.0, 0.0, -0.0, 2.0, INF)))
    for slug, function in (
            ("hypot", jnp.hypot), ("atan2", lax.atan2), ("logaddexp", jnp.logaddexp)):
        yield convention(source, slug, slug, function, (left, right))
        yield convention(source, slug, slug, function, nans, "nan")
    operands = (0.0, 0.0, 0.0, 1.0, 2.0, 0.0), (0.0, 1.0, INF, 0.0, 3.0, NAN)
    yield convention(source, "xlogy", "xlogy", xlogy, operands)


def ties(source):
    """k-way ties of a maximum and a minimum, k = 1…4, NaN among the entries, signed zeros."""
    rows = ((1, 2, 3, 5), (5, 2, 5, 1), (5, 5, 1, 5), (5, 5, 5, 5), (1, NAN, 3, 2), (0.0, -0.0, -1, 0.0),
            (-INF, -INF, -INF, -INF), (INF, 1, INF, 2))
    for program, bind in (("reduce_max", lax.reduce_max_p.bind), ("reduce_min", lax.reduce_min_p.bind)):
        values = rows if program == "reduce_max" else tuple(tuple(-v for v in row) for row in rows)
        yield convention(source, "reduce-max", program, lambda x, bind=bind: bind(x, axes=(1,)), (values,),
                         params={"axes": [1]})


def products(source):
    """reduce_prod with no, one and two zeros."""
    rows = ((1, 2, 3), (0, 2, 3), (2, 0, 3), (0, 0, 3), (0, 0, 0), (INF, 0, 1), (-0.0, 2, 3))
    yield convention(source, "prod", "reduce_prod", lambda x: lax.reduce_prod(x, (1,)), (rows,), params={"axes": [1]})


def reductions(source):
    """norm, var and std of constants; logsumexp and softmax at the ends of the range."""
    vectors = {"zero": (0, 0, 0), "constant": (2, 2, 2), "ordinary": (3, 4, 12), "nan": (1, NAN, 2)}
    for detail, x in vectors.items():
        yield convention(source, "norm", "norm", jnp.linalg.norm, (x,), detail, ones=False)
        for program, function in (("var", jnp.var), ("std", jnp.std)):
            for ddof in (0, 1):
                yield convention(
                    source, program, program, f.over_axis(function, 0, ddof=ddof), (x,), f"{detail}-d{ddof}",
                    {"axis": 0, "ddof": ddof}, ones=False)
    ends = {"big": (1000, 1000), "all-minus-infinity": (-INF, -INF), "one-infinity": (INF, 0), "nan": (NAN, 0),
            "one-minus-infinity": (-INF, 1), "far": (0, 1000), "ordinary": (1, 2)}
    for detail, x in ends.items():
        for slug, program, function in (
                ("logsumexp", "logsumexp", jax.nn.logsumexp), ("softmax", "softmax", jax.nn.softmax),
                ("log-softmax", "log_softmax", jax.nn.log_softmax)):
            yield convention(source, slug, program, f.over_axis(function, 0), (x,), detail, {"axis": 0},
                ones=False)


def casts(source):
    """A cast to integers cuts the gradient; the other factor keeps its own."""
    yield convention(source, "int-cast", "int_cast_mul", f.int_cast_mul, ((0.5, -1.5, 2.0, 7.9),))


def indexed(source, slug, program, function, floats, indices, detail, params, fixed=(), rule=None):
    """One cell about indices, which stay whole numbers: floats first."""
    name = f"{slug}/{program}-{detail}"
    arrays = tuple(np.array(x, np.float32) for x in floats) + (np.array(indices, np.int32),)
    variants = both(function, arrays, source, name, ones=True, fixed=fixed)
    return Case(name, program, function, variants, params, "special", rule or f"AD-1.{slug}")


def duplicates(source):
    """An element that is read or written twice."""
    x, twice = (10, 20, 30), (0, 0, 1)
    bracket = {"index": ["t"]}
    yield indexed(source, "gather", "getitem", lambda x, i: x[i], (x,), twice, "duplicates", bracket)
    updates = {"set": (), "add": (), "multiply": (1,), "min": (), "max": ()}
    for method, fixed in updates.items():
        program = "at_" + {"multiply": "mul"}.get(method, method)
        function = lambda x, v, i, method=method: getattr(x.at[i], method)(v)
        yield indexed(source, program.replace("_", "-"), program, function, (x, (5, 7)), (1, 1), "duplicates", bracket, fixed)


def outside(source):
    """Reading and writing out of range, by tensors and by known numbers."""
    x, far = (10, 20, 30), (3, -4, 7, -1, -3)
    bracket = {"index": ["t"]}
    for mode in ("fill", "clip"):
        yield indexed(source, "outside", "take", lambda x, i, mode=mode: jnp.take(x, i, mode=mode, axis=0), (x,), far, mode,
                      {"axis": 0, "mode": mode}, rule="AD-2")
    yield indexed(source, "outside", "getitem", lambda x, i: x[i], (x,), (0, -1), "inside", bracket, rule="AD-2")
    yield plain_case("outside/getitem-outside", "getitem", lambda x, i: x[i], (x, far), bracket, "AD-2")
    for index in (3, -4):
        yield plain_case(f"outside/getitem-static{index}", "getitem", lambda x, index=index: x[index], (x,),
                         {"index": [str(index)]}, "AD-2")
    yield indexed(source, "outside", "at_set", lambda x, v, i: x.at[i].set(v), (x, (1, 2, 3, 4, 5)), (3, -4, 7, -1, 0),
                  "outside", bracket, rule="AD-2")
    yield indexed(source, "outside", "at_add", lambda x, v, i: x.at[i].add(v), (x, (1, 2, 3, 4, 5)), (3, -4, 7, -1, 0),
                  "outside", bracket, rule="AD-2")


def orders(source):
    """Sorting with ties and NaN; the first NaN is the largest and the smallest."""
    stack = lambda x, y: tuple(lax.sort((x, y), num_keys=1))
    name = "sort/sort-payload"
    arrays = np.array((2, 1, 2, 1), np.float32), np.array((1, 10, 100, 1000), np.float32)
    yield Case(name, "sort", stack, both(stack, arrays, source, name), {"dimension": 0, "num_keys": 1}, "special", "AD-1.sort")
    one = lambda x: tuple(lax.sort((x,), num_keys=1))[0]
    for detail, x in (("ties", (3, 1, 3, 2)), ("nan", (1, NAN, 3, -INF))):
        yield convention(source, "sort", "sort", one, (x,), detail, {"dimension": 0, "num_keys": 1}, ones=False)
    for detail, x in (("ties", (1, 3, 3, 2)), ("rising", (1, 1, 2)), ("same", (2, 2, 2))):
        yield convention(source, "cummax", "cummax", lambda x: lax.cummax(x), (x,), detail, {"axis": 0, "reverse": False})
    for program, function in (("argmax", lax.argmax), ("argmin", lax.argmin)):
        for detail, x in (("nan", (1, NAN, 3, NAN)), ("ties", (2, 2, 1, 1))):
            yield plain_case(f"order/{program}-{detail}", program, lambda x, function=function: function(x, 0, np.int32), (x,),
                             {"axis": 0, "index_dtype": "i32"}, "AD-3")


def whole(source):
    """Division of whole numbers: lax towards zero, jnp down."""
    x, y = np.array((-7, 7, -7, 7, -6), np.int32), np.array((2, -2, -2, 2, 3), np.int32)
    for program, function in (("div", lax.div), ("rem", lax.rem), ("floor_divide", jnp.floor_divide),
                              ("remainder", jnp.remainder)):
        yield Case(f"whole/{program}", program, function, {"i32": Variant((x, y))}, {}, "special", "AD-3", compiled=False)


def plain_case(name, program, function, operands, params, rules):
    """A value without derivatives, in both dtypes; second operands are indices."""
    arrays = np.array(operands[0], np.float32), *(np.array(i, np.int32) for i in operands[1:])
    return Case(name, program, function, {"f32": Variant(arrays), "f64": Variant(widen(arrays))}, params, "special", rules,
                compiled=False)


def second_derivative_of_pow():
    """jacfwd of jacfwd of pow at (4, 0), where ∂²/∂x² and ∂²/∂x∂y are the hard ones, and at ordinary points."""

    def function(x, y):
        (xx, xy), (yx, yy) = jax.jacfwd(jax.jacfwd(lax.pow, (0, 1)), (0, 1))(x, y)
        return xx, xy, yx, yy

    operands = (np.array(4, np.float32), np.array(0, np.float32))
    variants = {"f32": Variant(operands), "f64": Variant(widen(operands))}
    return Case("AD-4/jacfwd_jacfwd_pow", "jacfwd_jacfwd_pow", function, variants, {}, "special", "AD-4")
