"""Control flow: branches, loops, calls and functions with a derivative of their own, and transformations of them.

Loops and branches run as lax has them (`staged`), so what is held out is JAX's own loop, not the same arithmetic unrolled.
"""

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

from case import Case, both, is_inexact
from cases.functions import matmul, total

# Functions: the same names and operands as docs/Fixtures.md. `reverse` is the direction of the scans.


def cond_sign(reverse, x0, x1):
    """One of two branches by the sign of a differentiated scalar."""
    return lax.cond(x0 > 0, lambda x: jnp.sin(x) * x, lambda x: jnp.exp(-x), x1)


def cond_closure(reverse, p, x, w):
    """Branches that close over w; one ignores its operand."""
    return lax.cond(p, lambda v: jnp.sin(v) * w, lambda v: jnp.square(w), x)


def cond_mixed(reverse, p, x, n):
    """Floating-point, whole and boolean results."""
    return lax.cond(
        p, lambda x, n: (jnp.square(x) * n.astype(x.dtype), n + 1, x > 0),
        lambda x, n: (-x, n - 1, x < 1), x, n)


def cond_nested(reverse, p, q, x):
    """A branch within a branch."""
    def inner(v):
        return lax.cond(q, lambda u: jnp.sin(u), lambda u: u * v, v)
    return lax.cond(p, inner, lambda v: inner(2 * v), x)


def cond_scan(reverse, p, c, xs):
    """A loop within a branch."""
    def loop(c):
        return lax.scan(lambda s, v: (jnp.sin(s) * v + c, None), c, xs, reverse=reverse)[0]
    return lax.cond(p, loop, lambda c: total(xs) * c, c)


def switch_three(reverse, i, x):
    """Three branches; an index outside is clamped."""
    return lax.switch(i, [lambda v: jnp.sin(v), lambda v: jnp.square(v) + x, lambda v: 3 * v], x)


def where_trap(reverse, x):
    """√x where x > 0, else 0, as branches: no infinity times zero."""
    return lax.cond(x > 0, jnp.sqrt, lambda v: 0 * v, x)


def while_double(reverse, x):
    """Doubles a vector until its squares pass 100."""
    return lax.while_loop(lambda v: total(jnp.square(v)) < 100, lambda v: v * 2 + jnp.sin(v), x)


def while_closure(reverse, x, w, limit):
    """Condition and body close over scalars."""
    return lax.while_loop(lambda v: v < limit, lambda v: v * w + jnp.sin(w), x)


def while_mixed(reverse, n, x):
    """A whole, a boolean and a floating-point carry."""
    def body(c):
        i, _, v = c
        v = v * 1.5 + jnp.sin(v)
        return i + 1, total(jnp.abs(v)) < 50, v
    return lax.while_loop(lambda c: jnp.logical_and(c[0] < n, c[1]), body, (jnp.int32(0), n == n, x))


def scan_rnn(reverse, w, h, xs):
    """h ← tanh(W·h + x), with two stacked results."""
    def step(h, x):
        h = jnp.tanh(matmul(w, h) + x)
        return h, (jnp.square(h), total(h))
    h, (squares, sums) = lax.scan(step, h, xs, reverse=reverse)
    return h, squares, sums


def scan_horner(reverse, coefficients, x):
    """Horner's rule: closes over x."""
    return lax.scan(lambda t, c: (t * x + c, None), jnp.zeros_like(x), coefficients, reverse=reverse)[0]


def scan_mixed(reverse, x, k):
    """Carries, slices and stacked results of three dtypes."""
    def step(carry, item):
        s, n, found = carry
        v, m = item
        s, n = s * 0.5 + jnp.sin(v) * m.astype(v.dtype), n + m
        found = jnp.logical_or(found, v > 0.5)
        return (s, n, found), (jnp.square(s), n * 2, found)
    zero = jnp.zeros((), x.dtype)
    carry, ys = lax.scan(step, (zero, jnp.int32(1), jnp.bool_(False)), (x, k), reverse=reverse)
    return (*carry, *ys)


