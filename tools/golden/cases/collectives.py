"""What examples say to each other along a named axis: all_gather, psum_scatter, ppermute, pmin, axis sizes.

The programs are those of transforms.h5 that take a function C of the instance; only the functions are new.
"""

import jax
from jax import lax

from case import Case, both
from cases.functions import expand, total
from cases.points import WIDE
from cases.transforms import AXIS, collective, grad_inside_vmap, grad_outside_vmap, transform


def counted(x, axis=0):
    """1, 2, 3, … along an axis, in the shape of x."""
    return lax.add(lax.broadcasted_iota(x.dtype, x.shape, axis), lax.full_like(x, 1))


def weighted(x):
    """x[i, …] · (i + 1)."""
    return lax.mul(x, counted(x))


def rotation(step, axis=AXIS):
    """i → i + step, around the end."""
    size = lax.axis_size(axis)
    return [(i, (i + step) % size) for i in range(size)]


def rotate(v):
    """cos v · (the sin v of the example two before)."""
    return lax.mul(lax.cos(v), lax.ppermute(lax.sin(v), AXIS, rotation(2)))


def gather_weighted(v):
    """v · Σ (i + 1) sin(all v)[i]."""
    return lax.mul(v, lax.reduce_sum(weighted(lax.sin(lax.all_gather(v, AXIS))), axes=(0,)))


def gather_last(v):
    """The examples along the last axis."""
    every = lax.all_gather(v, AXIS, axis=-1)
    last = every.ndim - 1
    return lax.mul(v, lax.reduce_sum(lax.mul(lax.square(every), counted(every, last)), axes=(last,)))


def scaled(v, factor):
    """v · a scalar."""
    return lax.mul(v, expand(factor, v.shape, ()))


def gather_tiled(v):
    """The examples end to end."""
    return scaled(v, total(weighted(lax.sin(lax.all_gather(v, AXIS, tiled=True)))))


def gather_constant(v):
    """A constant is gathered from every example."""
    return scaled(lax.sin(v), total(lax.all_gather(lax.full((), 2, v.dtype), AXIS)))


def scatter(v):
    """Σ over the examples of (i + 1) sin v, for example i."""
    rows = lax.broadcast_in_dim(v, (lax.axis_size(AXIS), *v.shape), tuple(range(1, v.ndim + 1)))
    return lax.mul(lax.psum_scatter(weighted(lax.sin(rows)), AXIS), v)


def scatter_tiled(v):
    """The section of a sum."""
    every = lax.all_gather(v, AXIS, tiled=True)
    return lax.mul(lax.psum_scatter(weighted(lax.sin(every)), AXIS, tiled=True), v)


def pmin_shift(v):
    """exp(min − v): the minimum is taken of a stopped v, as pmin has no derivative."""
    return lax.exp(lax.sub(lax.pmin(lax.stop_gradient(v), AXIS), v))


def axis_size_scale(v):
    """v · size."""
    return lax.mul(v, lax.full_like(v, lax.axis_size(AXIS)))


def nested_gather(v):
    """Gathered over the outer of two axes."""
    return jax.vmap(lambda x: lax.mul(x, total(weighted(lax.sin(lax.all_gather(x, AXIS))))), axis_name="inner")(v)


def nested_rotate(v):
    """Rotated along both of two axes."""
    def one(x):
        moved = lax.ppermute(lax.sin(x), "inner", rotation(1, "inner"))
        return lax.mul(x, lax.ppermute(moved, AXIS, rotation(1)))
    return jax.vmap(one, axis_name="inner")(v)


ANY_RANK = (rotate, gather_weighted, gather_last, gather_constant, scatter, pmin_shift, axis_size_scale)
VECTORS = (gather_tiled, scatter_tiled, nested_gather, nested_rotate)


def cases(source):
    """Values and derivatives of every function under vmap, and the gradient outside and inside of it."""
    _, b, c = source.extents
    for function in ANY_RANK:
        yield from collective_cases(source, function, "-scalars", (c,))
    for function in ANY_RANK + VECTORS:
        yield from collective_cases(source, function, "-vectors", (c, b))


def collective_cases(source, function, detail, shape):
    """One function on one shape."""
    params = {"function": function.__name__}
    name = f"vmap_axis/{function.__name__}{detail}"
    mapped, x = collective(function), source.uniform(f"{name}/0", shape, *WIDE)
    yield Case(name, "vmap_axis", mapped, both(mapped, (x,), source, name), params, rules="VM-02")
    yield transform(source, "grad_outside_vmap", detail, grad_outside_vmap(function), (shape, shape), params, "VM-03")
    yield transform(source, "grad_inside_vmap", detail, grad_inside_vmap(function), (shape,), params, "VM-03")
