"""Files that the real Equinox wrote (serialisation/*.eqx), and what is in them (serialisation.json): rules SE-01 to SE-08. `bits` also as safetensors.

`models`: for each file its leaves (path, dtype, shape, bytes), where the model is a function its input and output, and the seed of its key.
`records`: .npy records of every form, and whether NumPy 2 reads them (pickles not allowed).
"""

import io
import json
import warnings

import equinox as eqx
import jax
import numpy as np
import safetensors.numpy
from jax import numpy as jnp
from jax import random, tree_util

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 3.4028235e38, 0.1]


def key(seed, name):
    """A key for one model."""
    return random.PRNGKey(1000 * seed + sum(name.encode()))


def dense(seed, name):
    """Models that are functions of one vector, as (model, input)."""
    k = key(seed, name)
    if name == "linear":
        return eqx.nn.Linear(3, 2, key=k), [0.5, -1.25, 2.0]
    if name == "mlp":
        return eqx.nn.MLP(2, 3, 8, 2, key=k), [0.3, -0.7]
    return eqx.nn.MLP(4, 2, 5, 1, use_bias=False, activation=jax.nn.tanh, key=k), [1.0, 2.0, -0.5, 0.25]


def norm(seed):
    """An affine batch normalisation after three batches, with its state."""
    layer, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(3, "batch", mode="batch")
    run = jax.vmap(layer, axis_name="batch", in_axes=(0, None), out_axes=(0, None))
    for step in range(3):
        batch = random.normal(random.fold_in(key(seed, "norm"), step), (4, 3))
        _, state = run(batch, state)
    return layer, state


def bits(seed):
    """Every dtype, rank 0 to 3, empty arrays, and floats of every class with two NaN payloads."""
    rng = np.random.default_rng(seed)
    quiet = np.array([0x7FC00001, 0xFFC12345, 0x00000001, 0x80000000], np.uint32).view(np.float32)
    wide = np.array([0x7FF8000000000001, 0xFFF8123456789ABC, 1, 1 << 63], np.uint64).view(np.float64)
    return {
        "bool": np.array([[True, False, True]]), "empty": np.zeros((0, 3), np.float32), "f32": np.array(SPECIAL, np.float32),
        "f64": np.array([*SPECIAL, 5e-324]), "hollow": np.zeros((2, 0, 4), np.int32),
        "i32": np.array([[-2**31, -1], [0, 2**31 - 1]], np.int32), "nan": quiet, "u32": np.array(2**32 - 1, np.uint32),
        "wide": wide, "z": rng.normal(size=(2, 3, 4)).astype(np.float32)}


def trees(seed):
    """All trees by name."""
    with jax.enable_x64(False):
        found = {name: dense(seed, name)[0] for name in ("linear", "mlp", "plain")} | {"norm": norm(seed)}
    return found | {
        "bits": {name: jnp.asarray(x) for name, x in bits(seed).items()}, "dropout": eqx.nn.Dropout(0.3), "empty": (),
        "scalars": (True, False, 3, -2**63, 2**63 - 1, 0.5, -0.0, float("nan"), float("inf"), "text", None)}


def leaf(path, x):
    """One saved leaf."""
    array = np.asarray(x)
    return {"path": tree_util.keystr(path), "dtype": array.dtype.name, "shape": list(array.shape), "bytes": array.tobytes().hex()}


def description(seed, name, tree):
    """What a file holds."""
    leaves = tree_util.tree_flatten_with_path(tree)[0]
    row = {"leaves": [leaf(path, x) for path, x in leaves if eqx.is_array_like(x)]}
    if name in ("linear", "mlp", "plain"):
        x = np.array(dense(seed, name)[1], np.float32)
        with jax.enable_x64(False):
            row |= {"key": np.asarray(key(seed, name)).tolist(), "input": x.tolist(), "output": np.asarray(tree(x)).tolist()}
    return row


def record(array, version=None):
    """The bytes of one record."""
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=version)
    return out.getvalue()


def records():
    """Records by what is special about them."""
    plain = record(np.array([1, 2], np.float32))
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)

    def changed(old, new):
        """The plain record with another text in its header, of the same length by its padding."""
        assert old in plain and b" " * 30 + b"\n" in plain
        padding = 30 + len(old) - len(new)
        return plain.replace(b" " * 30 + b"\n", b" " * padding + b"\n").replace(old, new, 1)

    return {
        "plain": plain, "version 2": record(matrix, (2, 0)), "version 3": record(matrix, (3, 0)), "fortran": record(np.asfortranarray(matrix)),
        "fortran cube": record(np.asfortranarray(np.arange(24, dtype=np.int32).reshape(2, 3, 4))), "scalar": record(np.float64(0.1)),
        "big endian": record(matrix.astype(">f4")), "half": record(matrix.astype(np.float16)), "complex": record(np.complex128(1 + 2j)),
        "object": record(np.array([1, None], dtype=object)), "structured": record(np.zeros(2, [("a", "<f4")])),
        "text": record(np.array(["ab"])), "native": changed(b"'<f4'", b"'=f4'"), "no order": changed(b"'<f4'", b"'f4'"),
        "double quotes": changed(b"'<f4'", b'"<f4"'), "python 2": changed(b"(2,)", b"(2L,)"), "list": changed(b"(2,)", b"[2,]"),
        "number": changed(b"(2,)", b"(2)"), "float extent": changed(b"(2,)", b"(2.0,)"), "NaN": changed(b"(2,)", b"(nan,)"),
        "huge": changed(b"(2,)", b"(200000000,)"), "overflow": changed(b"(2,)", b"(9223372036854775807, 4)"),
        "order 0": changed(b"False", b"0"), "no magic": b"\x92" + plain[1:], "version 4": plain[:6] + b"\x04" + plain[7:],
        "short": plain[:-1], "header only": plain[:128], "half a header": plain[:64], "nothing": b"", "magic only": plain[:6],
        "unknown key": changed(b"'descr'", b"'descR'"), "no brace": changed(b"{'descr", b"'descr"), "text after": changed(b"}", b"} x")}


def reading(data):
    """What NumPy makes of a record."""
    row = {"bytes": data.hex()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:
        return row | {"error": type(error).__name__}
    values = array.ravel().tolist() if array.dtype.kind in "fiub" and array.dtype.isnative else None
    return row | {"dtype": array.dtype.str, "shape": list(array.shape), "values": values}


def with_header(seed):
    """The documented form: a line of JSON, then the stream."""
    model, x = dense(seed, "mlp")
    out = io.BytesIO()
    out.write((json.dumps({"in_size": 2, "out_size": 3, "width_size": 8, "depth": 2}) + "\n").encode())
    eqx.tree_serialise_leaves(out, model)
    return out.getvalue()


def write(out, seed):
    """Writes the files and their table."""
    folder = out / "serialisation"
    folder.mkdir(exist_ok=True)
    rows = {}
    for name, tree in trees(seed).items():
        with jax.enable_x64(name == "bits"):
            eqx.tree_serialise_leaves(folder / f"{name}.eqx", tree)
        rows[name] = description(seed, name, tree)
    with jax.enable_x64(False):
        (folder / "header.eqx").write_bytes(with_header(seed))
    safetensors.numpy.save_file(bits(seed), folder / "bits.safetensors", metadata={"format": "np"})
    table = {"models": rows, "records": {name: reading(data) for name, data in records().items()}}
    (out / "serialisation.json").write_text(json.dumps(table, indent=1, allow_nan=False) + "\n")