def scan_alone(reverse, x):
    """Nothing to scan over but a length."""
    def step(v, _):
        v = jnp.sin(v) * 1.25
        return v, jnp.square(v)
    v, ys = lax.scan(step, x, None, length=4, reverse=reverse)
    return v, ys


def scan_nested(reverse, xs, w):
    """A loop within a loop: the inner one closes over w and the outer carry."""
    def outer(c, row):
        s, ys = lax.scan(lambda s, v: (jnp.sin(s) * w + v * c, s), c, row, reverse=reverse)
        return s, total(ys)
    c, sums = lax.scan(outer, w, xs)
    return c, sums


def scan_cond(reverse, xs, x):
    """A branch within a loop, by the sign of the slice."""
    def step(c, v):
        return lax.cond(v > 0, lambda c: c * x + v, lambda c: jnp.sin(c) - x, c), c
    c, ys = lax.scan(step, x, xs, reverse=reverse)
    return c, ys


def scan_while(reverse, xs):
    """A loop of unknown length within a loop."""
    def step(c, v):
        c = lax.while_loop(lambda c: c < 10, lambda c: c * 2 + jnp.square(v), c + v)
        return c * 0.1, c
    c, ys = lax.scan(step, jnp.ones((), xs.dtype), xs, reverse=reverse)
    return c, ys


def scan_outer(reverse, xs, w):
    """What depends on w alone is the same in every step."""
    def step(c, v):
        return jnp.tanh(c * jnp.exp(w) + v), None
    return lax.scan(step, jnp.zeros_like(w), xs, reverse=reverse)[0]


def fori_newton(reverse, x):
    """Six steps towards √x."""
    return lax.fori_loop(0, 6, lambda _, y: 0.5 * (y + x / y), jnp.ones_like(x))


def fori_dot(reverse, x, w):
    """The index chooses the slice."""
    def body(i, s):
        return s + lax.dynamic_index_in_dim(x, i, keepdims=False) * jnp.sin(w * i.astype(w.dtype))
    return lax.fori_loop(1, 4, body, w)


def fori_dynamic(reverse, n, x):
    """A bound that is an operand."""
    return lax.fori_loop(jnp.int32(0), n, lambda i, y: y + jnp.sin(y) * i.astype(y.dtype), x)


def associative_affine(reverse, a, b):
    """Composition of affine maps."""
    return lax.associative_scan(lambda p, q: (p[0] * q[0], p[1] * q[0] + q[1]), (a, b), reverse=reverse)


def associative_last(reverse, x):
    """Products along the last axis."""
    return lax.associative_scan(lax.mul, x, axis=x.ndim - 1, reverse=reverse)


def checkpoint_chain(reverse, x, y):
    """Σ sin(sin(x)·y), computed again in the backward pass."""
    return jax.checkpoint(lambda x, y: total(jnp.sin(jnp.sin(x) * y)))(x, y)


def checkpoint_scan(reverse, xs, w):
    """A loop whose body is computed again; it closes over w."""
    body = jax.checkpoint(lambda c, v: (jnp.sin(c * w) + v, jnp.exp(-c * c)))
    c, ys = lax.scan(body, w, xs, reverse=reverse)
    return c, ys


def jit_nested(reverse, x, y):
    """A compiled function within a compiled function."""
    inner = jax.jit(lambda u, v: jnp.sin(u) * v)
    return jax.jit(lambda u, v: jnp.exp(inner(u, v)) + inner(v, u))(x, y)


def jit_closure(reverse, x, w):
    """A compiled function that closes over w."""
    return jax.jit(lambda u: jnp.tanh(u * w) + u)(x)


@jax.custom_jvp
def double_slope(x):
    """tanh whose derivative is said to be twice what it is."""
    return jnp.tanh(x)


@double_slope.defjvp
def _(primals, tangents):
    y = jnp.tanh(primals[0])
    return y, 2 * (1 - y * y) * tangents[0]


@jax.custom_jvp
def own_tanh(x):
    """tanh with its derivative as a rule of its own."""
    return jnp.tanh(x)


@own_tanh.defjvp
def _(primals, tangents):
    y = jnp.tanh(primals[0])
    return y, (1 - y * y) * tangents[0]


