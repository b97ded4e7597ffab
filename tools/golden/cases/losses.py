"""Optax: schedules at their corners, and losses with all derivatives.

A function of Optax computes in the default dtype, so label f32 runs without 64-bit types and label f64 with them. Programs are named `optax_<function>`, and
`args` are its keyword arguments; pairs stand for the entries of a dictionary of whole numbers.
"""

import jax
import numpy as np
import optax
from jax import numpy as jnp

from case import Case, differentiable, plain, widen


def cases(source):
    """All cases of losses.h5."""
    for make in (schedules, losses, kinks):
        yield from make(source)


def by_dtype(function):
    """`function` as a user calls it, with 64-bit types if and only if an operand is f64."""
    def called(*operands):
        with jax.disable_jit(False), jax.enable_x64(any(x.dtype == np.float64 for x in operands)):
            return function(*operands)
    return called


# Schedules

def schedules(source):
    """Every schedule at the counts around its corners."""
    rng = source.rng("optim/schedules")
    value = lambda low, high: round(float(rng.uniform(low, high)), 3)
    steps = lambda low, high: int(rng.integers(low, high))
    warm, whole, begin = steps(3, 8), steps(12, 30), steps(2, 5)
    start, end, peak = value(0.05, 0.2), value(0.01, 0.04), value(0.5, 1.5)
    line = {"init_value": start, "end_value": end, "transition_steps": whole}
    decay = {"init_value": peak, "transition_steps": warm, "decay_rate": value(0.3, 0.9)}
    rise = {"init_value": start, "peak_value": peak, "warmup_steps": warm}
    wave = rise | {"decay_steps": whole, "end_value": end}
    pieces = [[warm, value(0.2, 0.8)], [warm + begin, value(1.2, 3.0)], [whole, 0.5]]
    yield from schedule("constant_schedule", {"value": start}, [0, 9])
    corners = [-2, 0, 1, begin, begin + 1, whole - 1, whole, whole + begin, whole + 9]
    yield from schedule("linear_schedule", line, corners)
    yield from schedule("linear_schedule", line | {"transition_begin": begin}, corners, "begin")
    yield from schedule("linear_schedule", line | {"transition_begin": -3}, corners, "negative-begin")
    yield from schedule("linear_schedule", line | {"transition_steps": 0}, corners, "no-steps")
    for power in (2, 3, 0.5, 2.5):
        yield from schedule("polynomial_schedule", line | {"power": power, "transition_begin": begin}, corners, f"{power}")
    cosine = {"init_value": peak, "decay_steps": whole}
    yield from schedule("cosine_decay_schedule", cosine, corners)
    yield from schedule("cosine_decay_schedule", cosine | {"alpha": end, "exponent": 1.5}, corners, "alpha")
    around = [-1, 0, 1, begin, begin + 1, warm, warm + begin, 2 * warm + begin, 3 * warm - 1, 3 * warm, 60]
    yield from schedule("exponential_decay", decay, around)
    yield from schedule("exponential_decay", decay | {"staircase": True, "transition_begin": begin}, around, "staircase")
    yield from schedule("exponential_decay", decay | {"end_value": round(peak / 4, 3)}, around, "floor")
    yield from schedule("exponential_decay", decay | {"decay_rate": 1.25, "end_value": round(peak * 2, 3)}, around, "ceiling")
    yield from schedule("exponential_decay", decay | {"decay_rate": 0.0, "end_value": 3.0}, around, "no-rate")
    yield from schedule("exponential_decay", decay | {"transition_steps": 0}, around, "no-steps")
    bounds = [-1, 0, 1, warm - 1, warm, warm + 1, warm + begin - 1, warm + begin, whole - 1, whole, whole + 4]
    yield from schedule("piecewise_constant_schedule", {"init_value": start, "boundaries_and_scales": pieces}, bounds)
    yield from schedule("piecewise_constant_schedule", {"init_value": start}, bounds, "none")
    for kind in ("linear", "cosine"):
        named = {"interpolate_type": kind, "init_value": start}
        yield from schedule("piecewise_interpolate_schedule", named | {"boundaries_and_scales": pieces}, bounds, kind)
        yield from schedule("piecewise_interpolate_schedule", named | {"boundaries_and_scales": [[0, 0.5]]}, bounds, f"{kind}-at-0")
    for name in ("linear", "cosine"):
        counts = [0, 1, int(0.3 * whole) - 1, int(0.3 * whole), int(0.85 * whole), int(0.85 * whole) + 1, whole - 1, whole, whole + 7]
        cycle = {"transition_steps": whole, "peak_value": peak}
        yield from schedule(f"{name}_onecycle_schedule", cycle, counts)
        yield from schedule(f"{name}_onecycle_schedule", cycle | {"pct_start": 0.45, "div_factor": 8.0, "final_div_factor": 100.0}, counts, "other")
        yield from schedule(f"{name}_onecycle_schedule", cycle | {"transition_steps": 1}, [0, 1, 2], "one-step")
    joined = [-3, 0, 1, warm - 1, warm, warm + 1, (warm + whole) // 2, whole - 1, whole, whole + 1, 900]
    yield from schedule("warmup_constant_schedule", rise, joined)
    yield from schedule("warmup_cosine_decay_schedule", wave, joined, rules="OX-01")
    yield from schedule("warmup_cosine_decay_schedule", wave | {"init_value": 0.0, "peak_value": 1e-3, "warmup_steps": 10, "decay_steps": 100, "end_value": 1e-5},
                        [0, 1, 10, 11, 55, 99, 100, 2000], "rule", "OX-01")
    yield from schedule("warmup_cosine_decay_schedule", wave | {"warmup_steps": 0, "exponent": 2.0}, joined, "no-warm-up", "OX-01")
    yield from schedule("warmup_cosine_decay_schedule", wave | {"peak_value": 0.0}, joined, "no-peak", "OX-01")
    yield from schedule("warmup_exponential_decay_schedule", rise | {"transition_steps": 4, "decay_rate": 0.6}, joined)
    yield from schedule("warmup_exponential_decay_schedule", rise | {
        "transition_steps": 4, "decay_rate": 0.6, "transition_begin": begin, "staircase": True, "end_value": end}, joined, "floor")
    cycles = [wave, wave | {"peak_value": round(peak / 2, 3), "decay_steps": warm + 3}, {"init_value": end, "peak_value": start, "warmup_steps": 1, "decay_steps": 4}]
    ends = [0, warm, whole - 1, whole, whole + 1, whole + warm, whole + warm + 2, whole + warm + 3, whole + warm + 4, whole + warm + 7, whole + warm + 20]
    yield from schedule("sgdr_schedule", {"cosine_kwargs": cycles}, ends)


def made(name, args):
    """The schedule of Optax."""
    given = dict(args)
    if "boundaries_and_scales" in given:
        given["boundaries_and_scales"] = {k: v for k, v in given["boundaries_and_scales"]}
    return getattr(optax, name)(**given)


def schedule(name, args, counts, detail="plain", rules=""):
    """Both dtypes of one schedule."""
    counts = np.array(counts, np.int32)
    for dtype in (np.float32, np.float64):
        label = "f32" if dtype == np.float32 else "f64"

        def body(steps, dtype=dtype):
            with jax.disable_jit(False), jax.enable_x64(dtype == np.float64):
                function = made(name, args)
                # A count of 32 bits would make upstream compute in f32 even here (DV-62).
                wide = jnp.asarray(steps, np.int64 if dtype == np.float64 else np.int32)
                return jax.vmap(lambda step: jnp.asarray(function(step), dtype))(wide)

        yield Case(f"schedules/{name}/{detail}-{label}", f"optax_{name}", body, {label: plain((counts,))},
                   {"args": args, "dtype": label}, rules=rules, compiled=False)


# Losses

def loss(source, name, detail, operands, args=None, function=None, fixed=(), rules="", points="random", ones=False):
    """Both dtypes of one loss, with derivatives of every inexact operand that is not fixed."""
    args = args or {}
    function = by_dtype(function or (lambda *xs: getattr(optax.losses, name)(*xs, **args)))
    where = f"losses/{name}/{detail}"
    variants = {}
    for label, given in (("f32", tuple(operands)), ("f64", widen(operands))):
        with jax.enable_x64(label == "f64"):
            variants[label] = differentiable(function, given, source, where, ones, fixed)
    return Case(where, f"optax_{name}", function, variants, {"args": args, "dtype": None}, points, rules, compiled=False)


def numbers(source, name, shape, low=-2.0, high=2.0):
    """Three decimals, f32."""
    return source.uniform(f"optim/{name}", shape, low, high)


def shares(source, name, shape):
    """Positive numbers that sum to 1 along the last axis, but for their rounding to f32."""
    x = source.uniform(f"optim/{name}", shape, 0.1, 1)
    return (x / x.sum(-1, keepdims=True)).astype(np.float32)


def losses(source):
    """Every loss of optax.losses at points where it is smooth."""
    a, b, c = source.extents
    x, y = numbers(source, "x", (b, c)), numbers(source, "y", (b, c))
    p = shares(source, "p", (b, c))
    classes = source.rng("optim/classes").integers(0, c, (b,), np.int32)
    binary = source.rng("optim/binary").integers(0, 2, (b, c)).astype(np.float32)
    signs = 2 * binary - 1
    mask = source.rng("optim/mask").integers(0, 2, (b, c)).astype(bool)
    mask[:, 0] = True
    for name in ("squared_error", "l2_loss", "log_cosh", "huber_loss"):
        yield loss(source, name, "pair", (x, y), rules="OX-10")
        yield loss(source, name, "alone", (x,))
    yield loss(source, "huber_loss", "delta", (x, y), {"delta": 0.4})
    for name in ("cosine_similarity", "cosine_distance"):
        yield loss(source, name, "rows", (x, y))
        yield loss(source, name, "columns", (x, y), {"axis": 0, "epsilon": 1e-3})
        yield masked(source, name, (x, y), mask, {"axis": None})
    for name, target in (("softmax_cross_entropy", p), ("poly_loss_cross_entropy", p), ("kl_divergence", p), ("generalized_kl_divergence", p),
                         ("kl_divergence_with_log_targets", np.log(p))):
        logs = x if "entropy" in name else np.log(shares(source, f"{name}/q", (b, c)))
        yield loss(source, name, "rows", (logs, target))
        yield loss(source, name, "all", (logs, target), {"axis": None})
        yield masked(source, name, (logs, target), mask, {})
    labels = "softmax_cross_entropy_with_integer_labels"
    cube = numbers(source, "cube", (a, b, c))
    pairs = source.rng("optim/pairs").integers(0, a * c, (b,), np.int32)
    yield loss(source, labels, "rows", (x, classes), rules="OX-10")
    yield loss(source, labels, "columns", (x.T.copy(), classes), {"axis": 0})
    yield loss(source, labels, "two-axes", (cube, pairs), {"axis": [0, 2]},
               lambda x, l: optax.losses.softmax_cross_entropy_with_integer_labels(x, l, axis=(0, 2)))
    yield masked(source, labels, (x, classes), mask, {})
    yield loss(source, "safe_softmax_cross_entropy", "rows", (x, p))
    yield loss(source, "sigmoid_binary_cross_entropy", "elements", (x, p))
    yield loss(source, "sigmoid_focal_loss", "plain", (x, binary), fixed=(1,))
    yield loss(source, "sigmoid_focal_loss", "soft", (x, p), {"alpha": 0.3, "gamma": 1.5})
    yield loss(source, "smooth_labels", "rows", (p,), {"alpha": 0.1})
    yield loss(source, "smooth_labels", "all", (p,), {"alpha": 0.2, "axis": None})
    yield masked(source, "smooth_labels", (p,), mask, {"alpha": 0.3})
    yield loss(source, "hinge_loss", "elements", (x, signs))
    yield loss(source, "perceptron_loss", "elements", (x, signs))
    yield loss(source, "sparsemax_loss", "elements", (x, binary.astype(np.int32)))
    for name in ("multiclass_hinge_loss", "multiclass_perceptron_loss", "multiclass_sparsemax_loss"):
        yield loss(source, name, "rows", (x, classes))
    yield loss(source, "fenchel_young_loss", "logsumexp", (x, p), function=lambda s, t: optax.losses.make_fenchel_young_loss(jax.nn.logsumexp)(s, t))
    z = numbers(source, "z", (b, c))
    yield loss(source, "triplet_margin_loss", "plain", (x, y, z))
    yield loss(source, "triplet_margin_loss", "columns", (x, y, z), {"axis": 0, "norm_degree": 4, "margin": 0.5, "eps": 1e-3})
    positive = (x + 3, x + 1, x + 2)
    odd = {"norm_degree": 3.0, "margin": 4.0}
    yield loss(source, "triplet_margin_loss", "odd", positive, odd | {"differences": "signed"},
               lambda *xs: optax.losses.triplet_margin_loss(*xs, **odd))
    yield from structured(source)


def masked(source, name, operands, mask, args):
    """A loss over the elements of a mask, which is the last operand."""
    def function(*xs):
        return getattr(optax.losses, name)(*xs[:-1], where=xs[-1], **args)
    return loss(source, name, "masked", (*operands, mask), args, function)


def structured(source):
    """Losses of sequences, rankings, segmentations and embeddings."""
    a, b, c = source.extents
    rng = source.rng("optim/structured")
    frames, length, kinds = 6, 3, 4
    logits = numbers(source, "ctc", (b, frames, kinds))
    labels = rng.integers(1, kinds, (b, length)).astype(np.int32)
    labels[0, :2] = 1
    padded = np.zeros((b, length), np.float32)
    padded[-1, 1:] = 1
    late = np.zeros((b, frames), np.float32)
    late[-1, -2:] = 1
    for detail, args in (("plain", {}), ("blank", {"blank_id": kinds - 1})):
        spelt = labels if detail == "plain" else labels - 1
        yield loss(source, "ctc_loss", detail, (logits, late, spelt, padded), args,
                   lambda *xs, args=args: optax.losses.ctc_loss_with_forward_probs(*xs, **args), fixed=(1, 3))
    x, y = numbers(source, "rank/x", (b, c)), numbers(source, "rank/y", (b, c), 0.0, 3.0)
    weights = numbers(source, "rank/w", (b, c), 0.5, 2.0)
    mask = rng.integers(0, 2, (b, c)).astype(bool)
    mask[:-1, 0] = True
    mask[-1] = False
    reductions = {"mean": jnp.mean, "sum": jnp.sum, "none": None}
    for word, reduce_fn in reductions.items():
        yield loss(source, "ranking_softmax_loss", word, (x, y), {"reduce_fn": word},
                   lambda x, y, f=reduce_fn: optax.losses.ranking_softmax_loss(x, y, reduce_fn=f))
        yield loss(source, "ranking_softmax_loss", f"masked-{word}", (x, y, weights, mask), {"reduce_fn": word, "weights": True},
                   lambda x, y, w, m, f=reduce_fn: optax.losses.ranking_softmax_loss(x, y, weights=w, where=m, reduce_fn=f))
    picture = numbers(source, "dice/x", (a, b, 2, c))
    truth = rng.integers(0, 2, picture.shape).astype(np.float32)
    for detail, args in (("plain", {}), ("none", {"reduction": "none", "alpha": 0.3, "beta": 0.7, "smooth": 0.5, "ignore_background": True}), ("sum", {"reduction": "sum"})):
        yield loss(source, "dice_loss", detail, (picture, truth), args, fixed=(1,))
    yield loss(source, "dice_loss", "weights", (picture, truth, numbers(source, "dice/w", (c,), 0.5, 2.0)),
               function=lambda x, t, w: optax.losses.dice_loss(x, t, class_weights=w), fixed=(1,))
    yield loss(source, "dice_loss", "one-class", (picture[..., :1], truth[..., 0]), fixed=(1,))
    truth[0, 0, 0] = 1
    yield loss(source, "multiclass_generalized_dice_loss", "plain", (picture, truth), fixed=(1,))
    yield loss(source, "multiclass_generalized_dice_loss", "foreground", (picture, truth), {"smooth": 0.5, "ignore_background": True}, fixed=(1,))
    yield loss(source, "binary_dice_loss", "plain", (picture[..., 0], truth[..., 0]), fixed=(1,))
    embeddings = numbers(source, "ntxent", (6, c))
    yield loss(source, "ntxent", "plain", (embeddings, np.array([0, 1, 0, 2, 1, 0], np.int32)))
    yield loss(source, "ntxent", "warm", (embeddings, np.array([0, 1, 0, 1, 1, 0], np.int32)), {"temperature": 0.5})


def kinks(source):
    """Ties, zeros and extremes: what convention decides. Directions are 1."""
    def at(name, operands, args=None, function=None, detail="kinks", fixed=()):
        return loss(source, name, detail, tuple(np.asarray(x) for x in operands), args, function, fixed, "OX-10", "special", True)

    f32 = np.float32
    edge = f32([-2, -1, -0.5, 0, 0.5, 1, 2])
    zero, one = np.zeros(7, f32), np.ones(7, f32)
    yield at("huber_loss", (edge, zero))
    yield at("log_cosh", (f32([-1000, 0, 1000]), f32([0, 0, 0])))
    yield at("l2_loss", (f32([3.0]), f32([1.0])))
    yield at("hinge_loss", (edge, one))
    yield at("perceptron_loss", (edge, one))
    yield at("sparsemax_loss", (edge, np.array([0, 1, 0, 1, 0, 1, 0], np.int32)))
    yield at("multiclass_hinge_loss", (f32([[1, 0, 2], [0, 0, 0], [1, 2, 2]]), np.array([0, 1, 2], np.int32)))
    yield at("multiclass_perceptron_loss", (f32([[1, 0, 2], [0, 0, 0], [1, 2, 2]]), np.array([0, 1, 2], np.int32)))
    yield at("multiclass_sparsemax_loss", (f32([[1, 0, 2], [0, 0, 0], [5, 0, 0]]), np.array([0, 1, 0], np.int32)))
    yield at("sigmoid_binary_cross_entropy", (f32([-100, -100, 100, 100, 0]), f32([0, 1, 0, 1, 1])))
    yield at("softmax_cross_entropy", (f32([[1000, 0], [0, 0]]), f32([[0, 1], [0.5, 0.5]])))
    yield at("softmax_cross_entropy_with_integer_labels", (f32([[1000, 0], [0, 0]]), np.array([1, 0], np.int32)))
    yield at("safe_softmax_cross_entropy", (f32([[-np.inf, 0, 1], [2, 1, -np.inf]]), f32([[0, 0.25, 0.75], [1, 0, 0]])), fixed=(1,))
    yield at("kl_divergence", (f32([[-1, -2, -0.5], [-1, -1, -1]]), f32([[0, 0.5, 0.5], [1, 0, 0]])), fixed=(1,))
    yield at("triplet_margin_loss", (f32([[1, 2], [0, 0]]), f32([[1, 2], [0, 0]]), f32([[1, 3], [0, 0]])), {"margin": 0.0})
    yield at("cosine_similarity", (f32([[1, 0], [0, 2]]), f32([[0, 1], [0, 3]])))
