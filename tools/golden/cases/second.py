"""Second derivatives of every differentiable primitive, at random points: forward over reverse, and forward over forward.

The cases are those of the other families: per program the first few in the order of their names, with their operands, tangents and cotangents. A
second direction belongs to each differentiated operand.
"""

import json

import jax
from jax import numpy as jnp

from case import Case, Variant
from cases import cumulative, indexing, primitives, windows

FAMILIES = (primitives, cumulative, indexing, windows)
# One case per program: the file stays small.
CASES_PER_PROGRAM = 1
# Their derivatives are zero by convention.
WITHOUT = ("stop_gradient", "bitcast_convert_type")


def cases(source):
    """All cases of second.h5."""
    for one in chosen(source):
        for program, derivative in (("hvp", forward_over_reverse), ("second_jvp", forward_over_forward)):
            yield made(source, one, program, derivative)


def chosen(source):
    """The first random cases with derivatives of every program whose operands are floats and not empty."""
    found = {}
    for family in FAMILIES:
        for one in family.cases(source):
            if "f32" not in one.variants or one.points != "random" or one.program in WITHOUT:
                continue
            variant = one.variants["f32"]
            if variant.cotangent is None or any(x.size == 0 for x in variant.inputs):
                continue
            found.setdefault(one.program, []).append(one)
    for program in sorted(found):
        yield from sorted(found[program], key=lambda c: (sum(x.size for x in c.variants["f32"].inputs) < 2, c.name))[
            :CASES_PER_PROGRAM]


def made(source, one, program, derivative):
    """The second derivative of a case as a case: operands, then first directions or cotangents, then second directions."""
    name = f"{program}/{one.name}"
    differentiated = [i for i, dx in enumerate(one.variants["f32"].tangents) if dx is not None]
    function = derivative(one.function, len(one.variants["f32"].inputs), differentiated)
    variants = {}
    for label in ("f32", "f64"):
        variant = one.variants[label]
        seconds = tuple(
            source.directions(f"{name}/d{i}", variant.inputs[i].shape).astype(variant.inputs[i].dtype)
            for i in differentiated)
        cotangents = variant.cotangent if isinstance(variant.cotangent, tuple) else (variant.cotangent,)
        firsts = (
            tuple(ct for ct in cotangents if ct is not None) if program == "hvp" else
            tuple(variant.tangents[i] for i in differentiated))
        variants[label] = Variant(tuple(variant.inputs) + firsts + seconds)
    params = {
        "count": len(one.variants["f32"].inputs), "operands": differentiated,
        "params": json.dumps(one.params, sort_keys=True, separators=(",", ":")),
        "program": one.program}
    return Case(name, program, function, variants, params, "random", one.rules, compiled=False)


def inexact(outs):
    """The floating-point results of a program, as a tuple."""
    outs = outs if isinstance(outs, (tuple, list)) else (outs,)
    return tuple(y for y in outs if jnp.issubdtype(y.dtype, jnp.floating))


def holding(function, operands, differentiated):
    """The function of the differentiated operands, the others fixed."""
    def of(*chosen):
        full = list(operands)
        for i, x in zip(differentiated, chosen):
            full[i] = x
        return inexact(function(*full))

    return of


def forward_over_reverse(function, count, differentiated):
    """The cotangents of the operands, and their derivative along the second directions."""
    def derivative(*everything):
        operands, rest = everything[:count], everything[count:]
        cotangents, seconds = rest[:len(rest) - len(differentiated)], rest[len(rest) - len(differentiated):]
        of = holding(function, operands, differentiated)
        gradient = lambda *x: jax.vjp(of, *x)[1](tuple(cotangents))
        values, tangents = jax.jvp(gradient, tuple(operands[i] for i in differentiated), tuple(seconds))
        return flat(values + tangents)

    return derivative


def forward_over_forward(function, count, differentiated):
    """The tangents of the results, and their derivative along the second directions."""
    def derivative(*everything):
        operands, rest = everything[:count], everything[count:]
        firsts, seconds = rest[:len(differentiated)], rest[len(differentiated):]
        of = holding(function, operands, differentiated)
        tangent = lambda *x: jax.jvp(of, x, tuple(firsts))[1]
        values, tangents = jax.jvp(tangent, tuple(operands[i] for i in differentiated), tuple(seconds))
        return flat(values + tangents)

    return derivative


def flat(results):
    """One result alone, several as a tuple."""
    return results[0] if len(results) == 1 else tuple(results)
