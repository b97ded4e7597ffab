"""The stateless layers of Equinox: values and all derivatives with weights as operands, and the weights that a key gives.

A layer is built by its own initialiser, its arrays are replaced by the first operands in the order of the leaves, and it is called with the
others. `_init` programs take the words of a key instead and return the arrays that the initialiser draws, compiled as users get them.
"""

import equinox as eqx
import jax
import numpy as np
from equinox.nn._embedding import internal_rope_embedding_cache
from jax import numpy as jnp

from case import Case, both, plain

NARROW = (-1.0, 1.0)
ACTIVATIONS = {"relu": jax.nn.relu, "gelu": jax.nn.gelu, "silu": jax.nn.silu, "softplus": jax.nn.softplus, "sigmoid": jax.nn.sigmoid,
               "tanh": jnp.tanh, "identity": lambda x: x}
DTYPES = {"f32": jnp.float32, "f64": jnp.float64}


def cases(source):
    """All cases of nn.h5."""
    for make in (linears, perceptrons, convolutions, figures, transposed, pools, adaptive_pools, norms, weight_norms, embeddings, rotary,
                 cells, attention, small, starts):
        yield from make(source)


def activation(name):
    """A function, or a module with weights."""
    return eqx.nn.PReLU() if name == "prelu" else ACTIVATIONS[name]


def pairs(padding):
    """A name as it is, pairs as tuples."""
    return padding if isinstance(padding, str) else tuple(tuple(p) for p in padding)


def convolution(layer, p, key, dtype):
    """A convolution, plain or transposed, by the class of its rank."""
    extra = {"output_padding": tuple(p["output_padding"])} if "output_padding" in p else {}
    kinds = {eqx.nn.Conv: (eqx.nn.Conv1d, eqx.nn.Conv2d, eqx.nn.Conv3d),
             eqx.nn.ConvTranspose: (eqx.nn.ConvTranspose1d, eqx.nn.ConvTranspose2d, eqx.nn.ConvTranspose3d)}[layer]
    return kinds[len(p["kernel_size"]) - 1](
        p["in_channels"], p["out_channels"], tuple(p["kernel_size"]), tuple(p["stride"]), padding=pairs(p["padding"]), dilation=tuple(p["dilation"]),
        groups=p["groups"], use_bias=p["use_bias"], padding_mode=p["padding_mode"], dtype=dtype, key=key, **extra)


def weight_norm(p, key):
    """WeightNorm of a Linear, or of a convolution if there is a kernel."""
    sizes = p["in_features"], p["out_features"]
    kernel = tuple(p["kernel_size"])
    layer = eqx.nn.Conv(len(kernel), *sizes, kernel, key=key) if kernel else eqx.nn.Linear(*sizes, key=key)
    return eqx.nn.WeightNorm(layer, axis=p["axis"])


def pool(kind, p):
    """A pool by the class of its rank."""
    name = f"{kind}Pool{len(p['kernel_size'])}d"
    return getattr(eqx.nn, name)(tuple(p["kernel_size"]), tuple(p["stride"]), pairs(p["padding"]), p["use_ceil"])


def without(p, *names):
    """The parameters but these."""
    return {k: v for k, v in p.items() if k not in names}


