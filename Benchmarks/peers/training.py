"""Whole train steps in JAX, Equinox and Optax, beside ours: `python Benchmarks/peers/training.py --assay Benchmarks/.build/release/Benchmarks`.

Both sides start from the same float32 numbers, must agree in the losses of their first five steps, and run alternately, each pinned to as many cores
as it has threads. The Equinox side is `eqx.filter_jit` of the whole step with donated buffers. `--floor train_floor.c` compiles a hand-written C
program with the arguments KIND FILE THREADS REPETITIONS SIZES… that prints `losses` and `seconds`, and runs it as a third. With one thread the time
is the processor's, which other work on the machine lengthens least (the C program knows only the clock on the wall).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

RESNET = [("resnet", (h, b, 4)) for h in (64, 512) for b in (32, 256, 2048)]
BN = [("bn", s) for s in ((64, 32), (64, 256), (512, 256), (512, 2048))]
CONV = [("conv", (32, 16, 32, 128, 3)), ("conv", (32, 64, 64, 256, 5))]
SHORTEST, REPETITIONS = 0.02, 15


def pin(threads):
    """The highest-numbered cores: the first takes the interrupts."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[-threads:]))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ[name] = str(threads)
    os.environ["JAX_PLATFORMS"] = "cpu"


def numbers(kind, sizes):
    """Parameters in the order of the fields, then x and y."""
    import numpy as np

    rng = np.random.default_rng(0)

    def linear(i, o, *kernel):
        limit = 1 / np.sqrt(i * np.prod(kernel, dtype=int))
        bias = (o, 1) if kernel else (o,)
        return [rng.uniform(-limit, limit, (o, i, *kernel)), rng.uniform(-limit, limit, bias)]

    affine = lambda n: [np.ones(n), np.zeros(n)]
    if kind == "resnet":
        h, b, depth = sizes
        blocks = [a for _ in range(depth) for a in affine(h) + linear(h, h) + linear(h, h)]
        parameters = linear(1, h) + blocks + linear(h, 1)
        x = rng.uniform(-3, 3, (b, 1))
        data = [x, np.sin(2 * x) + 0.1 * rng.normal(size=(b, 1))]
    elif kind == "bn":
        h, b = sizes
        parameters = linear(8, h) + affine(h) + linear(h, h) + affine(h) + linear(h, 1)
        x = rng.normal(size=(b, 8))
        data = [x, np.sin(x.sum(axis=1, keepdims=True))]
    else:
        b, i, o, length, kernel = sizes
        parameters = linear(i, o, kernel) + affine(o)
        data = [rng.normal(size=(b, i, length))]
    single = lambda arrays: [a.astype(np.float32) for a in arrays]
    return single(parameters), single(data)


