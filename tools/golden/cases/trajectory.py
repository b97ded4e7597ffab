"""Whole training runs of the real JAX, Equinox and Optax: what they start from, what they draw, and where they arrive.

A run is a group with the program `trajectory/run`; params are the hyperparameters, and everything follows from their `seed`. docs/Fixtures.md has
the recipe and the datasets. Sizes follow the generator's seed too; no loop in Swift knows any of them.
"""

import json

import fixture
import jax
import numpy as np
import training
from case import Source
from jax import random as jr

# Steps whose whole state is stored: at the start, where a fault shows first, then twice as far each time.
CHECKPOINTS = [0, 1, 2, 4, 8, 16, 32]
LABELS = {"f32": (np.float32, False), "jit_f32": (np.float32, True), "jit_f64": (np.float64, True)}


def sizes(source):
    """Sizes and seed of the runs: seed 0 has those of the repository, any other seed others."""
    if source.seed == 0:
        return {"seed": 2026, "width": 8, "depth": 2, "train": 70, "validation": 12, "batch": 16, "epochs": 16}
    rng = source.rng("trajectory")
    batch = int(rng.integers(9, 20))
    return {
        "seed": int(rng.integers(1, 2**31)), "width": int(rng.integers(5, 11)), "depth": int(rng.integers(1, 4)),
        "train": 4 * batch + int(rng.integers(0, batch)), "validation": int(rng.integers(5, 15)), "batch": batch,
        "epochs": int(rng.integers(12, 17))}


def parameters(source):
    """{name: hyperparameters} of every run."""
    base = sizes(source)
    steps = base["train"] // base["batch"] * base["epochs"]
    base |= {
        "steps": steps, "warmup": steps // 8, "peak": 0.02, "end": 1e-4, "weight_decay": 0.0, "dropout": 0.0, "momentum": 0.9, "mode": "batch",
        "checkpoints": [k for k in CHECKPOINTS if k < steps]}
    norm = {"model": "batchnorm", "dropout": 0.25, "depth": 1}
    return {
        "resnet_adam": base | {"model": "resnet", "optimiser": "adam"},
        "resnet_adamw": base | {"model": "resnet", "optimiser": "adamw", "weight_decay": 0.01, "depth": 1},
        "batchnorm_batch": base | norm | {"optimiser": "adamw", "weight_decay": 0.01},
        "batchnorm_ema": base | norm | {"optimiser": "adam", "mode": "ema"},
    }


def drawn(p):
    """What is drawn before and along a run, the same for every dtype."""
    with jax.enable_x64(False):
        (x, y, xv, yv), _, key = training.start(p)
        orders, _, keys = training.batches(p, key)
        found = {"x_train": x, "y_train": y, "x_validation": xv, "y_validation": yv, "orders": orders, "keys": np.stack(keys)}
        # What sin and normal are given, so that their errors can be judged by themselves.
        k2, k4 = (jr.split(jr.split(jr.PRNGKey(p["seed"]), 3)[0], 4)[i] for i in (1, 3))
        found["noise_train"] = jr.normal(k2, y.shape, np.float32)
        found["noise_validation"] = jr.normal(k4, yv.shape, np.float32)
        found = {name: np.asarray(array) for name, array in found.items()}
    if p["model"] == "batchnorm":
        # With x64 the numbers that decide are f64.
        for label, x64 in (("f32", False), ("f64", True)):
            with jax.enable_x64(x64):
                found[f"masks_{label}"] = training.masks(p, keys)
    return found


def write(file, seed):
    """Runs every program under every label."""
    for name, p in sorted(parameters(Source(seed)).items()):
        group = fixture.make_group(file, name)
        fixture.set_text(group, "program", "trajectory/run")
        fixture.set_text(group, "params", json.dumps(p, sort_keys=True, separators=(",", ":")))
        fixture.set_text(group, "paths", json.dumps(training.paths(p), sort_keys=True, separators=(",", ":")))
        fixture.write_arrays(group, "drawn", drawn(p))
        for label, (dtype, compiled) in LABELS.items():
            for path, array in training.run(p, dtype, compiled).items():
                folder, _, leaf = path.rpartition("/")
                where = f"{label}/{folder}" if folder else label
                fixture.write_arrays(group, where, {leaf: array})
        jax.clear_caches()