BUILDERS = {
    "nn_linear": lambda p, key, dtype: eqx.nn.Linear(**p, dtype=dtype, key=key),
    "nn_mlp": lambda p, key, dtype: eqx.nn.MLP(
        **(p | {k: activation(p[k]) for k in ("activation", "final_activation")}), dtype=dtype, key=key),
    "nn_conv": lambda p, key, dtype: convolution(eqx.nn.Conv, p, key, dtype),
    "nn_conv_transpose": lambda p, key, dtype: convolution(eqx.nn.ConvTranspose, p, key, dtype),
    "nn_avg_pool": lambda p, key, dtype: pool("Avg", p),
    "nn_max_pool": lambda p, key, dtype: pool("Max", p),
    "nn_adaptive_avg_pool": lambda p, key, dtype: getattr(
        eqx.nn, f"AdaptiveAvgPool{len(p['target_shape'])}d")(tuple(p["target_shape"])),
    "nn_adaptive_max_pool": lambda p, key, dtype: getattr(
        eqx.nn, f"AdaptiveMaxPool{len(p['target_shape'])}d")(tuple(p["target_shape"])),
    "nn_layer_norm": lambda p, key, dtype: eqx.nn.LayerNorm(**(p | {"shape": tuple(p["shape"])})),
    "nn_rms_norm": lambda p, key, dtype: eqx.nn.RMSNorm(**(p | {"shape": tuple(p["shape"])})),
    "nn_group_norm": lambda p, key, dtype: eqx.nn.GroupNorm(**p),
    "nn_weight_norm": lambda p, key, dtype: weight_norm(p, key),
    "nn_embedding": lambda p, key, dtype: eqx.nn.Embedding(**p, dtype=dtype, key=key),
    "nn_rotary_positional_embedding": lambda p, key, dtype: eqx.nn.RotaryPositionalEmbedding(
        p["embedding_size"], p["theta"], DTYPES[p["dtype"]]),
    "nn_gru_cell": lambda p, key, dtype: eqx.nn.GRUCell(**p, dtype=dtype, key=key),
    "nn_lstm_cell": lambda p, key, dtype: eqx.nn.LSTMCell(**p, dtype=dtype, key=key),
    "nn_multihead_attention": lambda p, key, dtype: eqx.nn.MultiheadAttention(**without(p, "process_heads"), dtype=dtype, key=key),
    "nn_prelu": lambda p, key, dtype: eqx.nn.PReLU(jnp.zeros(tuple(p["shape"]))),
    "nn_identity": lambda p, key, dtype: eqx.nn.Identity(),
    "nn_lambda": lambda p, key, dtype: eqx.nn.Lambda(ACTIVATIONS[p["fn"]]),
}


def turned(query, key, value):
    """Rotary embeddings of the heads of queries and keys."""
    turn = jax.vmap(eqx.nn.RotaryPositionalEmbedding(query.shape[-1], dtype=query.dtype), in_axes=1, out_axes=1)
    return turn(query), turn(key), value


def called(program, p, layer, inputs):
    """The layer at its inputs; a cell takes two or three, attention three or four."""
    if program == "nn_lstm_cell":
        return layer(inputs[0], (inputs[1], inputs[2]))
    if program == "nn_multihead_attention":
        return layer(*inputs, process_heads=turned if p["process_heads"] else None)
    return layer(*inputs)


def layer_of(program, p):
    """(arrays of the layer, the function of arrays and inputs)."""
    arrays, rest = eqx.partition(BUILDERS[program](p, jax.random.PRNGKey(0), jnp.float32), eqx.is_array)
    leaves, structure = jax.tree_util.tree_flatten(arrays)

    def function(*operands):
        # Equinox keeps angles by size and dtype alone: docs/Divergences.md.
        internal_rope_embedding_cache.clear()
        weights = jax.tree_util.tree_unflatten(structure, operands[:len(leaves)])
        return called(program, p, eqx.combine(weights, rest), operands[len(leaves):])

    return leaves, function


def layer_case(source, program, detail, p, inputs, rules="", points="random", derivatives=True, weights=NARROW):
    """Random weights, the given inputs."""
    leaves, function = layer_of(program, p)
    name = f"{program}/{points}/{detail}"
    drawn = tuple(source.uniform(f"{name}/weight{i}", leaf.shape, *weights) for i, leaf in enumerate(leaves))
    variants = both(function, drawn + tuple(inputs), source, name, derivatives)
    return Case(name, program, function, variants, p, points, rules, compiled=detail == "plain")


def draw(source, name, *shapes):
    """Random inputs of these shapes."""
    return tuple(source.uniform(f"nn/{name}/x{i}", shape, -2.0, 2.0) for i, shape in enumerate(shapes))


def linears(source):
    """LA-01, LA-06: biases, scalars, an empty input, a matrix that the bias admits."""
    a, b, c = source.extents
    for detail, inputs, outputs, bias, shape in (
            ("plain", b, c, True, (b,)), ("no-bias", c, a, False, (c,)), ("scalar-in", "scalar", b, True, ()),
            ("scalar-out", b, "scalar", True, (b,)), ("scalars", "scalar", "scalar", False, ()), ("empty", 0, b, True, (0,)),
            ("matrix", a, b, True, (a, b))):
        p = {"in_features": inputs, "out_features": outputs, "use_bias": bias}
        yield layer_case(source, "nn_linear", detail, p, draw(source, f"linear-{detail}", shape), "LA-06" if detail == "matrix" else "")


