"""Small whole programs: the value and the derivative with respect to every inexact operand."""

import jax
import numpy as np
from jax import numpy as jnp

from case import Case, both
from cases import functions as f
from cases.points import WIDE


def cases(source):
    """All cases of programs.h5."""
    for make in (networks, normalisations, losses, chains, rowwise, activations):
        yield from make(source)


def program(source, name, detail, function, operands, params=None, rules=""):
    """One case at random points."""
    case_name = f"{name}/{detail}"
    variants = both(function, operands, source, case_name)
    return Case(case_name, name, function, variants, params or {}, rules=rules)


def normal(source, name, shape, scale=1.0):
    """Normal numbers rounded to three decimals, f32."""
    return np.round(source.rng(name).normal(0, scale, shape), 3).astype(np.float32)


def one_hot(source, name, rows, classes):
    """Random labels as rows of 0 and 1."""
    return np.eye(classes, dtype=np.float32)[source.rng(name).integers(0, classes, rows)]


def networks(source):
    """Multi-layer perceptrons from three neurons to ten thousand parameters."""
    a, b, c = source.extents
    grow = (source.seed * 7) % 13
    sizes = {"tiny": (a, b, c, 3, a), "small": (4, 8, 6, c, 7), "ten-thousand": (32 + grow, 96, 64, 10, 4)}
    for detail, (d, h0, h1, k, batch) in sizes.items():
        yield network(source, detail, d, h0, h1, k, batch, ["tanh", "gelu"])
    yield network(source, "gelu-tanh", b, c, 4, 3, 6, ["gelu", "tanh"])


def network(source, detail, d, h0, h1, k, batch, activations):
    """One perceptron: weights of the usual scale, biases that are not zero."""
    name = f"mlp/{detail}"
    shapes = ((h0, d), (h0,), (h1, h0), (h1,), (k, h1), (k,))
    weights = [normal(source, f"{name}/{i}", s, 1 / np.sqrt(s[-1])) for i, s in enumerate(shapes)]
    x = normal(source, name + "/x", (batch, d))
    t = one_hot(source, name + "/t", batch, k)
    params = {"activations": activations}
    return program(source, "mlp", detail, f.mlp(activations), (*weights, x, t), params)


def normalisations(source):
    """BatchNorm over a named axis and LayerNorm over rows."""
    a, b, c = source.extents
    for detail, batch, width in (("small", c, b), ("wide", a + 2, 8), ("one-feature", b, 1)):
        name = f"batchnorm/{detail}"
        shapes = ((batch, width), (width,), (width,), (batch, width), (batch, width))
        operands = [normal(source, f"{name}/{i}", s) for i, s in enumerate(shapes)]
        yield program(source, "batchnorm", detail, f.batchnorm(1e-5), operands, {"eps": 1e-5}, "VM-02")
    for detail, batch, width in (("small", a, c), ("wide", b, 16)):
        name = f"layer_norm/{detail}"
        operands = [normal(source, f"{name}/{i}", s) for i, s in enumerate(((batch, width), (width,), (width,)))]
        yield program(source, "layer_norm", detail, f.layer_norm(1e-5), operands, {"eps": 1e-5}, "LA-11")


def losses(source):
    """Cross-entropy and mean squared error."""
    a, b, c = source.extents
    for detail, rows, classes, scale in (("small", b, c, 1.0), ("large-logits", a, 4, 30.0)):
        name = f"softmax_xent/{detail}"
        operands = normal(source, name, (rows, classes), scale), one_hot(source, name + "/t", rows, classes)
        yield program(source, "softmax_xent", detail, f.softmax_xent, operands)
    shapes = ((b,), (), (c, b), (c,))
    operands = [normal(source, f"linear_regression/{i}", s) for i, s in enumerate(shapes)]
    yield program(source, "linear_regression", "small", f.linear_regression, operands)


def chains(source):
    """Products of matrices and a recurrence, where weights are used again and again."""
    a, b, c = source.extents
    for detail, shapes in (("small", ((a, b), (b, c), (c, 4))), ("larger", ((8, 16), (16, 12), (12, a)))):
        operands = [normal(source, f"matmul_chain/{detail}/{i}", s, 0.5) for i, s in enumerate(shapes)]
        yield program(source, "matmul_chain", detail, f.matmul_chain, operands)
    for detail, hidden, width, steps in (("small", b, a, 4), ("longer", 4, b, 9)):
        shapes = ((hidden, hidden), (hidden, width), (steps, width))
        operands = [normal(source, f"rnn/{detail}/{i}", s, 0.6) for i, s in enumerate(shapes)]
        yield program(source, "rnn", detail, f.rnn, operands, {"steps": steps})


def rowwise(source):
    """jax.nn and jnp reductions along axis 1."""
    a, b, c = source.extents
    for name, function in (("softmax", jax.nn.softmax), ("log_softmax", jax.nn.log_softmax),
                           ("logsumexp", jax.nn.logsumexp)):
        for detail, scale in (("small", 1.0), ("large", 40.0)):
            x = normal(source, f"{name}/{detail}", (b, c), scale)
            yield program(source, name, detail, f.over_axis(function, 1), (x,), {"axis": 1})
    for name, function in (("var", jnp.var), ("std", jnp.std)):
        for ddof in (0, 1):
            x = normal(source, f"{name}/{ddof}", (a, c))
            yield program(source, name, f"ddof{ddof}", f.over_axis(function, 1, ddof=ddof), (x,),
                          {"axis": 1, "ddof": ddof})


def activations(source):
    """Smooth activations and two-operand functions, away from their hard points."""
    a, b, c = source.extents
    for name, function in (("gelu", jax.nn.gelu), ("gelu_exact", f.gelu_exact), ("silu", jax.nn.silu),
                           ("softplus", jax.nn.softplus), ("elu", jax.nn.elu), ("relu", jax.nn.relu)):
        x = source.uniform(f"activation/{name}", (b, c), *WIDE)
        yield program(source, name, "random", function, (x,))
    yield program(source, "norm", "random", jnp.linalg.norm, (normal(source, "norm", (c,)),))
    for name, function in (("hypot", jnp.hypot), ("logaddexp", jnp.logaddexp)):
        pair = normal(source, f"{name}/x", (a, b)), normal(source, f"{name}/y", (a, b))
        yield program(source, name, "random", function, pair)
    pair = source.uniform("xlogy/x", (a, b), 0.1, 3), source.uniform("xlogy/y", (a, b), 0.1, 3)
    yield program(source, "xlogy", "random", jax.scipy.special.xlogy, pair)
