"""The tutorial as whole processes, ours and the same notebook in Python:

    python Benchmarks/peers/tutorial.py --assay .build/release/assay --python-tutorial PATH [--rounds N] [--epochs N]

PATH is a program that walks the same sections in JAX, Equinox and Optax with the same sizes and epochs. Both run alternately, from start to
exit; the table has the medians of wall time and the largest resident set that either needed (ru_maxrss, children included: pictures are drawn by both).
"""

import argparse
import os
import statistics
import sys
import tempfile
import time


def measured(command):
    """Wall seconds, processor seconds and MiB at the peak of a run; ends the program if it fails."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - began
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    # Linux counts in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=".build/release/assay")
    parser.add_argument("--python-tutorial", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=60)
    arguments = parser.parse_args()
    figures = {"assay": [], "python": []}
    with tempfile.TemporaryDirectory() as folder:
        tail = ["--epochs", str(arguments.epochs), "--out", folder]
        commands = {
            "assay": [os.path.abspath(arguments.assay), "tutorial", *tail],
            "python": [arguments.python, arguments.python_tutorial, *tail]}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                figures[name].append(measured(command))
    medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in figures.items()}
    print("| | wall s | processor s | peak MiB |\n|---|---|---|---|")
    for name, (wall, processor, peak) in medians.items():
        print(f"| {name} | {wall:.2f} | {processor:.2f} | {peak:.0f} |")
    ratios = [ours / theirs for ours, theirs in zip(medians["assay"], medians["python"])]
    print(f"| ratio | {ratios[0]:.3f} | {ratios[1]:.3f} | {ratios[2]:.3f} |")


main()