def perceptrons(source):
    """LA-03: every depth, learnt activations, scalars. At depth 0 the final activation is the identity (docs/Divergences.md)."""
    a, b, c = source.extents
    for detail, inputs, outputs, width, depth, hidden, final, biases in (
            ("plain", b, a, c, 2, "relu", "identity", (True, True)), ("deep", a, b, c, 3, "tanh", "sigmoid", (True, False)),
            ("shallow", b, c, a, 1, "gelu", "identity", (False, True)), ("none", b, c, a, 0, "relu", "identity", (False, True)),
            ("learnt", b, a, c, 2, "prelu", "prelu", (True, True)), ("scalars", "scalar", "scalar", c, 1, "silu", "softplus", (True, True)),
            ("learnt-scalar", b, "scalar", c, 1, "prelu", "prelu", (False, False))):
        p = {"in_size": inputs, "out_size": outputs, "width_size": width, "depth": depth, "activation": hidden, "final_activation": final,
             "use_bias": biases[0], "use_final_bias": biases[1]}
        shape = () if inputs == "scalar" else (inputs,)
        yield layer_case(source, "nn_mlp", detail, p, draw(source, f"mlp-{detail}", shape), "LA-03")
    # The hidden layers as one stack, and with activations that are learnt; JAX cannot run an empty one op by op.
    for detail, depth, hidden, bias in (("scan", 3, "gelu", True), ("scan-learnt", 3, "prelu", False)):
        p = {"in_size": b, "out_size": a, "width_size": c, "depth": depth, "activation": hidden, "final_activation": "identity",
             "use_bias": bias, "use_final_bias": True, "scan": True}
        yield layer_case(source, "nn_mlp", detail, p, draw(source, f"mlp-{detail}", (b,)), "LA-03")


def geometry(inputs, outputs, kernel, stride=None, padding=None, dilation=None, groups=1, use_bias=True, mode="ZEROS", extra=None):
    """The parameters of a convolution."""
    ones = [1] * len(kernel)
    p = {"in_channels": inputs, "out_channels": outputs, "kernel_size": list(kernel), "stride": list(stride or ones),
         "padding": padding if padding is not None else [[0, 0] for _ in kernel], "dilation": list(dilation or ones), "groups": groups,
         "use_bias": use_bias, "padding_mode": mode}
    return p if extra is None else p | {"output_padding": list(extra)}


def convolutions(source):
    """LA-02, LA-07, LA-08: ranks, strides, names of padding, dilation, groups, what stands in the padding."""
    a, b, c = source.extents
    table = {
        "plain": (geometry(a, b, (3,)), (c + 3,)),
        "same": (geometry(a, b, (3,), (2,), "SAME"), (c + 3,)),
        "same-even": (geometry(a, b, (4,), (3,), "SAME"), (c + 4,)),
        "same-lower": (geometry(b, a, (4,), (3,), "SAME_LOWER", (2,)), (c + 5,)),
        "valid": (geometry(a, 1, (2,), (2,), "VALID", use_bias=False), (c + 2,)),
        "pairs": (geometry(1, b, (3,), (1,), [[2, -1]], (2,)), (c + 4,)),
        "groups": (geometry(2 * a, 2 * b, (2,), (1,), [[1, 1]], groups=2), (c,)),
        "depthwise": (geometry(b, 2 * b, (3,), groups=b, use_bias=False), (c + 2,)),
        "empty": (geometry(a, b, (5,)), (3,)),
        "plane": (geometry(a, b, (2, 3), (2, 1), "SAME", (1, 2)), (c + 1, b + 3)),
        "plane-groups": (geometry(2, 4, (3, 2), (1, 2), [[1, 0], [0, 2]], groups=2, use_bias=False), (c + 1, b + 2)),
        "volume": (geometry(a, b, (2, 1, 2), (1, 2, 1), [[1, 0], [0, 1], [0, 0]], (1, 1, 2)), (3, a + 1, 4)),
    }
    for mode in ("REFLECT", "REPLICATE", "CIRCULAR"):
        small = mode.lower()
        table[small] = (geometry(a, b, (3,), (1,), [[2, 1]], mode=mode), (c + 2,))
        table[f"{small}-wide"] = (geometry(1, 1, (2,), (2,), [[7, 5]], mode=mode), (3,))
        table[f"{small}-same"] = (geometry(a, 1, (4,), (2,), "SAME_LOWER", (2,), mode=mode, use_bias=False), (c + 3,))
        table[f"{small}-plane"] = (geometry(1, a, (2, 3), (1, 2), [[0, 1], [2, 1]], mode=mode), (3, 4))
    for detail, (p, space) in table.items():
        x = draw(source, f"conv-{detail}", (p["in_channels"], *space))
        yield layer_case(source, "nn_conv", detail, p, x, "LA-08" if detail == "empty" else "LA-07")


