"""Optax: transformations around others, on the tree and with the gradients of optim.py. Results are as there."""

import numpy as np
import optax
from jax import tree_util

from cases.optim import SCHEDULE, run

# All numbers of adam.
NUMBERS = {"b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4, "learning_rate": 0.05}
# Which gradients are not finite: step, leaf, value. There are two in a row, and three at the end.
SPOILT = ((3, 0, np.nan), (4, 1, -np.inf), (7, 2, np.inf), (8, 0, np.nan), (9, 1, np.nan))
NAMES = ("a", "c", "d")


def adam():
    """The inner optimiser."""
    return optax.adam(0.05)


def matrices(tree):
    """A mask."""
    return tree_util.tree_map(lambda x: x.ndim == 2, tree)


def parts(labels):
    """A transformation for each label; one that no leaf has keeps a state all the same."""
    parts = {"adam": adam(), "momentum": optax.sgd(0.1, momentum=0.9), "zero": optax.set_to_zero()}
    return optax.partition(parts, dict(zip(NAMES, labels)) | {"b": None})


def named():
    """Names that are not in the order of the alphabet: the states must be in that of the chain."""
    return optax.named_chain(("z", optax.clip_by_global_norm(1.0)), ("m", optax.scale_by_adam()), ("a", optax.trace(0.5)))


def decayed():
    """A mask within a chain."""
    return optax.chain(optax.masked(optax.add_decayed_weights(0.1), matrices), optax.sgd(0.05, momentum=0.9))


def scheduled():
    """A schedule among the numbers."""
    return optax.inject_hyperparams(optax.adam)(**NUMBERS | {"learning_rate": optax.warmup_cosine_decay_schedule(**SCHEDULE)})


def cases(source):
    """All cases of wrappers.h5."""
    # Three in a row are one too many for a limit of 2, and none for one of 3.
    for limit in (2, 3):
        yield run(source, "apply_if_finite", f"{limit}", {"max_consecutive_errors": limit}, lambda limit=limit: optax.apply_if_finite(adam(), limit),
                  "OX-08", family="wrappers", spoilt=SPOILT)
    for reset in (False, True):
        args = {"reset_state": reset, "slow_step_size": 0.4, "sync_period": 3}
        yield run(source, "lookahead", "reset" if reset else "kept", args, lambda args=args: optax.lookahead(adam(), **args), family="wrappers", both=True)
    for name, detail, args, make in (
            ("inject_hyperparams", "numbers", NUMBERS, lambda: optax.inject_hyperparams(optax.adam)(**NUMBERS)),
            ("inject_hyperparams", "schedule", {k: v for k, v in NUMBERS.items() if k != "learning_rate"} | {"schedule": SCHEDULE}, scheduled),
            ("masked", "adam", {"inner": "adam"}, lambda: optax.masked(adam(), matrices)),
            ("masked", "decay", {"inner": "decay"}, decayed),
            ("named_chain", "three", {"max_norm": 1.0}, named),
            ("partition", "two", {"labels": ["adam", "momentum", "adam"]}, lambda: parts(["adam", "momentum", "adam"])),
            ("partition", "frozen", {"labels": ["momentum", "zero", "momentum"]}, lambda: parts(["momentum", "zero", "momentum"]))):
        # Optax computes schedules in f32 for f64 parameters (DV-62).
        labels = ("f32",) if detail == "schedule" else ("f32", "f64")
        yield run(source, name, detail, args, make, labels=labels, family="wrappers")
