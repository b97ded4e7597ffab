"""Trees of 1,000 arrays in JAX and Equinox, beside ours: `python Benchmarks/peers/pytree.py --assay Benchmarks/.build/release/Benchmarks`.

Both sides run alternately, and the table has the medians of all repetitions, in microseconds of processor time, which other work on the machine
lengthens least. JAX runs with its defaults: its process time is that of its calling thread alone (measured: the same four digits).
The trees are those of Sources/Benchmarks/Trees.swift: 500 linear layers in a module, and the same arrays in nested dictionaries.
"""

import argparse
import collections
import json
import os
import statistics
import subprocess
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import equinox as eqx  # noqa: E402
import jax  # noqa: E402
import jax.tree_util as jtu  # noqa: E402
from jax import numpy as jnp  # noqa: E402

REPETITIONS, SHORTEST = 5, 0.02


class Stack(eqx.Module):
    layers: list


def trees():
    """The module, its dictionaries, and how each addresses one weight and all."""
    one = eqx.nn.Linear(2, 2, key=jax.random.PRNGKey(0))
    layers = [eqx.tree_at(lambda l: (l.weight, l.bias), one, (jnp.full((2, 2), i), jnp.full((2,), i))) for i in range(500)]
    nested = {f"layer{i:03d}": {"weight": l.weight, "bias": l.bias} for i, l in enumerate(layers)}
    yield "module", Stack(layers), lambda t: t.layers[250].weight, lambda t: [l.weight for l in t.layers]
    yield "dict", nested, lambda t: t["layer250"]["weight"], lambda t: [t[k]["weight"] for k in t]


def measures(name, tree, one, all_weights):
    """(measure, function without arguments) of one tree."""
    leaves, treedef = jtu.tree_flatten(tree)
    others = [x + 1 for x in leaves]
    other = jtu.tree_map(lambda x: x, tree)
    treedef2 = jtu.tree_structure(other)
    a, b = eqx.partition(tree, eqx.is_array)
    new = jnp.zeros((2, 2))
    news = [new] * 500
    found = {
        "flatten": lambda: jtu.tree_flatten(tree), "leaves": lambda: jtu.tree_leaves(tree),
        "unflatten": lambda: jtu.tree_unflatten(treedef, leaves), "unflatten_others": lambda: jtu.tree_unflatten(treedef, others),
        "flatten_with_path": lambda: jtu.tree_flatten_with_path(tree),
        "structure_equal": lambda: treedef == treedef2, "structure_hash": lambda: hash(treedef),
        "map_identity": lambda: jtu.tree_map(lambda x: x, tree), "map_two_trees": lambda: jtu.tree_map(lambda x, y: x, tree, other),
        "filter_is_array": lambda: eqx.filter(tree, eqx.is_array), "partition": lambda: eqx.partition(tree, eqx.is_array),
        "combine": lambda: eqx.combine(a, b), "tree_equal": lambda: eqx.tree_equal(tree, other),
        "tree_at_one": lambda: eqx.tree_at(one, tree, new), "tree_at_500": lambda: eqx.tree_at(all_weights, tree, news)}
    return {f"{measure}/{name}": function for measure, function in found.items()}


def jitted():
    """A cached call of a function that does almost nothing, on a model of ten arrays."""
    model = Stack(next(trees())[1].layers[:5])
    function = eqx.filter_jit(lambda m, x: x + m.layers[0].bias)
    x = jnp.array([1.0, 2.0])
    return lambda: function(model, x).block_until_ready()


def seconds(function, count):
    start = time.process_time()
    for _ in range(count):
        function()
    return (time.process_time() - start) / count


def microseconds(function):
    """Several repetitions of at least 20 ms each."""
    function()
    count = max(1, int(SHORTEST / max(seconds(function, 1), 1e-9)))
    return [seconds(function, count) * 1e6 for _ in range(REPETITIONS)]


def ours(program):
    """What our benchmark prints: measure -> median."""
    # Nothing here multiplies matrices, but OpenBLAS's second thread spins for the first 0.1 to 0.2 s, at the cost of what is measured then.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run([program, "--suite", "pytree"], check=True, capture_output=True, text=True, env=environment)
    lines = run.stdout.splitlines()
    return {line["measure"]: line["processor_median"] for line in map(json.loads, lines)}


def main():
    """Alternates the sides, then prints one line per measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assay", required=True, help="our benchmark program")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    theirs, mine = collections.defaultdict(list), collections.defaultdict(list)
    functions = {measure: function for tree in trees() for measure, function in measures(*tree).items()}
    functions["filter_jit_cached"] = jitted()
    for _ in range(options.rounds):
        for measure, function in functions.items():
            theirs[measure] += microseconds(function)
        for measure, median in ours(options.assay).items():
            mine[measure].append(median)
    print("| measure | JAX, Equinox (us) | Assay (us) | times |\n|---|---|---|---|")
    for measure in functions:
        a, b = statistics.median(theirs[measure]), statistics.median(mine[measure])
        print(f"| {measure} | {a:.1f} | {b:.2f} | {a / b:.1f} |")


if __name__ == "__main__":
    main()