@jax.custom_jvp
def pair_forward(x, n, y):
    """(n sin x, x y) with an integer argument."""
    return jnp.sin(x) * n.astype(x.dtype), x * y


def _pair_rule(primals, tangents):
    """Says 2 n cos x · dx and 3 (y dx + x dy); a symbolic zero stays one."""
    (x, n, y), (dx, _, dy) = primals, tangents
    zero = jax.custom_derivatives.SymbolicZero
    first = zero(jax.typeof(x)) if isinstance(dx, zero) else 2 * (jnp.cos(x) * n.astype(x.dtype)) * dx
    left = jnp.zeros_like(x) if isinstance(dx, zero) else y * dx
    right = jnp.zeros_like(x) if isinstance(dy, zero) else x * dy
    return pair_forward(x, n, y), (first, 3 * (left + right))


pair_forward.defjvp(_pair_rule, symbolic_zeros=True)


@jax.custom_vjp
def scaled(x, y):
    """sin(x)·y whose cotangents are said to be 3 ct cos(x) y and 5 ct sin(x)."""
    return jnp.sin(x) * y


scaled.defvjp(
    lambda x, y: (jnp.sin(x) * y, (x, y)),
    lambda kept, ct: (3 * ct * jnp.cos(kept[0]) * kept[1], 5 * ct * jnp.sin(kept[0])))


@jax.custom_vjp
def pair_backward(x, n, y):
    """(n sin x, x y) with an integer argument."""
    return jnp.sin(x) * n.astype(x.dtype), x * y


pair_backward.defvjp(
    lambda x, n, y: ((jnp.sin(x) * n.astype(x.dtype), x * y), (x, n, y)),
    lambda kept, cts: (
        2 * cts[0] * jnp.cos(kept[0]) * kept[1].astype(kept[0].dtype) + 3 * cts[1] * kept[2], None, 5 * cts[1] * kept[0]))


@jax.custom_vjp
def flagged(x, y):
    """x·y whose cotangents tell what is differentiated, and whether their own is a symbolic zero."""
    return x * y, jnp.sin(y)


def _flagged_forward(x, y):
    scale = 2 + 4 * x.perturbed + 8 * y.perturbed
    return (x.value * y.value, jnp.sin(y.value)), (x.value, y.value, float(scale) * jnp.ones_like(x.value))


def _flagged_backward(kept, cts):
    x, y, scale = kept
    zero = jax.custom_derivatives.SymbolicZero
    first = jnp.zeros_like(x) if isinstance(cts[0], zero) else scale * cts[0]
    second = 100 * jnp.ones_like(y) if isinstance(cts[1], zero) else scale * cts[1]
    return first * y, first * x + second


flagged.defvjp(_flagged_forward, _flagged_backward, symbolic_zeros=True)


def custom_jvp_double(reverse, x):
    """A forward rule that is not the derivative."""
    return double_slope(x)


def custom_jvp_pair(reverse, x, n, y):
    """A forward rule that sees symbolic zeros: none here."""
    return pair_forward(x, n, y)


def custom_jvp_stopped(reverse, x, n, y):
    """The same with an argument that is not differentiated."""
    return pair_forward(lax.stop_gradient(x), n, y)


def custom_vjp_scaled(reverse, x, y):
    """A backward rule that is not the derivative."""
    return scaled(x, y)


def custom_vjp_pair(reverse, x, n, y):
    """Several results, an integer argument."""
    return pair_backward(x, n, y)


def custom_vjp_flags(reverse, x, y):
    """Everything is differentiated, every cotangent is there."""
    return flagged(x, y)


def custom_vjp_stopped(reverse, x, y):
    """x is not differentiated, and one result is not used."""
    return flagged(lax.stop_gradient(x), y)[0]


def scan_custom(reverse, xs):
    """Forward rules within a loop."""
    return lax.scan(lambda c, v: (own_tanh(c) + jax.nn.relu(v), None), jnp.zeros((), xs.dtype), xs, reverse=reverse)[0]


