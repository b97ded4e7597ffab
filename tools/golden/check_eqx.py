"""A model that was trained and saved here, in the real Equinox: python tools/golden/check_eqx.py DIR.

DIR is what `assay tutorial --out DIR` leaves: model.eqx, and run.h5 with the places and values of the predictions. The file must load into the
same network written in Equinox, predict the same, and be saved again as the same bytes.

How far two predictions may lie apart: each side rounds to f32 (u = 2^-24) in an order of its own. Let z be any intermediate value of the network.
Its own roundings change it by at most d(z): (n + 1) u (|W||x| + |b|) for a product with n terms, u |z| for an addition or a multiplication, and
what docs/ErrorModels.md has measured of XLA, in ulps of 2u, for tanh (3.79) and rsqrt (1.47). To first order in u a prediction y then moves by at
most the sum of |dy/dz| d(z) over all z, and two sides lie at most twice that apart. Derivatives and values are taken in f64.
"""

import pathlib
import sys
import tempfile

import equinox as eqx
import h5py
import jax
import numpy as np
from jax import numpy as jnp

U = 2.0**-24
TANH, RSQRT = 3.79 * 2 * U, 1.47 * 2 * U
WIDTH, DEPTH = 64, 4


class ResidualBlock(eqx.Module):
    norm: eqx.nn.LayerNorm
    linear1: eqx.nn.Linear
    linear2: eqx.nn.Linear

    def __init__(self, width, key):
        key1, key2 = jax.random.split(key)
        self.norm = eqx.nn.LayerNorm(width)
        self.linear1 = eqx.nn.Linear(width, width, key=key1)
        self.linear2 = eqx.nn.Linear(width, width, key=key2)

    def __call__(self, x):
        return x + self.linear2(jax.nn.gelu(self.linear1(self.norm(x))))


class ResNetMLP(eqx.Module):
    embed: eqx.nn.Linear
    blocks: list
    readout: eqx.nn.Linear

    def __init__(self, key):
        first, last, *keys = jax.random.split(key, DEPTH + 2)
        self.embed = eqx.nn.Linear(1, WIDTH, key=first)
        self.blocks = [ResidualBlock(WIDTH, k) for k in keys]
        self.readout = eqx.nn.Linear(WIDTH, 1, key=last)

    def __call__(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.readout(x)


class Roundings:
    """Every intermediate value passes through `at`, which adds what its roundings might and keeps how much that may be."""

    def __init__(self, shifts=None):
        self.shifts, self.bounds = iter(shifts) if shifts is not None else None, []

    def at(self, z, bound):
        self.bounds.append(jnp.broadcast_to(bound, z.shape))
        return z if self.shifts is None else z + next(self.shifts)

    def basic(self, z, count=1):
        """After `count` roundings relative to the result."""
        return self.at(z, count * U * jnp.abs(z))

    def linear(self, layer, x):
        size = jnp.abs(layer.weight) @ jnp.abs(x) + jnp.abs(layer.bias)
        return self.at(layer.weight @ x + layer.bias, (x.size + 1) * U * size)

    def centred(self, x):
        mean = self.at(jnp.mean(x), (x.size + 1) * U * jnp.mean(jnp.abs(x)))
        return self.basic(x - mean)

    def norm(self, layer, x):
        variance = jnp.mean(jnp.square(self.centred(x)))
        variance = self.basic(variance, x.size + 2)
        # The literal is rounded too.
        scale = jax.lax.rsqrt(self.basic(variance + layer.eps, 2))
        scale = self.at(scale, RSQRT * scale)
        x = self.basic(self.basic(self.centred(x) * scale) * layer.weight)
        return self.basic(x + layer.bias)

    def gelu(self, x):
        cube = self.basic(x**3, 2)
        inner = self.basic(x + self.basic(0.044715 * cube, 2))
        inner = self.basic(np.sqrt(2 / np.pi) * inner, 2)
        t = jnp.tanh(inner)
        t = self.basic(1 + self.at(t, TANH * jnp.abs(t)))
        return self.basic(x * (0.5 * t))

    def network(self, model, x):
        x = self.linear(model.embed, x)
        for block in model.blocks:
            inner = self.gelu(self.linear(block.linear1, self.norm(block.norm, x)))
            x = self.basic(x + self.linear(block.linear2, inner))
        return self.linear(model.readout, x)[0]


def bounds(model, xs):
    """Predictions in f64, and how far one in f32 may lie from each."""
    with jax.enable_x64(True):
        model = jax.tree.map(lambda a: jnp.asarray(np.asarray(a), jnp.float64) if eqx.is_inexact_array(a) else a, model)

        def moved(shifts, x):
            roundings = Roundings(shifts)
            return roundings.network(model, x), roundings.bounds

        def one(x):
            _, sizes = moved(None, x)
            (y, _), slopes = jax.value_and_grad(moved, has_aux=True)([jnp.zeros_like(s) for s in sizes], x)
            return y, sum(jnp.sum(jnp.abs(slope) * size) for slope, size in zip(slopes, sizes, strict=True))

        return [np.asarray(a) for a in jax.jit(jax.vmap(one))(jnp.asarray(xs, jnp.float64))]


def main():
    folder = pathlib.Path(sys.argv[1])
    skeleton = eqx.filter_eval_shape(ResNetMLP, jax.random.PRNGKey(0))
    model = eqx.tree_deserialise_leaves(folder / "model.eqx", skeleton)
    with h5py.File(folder / "run.h5") as run:
        x, ours = run["predictions/x"][:].reshape(-1, 1), run["predictions/y"][:]
    if not np.array_equal(x, x.astype(np.float32)):
        raise SystemExit("the places in run.h5 are no f32")
    theirs = np.asarray(eqx.filter_jit(lambda m, x: jax.vmap(m)(x))(model, jnp.asarray(x, jnp.float32)))[:, 0].astype(np.float64)
    exact, bound = bounds(model, x)
    for name, values, allowed in (("Equinox from ours", np.abs(theirs - ours), 2 * bound), ("Equinox from f64", np.abs(theirs - exact), bound),
                                  ("ours from f64", np.abs(ours - exact), bound)):
        worst = np.argmax(values / allowed)
        print(f"{name}: at most {values.max():.2e}; nearest its bound at x = {x[worst, 0]:.3f}: {values[worst]:.2e} of {allowed[worst]:.2e}")
        if not (values <= allowed).all():
            raise SystemExit(f"{name}: further apart than rounding explains")
    with tempfile.TemporaryDirectory() as temporary:
        again = pathlib.Path(temporary) / "again.eqx"
        eqx.tree_serialise_leaves(again, model)
        if again.read_bytes() != (folder / "model.eqx").read_bytes():
            raise SystemExit("saved again by Equinox, the file has other bytes")
    print(f"{len(x)} predictions agree; saved again by Equinox, the file has the same bytes")


if __name__ == "__main__":
    main()
