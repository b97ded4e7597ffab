"""The training program of trajectory.h5 and trainsteps.json in JAX, Equinox and Optax: models, data, batches, one step, a run.

Everything follows from one seed (docs/Fixtures.md, trajectory.h5, has the recipe). The numbers that all dtypes start from are drawn in f32 and
widened. f32 runs without x64, as users have it.
"""

import equinox as eqx
import jax
import numpy as np
import optax
from jax import numpy as jnp
from jax import random as jr
from jax import tree_util as jtu


class ResidualBlock(eqx.Module):
    """x + W₂ gelu(W₁ norm(x))."""

    norm: eqx.nn.LayerNorm
    linear1: eqx.nn.Linear
    linear2: eqx.nn.Linear

    def __init__(self, width, *, key):
        k1, k2 = jr.split(key)
        self.norm = eqx.nn.LayerNorm(width, dtype=jnp.float32)
        self.linear1 = eqx.nn.Linear(width, width, key=k1, dtype=jnp.float32)
        self.linear2 = eqx.nn.Linear(width, width, key=k2, dtype=jnp.float32)

    def __call__(self, x):
        return x + self.linear2(jax.nn.gelu(self.linear1(self.norm(x))))


class ResNetMLP(eqx.Module):
    """Embedding, residual blocks, readout."""

    embed: eqx.nn.Linear
    blocks: list
    readout: eqx.nn.Linear

    def __init__(self, in_size, width, out_size, depth, *, key):
        ke, kr, *kb = jr.split(key, depth + 2)
        self.embed = eqx.nn.Linear(in_size, width, key=ke, dtype=jnp.float32)
        self.blocks = [ResidualBlock(width, key=k) for k in kb]
        self.readout = eqx.nn.Linear(width, out_size, key=kr, dtype=jnp.float32)

    def __call__(self, x, state, key):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.readout(x), state


class NormBlock(eqx.Module):
    """Linear without bias, which BatchNorm would take away again, BatchNorm, relu, Dropout."""

    linear: eqx.nn.Linear
    norm: eqx.nn.BatchNorm
    dropout: eqx.nn.Dropout

    def __init__(self, width, p, momentum, mode, *, key):
        self.linear = eqx.nn.Linear(width, width, use_bias=False, key=key, dtype=jnp.float32)
        self.norm = eqx.nn.BatchNorm(width, "batch", momentum=momentum, mode=mode, dtype=jnp.float32)
        self.dropout = eqx.nn.Dropout(p)

    def __call__(self, x, state, key):
        x, state = self.norm(self.linear(x), state)
        return self.dropout(jax.nn.relu(x), key=key), state


class NormNet(eqx.Module):
    """Embedding and gelu, normalised blocks with a dropout key each, readout."""

    embed: eqx.nn.Linear
    blocks: list
    readout: eqx.nn.Linear

    def __init__(self, in_size, width, out_size, depth, p, momentum, mode, *, key):
        ke, kr, *kb = jr.split(key, depth + 2)
        self.embed = eqx.nn.Linear(in_size, width, key=ke, dtype=jnp.float32)
        self.blocks = [NormBlock(width, p, momentum, mode, key=k) for k in kb]
        self.readout = eqx.nn.Linear(width, out_size, key=kr, dtype=jnp.float32)

    def __call__(self, x, state, key):
        x = jax.nn.gelu(self.embed(x))
        for block, k in zip(self.blocks, jr.split(key, len(self.blocks))):
            x, state = block(x, state, k)
        return self.readout(x), state


def dataset(key, train, validation):
    """Noisy sines: x_train, y_train, x_val, y_val, `[n, 1]` each."""
    k1, k2, k3, k4 = jr.split(key, 4)

    def pairs(kx, ky, n):
        x = jr.uniform(kx, (n, 1), jnp.float32, minval=-3, maxval=3)
        return x, jnp.sin(2 * x) + 0.1 * jr.normal(ky, (n, 1), jnp.float32)

    return (*pairs(k1, k2, train), *pairs(k3, k4, validation))


def model_and_state(p, key):
    """The model of parameters `p`, and its state."""
    if p["model"] == "resnet":
        return eqx.nn.make_with_state(ResNetMLP)(1, p["width"], 1, p["depth"], key=key)
    return eqx.nn.make_with_state(NormNet)(
        1, p["width"], 1, p["depth"], p["dropout"], p["momentum"], p["mode"], key=key)


def schedule(p):
    """Warm-up and cosine decay."""
    return optax.warmup_cosine_decay_schedule(0.0, p["peak"], p["warmup"], p["steps"], p["end"])


def optimiser(p):
    """Clipping, then Adam or AdamW."""
    rate = schedule(p)
    rule = optax.adam(rate) if p["optimiser"] == "adam" else optax.adamw(rate, weight_decay=p["weight_decay"])
    return optax.chain(optax.clip_by_global_norm(1.0), rule)


