"""Regenerates the goldens: `python tools/golden/generate.py [--seed N] [--out DIR] [--only FAMILY ...]`.

Each family is one HDF5 file, made by the real JAX on a CPU; `jaxprs` is the folder of program texts. MANIFEST.json lists what the folder
holds with its checksums. Equal seed, equal bytes.
"""

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
import pathlib
import platform
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import h5py  # noqa: E402
import jax  # noqa: E402

import case  # noqa: E402
import fixture  # noqa: E402

JAX_FAMILIES = (
    "batchnorm",
    "collectives",
    "control",
    "conventions",
    "cumulative",
    "indexing",
    "linesearch",
    "losses",
    "nn",
    "optim",
    "precision",
    "primitives",
    "programs",
    "random",
    "second",
    "stateful",
    "surface",
    "transforms",
    "windows",
    "wrappers",
)
# Compiled programs are kept by JAX until told otherwise: without this the process grows to gigabytes.
CASES_PER_CACHE = 160
FAMILIES = tuple(sorted((*JAX_FAMILIES, "annotations", "filters", "jaxprs", "numbers", "serialisation", "trainsteps", "trajectory", "trees")))
PACKAGES = ("equinox", "h5py", "jax", "jaxlib", "mpmath", "numpy", "optax")


def versions():
    """Version of Python and of every package that a golden can depend on."""
    found = {name: importlib.import_module(name).__version__ for name in PACKAGES}
    return found | {"python": platform.python_version()}


def attributes(family, seed):
    """The attributes of a fixture file."""
    return versions() | {
        "schema": fixture.SCHEMA, "family": family, "seed": seed, "generator": command(seed),
        "x64": int(jax.config.jax_enable_x64), "platform": jax.default_backend(),
        "matmul_precision": str(jax.config.jax_default_matmul_precision or "default"),
        "prng_impl": str(jax.config.jax_default_prng_impl),
        "prng_partitionable": int(jax.config.jax_threefry_partitionable)}


def command(seed):
    """The command that makes these files again, free of local paths."""
    return f"tools/golden/generate.py --seed {seed}"


def write_cases(family, seed, file):
    """Evaluates and stores the cases of a family in the order of their names."""
    module = importlib.import_module(f"cases.{family}")
    for index, one in enumerate(sorted(module.cases(case.Source(seed)), key=lambda c: c.name)):
        if index % CASES_PER_CACHE == 0:
            jax.clear_caches()
        try:
            fixture.write_case(file, one, case.results(one))
        except Exception as error:
            raise RuntimeError(f"{family}: case {one.name} failed: {error}") from error


def write_family(family, seed, out):
    """Writes one file, or the folder of jaxprs."""
    module = importlib.import_module(f"cases.{family}")
    if family == "jaxprs":
        module.write(out / "jaxprs")
    elif family == "annotations":
        module.write(out / "annotations.json", seed)
    elif family == "serialisation":
        module.write(out, seed)
    elif family == "trainsteps":
        module.write(out / "trainsteps.json", seed)
    elif family in ("filters", "numbers", "trajectory", "trees"):
        fixture.write_file(out / f"{family}.h5", attributes(family, seed), lambda file: module.write(file, seed))
    else:
        fixture.write_file(
            out / f"{family}.h5", attributes(family, seed), lambda file: write_cases(family, seed, file))


def count_cases(path):
    """The number of groups that carry `program`."""
    with h5py.File(path, "r") as file:
        found = []
        file.visititems(lambda name, item: found.append(name) if "program" in item.attrs else None)
    return len(found)


def digest(path):
    """sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(seed, out):
    """What the folder holds now, whichever families this run made."""
    files = {
        path.name: {"cases": count_cases(path), "sha256": digest(path)}
        for path in sorted(out.glob("*.h5"))}
    tables = {path.name: digest(path) for path in sorted(out.glob("*.json")) if path.name != "MANIFEST.json"}
    tables |= {f"serialisation/{path.name}": digest(path) for path in sorted((out / "serialisation").glob("*.*"))}
    jaxprs = {path.name: digest(path) for path in sorted((out / "jaxprs").glob("*.txt"))}
    return {"schema": fixture.SCHEMA, "generator": command(seed), "versions": versions(),
            "files": files, "jaxprs": jaxprs, "tables": tables}


def write_manifest(seed, out):
    """Writes MANIFEST.json in one step."""
    temporary = out / "MANIFEST.json.part"
    temporary.write_text(json.dumps(manifest(seed, out), indent=2, sort_keys=True) + "\n")
    os.replace(temporary, out / "MANIFEST.json")


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("fixtures"))
    parser.add_argument("--only", nargs="+", choices=FAMILIES, default=FAMILIES, metavar="FAMILY")
    return parser.parse_args()


def missing(families):
    """The families whose module is not there."""
    return [name for name in families if importlib.util.find_spec(f"cases.{name}") is None]


def main():
    """Generates the chosen families, then the manifest."""
    options = arguments()
    if absent := missing(options.only):
        sys.exit(f"error: no module for {', '.join(absent)} in tools/golden/cases; nothing was written")
    jax.config.update("jax_enable_x64", True)
    options.out.mkdir(parents=True, exist_ok=True)
    for family in options.only:
        started = time.monotonic()
        write_family(family, options.seed, options.out)
        print(f"{family}: {time.monotonic() - started:.1f} s", file=sys.stderr)
    write_manifest(options.seed, options.out)


if __name__ == "__main__":
    main()