def figures(source):
    """LA-07, LA-09: x = 1…6 under w = (1, 10, 100): the numbers can be read off."""
    kernel = np.array([[[1, 10, 100]]], np.float32)
    line = np.arange(1, 7, dtype=np.float32)[None]
    table = {
        "plain": geometry(1, 1, (3,)), "pad": geometry(1, 1, (3,), padding=[[1, 1]]), "leading": geometry(1, 1, (3,), padding=[[1, 0]]),
        "same": geometry(1, 1, (3,), (2,), "SAME"), "same-lower": geometry(1, 1, (3,), (2,), "SAME_LOWER"),
        "dilation": geometry(1, 1, (3,), dilation=(2,)), "dilation-same": geometry(1, 1, (3,), padding="SAME", dilation=(2,)),
        "reflect": geometry(1, 1, (3,), padding=[[2, 2]], mode="REFLECT"), "stride": geometry(1, 1, (3,), (3,)),
        "replicate": geometry(1, 1, (3,), padding=[[2, 2]], mode="REPLICATE"), "crop": geometry(1, 1, (3,), padding=[[-1, -1]]),
        "circular": geometry(1, 1, (3,), padding=[[2, 2]], mode="CIRCULAR"),
        "transposed": geometry(1, 1, (3,), (2,), extra=(0,))}
    for detail, p in table.items():
        program = "nn_conv_transpose" if detail == "transposed" else "nn_conv"
        x = line[:, :2] if detail == "transposed" else line
        p["use_bias"] = False
        _, function = layer_of(program, p)
        name = f"{program}/figures/{detail}"
        yield Case(name, program, function, both(function, (kernel, x), source, name), p, rules="LA-09" if detail == "transposed" else "LA-07",
                   compiled=False)


def transposed(source):
    """LA-09: strides, paddings, extra places behind, dilation, groups, the circle."""
    a, b, c = source.extents
    table = {
        "plain": (geometry(a, b, (3,), (2,), extra=(0,)), (c,)),
        "extra": (geometry(a, b, (3,), (3,), [[1, 0]], extra=(2,)), (c,)),
        "same": (geometry(a, b, (4,), (2,), "SAME", extra=(0,)), (c,)),
        "same-lower": (geometry(b, a, (4,), (3,), "SAME_LOWER", (2,), extra=(1,)), (c,)),
        "same-short": (geometry(a, 1, (2,), (5,), "SAME", extra=(1,), use_bias=False), (b,)),
        "valid": (geometry(a, b, (2,), (2,), "VALID", extra=(1,)), (b,)),
        "crop": (geometry(a, b, (2,), (1,), [[2, 1]], extra=(0,)), (c + 1,)),
        "groups": (geometry(2 * a, 2 * b, (3,), (2,), [[1, 1]], (2,), groups=2, extra=(1,)), (c,)),
        "circular": (geometry(a, b, (3,), (2,), "SAME", mode="CIRCULAR", extra=(0,)), (c,)),
        "circular-lower": (geometry(a, 1, (4,), (3,), "SAME_LOWER", (2,), mode="CIRCULAR", extra=(0,)), (c,)),
        "circular-short": (geometry(1, b, (2,), (4,), "SAME", mode="CIRCULAR", extra=(0,)), (b,)),
        "plane": (geometry(a, b, (2, 3), (1, 2), [[1, 0], [0, 1]], (2, 1), extra=(0, 1)), (3, a + 1)),
        "volume": (geometry(1, a, (2, 1, 2), (1, 2, 2), "SAME", extra=(0, 0, 1)), (2, 3, 2)),
    }
    for detail, (p, space) in table.items():
        x = draw(source, f"transposed-{detail}", (p["in_channels"], *space))
        yield layer_case(source, "nn_conv_transpose", detail, p, x, "LA-09")


