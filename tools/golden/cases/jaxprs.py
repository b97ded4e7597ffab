"""The texts of jax.make_jaxpr, for structural comparison. Shapes are fixed: they do not depend on the seed.

Functions are written in lax alone, so that no jit or custom_jvp wrapper appears.
"""

import os

import jax
import numpy as np
from jax import lax

from cases import control as c
from cases import functions as f
from cases import transforms as t

MLP_SHAPES = ((5, 3), (5,), (4, 5), (4,), (2, 4), (2,), (6, 3), (6, 2))
NORM_SHAPES = ((5, 3), (3,), (3,), (5, 3), (5, 3))


def gradient(function, count):
    """The gradient with respect to the first `count` operands."""
    return jax.grad(function, tuple(range(count)))


def unused(x):
    """A result that nothing reads stays in the jaxpr, as `_`."""
    lax.exp(x)
    return lax.neg(x)


# name: (function, shapes of its f32 operands)
PROGRAMS = {
    "mlp": (f.mlp(["tanh", "gelu"]), MLP_SHAPES),
    "grad_mlp": (gradient(f.mlp(["tanh", "gelu"]), 6), MLP_SHAPES),
    "batchnorm": (f.batchnorm(1e-5), NORM_SHAPES),
    "grad_batchnorm": (gradient(f.batchnorm(1e-5), 3), NORM_SHAPES),
    "layer_norm": (f.layer_norm(1e-5), ((2, 5), (5,), (5,))),
    "softmax_xent": (f.softmax_xent, ((3, 5), (3, 5))),
    "grad_softmax_xent": (gradient(f.softmax_xent, 1), ((3, 5), (3, 5))),
    "matmul_chain": (f.matmul_chain, ((2, 3), (3, 5), (5, 4))),
    "linear_regression": (f.linear_regression, ((3,), (), (5, 3), (5,))),
    "grad_linear_regression": (gradient(f.linear_regression, 2), ((3,), (), (5, 3), (5,))),
    "rnn": (f.rnn, ((3, 3), (3, 2), (4, 2))),
    "gelu": (f.gelu, ((3,),)),
    "unused": (unused, ((3,),)),
    "chain": (t.chain, ((3,),)),
    "grad_chain": (jax.grad(t.chain), ((3,),)),
    "grad_ratio": (jax.grad(t.ratio), ((3,),)),
    "grad_cubic": (jax.grad(t.cubic), ((3,),)),
    "grad_dense": (jax.grad(t.dense), ((3,), (4, 3))),
    "grad_quadratic": (jax.grad(t.quadratic), ((3,),)),
    "jvp_chain": (lambda x, v: jax.jvp(t.chain, (x,), (v,)), ((3,), (3,))),
    "jvp_grad_chain": (t.jvp_grad(t.chain), ((3,), (3,))),
    "vmap_chain": (jax.vmap(t.chain), ((5, 3),)),
    "vmap_grad_chain": (jax.vmap(jax.grad(t.chain)), ((5, 3),)),
    "vmap_dense": (jax.vmap(t.dense, (0, None)), ((5, 3), (4, 3))),
    "vmap_blend_0_1": (jax.vmap(t.MAPPED["blend"], (0, 1), 1), ((2, 3), (3, 2))),
    "vmap_inner_0_1": (jax.vmap(t.MAPPED["inner"], (0, 1)), ((2, 3), (3, 2))),
    "vmap_center": (t.collective(t.center), ((5, 3),)),
    "vmap_axis_softmax": (t.collective(t.axis_softmax), ((5, 3),)),
    "vmap_grad_psum_square": (t.grad_inside_vmap(t.COLLECTIVE["psum_square"]), ((5,),)),
}


def forwards(function):
    """A function of control.h5 in the forward direction."""
    return lambda *x: function(False, *x)


def pullback(function, count):
    """The cotangents of the first `count` operands, from those of the results."""
    def apply(*x):
        value, back = jax.vjp(forwards(function), *x[:count])
        return back(x[count:] if isinstance(value, tuple) else x[count])
    return apply


RNN = ((3, 3), (3,), (5, 3))

# Programs within programs. Names and shapes as above.
NESTED = {
    "control_scan": (forwards(c.scan_rnn), RNN),
    "control_scan_jvp": (
        lambda *x: jax.jvp(lambda *y: c.scan_rnn(True, *y), x[:3], x[3:]), RNN + RNN),
    "control_scan_vmap": (jax.vmap(forwards(c.scan_rnn), (None, 0, None)), ((3, 3), (2, 3), (5, 3))),
    "control_scan_vjp": (pullback(c.scan_rnn, 3), RNN + ((3,), (5, 3), (5,))),
    "control_cond": (forwards(c.cond_sign), ((), (3,))),
    "control_cond_vmap": (jax.vmap(forwards(c.cond_sign)), ((2,), (2, 3))),
    "control_cond_vjp": (pullback(c.cond_sign, 2), ((), (3,), (3,))),
    "control_while": (forwards(c.while_double), ((3,),)),
    "control_while_jvp": (lambda x, v: jax.jvp(forwards(c.while_double), (x,), (v,)), ((3,), (3,))),
    "control_jit": (forwards(c.jit_nested), ((3,), (3,))),
    "control_jit_vjp": (pullback(c.jit_nested, 2), ((3,), (3,), (3,))),
    "control_checkpoint": (forwards(c.checkpoint_chain), ((3,), (3,))),
    "control_custom_jvp": (forwards(c.custom_jvp_double), ((3,),)),
    "control_custom_vjp": (forwards(c.custom_vjp_scaled), ((3,), (3,))),
    "control_custom_vjp_vjp": (pullback(c.custom_vjp_scaled, 2), ((3,), (3,), (3,))),
}


def write(folder):
    """Writes one text per program, each in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (function, shapes) in (PROGRAMS | NESTED).items():
        operands = [np.zeros(shape, np.float32) for shape in shapes]
        temporary = folder / f"{name}.part"
        temporary.write_text(f"{jax.make_jaxpr(function)(*operands)}\n")
        os.replace(temporary, folder / f"{name}.txt")
