"""equinox.nn.Dropout, SpectralNorm and Sequential: keys, parameters and state are operands.

Masks depend on jax_enable_x64 (DO-07): the flag is a parameter, and without it there is no f64.
"""

import equinox as eqx
import jax
import numpy as np
from jax import numpy as jnp
from jax import tree_util

from case import Case, both, differentiable, plain, widen
from cases.random import eager, key_of


def cases(source):
    """All cases of stateful.h5."""
    for make in (dropouts, hard_dropouts, spectral_norms, sequentials):
        yield from make(source)


def normal(source, name, shape):
    """Normal numbers of three decimals, f32."""
    return np.round(source.rng(name).normal(0, 1, shape), 3).astype(np.float32)


def drawn(source, program, detail, body, operands, params, points="random", rules=""):
    """A case that draws numbers, as a user's call does: labels f32 and, with 64-bit types, f64."""
    name = f"{program}/{points}/{detail}"
    function = eager(body, params["x64"])
    variants = {}
    for label, given in (("f32", tuple(operands)), ("f64", widen(operands))):
        if label == "f32" or params["x64"]:
            with jax.disable_jit(False), jax.enable_x64(params["x64"]):
                variants[label] = differentiable(function, given, source, name)
    return Case(name, program, function, variants, params, points, rules, compiled=False)


def dropouts(source):
    """p as a number and as an array, both settings of the flag."""
    a, b, c = source.extents
    for p in (0.1, 0.5, 0.75):
        for x64 in (False, True):
            tag = f"{p}-{int(x64)}"
            yield dropout(source, f"number/{tag}", (b, c, a), p, x64)
            yield dropout(source, f"array/{tag}", (c, b), p, x64, array=True)


def hard_dropouts(source):
    """All dropped, all kept, p outside of [0, 1]. The derivative at p = 1 is upstream's (DV-33)."""
    a, b, c = source.extents
    for p in (1.0, 1.5, -1.0):
        yield dropout(source, f"{p}", (b, c), p, True, points="special")


def dropout(source, detail, shape, p, x64, array=False, points="random"):
    """One case."""
    name = f"dropout/{detail}"
    operands = [key_of(source, name), normal(source, name + "/x", shape)]
    if array:
        operands.append(np.float32(p))

    def body(key, x, *rate):
        return eqx.nn.Dropout(*rate if array else (p,))(x, key=key)

    params = {"at_one": "equinox", "p": None if array else p, "x64": x64}
    return drawn(source, "dropout", detail, body, operands, params, points, "DO-01 DO-07" if points == "random" else "DO-04")


def spectral(weight, bias, params, key):
    """A Linear with these parameters under SpectralNorm, and its state."""
    linear = eqx.nn.Linear(weight.shape[1], weight.shape[0], use_bias=bias is not None, key=key)
    linear = eqx.tree_at(lambda l: l.weight, linear, weight)
    if bias is not None:
        linear = eqx.tree_at(lambda l: l.bias, linear, bias)
    return eqx.nn.make_with_state(eqx.nn.SpectralNorm)(
        linear, "weight", num_power_iterations=params["num_power_iterations"], eps=params["eps"], key=key)


def spectral_norms(source):
    """Calls from given vectors, and the vectors that a new layer starts with."""
    a, b, c = source.extents
    for detail, (rows, columns, steps), iterations in (("square", (b, b, 2), 1), ("wide", (a, c, 3), 2), ("tall", (c, b, 1), 1)):
        params = {"eps": 1e-12, "num_power_iterations": iterations}
        name = f"spectral_norm/random/{detail}"
        operands = [normal(source, f"{name}/{i}", s) for i, s in
                    enumerate(((rows, columns), (rows,), (rows,), (columns,), (steps, columns)))]

        def body(weight, bias, u, v, x, params=params):
            layer, state = spectral(weight, bias, params, jax.random.PRNGKey(0))
            state = tree_util.tree_unflatten(tree_util.tree_structure(state), (u, v))
            outs = []
            for row in x:
                y, state = layer(row, state)
                outs.append((y, *tree_util.tree_leaves(state)))
            last = eqx.nn.inference_mode(layer)(x[-1], state)[0]
            return (*(jnp.stack(column) for column in zip(*outs)), last)

        yield Case(name, "spectral_norm", body, both(body, operands, source, name), params, compiled=False)
    for detail, shape in (("square", (b, b)), ("wide", (a, c))):
        params = {"eps": 1e-12, "num_power_iterations": 1}
        name = f"spectral_norm_start/random/{detail}"

        def start(key, weight, params=params):
            return tuple(tree_util.tree_leaves(spectral(weight, None, params, key)[1]))

        operands = (key_of(source, name), normal(source, name + "/w", shape))
        # Of fifteen iterations the analysis of f32 can say nothing; f64 keeps five digits.
        variants = {"f64": plain(widen(operands))}
        yield Case(name, "spectral_norm_start", eager(start), variants, params, compiled=False)


def sequentials(source):
    """Linear, BatchNorm, Dropout, Linear, Dropout on a batch with a key per example: five keys of each."""
    a, b, c = source.extents
    for x64 in (False, True):
        params = {"momentum": 0.9, "p": 0.4, "x64": x64}
        name = f"sequential/{int(x64)}"
        shapes = ((b, c), (4, c), (4,), (4,), (4,), (a, 4), (a,))
        operands = [key_of(source, name)] + [normal(source, f"{name}/{i}", s) for i, s in enumerate(shapes)]

        def body(key, x, w0, b0, gain, offset, w1, b1, params=params):
            model, state = eqx.nn.make_with_state(build)(w0, b0, gain, offset, w1, b1, params)
            keys = jax.random.split(key, x.shape[0])
            call = jax.vmap(lambda x, k, s: model(x, s, key=k), axis_name="batch", in_axes=(0, 0, None), out_axes=(0, None))
            y, state = call(x, keys, state)
            _, mean, variance = tree_util.tree_leaves(state)
            return y, mean, variance

        yield drawn(source, "sequential", f"{int(x64)}", body, operands, params, rules="DO-06 BN-06")


def build(w0, b0, gain, offset, w1, b1, params):
    """The model with these parameters."""
    def linear(weight, bias):
        fresh = eqx.nn.Linear(weight.shape[1], weight.shape[0], key=jax.random.PRNGKey(0))
        return eqx.tree_at(lambda l: (l.weight, l.bias), fresh, (weight, bias))

    norm = eqx.nn.BatchNorm(gain.shape[0], "batch", momentum=params["momentum"], dtype=gain.dtype, mode="batch")
    norm = eqx.tree_at(lambda n: (n.weight, n.bias), norm, (gain, offset))
    dropout = eqx.nn.Dropout(params["p"])
    return eqx.nn.Sequential([linear(w0, b0), norm, dropout, linear(w1, b1), dropout])