def pools(source):
    """LA-12: padding, strides, a last window that leaves the input; ties go to the first."""
    a, b, c = source.extents
    table = {
        "plain": ((2,), (1,), [[0, 0]], False, (c + 2,)), "strided": ((3,), (2,), [[1, 0]], False, (c + 4,)),
        "ceil": ((3,), (2,), [[0, 0]], True, (c + c % 2,)), "ceil-exact": ((2,), (2,), [[0, 1]], True, (7,)),
        "padded": ((2,), (2,), [[1, 1]], False, (6,)), "empty": ((4,), (1,), [[0, 0]], False, (3,)),
        "cropped": ((2,), (1,), [[-1, -1]], False, (c + 3,)),
        "plane": ((2, 3), (2, 1), [[1, 0], [0, 1]], False, (c + 1, b + 3)), "plane-ceil": ((3, 2), (2, 2), [[0, 0], [0, 0]], True, (6, 5)),
        "volume": ((2, 1, 2), (1, 2, 2), [[0, 0], [0, 0], [0, 1]], False, (3, 4, 5))}
    for kind in ("avg", "max"):
        for detail, (kernel, stride, padding, ceil, space) in table.items():
            if (kind, detail) == ("max", "cropped"):
                continue  # JAX has no vjp: docs/Divergences.md.
            p = {"kernel_size": list(kernel), "stride": list(stride), "padding": padding, "use_ceil": ceil}
            yield layer_case(source, f"nn_{kind}_pool", detail, p, draw(source, f"{kind}-pool-{detail}", (a, *space)), "LA-12")
    ties = np.array([[1, 1, 0, 2, 2, 2]], np.float32)
    p = {"kernel_size": [2], "stride": [1], "padding": [[0, 0]], "use_ceil": False}
    yield layer_case(source, "nn_max_pool", "ties", p, (ties,), "LA-12", "special")
    p = {"kernel_size": [2], "stride": [2], "padding": [[1, 1]], "use_ceil": False}
    yield layer_case(source, "nn_avg_pool", "divisor", p, (np.arange(1, 7, dtype=np.float32)[None],), "LA-12", "special")


def adaptive_pools(source):
    """LA-12: parts of one size and of two."""
    a, b, c = source.extents
    table = {"plain": ((4,), (6,)), "even": ((3,), (6,)), "whole": ((1,), (c,)), "same": ((c,), (c,)), "plane": ((2, 3), (c, b + 2)),
             "volume": ((2, 1, 3), (3, 4, 4))}
    for kind in ("avg", "max"):
        for detail, (target, space) in table.items():
            yield layer_case(source, f"nn_adaptive_{kind}_pool", detail, {"target_shape": list(target)},
                             draw(source, f"adaptive-{kind}-{detail}", (a, *space)), "LA-12")
    yield layer_case(source, "nn_adaptive_avg_pool", "figures", {"target_shape": [4]}, (np.arange(1, 7, dtype=np.float32)[None],), "LA-12",
                     "special")


def norms(source):
    """LA-11: shapes, weights or none, a large eps, numbers with a large mean."""
    a, b, c = source.extents
    for name in ("layer", "rms"):
        for detail, shape, weight, bias, eps in (
                ("plain", (c,), True, True, 1e-5), ("matrix", (b, c), True, True, 1e-5), ("weight", (c + 1,), True, False, 0.1),
                ("bias", (c,), False, True, 1e-5), ("bare", (a, b), False, False, 1e-3), ("one", (1,), True, True, 0.5)):
            p = {"shape": list(shape), "eps": eps, "use_weight": weight, "use_bias": bias}
            yield layer_case(source, f"nn_{name}_norm", detail, p, draw(source, f"{name}-{detail}", shape), "LA-11")
        p = {"shape": [c + 3], "eps": 1e-5, "use_weight": True, "use_bias": True}
        offset = tuple(x + np.float32(100) for x in draw(source, f"{name}-offset", (c + 3,)))
        yield layer_case(source, f"nn_{name}_norm", "offset", p, offset, "LA-11")
    p = {"shape": [4], "eps": 1e-5, "use_weight": False, "use_bias": False}
    yield layer_case(source, "nn_layer_norm", "figures", p, (np.arange(1, 5, dtype=np.float32),), "LA-11", "special")
    for detail, groups, channels, affine, shape in (
            ("plain", 2, 2 * b, True, (2 * b, c)), ("channels", b, b, True, (b, a, c)), ("all", 1, a, True, (a, b)),
            ("bare", 2, None, False, (4, 3, 2)), ("vector", b, 2 * b, True, (2 * b,))):
        p = {"groups": groups, "channels": channels, "eps": 1e-5, "channelwise_affine": affine}
        yield layer_case(source, "nn_group_norm", detail, p, draw(source, f"group-{detail}", shape), "LA-11")