def scan_custom_vjp(reverse, xs, w):
    """A backward rule within a loop."""
    return lax.scan(lambda c, v: (scaled(c, w) + v, c), w, xs, reverse=reverse)


def jit_custom(reverse, x, y):
    """Both kinds of rule within a compiled function."""
    return jax.jit(lambda u, v: scaled(own_tanh(u), double_slope(v)))(x, y)


def checkpoint_custom(reverse, x, y):
    """Both kinds of rule computed again."""
    return jax.checkpoint(lambda u, v: scaled(own_tanh(u), double_slope(v)))(x, y)


def closure_convert(reverse, x, w):
    """A backward rule for a function whose free tensors have become arguments."""
    converted, free = jax.closure_convert(lambda u: jnp.sin(u * w), x)

    @jax.custom_vjp
    def twice(u, *free):
        return converted(u, *free)

    def backward(kept, ct):
        return tuple(2 * c for c in jax.vjp(converted, *kept)[1](ct))

    twice.defvjp(lambda u, *free: (converted(u, *free), (u, *free)), backward)
    return twice(x, *free)


# Functions that one mode only differentiates.
FORWARD_ONLY = ("fori_dynamic", "scan_while", "while_closure", "while_double", "while_mixed")
BACKWARD_ONLY = (
    "checkpoint_custom", "closure_convert", "custom_vjp_flags", "custom_vjp_pair", "custom_vjp_scaled", "custom_vjp_stopped",
    "jit_custom", "scan_custom_vjp")

# Transformations. Each takes a function of operands and gives one; the list `nest` has the outermost first.


def as_tuple(results):
    """Results as a tuple."""
    return tuple(results) if isinstance(results, (tuple, list)) else (results,)


def of_inexact(function, operands):
    """The function of its floating-point operands alone, and those."""
    places = [i for i, x in enumerate(operands) if is_inexact(x)]

    def chosen(*some):
        every = list(operands)
        for i, x in zip(places, some):
            every[i] = x
        return as_tuple(function(*every))

    return chosen, tuple(operands[i] for i in places)


def of_jvp(function, count):
    """(x, dx of what is floating-point) ↦ (y, dy of what is)."""
    def apply(*operands):
        chosen, x = of_inexact(function, operands[:count])
        y, dy = jax.jvp(chosen, x, operands[count:])
        return y + tuple(t for t, v in zip(dy, y) if is_inexact(v))
    return apply


def of_vjp(function, count):
    """(x, ct of what is floating-point of y) ↦ (y, ct of what is of x)."""
    def apply(*operands):
        chosen, x = of_inexact(function, operands[:count])
        y, pullback = jax.vjp(chosen, *x)
        given = iter(operands[count:])
        cts = tuple(next(given) if is_inexact(v) else np.zeros(v.shape, jax.dtypes.float0) for v in y)
        return y + tuple(pullback(cts))
    return apply


def nested(function, nest, operands, in_axes, source, name):
    """The nested function, and its operands: those of the function, then those of each transformation from the inside."""
    for depth, transformation in reversed(tuple(enumerate(nest))):
        count = len(operands)
        if transformation == "vmap":
            axes = in_axes + (0,) * (count - len(in_axes))
            function = jax.vmap(function, in_axes=axes)
        elif transformation == "jit":
            function = jax.jit(function)
        else:
            like = operands if transformation == "jvp" else as_tuple(jax.eval_shape(function, *operands))
            more = tuple(
                source.directions(f"{name}/{depth}/{i}", v.shape) for i, v in enumerate(like) if is_inexact(v))
            function = (of_jvp if transformation == "jvp" else of_vjp)(function, count)
            operands = operands + more
    return function, operands


