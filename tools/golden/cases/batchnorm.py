"""equinox.nn.BatchNorm over sequences: training calls, the state after each, one inference; all leaves and the state are operands.

Upstream's inference of mode "batch" is the convention "equinox" (DV-30). What both conventions share (training, and mode "ema" throughout) stands
under "consistent", the default of the other side.
"""

import equinox as eqx
import jax
import numpy as np
from jax import numpy as jnp
from jax import tree_util

from case import Case, both

DEFAULT = {"axis_names": ["batch"], "convention": "consistent", "eps": 1e-5, "inference": False, "mode": "batch", "momentum": 0.99}


def cases(source):
    """All cases of batchnorm.h5."""
    for make in (sequences, starts, splits, special):
        yield from make(source)


def calls(params, affine):
    """The program: x `[steps, batch axes…, channels, …]`, mean, variance, count or first, [query], [weight, bias]."""
    mode, axes = params["mode"], params["axis_names"]

    def function(x, mean, variance, seen, *rest):
        name = axes[0] if len(axes) == 1 else tuple(axes)
        norm, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(
            mean.shape[0], name, eps=params["eps"], momentum=params["momentum"], channelwise_affine=affine, dtype=mean.dtype,
            mode=mode)
        if affine:
            norm = eqx.tree_at(lambda n: (n.weight, n.bias), norm, tuple(rest[-2:]))
        state = tree_util.tree_unflatten(tree_util.tree_structure(state), (seen, mean, variance))
        train = norm
        for axis in reversed(axes):
            train = jax.vmap(train, axis_name=axis, in_axes=(0, None), out_axes=(0, None))
        outs = []
        for step in range(x.shape[0]):
            y, state = train(x[step], state)
            seen, mean, variance = tree_util.tree_leaves(state)
            outs.append((y, mean, variance, seen))
        results = tuple(jnp.stack(column) for column in zip(*outs))
        if not params["inference"]:
            return results
        infer = jax.vmap(eqx.nn.inference_mode(norm), in_axes=(0, None), out_axes=(0, None))
        # Upstream's counter is weakly typed. A strong one, as operands are, makes f64 of f32 under jit.
        return (*results, infer(rest[0], state)[0].astype(mean.dtype))

    return function


def made(source, detail, shape, changes, affine=True, count=None, start="random", points="random", rules="", x=None):
    """One case: `shape` is [steps, batch axes…, channels, spatial axes…]; `count` of None is a fresh layer."""
    params = DEFAULT | changes
    name = f"batch_norm/{points}/{detail}"
    axes = len(params["axis_names"])
    size = shape[1 + axes]
    x = normal(source, name + "/x", shape) if x is None else x
    mean = normal(source, name + "/mean", (size,))
    variance = source.uniform(name + "/variance", (size,), 0.3, 2)
    if start == "fresh":
        mean, variance = np.zeros(size, np.float32), np.full(size, params["mode"] == "batch", np.float32)
    seen = np.array(count is None) if params["mode"] == "ema" else np.array(count or 0, np.int32)
    operands = [x, mean, variance, seen]
    if params["inference"]:
        operands.append(normal(source, name + "/query", (2, *shape[1 + axes:])))
    if affine:
        operands += [normal(source, name + "/weight", (size,)), normal(source, name + "/bias", (size,))]
    function = calls(params, affine)
    variants = both(function, operands, source, name)
    return Case(name, "batch_norm", function, variants, params, points, rules, compiled=False)


def normal(source, name, shape):
    """Normal numbers of three decimals, off centre, f32."""
    return np.round(source.rng(name).normal(0.4, 1.2, shape), 3).astype(np.float32)


def sequences(source):
    """Training from a fresh layer, then inference, in both modes, with several momenta."""
    a, b, c = source.extents
    shapes = {"vector": (3, c, b), "one-axis": (2, b, a, c), "two-axes": (2, a, b, 2, c), "one-step": (1, c, a), "long": (9, b, 2)}
    for detail, shape in shapes.items():
        for momentum in (0.99, 0.5):
            tag = f"{detail}/{momentum}"
            yield made(source, f"batch/{tag}", shape, {"momentum": momentum, "convention": "equinox", "inference": True},
                       start="fresh", rules="BN-01 BN-02 BN-06 BN-07 BN-16")
            yield made(source, f"ema/{tag}", shape, {"momentum": momentum, "mode": "ema", "inference": True}, start="fresh",
                       rules="BN-03 BN-05 BN-16")


def starts(source):
    """From a state that has seen batches; other eps; without gain and offset; without inference."""
    a, b, c = source.extents
    for mode in ("batch", "ema"):
        for momentum, eps in ((0.9, 1e-3), (0.0, 0.5), (0.125, 1e-5)):
            for affine in (True, False):
                yield made(source, f"{mode}-seen/{momentum}-{'affine' if affine else 'bare'}", (2, c, b),
                           {"mode": mode, "momentum": momentum, "eps": eps}, affine, count=4, rules="BN-02 BN-03 BN-05 BN-06")
    yield made(source, "batch-seen/inference", (1, b, c, a), {"momentum": 0.9, "convention": "equinox", "inference": True},
               count=7, rules="BN-07")


def splits(source):
    """The batch over two named axes."""
    a, b, c = source.extents
    for mode in ("batch", "ema"):
        yield made(source, f"{mode}-two-names", (2, a, b, c), {"mode": mode, "axis_names": ["device", "batch"]}, rules="BN-12")


def special(source):
    """A batch of one, and a constant batch."""
    a, b, c = source.extents
    yield made(source, "one-example", (2, 1, c), {}, points="special", rules="BN-10")
    yield made(source, "constant", (1, b, a), {}, points="special", rules="BN-10", x=np.full((1, b, a), 1.5, np.float32))