def equinox_step(kind, sizes, parameters, data):
    """(step of a carry to a carry and a loss, the first carry)."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp
    import optax

    key, optimiser = jax.random.PRNGKey(0), optax.adam(1e-3)

    class Block(eqx.Module):
        norm: eqx.nn.LayerNorm
        linear1: eqx.nn.Linear
        linear2: eqx.nn.Linear

        def __call__(self, x):
            return x + self.linear2(jax.nn.gelu(self.linear1(self.norm(x))))

    class ResNet(eqx.Module):
        embed: eqx.nn.Linear
        blocks: list
        readout: eqx.nn.Linear

        def __call__(self, x):
            x = self.embed(x)
            for block in self.blocks:
                x = block(x)
            return self.readout(x)

    class Normalised(eqx.Module):
        linear1: eqx.nn.Linear
        norm1: eqx.nn.BatchNorm
        linear2: eqx.nn.Linear
        norm2: eqx.nn.BatchNorm
        head: eqx.nn.Linear

        def __call__(self, x, state):
            x, state = self.norm1(self.linear1(x), state)
            x, state = self.norm2(self.linear2(jax.nn.relu(x)), state)
            return self.head(jax.nn.relu(x)), state

    class Conv(eqx.Module):
        conv: eqx.nn.Conv1d
        norm: eqx.nn.GroupNorm

        def __call__(self, x):
            return jax.nn.gelu(self.norm(self.conv(x)))

    linear = lambda i, o: eqx.nn.Linear(i, o, key=key)

    def filled(model):
        dynamic, static = eqx.partition(model, eqx.is_inexact_array)
        treedef = jax.tree_util.tree_structure(dynamic)
        return eqx.combine(jax.tree_util.tree_unflatten(treedef, [jnp.array(a) for a in parameters]), static)

    if kind == "conv":
        _, i, o, _, kernel = sizes
        model = filled(Conv(eqx.nn.Conv1d(i, o, kernel, padding=kernel // 2, key=key), eqx.nn.GroupNorm(4, o)))
        loss = lambda m, x: jnp.mean(jax.vmap(m)(x) ** 2)
        gradient = eqx.filter_jit(lambda m, x: eqx.filter_value_and_grad(loss)(m, x))
        x = jnp.asarray(data[0])

        def step(carry):
            value, grad = gradient(model, x)
            return grad, value

        return step, None

    x, y = map(jnp.asarray, data)
    if kind == "resnet":
        h, _, depth = sizes
        blocks = [Block(eqx.nn.LayerNorm(h), linear(h, h), linear(h, h)) for _ in range(depth)]
        model = filled(ResNet(linear(1, h), blocks, linear(h, 1)))
        state = None

        def loss(m, state, x, y):
            return jnp.mean((jax.vmap(m)(x) - y) ** 2), state
    else:
        h = sizes[0]
        norm = lambda: eqx.nn.BatchNorm(h, axis_name="batch", mode="batch", momentum=0.9)
        model, state = eqx.nn.make_with_state(lambda: Normalised(linear(8, h), norm(), linear(h, h), norm(), linear(h, 1)))()
        model = filled(model)

        def loss(m, state, x, y):
            out, state = jax.vmap(m, axis_name="batch", in_axes=(0, None), out_axes=(0, None))(x, state)
            return jnp.mean((out - y) ** 2), state

    def whole(batch, carry):
        model, state, moments = carry
        (value, state), grad = eqx.filter_value_and_grad(loss, has_aux=True)(model, state, *batch)
        updates, moments = optimiser.update(grad, moments)
        return (eqx.apply_updates(model, updates), state, moments), value

    jitted = eqx.filter_jit(whole, donate="all-except-first")
    return lambda carry: jitted((x, y), carry), (model, state, optimiser.init(eqx.filter(model, eqx.is_inexact_array)))


def measure_equinox(kind, sizes):
    """What a process of its own prints: losses and seconds per step."""
    import jax

    step, carry = equinox_step(kind, sizes, *numbers(kind, sizes))
    losses = []
    for _ in range(5):
        carry, loss = step(carry)
        losses.append(float(loss))

    def timed(count):
        nonlocal carry
        start, processor = time.perf_counter(), time.process_time()
        for _ in range(count):
            carry, loss = step(carry)
        jax.block_until_ready((carry, loss))
        return (time.perf_counter() - start) / count, (time.process_time() - processor) / count

    count = max(1, int(SHORTEST / timed(3)[0]))
    samples = [timed(count) for _ in range(REPETITIONS)]
    print("losses", *losses)
    print("seconds", *(wall for wall, _ in samples))
    print("processor", *(processor for _, processor in samples))


def run(command):
    """{first word of a line: its numbers}."""
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line.split()[0]: [float(w) for w in line.split()[1:]] for line in text.splitlines()}


def compiled(source, folder):
    """The C program, for this machine."""
    program = os.path.join(folder, "floor")
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp"]
    subprocess.run(["cc", *flags, "-o", program, source, "-lopenblas", "-lm"], check=True)
    return program


def compare(options, kind, sizes, folder, floor):
    """One row of the table."""
    import numpy as np

    parameters, data = numbers(kind, sizes)
    path = os.path.join(folder, "numbers")
    np.concatenate([a.ravel() for a in parameters + data]).tofile(path)
    words = [str(s) for s in sizes]
    commands = {
        "assay": [options.assay, "--suite", "training", "--threads", str(options.threads), "--input", path, "--kind", kind, "--sizes", ",".join(words)],
        "equinox": [sys.executable, __file__, "--threads", str(options.threads), "--measure", kind, *words]}
    if floor:
        commands["floor"] = [floor, kind, path, str(options.threads), str(REPETITIONS), *words]
    seconds = {peer: [] for peer in commands}
    for _ in range(options.rounds):
        losses = {}
        for peer, command in commands.items():
            result = run(command)
            losses[peer] = result["losses"]
            times = result.get("processor", result["seconds"]) if options.threads == 1 else result["seconds"]
            seconds[peer].append(statistics.median(times))
        worst = max(abs(np.array(losses[p]) / losses["equinox"] - 1).max() for p in losses)
        if worst > 2e-3:
            raise SystemExit(f"{kind} {sizes}: losses differ, {losses}")
    rates = {peer: 1 / min(values) for peer, values in seconds.items()}
    cells = [f"{rates['assay']:.4g}", f"{rates['equinox']:.4g}", f"{rates['assay'] / rates['equinox']:.2f}"]
    if floor:
        cells += [f"{rates['floor']:.4g}", f"{rates['assay'] / rates['floor']:.2f}"]
    print(f"| {kind} {' '.join(words)} | {' | '.join(cells)} |", flush=True)


def main():
    """Prints one line per workload: steps per second, and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assay", help="our benchmark program")
    parser.add_argument("--floor", help="the source of a hand-written C program")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="passes; the better median of each side is shown")
    parser.add_argument("--only", default="", help="rows whose name begins so")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    pin(options.threads)
    if options.measure:
        return measure_equinox(options.measure[0], tuple(map(int, options.measure[1:])))
    print("| steps per second | Assay | Equinox | times | C floor | share |" if options.floor else "| steps per second | Assay | Equinox | times |")
    print("|---|---|---|---|---|---|" if options.floor else "|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        floor = compiled(options.floor, folder) if options.floor else None
        for kind, sizes in RESNET + BN + CONV:
            if f"{kind} {' '.join(map(str, sizes))}".startswith(options.only):
                compare(options, kind, sizes, folder, floor)


if __name__ == "__main__":
    main()