def case(source, name, function, detail, operands, reverse=None, nest=(), in_axes=(), derivatives=True, points="random",
         rules="", ones=False, wide=False):
    """A function of this file, or a nest of transformations of it, at operands that are already batched."""
    wide = wide or bool(nest)
    base = lambda *x: function(bool(reverse), *x)
    program = name if not nest else "control"
    path = f"{program}/{points}/" + "-".join(filter(None, (
        name if nest else "", *nest, detail, "" if reverse is None else ("backwards" if reverse else "forwards"))))
    made, operands = nested(base, nest, tuple(operands), tuple(in_axes), source, path)
    params = {} if reverse is None else {"reverse": reverse}
    if nest:
        params = {"function": name, "in_axes": list(in_axes), "nest": list(nest), "reverse": bool(reverse)}
    variants = both(made, operands, source, path, derivatives=derivatives, ones=ones)
    if wide:  # f64 alone: its bounds see what f32 hides, and the operations do not depend on the dtype.
        del variants["f32"]
    return Case(path, program, made, variants, params, points, rules, compiled=False, staged=True)


DIRECTED = (
    "associative_affine", "associative_last", "checkpoint_scan", "cond_scan", "scan_alone", "scan_cond", "scan_custom",
    "scan_custom_vjp", "scan_horner", "scan_mixed", "scan_nested", "scan_outer", "scan_rnn", "scan_while")


class Operands:
    """Numbers and shapes of operands, by name."""

    def __init__(self, source):
        self.source = source
        self.a, self.b, self.c = source.extents

    def real(self, name, *shape, low=-1.0, high=1.0):
        """Numbers in an interval."""
        return self.source.uniform(name, shape, low, high)

    def whole(self, name, *shape, low=1, high=5):
        """Whole numbers."""
        return self.source.rng(name).integers(low, high, shape).astype(np.int32)

    def table(self):
        """{function: {detail: operands}}: one example each, shapes by the seed."""
        a, b, c = self.a, self.b, self.c
        r, n = self.real, self.whole
        yes, no = np.bool_(True), np.bool_(False)
        positive = {"low": 0.3, "high": 2.0}
        flat = lambda name, *shape: (r(name + "x", *shape), r(name + "w", *shape))
        return {
            "cond_sign": {"positive": (r("cs0", **positive), r("cs1", a, b)), "negative": (-r("cs2", **positive), r("cs3", c))},
            "cond_closure": {"true": (yes, r("cc0", b), r("cc1", b)), "false": (no, r("cc2", b), r("cc3", b))},
            "cond_mixed": {"true": (yes, r("cm0", a, b), n("cm1")), "false": (no, r("cm2", c), n("cm3"))},
            "cond_nested": {f"{int(p)}{int(q)}": (p, q, r(f"cn{p}{q}", b)) for p in (yes, no) for q in (yes, no)},
            "cond_scan": {"true": (yes, r("cl0"), r("cl1", c)), "false": (no, r("cl2"), r("cl3", c)),
                          "empty": (yes, r("cl4"), r("cl5", 0))},
            "switch_three": {f"at{i}": (np.int32(i), r(f"st{i}", b)) for i in (-7, 0, 1, 2, 3, 2147483647)},
            "while_double": {"grows": (r("wd0", b, low=0.5),), "never": (r("wd1", b, low=20, high=30),)},
            "while_closure": {"few": (r("wc0", low=0.5), r("wc1", low=1.2, high=1.8), np.float32(9)),
                              "none": (r("wc2", low=3, high=4), r("wc3", **positive), np.float32(2))},
            "while_mixed": {"count": (np.int32(4), r("wm0", b)), "flag": (np.int32(90), r("wm1", b)),
                            "none": (np.int32(0), r("wm2", b))},
            "scan_rnn": {"many": (r("sr0", b, b), r("sr1", b), r("sr2", c, b)), "one": (r("sr3", a, a), r("sr4", a), r("sr5", 1, a)),
                         "none": (r("sr6", a, a), r("sr7", a), r("sr8", 0, a))},
            "scan_horner": {"scalar": (r("sh0", c), r("sh1")), "one": (r("sh2", 1), r("sh3")), "none": (r("sh4", 0), r("sh5"))},
            "scan_mixed": {"many": (r("sm0", c), n("sm1", c)), "none": (r("sm2", 0), n("sm3", 0))},
            "scan_alone": {"vector": (r("sa0", b),)},
            "scan_nested": {"many": (r("sn0", b, a), r("sn1")), "none": (r("sn2", b, 0), r("sn3"))},
            "scan_cond": {"many": (r("sc0", c), r("sc1"))},
            "scan_while": {"many": (r("sw0", b), )},
            "scan_outer": {"many": (r("so0", c), r("so1"))},
            "fori_newton": {"vector": (r("fn0", b, **positive),)},
            "fori_dot": {"vector": (r("fd0", 6), r("fd1"))},
            "fori_dynamic": {"some": (np.int32(4), r("fy0", b)), "none": (np.int32(-2), r("fy1", b))},
            "associative_affine": {"even": (r("aa0", 6), r("aa1", 6)), "odd": (r("aa2", 7, a), r("aa3", 7, a)),
                                   "one": (r("aa4", 1), r("aa5", 1)), "none": (r("aa6", 0), r("aa7", 0))},
            "associative_last": {"matrix": (r("al0", b, c),), "two": (r("al1", 2),)},
            "checkpoint_chain": {"vector": flat("ch", b)},
            "checkpoint_scan": {"many": (r("cp0", c), r("cp1"))},
            "jit_nested": {"vector": flat("jn", b)},
            "jit_closure": {"vector": flat("jc", b)},
            "custom_jvp_double": {"vector": (r("cd0", b),)},
            "custom_jvp_pair": {"vector": (r("cv0", b), n("cv1", b), r("cv2", b))},
            "custom_jvp_stopped": {"vector": (r("cv3", b), n("cv4", b), r("cv5", b))},
            "custom_vjp_scaled": {"vector": flat("cs", b)},
            "custom_vjp_pair": {"vector": (r("cb0", b), n("cb1", b), r("cb2", b))},
            "custom_vjp_flags": {"vector": flat("cf", b)},
            "custom_vjp_stopped": {"vector": flat("ct", b)},
            "scan_custom": {"many": (r("su0", c),)},
            "scan_custom_vjp": {"many": (r("sv0", c), r("sv1"))},
            "jit_custom": {"vector": flat("ju", b)},
            "checkpoint_custom": {"vector": flat("cu", b)},
            "closure_convert": {"vector": flat("cl", b)},
        }