def weight_norms(source):
    """Every axis, and none; a Linear and a convolution."""
    a, b, c = source.extents
    for detail, inputs, outputs, kernel, axis, shape in (
            ("plain", b, c, (), 0, (b,)), ("columns", b, a, (), 1, (b,)), ("all", b, c, (), None, (b,)), ("last", a, c, (), -1, (a,)),
            ("conv", a, b, (2,), 0, (a, c)), ("plane", 1, a, (2, 2), 1, (1, 3, 3))):
        p = {"in_features": inputs, "out_features": outputs, "kernel_size": list(kernel), "axis": axis}
        yield layer_case(source, "nn_weight_norm", detail, p, draw(source, f"weight-{detail}", shape), weights=(0.2, 1.5))


def embeddings(source):
    """LA-04: an index inside, from the end, and beyond both."""
    _, b, c = source.extents
    for detail, index in (("plain", 1), ("last", -1), ("first", -b), ("above", b + 4), ("below", -b - 3)):
        p = {"num_embeddings": b, "embedding_size": c}
        yield layer_case(source, "nn_embedding", detail, p, (np.array(index, np.int32),), "LA-04")


def rotary(source):
    """Bases, dtypes of the angles, one position and none."""
    a, b, c = source.extents
    for detail, size, length, theta, dtype in (
            ("plain", 4, c, 1e4, "f32"), ("double", 6, b, 1e4, "f64"), ("base", 4, b + 2, 100.0, "f64"), ("pair", 2, a, 2.0, "f32"),
            ("one", 8, 1, 1e4, "f32"), ("no-position", 4, 0, 1e4, "f32")):
        p = {"embedding_size": size, "theta": theta, "dtype": dtype}
        yield layer_case(source, "nn_rotary_positional_embedding", detail, p, draw(source, f"rope-{detail}", (length, size)))


def cells(source):
    """LA-04: with and without bias."""
    a, b, c = source.extents
    for detail, inputs, hidden, bias in (("plain", b, c, True), ("no-bias", a, b, False), ("one", c, 1, True)):
        p = {"input_size": inputs, "hidden_size": hidden, "use_bias": bias}
        yield layer_case(source, "nn_gru_cell", detail, p, draw(source, f"gru-{detail}", (inputs,), (hidden,)), "LA-04")
        yield layer_case(source, "nn_lstm_cell", detail, p, draw(source, f"lstm-{detail}", (inputs,), (hidden,), (hidden,)), "LA-04")


def attention(source):
    """Sizes, biases, masks for all heads and for each, a query that may look at nothing, rotary heads."""
    a, b, c = source.extents
    base = {"key_size": None, "value_size": None, "output_size": None, "qk_size": None, "vo_size": None, "use_query_bias": False,
            "use_key_bias": False, "use_value_bias": False, "use_output_bias": False, "process_heads": None}
    sizes = {"key_size": b, "value_size": a, "output_size": c, "qk_size": 2, "vo_size": 3}
    biases = {f"use_{name}_bias": True for name in ("query", "key", "value", "output")}
    table = {"plain": (2, 4, {}, None), "sizes": (3, c, sizes, None), "biases": (2, 6, biases, None), "mask": (2, 4, {}, 2),
             "masks": (2, 4, sizes | biases, 3), "one-head": (1, b, {}, None), "rope": (2, 8, {"process_heads": "rope"}, None),
             "rope-mask": (2, 4, {"process_heads": "rope"}, 2), "remainder": (2, 5, {}, None)}
    for detail, (heads, query, more, mask_rank) in table.items():
        p = base | {"num_heads": heads, "query_size": query} | more
        x = draw(source, f"attention-{detail}", (b, query), (c, p["key_size"] or query), (c, p["value_size"] or query))
        if mask_rank:
            mask = source.rng(f"nn/attention-{detail}/mask").uniform(size=(heads, b, c)[3 - mask_rank:]) < 0.6
            mask[..., 0, :] = False
            x += (mask,)
        yield layer_case(source, "nn_multihead_attention", detail, p, x)


