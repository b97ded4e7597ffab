"""Saving and loading in Equinox, beside ours: `python Benchmarks/peers/serialisation.py --assay Benchmarks/.build/release/Benchmarks`.

Both sides run alternately on the trees of Sources/Benchmarks/Serialisation.swift; the table has the medians of all repetitions in milliseconds, by
the clock on the wall and by the processor's.
"""

import argparse
import collections
import json
import os
import statistics
import subprocess
import tempfile
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import equinox as eqx  # noqa: E402
import jax  # noqa: E402
from jax import numpy as jnp  # noqa: E402

REPETITIONS = 15


def filled(count, size):
    """Arrays of `size` equal numbers."""
    return jax.block_until_ready([jnp.full((size,), i, jnp.float32) for i in range(count)])


def milliseconds(function):
    """(wall, processor) of several calls, after one that warms up."""
    function()
    for _ in range(REPETITIONS):
        wall, processor = time.perf_counter(), time.process_time()
        function()
        yield (time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3


def ours(program):
    """What our benchmark prints: measure -> medians."""
    lines = subprocess.run([program, "--suite", "serialisation"], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line["measure"]: (line["median"], line["processor_median"]) for line in map(json.loads, lines)}


def main():
    """Alternates the sides, then prints one line per measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assay", required=True, help="our benchmark program")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    trees = {"few": filled(4, 6_553_600), "many": filled(10_000, 8)}
    theirs, mine = collections.defaultdict(list), collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for name, tree in trees.items():
                path = f"{folder}/{name}.eqx"
                theirs[f"save/{name}"] += milliseconds(lambda path=path, tree=tree: eqx.tree_serialise_leaves(path, tree))
                theirs[f"load/{name}"] += milliseconds(
                    lambda path=path, tree=tree: jax.block_until_ready(eqx.tree_deserialise_leaves(path, tree)))
            for measure, medians in ours(options.assay).items():
                mine[measure].append(medians)
    print("| measure | Equinox, wall (ms) | Assay, wall (ms) | times | Equinox, processor (ms) | Assay, processor (ms) | times |\n|---|---|---|---|---|---|---|")
    for measure, found in theirs.items():
        cells = []
        for clock in (0, 1):
            a, b = (statistics.median(times[clock] for times in side) for side in (found, mine[measure]))
            cells += [f"{a:.1f}", f"{b:.1f}", f"{a / b:.1f}"]
        print(f"| {measure} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
