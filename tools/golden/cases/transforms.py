"""Transformations of transformations: values only, on the functions of docs/Fixtures.md.

Every program takes the function's operand first and the transformation's own operands after it; `dense` brings its matrix last.
"""

import jax
from jax import lax
from jax import numpy as jnp

from case import Case, Variant, widen
from cases.functions import const, expand, full, matmul, total
from cases.points import WIDE

AXIS = "batch"

# Functions of a vector to a scalar.


def chain(x):
    """Σ sin x · exp tanh x."""
    return total(lax.mul(lax.sin(x), lax.exp(lax.tanh(x))))


def cubic(x):
    """Σ x³ − 2x²."""
    return total(lax.sub(lax.integer_pow(x, 3), lax.mul(full(2, x), lax.square(x))))


def ratio(x):
    """Σ x / (1 + x²)."""
    return total(lax.div(x, lax.add(full(1, x), lax.square(x))))


def softplus_cos(x):
    """Σ log1p(exp x) · cos x."""
    return total(lax.mul(lax.log1p(lax.exp(x)), lax.cos(x)))


def coupled(x):
    """sin(Π x) · Σ logistic x."""
    return lax.mul(lax.sin(lax.reduce_prod(x, (0,))), total(lax.logistic(x)))


def quadratic(x):
    """log(1 + x·x) · (x·x)."""
    y = matmul(x, x, 0, 0)
    return lax.mul(lax.log(lax.add(full(1, y), y)), y)


def dense(x, a):
    """Σ tanh(A·x)."""
    return total(lax.tanh(matmul(a, x)))


VECTOR = {f.__name__: f for f in (chain, cubic, ratio, softplus_cos, coupled, quadratic, dense)}

SCALAR = {
    "sin_exp": lambda x: lax.mul(lax.sin(x), lax.exp(x)), "tanh": lax.tanh, "logistic": lax.logistic, "log": lax.log,
    "rational": lambda x: lax.div(x, lax.add(full(1, x), lax.mul(x, x)))}

MAPPED = {
    "blend": lambda x, y: lax.add(lax.mul(x, y), lax.sin(x)), "inner": lambda x, y: matmul(x, y, 0, 0),
    "outer": lambda x, y: lax.dot_general(x, y, (((), ()), ((), ())))}


def center(v):
    """v − pmean v."""
    return lax.sub(v, lax.pmean(v, AXIS))


def axis_softmax(v):
    """exp(v − max) / Σ, over the mapped axis."""
    e = pmax_shift(v)
    return lax.div(e, lax.psum(e, AXIS))


def pmax_shift(v):
    """exp(v − max): the maximum is taken of a stopped v, as pmax has no derivative."""
    return lax.exp(lax.sub(v, lax.pmax(lax.stop_gradient(v), AXIS)))


def index_scale(v):
    """v · index."""
    return lax.mul(v, expand(lax.convert_element_type(lax.axis_index(AXIS), v.dtype), v.shape, ()))


def size_scale(v):
    """v · size."""
    size = lax.convert_element_type(lax.psum(jnp.int32(1), AXIS), v.dtype)
    return lax.mul(v, expand(size, v.shape, ()))


def normalise(v):
    """(v − pmean v) / √(pmean (v − pmean v)² + 1e-5)."""
    d = center(v)
    return lax.div(d, lax.sqrt(lax.add(lax.pmean(lax.square(d), AXIS), full(1e-5, v))))


COLLECTIVE = {
    "center": center, "center_square": lambda v: lax.square(center(v)),
    "psum_square": lambda v: lax.psum(lax.square(v), AXIS), "pmax_shift": pmax_shift,
    "axis_softmax": axis_softmax, "index_scale": index_scale, "size_scale": size_scale, "normalise": normalise}

# Transformations. `f` takes (x, *extra); only x is differentiated and mapped.


def tangent(f, x, v, extra):
    """The tangent of f at x along v."""
    return jax.jvp(lambda z: f(z, *extra), (x,), (v,))[1]


def value_and_grad(f):
    """F and ∇F."""
    return lambda x, *extra: jax.value_and_grad(f)(x, *extra)


def grad_grad(f):
    """∇⟨∇F, w⟩."""
    return lambda x, w, *extra: jax.grad(lambda z: total(lax.mul(jax.grad(f)(z, *extra), w)))(x)


def jvp_grad(f):
    """∇F and H·v, forward over reverse."""
    return lambda x, v, *extra: jax.jvp(lambda z: jax.grad(f)(z, *extra), (x,), (v,))


def grad_jvp(f):
    """H·v, reverse over forward."""
    return lambda x, v, *extra: jax.grad(lambda z: tangent(f, z, v, extra))(x)


def jvp_jvp(f):
    """∇F·v and uᵀ·H·v."""
    return lambda x, v, u, *extra: jax.jvp(lambda z: tangent(f, z, v, extra), (x,), (u,))


def vjp_jvp(f):
    """Cotangents of (x, v) ↦ ∇F·v."""
    return lambda x, v, c, *extra: tuple(jax.vjp(lambda z, w: tangent(f, z, w, extra), x, v)[1](c))


def mapped(f, extra):
    """vmap over x alone."""
    return jax.vmap(f, in_axes=(0,) + (None,) * len(extra))


def vmap_grad(f):
    """∇F of each row."""
    return lambda x, *extra: mapped(jax.grad(f), extra)(x, *extra)


