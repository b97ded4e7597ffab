"""The composite functions of docs/Fixtures.md.

Where JAX has the function, it is JAX's own; the others are written in lax, one call per operation, in the documented order.
"""

import jax
from jax import lax
from jax import numpy as jnp


def const(value, like):
    """A scalar constant rounded to an operand's dtype."""
    return jnp.asarray(value, like.dtype)


def total(x):
    """reduce_sum over every axis."""
    return lax.reduce_sum(x, tuple(range(x.ndim)))


def expand(x, shape, dims):
    """broadcast_in_dim."""
    return lax.broadcast_in_dim(x, shape, dims)


def full(value, like):
    """A constant of an operand's shape."""
    return lax.full_like(like, value)


def gelu_exact(x):
    """0.5 x erfc(−x √½)."""
    return jax.nn.gelu(x, approximate=False)


def where_sqrt(x):
    """√x where x > 0, else 0: the derivative at 0 is the trap."""
    return jnp.where(x > 0, jnp.sqrt(x), full(0, x))


def double_where_sqrt(x):
    """The same with the operand made safe first."""
    safe = jnp.where(x > 0, x, full(1, x))
    return jnp.where(x > 0, jnp.sqrt(safe), full(0, x))


def stop_gradient_mul(x):
    """stop_gradient(x) · x."""
    return lax.mul(lax.stop_gradient(x), x)


def int_cast_mul(x):
    """float(int(x)) · x: the cast cuts the gradient."""
    return lax.mul(lax.convert_element_type(lax.convert_element_type(x, jnp.int32), x.dtype), x)


def clip(low, high):
    """jnp.clip to constants."""
    return lambda x: jnp.clip(x, const(low, x), const(high, x))


def over_axis(function, axis, **keywords):
    """A jnp or jax.nn reduction along one axis."""
    return lambda x: function(x, axis=axis, **keywords)


def matmul(x, y, left=1, right=0):
    """One dot_general: axis `left` of x with axis `right` of y."""
    return lax.dot_general(x, y, (((left,), (right,)), ((), ())))


def add_row(x, row):
    """x [B,n] + row [n]."""
    return lax.add(x, expand(row, x.shape, (1,)))


def mul_row(x, row):
    """x [B,n] · row [n]."""
    return lax.mul(x, expand(row, x.shape, (1,)))


def gelu(x):
    """The tanh form, in the order of jax.nn.gelu."""
    inner = lax.add(x, lax.mul(full(0.044715, x), lax.integer_pow(x, 3)))
    t = lax.tanh(lax.mul(full(0.7978845608028654, x), inner))
    return lax.mul(x, lax.mul(full(0.5, x), lax.add(full(1, x), t)))


def keep_last(row_values, shape):
    """Broadcasts one value per row of a matrix back along the rows."""
    return expand(expand(row_values, (shape[0], 1), (0,)), shape, (0, 1))


def log_softmax_rows(z):
    """s − log Σ exp s with s = z − stop_gradient(max z), per row."""
    s = lax.sub(z, keep_last(lax.stop_gradient(lax.reduce_max(z, (1,))), z.shape))
    return lax.sub(s, keep_last(lax.log(lax.reduce_sum(lax.exp(s), (1,))), z.shape))


def softmax_xent(z, t):
    """−Σ t·log_softmax(z) / B."""
    return lax.neg(lax.div(total(lax.mul(t, log_softmax_rows(z))), const(z.shape[0], z)))


ACTIVATIONS = {"tanh": lax.tanh, "gelu": gelu}


def mlp(activations):
    """Three dense layers and a mean softmax cross-entropy."""
    first, second = (ACTIVATIONS[name] for name in activations)

    def loss(w0, b0, w1, b1, w2, b2, x, t):
        u = first(add_row(matmul(x, w0, 1, 1), b0))
        v = second(add_row(matmul(u, w1, 1, 1), b1))
        return softmax_xent(add_row(matmul(v, w2, 1, 1), b2), t)

    return loss


def batchnorm(eps):
    """Normalisation by the statistics of the mapped axis, scored by a quadratic form."""

    def instance(x, gamma, beta, w, v):
        d = lax.sub(x, lax.pmean(x, "batch"))
        s = lax.pmean(lax.square(d), "batch")
        y = lax.div(d, lax.sqrt(lax.add(s, full(eps, s))))
        y = lax.add(lax.mul(y, gamma), beta)
        return lax.add(total(lax.mul(y, w)), total(lax.mul(lax.square(y), v)))

    mapped = jax.vmap(instance, in_axes=(0, None, None, 0, 0), axis_name="batch")
    return lambda *operands: total(mapped(*operands))


def layer_norm(eps):
    """Rows to mean 0 and variance 1, then gain and offset."""

    def normalise(x, gamma, beta):
        count = const(x.shape[1], x)
        column = (x.shape[0], 1)
        m = lax.div(expand(lax.reduce_sum(x, (1,)), column, (0,)), expand(count, column, ()))
        d = lax.sub(x, expand(m, x.shape, (0, 1)))
        squares = expand(lax.reduce_sum(lax.square(d), (1,)), column, (0,))
        s = lax.div(squares, expand(count, column, ()))
        scale = lax.rsqrt(lax.add(s, full(eps, s)))
        return add_row(mul_row(lax.mul(d, expand(scale, x.shape, (0, 1))), gamma), beta)

    return normalise


def matmul_chain(a, b, c):
    """tanh(A·B)·C."""
    return matmul(lax.tanh(matmul(a, b)), c)


def linear_regression(w, b, x, y):
    """Mean squared error of x·w + b."""
    predicted = lax.add(matmul(x, w), expand(b, y.shape, ()))
    return lax.div(total(lax.square(lax.sub(predicted, y))), const(y.shape[0], y))


def rnn(w, u, x):
    """s ← tanh(W·s + U·x[t]) from 0; Σ s²."""
    state = lax.full((w.shape[0],), 0, w.dtype)
    for step in range(x.shape[0]):
        row = lax.squeeze(lax.slice(x, (step, 0), (step + 1, x.shape[1])), (0,))
        state = lax.tanh(lax.add(matmul(w, state), matmul(u, row)))
    return total(lax.square(state))