def step_of(p):
    """One step: (model, state, optimiser state, x, y, keys) to the first three anew and the loss."""
    rule = optimiser(p)

    def loss_of(model, state, x, y, keys):
        predicted, state = jax.vmap(model, in_axes=(0, None, 0), out_axes=(0, None), axis_name="batch")(x, state, keys)
        return jnp.mean((predicted - y) ** 2), state

    def step(model, state, moments, x, y, keys):
        (loss, state), gradients = eqx.filter_value_and_grad(loss_of, has_aux=True)(model, state, x, y, keys)
        updates, moments = rule.update(gradients, moments, eqx.filter(model, eqx.is_inexact_array))
        return eqx.apply_updates(model, updates), state, moments, loss

    return step


def predictions(model, state, x):
    """The model on a batch, in inference."""
    model = eqx.nn.inference_mode(model)
    keys = jnp.zeros((x.shape[0], 2), jnp.uint32)
    return jax.vmap(model, in_axes=(0, None, 0), out_axes=(0, None))(x, state, keys)[0]


def batches(p, key):
    """Permutations `[epochs, n]`, and for each step the rows of its batch and the keys of its dropout."""
    orders, rows, keys = [], [], []
    count = p["train"] // p["batch"]
    for epoch in range(p["epochs"]):
        kp, kd = jr.split(jr.fold_in(key, epoch))
        order = np.asarray(jr.permutation(kp, p["train"]))
        orders.append(order)
        for i in range(count):
            rows.append(order[i * p["batch"]:(i + 1) * p["batch"]])
            keys.append(np.asarray(jr.split(jr.fold_in(kd, i), p["batch"])))
    return np.stack(orders), rows, keys


def masks(p, keys):
    """What each dropout layer keeps, `[steps, batch, depth, width]`."""
    layer = eqx.nn.Dropout(p["dropout"])
    one = lambda key: layer(jnp.ones(p["width"], jnp.float32), key=key) != 0
    of_example = lambda key: jax.vmap(one)(jr.split(key, p["depth"]))
    return np.asarray(jax.vmap(jax.vmap(of_example))(jnp.asarray(np.stack(keys))))


def widened(tree):
    """The same numbers in f64."""
    return jtu.tree_map(lambda x: x.astype(jnp.float64) if eqx.is_array(x) and x.dtype == jnp.float32 else x, tree)


def named(tree, prefix):
    """{prefix/number of the leaf: array} of the arrays of a tree, counts in i32."""
    arrays = [np.asarray(x) for x in jtu.tree_leaves(tree) if eqx.is_array(x)]
    narrow = lambda x: x.astype(np.int32) if x.dtype == np.int64 else x
    return {f"{prefix}/{index:02}": narrow(x) for index, x in enumerate(arrays)}


def start(p):
    """Everything before the first step, f32: data, model, state, key of the training."""
    kdata, kmodel, ktrain = jr.split(jr.PRNGKey(p["seed"]), 3)
    return dataset(kdata, p["train"], p["validation"]), model_and_state(p, kmodel), ktrain


def run(p, dtype, compiled):
    """{name: array} of a whole run: losses, learning rates, checkpoints, predictions of the last model."""
    with jax.enable_x64(False):
        (xs, ys, xv, _), _, key = start(p)
        _, rows, keys = batches(p, key)
        xs, ys, xv = (np.asarray(a, dtype) for a in (xs, ys, xv))
    is_double = dtype == np.float64
    with jax.enable_x64(is_double):
        _, (model, state), _ = start(p)
        if is_double:
            model, state = widened(model), widened(state)
        moments = optimiser(p).init(eqx.filter(model, eqx.is_inexact_array))
        step = step_of(p)
        if compiled:
            step = eqx.filter_jit(step)
        losses, saved = [], {}

        def save():
            for name, array in (
                    named(model, "weights") | named(state, "state") | named(moments, "optimiser")).items():
                saved.setdefault(name, []).append(array)

        for index, (row, key) in enumerate(zip(rows, keys)):
            if index in p["checkpoints"]:
                save()
            model, state, moments, loss = step(
                model, state, moments, jnp.asarray(xs[row]), jnp.asarray(ys[row]), jnp.asarray(key))
            losses.append(np.asarray(loss))
        save()
        rates = [np.asarray(schedule(p)(jnp.asarray(k, jnp.int32))) for k in range(p["steps"])]
        last = np.asarray(predictions(model, state, jnp.asarray(xv)))
    found = {name: np.stack(arrays) for name, arrays in saved.items()}
    return found | {"losses": np.stack(losses), "rates": np.stack(rates).astype(dtype), "predictions": last}


def paths(p):
    """The key paths of weights, state and optimiser, in the order of their leaves."""
    with jax.enable_x64(False):
        _, (model, state), _ = start(p)
        moments = optimiser(p).init(eqx.filter(model, eqx.is_inexact_array))
    trees = {"weights": model, "state": state, "optimiser": moments}
    return {
        name: [jtu.keystr(path) for path, x in jtu.tree_flatten_with_path(tree)[0] if eqx.is_array(x)]
        for name, tree in trees.items()}