def small(source):
    """PReLU with one slope and with several; layers without weights."""
    _, b, c = source.extents
    for detail, slope, shape in (("plain", (), (b, c)), ("channels", (c,), (b, c)), ("column", (b, 1), (b, c)), ("scalar", (), ())):
        yield layer_case(source, "nn_prelu", detail, {"shape": list(slope)}, draw(source, f"prelu-{detail}", shape))
    zeros = np.array([0, -0.0, 1, -1, np.inf, -np.inf, np.nan], np.float32)
    yield layer_case(source, "nn_prelu", "kink", {"shape": []}, (zeros,), points="special")
    yield layer_case(source, "nn_identity", "plain", {}, draw(source, "identity", (b, c)))
    yield layer_case(source, "nn_lambda", "plain", {"fn": "tanh"}, draw(source, "lambda", (b, c)))


def start(source, program, detail, p, rules):
    """The arrays that a key gives, in both dtypes, compiled as users get them."""
    for dtype in DTYPES:
        name = f"{program}_init/random/{detail}-{dtype}"

        def function(words, dtype=dtype):
            with jax.disable_jit(False):
                leaves = jax.tree_util.tree_leaves(eqx.filter(BUILDERS[program](p, words, DTYPES[dtype]), eqx.is_array))
            return leaves[0] if len(leaves) == 1 else tuple(leaves)

        words = source.rng(name).integers(0, 2 ** 32, 2, np.uint32)
        yield Case(name, f"{program}_init", function, {"u32": plain((words,))}, p | {"dtype": dtype}, rules=rules, compiled=False)


def starts(source):
    """LA-01 to LA-04: which part of the key goes where, and the limits."""
    a, b, c = source.extents
    for detail, inputs, outputs, bias in (("plain", c, b, True), ("no-bias", b, c, False), ("scalars", "scalar", "scalar", True),
                                          ("empty", 0, a, True)):
        yield from start(source, "nn_linear", detail, {"in_features": inputs, "out_features": outputs, "use_bias": bias}, "LA-01")
    for detail, inputs, outputs, depth in (("plain", b, a, 2), ("none", b, c, 0), ("scalars", "scalar", "scalar", 1)):
        p = {"in_size": inputs, "out_size": outputs, "width_size": c, "depth": depth, "activation": "relu", "final_activation": "identity",
             "use_bias": True, "use_final_bias": detail != "none"}
        yield from start(source, "nn_mlp", detail, p, "LA-03")
    p = {"in_size": b, "out_size": a, "width_size": c, "depth": 3, "activation": "relu", "final_activation": "identity", "use_bias": True,
         "use_final_bias": True, "scan": True}
    yield from start(source, "nn_mlp", "scan", p, "LA-03")
    for detail, p in (("plain", geometry(a, b, (3,))), ("groups", geometry(2 * b, 2, (2,), groups=2)), ("plane", geometry(b, a, (2, 3))),
                      ("volume", geometry(1, a, (1, 2, 2), use_bias=False))):
        yield from start(source, "nn_conv", detail, p, "LA-02")
        yield from start(source, "nn_conv_transpose", detail, p | {"output_padding": [0] * len(p["kernel_size"])}, "LA-02")
    yield from start(source, "nn_embedding", "plain", {"num_embeddings": b, "embedding_size": c}, "LA-04")
    for cell in ("gru", "lstm"):
        for detail, bias in (("plain", True), ("no-bias", False)):
            yield from start(source, f"nn_{cell}_cell", detail, {"input_size": a, "hidden_size": b, "use_bias": bias}, "LA-04")
    p = {"num_heads": 2, "query_size": 4, "key_size": b, "value_size": None, "output_size": c, "qk_size": None, "vo_size": 3,
         "use_query_bias": True, "use_key_bias": False, "use_value_bias": True, "use_output_bias": True, "process_heads": None}
    yield from start(source, "nn_multihead_attention", "plain", p, "LA-01")