# Which operands are mapped: every one alone, a few together, an axis that is not the first.
MAPPED = {
    "cond_sign": ((0, None), (None, 0), (0, 1)), "cond_closure": ((0, None, None), (None, 0, None), (None, None, 0), (0, 0, 0)),
    "cond_mixed": ((0, None, None), (None, None, 0)), "cond_nested": ((0, None, None), (None, 0, 0)),
    "cond_scan": ((0, None, None), (None, 0, None), (0, None, 1)), "switch_three": ((0, None), (None, 0), (0, 0)),
    "while_double": ((0,),), "while_closure": ((0, None, None), (None, 0, None), (None, None, 0)),
    "while_mixed": ((0, None), (None, 0)), "scan_rnn": ((0, None, None), (None, 0, None), (None, None, 1), (0, 1, 0)),
    "scan_horner": ((0, None), (None, 0)), "scan_mixed": ((0, None), (None, 0)), "scan_alone": ((0,),),
    "scan_nested": ((1, None), (None, 0)), "scan_cond": ((0, None), (None, 0)), "scan_while": ((1,),), "scan_outer": ((None, 0),),
    "fori_newton": ((0,),), "fori_dot": ((0, None), (None, 0)), "fori_dynamic": ((0, None), (None, 0)),
    "associative_affine": ((0, None), (1, 1)), "associative_last": ((1,),), "checkpoint_chain": ((0, None),),
    "checkpoint_scan": ((0, None), (None, 0)), "jit_nested": ((None, 0),), "jit_closure": ((None, 0), (0, None)),
    "custom_jvp_double": ((0,),), "custom_jvp_pair": ((0, None, None), (None, 0, None)), "custom_jvp_stopped": ((None, None, 0),),
    "custom_vjp_scaled": ((0, None), (None, 0)), "custom_vjp_pair": ((0, None, None), (0, 0, 0)), "custom_vjp_flags": ((0, 0),),
    "custom_vjp_stopped": ((None, 0), (0, None)), "scan_custom": ((0,),), "scan_custom_vjp": ((0, None), (None, 0)),
    "jit_custom": ((0, None),), "checkpoint_custom": ((None, 0),), "closure_convert": ((0, None), (None, 0)),
}