def grad_vmap(f):
    """∇ Σ w·F of each row."""
    return lambda x, w, *extra: jax.grad(lambda z: total(lax.mul(mapped(f, extra)(z, *extra), w)))(x)


def vmap_vmap(f):
    """F over two leading axes."""
    return lambda x, *extra: mapped(mapped(f, extra), extra)(x, *extra)


def vmap_jvp(f):
    """F and ∇F·v of each row, differentiated inside."""
    return lambda x, v, *extra: jax.vmap(lambda z, w: jax.jvp(lambda y: f(y, *extra), (z,), (w,)))(x, v)


def jvp_vmap(f):
    """The same, differentiated outside."""
    return lambda x, v, *extra: jax.jvp(lambda z: mapped(f, extra)(z, *extra), (x,), (v,))


def hessian(f):
    """jacfwd of jacrev."""
    return lambda x, *extra: jax.jacfwd(jax.jacrev(f))(x, *extra)


def nth_derivative(g, order):
    """grad, `order` times."""
    for _ in range(order):
        g = jax.grad(g)
    return g


def collective(c):
    """vmap with the axis name."""
    return jax.vmap(c, axis_name=AXIS)


def grad_outside_vmap(c):
    """∇ Σ w·vmap(C)."""
    return lambda x, w: jax.grad(lambda z: total(lax.mul(collective(c)(z), w)))(x)


def grad_inside_vmap(c):
    """vmap of the gradient of each instance's own sum."""
    return collective(jax.grad(lambda v: total(c(v))))


def cases(source):
    """All cases of transforms.h5."""
    yield from vector_cases(source)
    yield from scalar_cases(source)
    yield from axes_cases(source)
    yield from collective_cases(source)


def transform(source, program, detail, function, shapes, params, rules=""):
    """One case: operands at random, values only."""
    name = f"{program}/{params['function']}{detail}"
    operands = tuple(source.uniform(f"{name}/{i}", s, *WIDE) for i, s in enumerate(shapes))
    if params["function"] == "log":
        operands = tuple(abs(x) + const(0.5, x) for x in operands)
    variants = {"f32": Variant(operands), "f64": Variant(widen(operands))}
    return Case(name, program, function, variants, params, rules=rules)


def vector_cases(source):
    """Every transformation of every function of a vector."""
    a, b, c = source.extents
    n, rows = b, c
    table = (
        (value_and_grad, ((n,),)), (grad_grad, ((n,), (n,))), (jvp_grad, ((n,), (n,))), (grad_jvp, ((n,), (n,))),
        (jvp_jvp, ((n,), (n,), (n,))), (vjp_jvp, ((n,), (n,), ())), (vmap_grad, ((rows, n),)),
        (grad_vmap, ((rows, n), (rows,))), (vmap_vmap, ((a, rows, n),)), (vmap_jvp, ((rows, n), (rows, n))),
        (jvp_vmap, ((rows, n), (rows, n))), (hessian, ((n,),)))
    for make, shapes in table:
        for name, function in VECTOR.items():
            extra = ((4, n),) if name == "dense" else ()
            yield transform(source, make.__name__, "", make(function), shapes + extra, {"function": name})


def scalar_cases(source):
    """Derivatives of order 1 to 4."""
    for name, function in SCALAR.items():
        for order in (1, 2, 3, 4):
            yield transform(source, "nth_derivative", f"-{order}", nth_derivative(function, order), ((),),
                            {"function": name, "order": order})


def axes_cases(source):
    """Mapped axes anywhere in the operands, none in one of them, and anywhere in the result."""
    a, b, c = source.extents
    for name, shapes, in_axes, out_axes in (
            ("blend", ((a, b), (a, b)), (0, 0), 0), ("blend", ((a, b), (b, a)), (0, 1), 1),
            ("blend", ((b, a), (b,)), (1, None), 0), ("blend", ((b,), (a, b)), (None, 0), 1),
            ("inner", ((a, b), (b, a)), (0, 1), 0), ("inner", ((c, b), (b,)), (0, None), 0),
            ("outer", ((a, b), (c, a)), (0, 1), 2), ("outer", ((b,), (c, a)), (None, 1), 1)):
        function = jax.vmap(MAPPED[name], in_axes=in_axes, out_axes=out_axes)
        params = {"function": name, "in_axes": list(in_axes), "out_axes": out_axes}
        detail = "-" + "".join("n" if i is None else str(i) for i in in_axes) + f"-{out_axes}"
        yield transform(source, "vmap_axes", detail, function, shapes, params, "VM-01")


def collective_cases(source):
    """Collectives with the gradient outside and inside, on scalars and on vectors."""
    _, b, c = source.extents
    for name, function in COLLECTIVE.items():
        for detail, shape in (("-scalars", (c,)), ("-vectors", (c, b))):
            params = {"function": name}
            yield transform(source, "vmap_axis", detail, collective(function), (shape,), params, "VM-02")
            yield transform(source, "grad_outside_vmap", detail, grad_outside_vmap(function), (shape, shape), params,
                            "VM-03")
            if name not in ("axis_softmax", "normalise"):  # Their gradient inside is 0 whatever x: rounding only.
                yield transform(source, "grad_inside_vmap", detail, grad_inside_vmap(function), (shape,), params, "VM-03")
