"""Optax: ten updates of every optimiser and transformation on a mixed tree, with the state after the first and the last.

The tree has a matrix, a None, a vector and a scalar. Operands are the three parameters and, for each, its ten gradients; parameters move by the updates. Results are
the updates of each array, stacked, then the leaves of the state after update 1, then those after update 10. Label f32 runs without 64-bit types, as a user does.
"""

import jax
import numpy as np
import optax
from jax import numpy as jnp
from jax import tree_util

from case import Case, plain, widen

STEPS = 10

# Function, detail, keyword arguments.
OPTIMISERS = (
    ("sgd", "plain", {}), ("sgd", "momentum", {"momentum": 0.9}), ("sgd", "nesterov", {"momentum": 0.9, "nesterov": True}),
    ("adam", "plain", {}), ("adam", "root", {"b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4}), ("adam", "nesterov", {"nesterov": True}),
    ("adamw", "plain", {}), ("adamw", "decay", {"weight_decay": 0.05}), ("nadam", "plain", {}), ("nadamw", "plain", {"weight_decay": 0.01}),
    ("adamax", "plain", {}), ("adamaxw", "plain", {"weight_decay": 0.01}), ("amsgrad", "plain", {}), ("adabelief", "plain", {}),
    ("adadelta", "plain", {}), ("adadelta", "decay", {"rho": 0.8, "weight_decay": 0.01}), ("adagrad", "plain", {}),
    ("adan", "plain", {}), ("adan", "decay", {"weight_decay": 0.02}), ("fromage", "plain", {}), ("lamb", "plain", {}), ("lamb", "decay", {"weight_decay": 0.02}),
    ("lars", "plain", {}), ("lars", "decay", {"weight_decay": 0.02, "momentum": 0.5}), ("lion", "plain", {}), ("novograd", "plain", {}),
    ("radam", "plain", {}), ("radam", "early", {"b2": 0.9, "threshold": 2.0}), ("rmsprop", "plain", {}),
    ("rmsprop", "centred", {"centered": True, "momentum": 0.9, "decay": 0.8}), ("sm3", "plain", {}), ("sm3", "momentum", {"momentum": 0.9}), ("yogi", "plain", {}),
)
TRANSFORMATIONS = (
    ("clip", {"max_delta": 0.7}), ("clip_by_global_norm", {"max_norm": 1.5}), ("clip_by_block_rms", {"threshold": 0.8}),
    ("adaptive_grad_clip", {"clipping": 0.3}), ("trace", {"decay": 0.8}), ("trace", {"decay": 0.8, "nesterov": True}), ("ema", {"decay": 0.8}),
    ("ema", {"decay": 0.8, "debias": False}), ("scale", {"step_size": -0.3}), ("add_decayed_weights", {"weight_decay": 0.1}),
    ("scale_by_adam", {}), ("scale_by_trust_ratio", {}), ("scale_by_param_block_norm", {}), ("scale_by_param_block_rms", {}), ("zero_nans", {}), ("set_to_zero", {}),
)
SCHEDULE = {"decay_steps": 8, "end_value": 0.01, "init_value": 0.0, "peak_value": 0.1, "warmup_steps": 3}


def cases(source):
    """All cases of optim.h5."""
    for name, detail, args in OPTIMISERS:
        given = {"learning_rate": 0.05} | args
        yield run(source, name, detail, given, lambda name=name, given=given: getattr(optax, name)(**given))
    for index, (name, args) in enumerate(TRANSFORMATIONS):
        yield run(source, name, f"{index}", args, lambda name=name, args=args: getattr(optax, name)(**args))
    yield run(source, "warm_adam", "schedule", {"schedule": SCHEDULE}, lambda: optax.adam(optax.warmup_cosine_decay_schedule(**SCHEDULE)),
              "OX-01 OX-02", labels=("f32",))
    yield run(source, "clipped_adamw", "chain", {"learning_rate": 0.05, "max_norm": 1.0},
              lambda: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(0.05)), "OX-04 OX-06 OX-07")
    yield run(source, "multi_steps", "two", {"every_k_schedule": 2}, lambda: optax.MultiSteps(optax.adam(0.05), 2).gradient_transformation(), "OX-08")


def tree(leaves):
    """The mixed tree."""
    return {"a": leaves[0], "b": None, "c": leaves[1], "d": leaves[2]}


def narrowed(arrays):
    """Counts in i32: with 64-bit types Optax has some of them in i64."""
    return [x.astype(jnp.int32) if x.dtype == jnp.int64 else x for x in arrays]


def run(source, name, detail, args, make, rules="", labels=("f32", "f64"), family="optim", spoilt=(), both=False):
    """One optimiser in both dtypes, some gradients `spoilt`: (step, leaf, value). With `both`, parameters and updates are a fast and a slow tree."""
    a, b, _ = source.extents
    # Upstream's SM3 cannot take a scalar.
    shapes = ((a, b), (b,), (1,) if name == "sm3" else ())
    where = f"{family}/{name}/{detail}"
    parameters = [source.uniform(f"optim/p{i}", shape, 0.3, 2.0) for i, shape in enumerate(shapes)]
    gradients = [source.directions(f"optim/g{i}", (STEPS, *shape)) for i, shape in enumerate(shapes)]
    for step, leaf, value in spoilt:
        gradients[leaf].reshape(STEPS, -1)[step, 0] = value

    def function(*operands):
        with jax.disable_jit(False), jax.enable_x64(operands[0].dtype == np.float64):
            optimiser = make()
            leaves, moves, kept = [jnp.asarray(x) for x in operands[:3]], [], []
            parameters = optax.LookaheadParams.init_synced(tree(leaves)) if both else tree(leaves)
            state = optimiser.init(parameters)
            step = jax.jit(lambda g, s, p: optimiser.update(g, s, p))
            for k in range(STEPS):
                updates, state = step(tree([g[k] for g in operands[3:]]), state, parameters)
                parameters = optax.apply_updates(parameters, updates)
                moves.append(tree_util.tree_leaves(updates))
                if k in (0, STEPS - 1):
                    kept += tree_util.tree_leaves(state)
            return (*(jnp.stack(column) for column in zip(*moves)), *narrowed(kept))

    given = (*parameters, *gradients)
    variants = {label: plain(given if label == "f32" else widen(given)) for label in labels}
    return Case(where, f"optax_{name}", function, variants, {"args": args, "dtype": None}, "random", rules, compiled=False)