def mapped_operands(table, in_axes, size, source, name):
    """Operands of `size` examples along the mapped axes, those of the first detail; predicates and counts differ."""
    def one(i, x, axis):
        if axis is None:
            return x
        if x.dtype == np.bool_:
            rows = np.arange(size) % 2 == 0
        elif x.dtype == np.int32:
            rows = source.rng(f"{name}/{i}").integers(-1, 4, (size, *x.shape)).astype(np.int32)
        else:
            rows = np.stack([source.uniform(f"{name}/{i}/{k}", x.shape, 0.3, 0.9) * (1 if k % 2 else -1) for k in range(size)])
            rows = np.abs(rows) + 1 if "while_closure" in name else rows
        return np.ascontiguousarray(np.moveaxis(rows, 0, axis)).astype(x.dtype)
    return tuple(one(i, x, axis) for i, (x, axis) in enumerate(zip(table, in_axes)))


def cases(source):
    """All cases of control.h5."""
    operands = Operands(source)
    table = operands.table()
    for make in (plain_cases, second_order, mapped_cases, traps):
        yield from make(source, operands, table)


def directions(name):
    """The values of `reverse` that a function is run with."""
    return (False, True) if name in DIRECTED else (None,)


def plain_cases(source, operands, table):
    """Every function: its value, and its derivatives in the modes that it has."""
    for name, details in table.items():
        function = FUNCTIONS[name]
        one_mode = name in FORWARD_ONLY + BACKWARD_ONLY
        for index, (detail, x) in enumerate(details.items()):
            for reverse in directions(name):
                yield case(source, name, function, detail, x, reverse, derivatives=not one_mode, wide=index > 0)
                if name in FORWARD_ONLY:
                    yield case(source, name, function, detail, x, reverse, ("jvp",), derivatives=False)
                    yield case(source, name, function, detail, x, reverse, ("jvp", "jvp"), derivatives=False)


def second_order(source, operands, table):
    """The pullback of every function, differentiated both ways."""
    for name, details in table.items():
        if name in FORWARD_ONLY:
            continue
        detail, x = next(iter(details.items()))
        for reverse in directions(name):
            yield case(source, name, FUNCTIONS[name], detail, x, reverse, ("vjp",))


def mapped_cases(source, operands, table):
    """vmap with every operand mapped alone; inside and outside of a derivative."""
    for name, forms in MAPPED.items():
        x = next(iter(table[name].values()))
        for in_axes in forms:
            detail = "".join("n" if i is None else str(i) for i in in_axes)
            rows = mapped_operands(x, in_axes, 3, source, f"{name}-{detail}")
            reverse = directions(name)[-1]
            arguments = (source, name, FUNCTIONS[name], detail, rows, reverse)
            if name in FORWARD_ONLY:
                for nest in (("vmap",), ("jvp", "vmap")):
                    yield case(*arguments, nest, in_axes, derivatives=False)
            elif name in BACKWARD_ONLY:
                yield case(*arguments, ("vmap",), in_axes, derivatives=False)
                yield case(*arguments, ("vjp", "vmap"), in_axes, derivatives=False)
            else:
                yield case(*arguments, ("vmap",), in_axes)


def traps(source, operands, table):
    """√ of what a branch never sees: the derivative at 0 is 0, mapped or not."""
    for detail, x in (("zero", 0.0), ("positive", 4.0)):
        yield case(source, "where_trap", where_trap, detail, (np.float32(x),), rules="AD-1.where", points="special", ones=True)
    rows = np.array([0.0, -0.0, 4.0, -1.0], np.float32)
    yield case(source, "where_trap", where_trap, "0", (rows,), nest=("vmap",), in_axes=(0,), rules="AD-1.where",
               points="special", ones=True)


FUNCTIONS = {name: value for name, value in list(globals().items()) if callable(value) and name in MAPPED}
