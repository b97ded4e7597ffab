"""What a case is, where its numbers come from, and how the real JAX evaluates it.

Numbers depend only on (seed, case name), so that generating one family alone gives the same bytes. Random values are short decimals rounded to f32
and widened for f64: both variants hold the same numbers.
"""

import zlib
from dataclasses import dataclass, field

import jax
import numpy as np
from jax import numpy as jnp


@dataclass(frozen=True)
class Variant:
    """The operands of one label; tangents and cotangent if the case has derivatives."""

    inputs: tuple
    tangents: tuple = ()
    cotangent: np.ndarray | tuple | None = None  # A tuple, None for whole numbers, if there are several results.

    def named_inputs(self):
        """{x0, x1, …, dx0, …, ct}: the datasets under in/<label>."""
        named = {f"x{i}": x for i, x in enumerate(self.inputs)}
        named |= {f"dx{i}": dx for i, dx in enumerate(self.tangents) if dx is not None}
        if isinstance(self.cotangent, tuple):
            return named | {f"ct{i}": ct for i, ct in enumerate(self.cotangent) if ct is not None}
        return named if self.cotangent is None else named | {"ct": self.cotangent}


@dataclass(frozen=True)
class Case:
    """One group of a fixture file. `function` takes the operands and returns an array or a tuple."""

    name: str
    program: str
    function: object
    variants: dict
    params: dict = field(default_factory=dict)
    points: str = "random"
    rules: str = ""
    compiled: bool = True  # Whether jit_f32 is stored too: off where it could not differ.
    staged: bool = False  # Whether loops and branches run as lax has them: disable_jit would unroll them.


class Source:
    """Seeded numbers and shapes. Seed 0 has the extents 2, 3, 5; another seed has others, also distinct."""

    def __init__(self, seed):
        self.seed = seed
        chosen = np.random.default_rng(seed).permutation(np.arange(2, 8))[:3]
        self.extents = (2, 3, 5) if seed == 0 else tuple(int(n) for n in chosen)

    def rng(self, name):
        """The generator that belongs to a name."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def uniform(self, name, shape, low, high):
        """Three-decimal numbers in [low, high], f32."""
        return np.round(self.rng(name).uniform(low, high, shape), 3).astype(np.float32)

    def directions(self, name, shape):
        """±(1 + U[0,1)), f32: never uniform, never small. Used for tangents and cotangents."""
        rng = self.rng(name + "#direction")
        values = rng.choice([-1.0, 1.0], shape) * (1 + rng.uniform(0, 1, shape))
        return np.round(values, 3).astype(np.float32)


def is_inexact(array):
    """Whether an operand can carry a tangent."""
    return np.issubdtype(array.dtype, np.floating)


def plain(inputs):
    """A variant without derivatives."""
    return Variant(tuple(inputs))


def differentiable(function, inputs, source, name, ones=False, fixed=()):
    """A variant with tangents for every inexact operand but the `fixed` ones, and a cotangent."""
    inputs = tuple(inputs)
    value = jax.eval_shape(function, *inputs)

    def direction(tag, like):
        if ones:
            return np.ones(like.shape, like.dtype)
        return source.directions(f"{name}/{tag}", like.shape).astype(like.dtype)

    tangents = tuple(
        direction(f"dx{i}", x) if is_inexact(x) and i not in fixed else None
        for i, x in enumerate(inputs))
    if isinstance(value, (tuple, list)):
        cotangent = tuple(
            direction(f"ct{i}", v) if np.issubdtype(v.dtype, np.floating) else None
            for i, v in enumerate(value))
    else:
        cotangent = direction("ct", value)
    return Variant(inputs, tangents, cotangent)


def widen(inputs):
    """The same operands with every f32 made f64."""
    return tuple(x.astype(np.float64) if x.dtype == np.float32 else x for x in inputs)


def both(function, inputs, source, name, derivatives=True, ones=False, fixed=()):
    """{f32, f64} variants of the same operands."""
    made = {}
    for label, operands in (("f32", tuple(inputs)), ("f64", widen(inputs))):
        made[label] = (
            differentiable(function, operands, source, name, ones, fixed)
            if derivatives else plain(operands))
    return made


def named_values(result):
    """{value} of a single result, {value0, value1, …} of a tuple."""
    if isinstance(result, tuple):
        return {f"value{i}": np.asarray(r) for i, r in enumerate(result)}
    return {"value": np.asarray(result)}


def evaluate(function, variant):
    """All results of one variant: value, and jvp and vjp if the case has derivatives."""
    arguments = tuple(jnp.asarray(x) for x in variant.inputs)
    if variant.cotangent is None:
        return function(*arguments), None, ()
    inexact = [i for i, dx in enumerate(variant.tangents) if dx is not None]

    def of_inexact(*chosen):
        full = list(arguments)
        for i, x in zip(inexact, chosen):
            full[i] = x
        return function(*full)

    primals = tuple(arguments[i] for i in inexact)
    tangents = tuple(jnp.asarray(variant.tangents[i]) for i in inexact)
    _, tangent = jax.jvp(of_inexact, primals, tangents)
    value, pullback = jax.vjp(of_inexact, *primals)
    if isinstance(value, tuple):
        tangent = {i: dy for i, (y, dy) in enumerate(zip(value, tangent)) if is_inexact(y)}
    return value, tangent, tuple(zip(inexact, pullback(as_cotangent(value, variant.cotangent))))


def as_cotangent(value, cotangent):
    """What a pullback takes: float0 for results that have no tangent space."""
    if not isinstance(value, tuple):
        return jnp.asarray(cotangent)
    return tuple(
        np.zeros(y.shape, jax.dtypes.float0) if ct is None else jnp.asarray(ct)
        for y, ct in zip(value, cotangent))


def named_results(result):
    """The datasets under out/<label>."""
    value, tangent, cotangents = result
    named = named_values(value)
    if isinstance(tangent, dict):
        named |= {f"jvp{i}": np.asarray(dy) for i, dy in tangent.items()}
    elif tangent is not None:
        named["jvp"] = np.asarray(tangent)
    return named | {f"vjp{i}": np.asarray(ct) for i, ct in cotangents}


def evaluate_compiled(function, variant):
    """`evaluate` under one jax.jit, operands as arguments so that nothing is folded."""
    inexact = tuple(i for i, dx in enumerate(variant.tangents) if dx is not None)

    def whole(inputs, tangents, cotangent):
        full = [None] * len(inputs)
        for i, dx in zip(inexact, tangents):
            full[i] = dx
        value, tangent, pairs = _traced(function, Variant(inputs, tuple(full), cotangent))
        return value, tangent, pairs

    tangents = tuple(variant.tangents[i] for i in inexact)
    value, tangent, cotangents = jax.jit(whole)(variant.inputs, tangents, variant.cotangent)
    return value, tangent, tuple(zip(inexact, cotangents))


def _traced(function, variant):
    value, tangent, pairs = evaluate(function, variant)
    return value, tangent, tuple(ct for _, ct in pairs)


def results(case):
    """{label: {name: array}} of a case: eager for every label, and jit_f32."""
    found = {}
    for label, variant in case.variants.items():
        with jax.disable_jit(not case.staged):
            found[label] = named_results(evaluate(case.function, variant))
    if case.compiled and "f32" in case.variants:
        compiled = evaluate_compiled(case.function, case.variants["f32"])
        found["jit_f32"] = named_results(compiled)
    return found
