"""What Equinox's filtered transformations say: derivatives of functions of trees, axes by leaf, custom rules, programs, numbers of traces.

Trees are described as in trees.py. All numbers are small whole numbers, so every result is exact in each dtype and one of them only. A list of
leaves has one entry per leaf of the tree, null where the filtered transformation gives None. There are no datasets.
"""

import json
import random

import equinox as eqx
import fixture
import jax
import jax.tree_util as jtu
import numpy as np
from cases import trees
from jax import numpy as jnp

LIST = lambda *children: {"list": list(children)}
INT, TEXT, NONE = {"int": 3}, {"str": "text"}, {"none": 0}


def value_of(leaf):
    """A leaf as JSON, the form of a description."""
    if eqx.is_array(leaf):
        return {"array": [fixture.label_of(leaf), list(leaf.shape), [repr(float(v)) for v in np.ravel(leaf)]]}
    if isinstance(leaf, float):
        return {"float": repr(leaf)}
    return {type(leaf).__name__: leaf}


def by_leaf(tree, of_tree):
    """One entry per leaf of `tree` of another tree of that structure, null for None."""
    return [None if one is None else value_of(one) for one in jtu.tree_structure(tree).flatten_up_to(of_tree)]


def inexact(tree):
    return [(k, leaf) for k, leaf in enumerate(jtu.tree_leaves(tree)) if eqx.is_inexact_array(leaf)]


# -- the functions: Tests/Tree/GoldenFilterTests.swift has them in Swift ------------------------------------------------------------------------


def loss(tree):
    """The sum of (k + 1) x² over the floating-point leaves k, but for every third of all leaves."""
    terms = [(k + 1) * jnp.sum(x.astype(jnp.float64) ** 2) for k, x in inexact(tree) if k % 3 != 2]
    return sum(terms, jnp.zeros((), jnp.float64))


def scaled(tree):
    """(k + 1) x² in place of each floating-point leaf k."""
    leaves, structure = jtu.tree_flatten(tree)
    return jtu.tree_unflatten(structure, [(k + 1) * x * x if eqx.is_inexact_array(x) else x for k, x in enumerate(leaves)])


def both(tree):
    """Two results: the first floating-point leaf times the sum of all, and the sum of all squares."""
    xs = [x for _, x in inexact(tree)]
    return [xs[0] * sum(jnp.sum(x) for x in xs), sum(jnp.sum(x * x) for x in xs)]


def curved(tree):
    """s t² + the squares of all, for the sums s and t of the first and the last leaf."""
    xs = [x for _, x in inexact(tree)]
    return jnp.sum(xs[0]) * jnp.sum(xs[-1]) ** 2 + sum(jnp.sum(x * x) for x in xs)


def pattern(k, x):
    """A direction for leaf k: k + 1, k + 2, … in order."""
    return (k + 1 + jnp.arange(x.size)).astype(x.dtype).reshape(x.shape)


def directions(tree, keeps):
    leaves, structure = jtu.tree_flatten(tree)
    return jtu.tree_unflatten(structure, [pattern(k, x) if eqx.is_inexact_array(x) and keeps(k) else None for k, x in enumerate(leaves)])


# -- derivatives ------------------------------------------------------------------------------------------------------------------------------


def of_grad(description):
    tree = trees.build(description)
    value, grad = eqx.filter_value_and_grad(loss)(tree)
    aux_of = lambda t: (loss(t), scaled(t))
    (value2, aux), grad2 = eqx.filter_value_and_grad(aux_of, has_aux=True)(tree)
    assert value == value2 and by_leaf(tree, grad) == by_leaf(tree, grad2)
    return {"tree": description, "value": value_of(value), "grad": by_leaf(tree, grad), "aux": by_leaf(tree, aux)}


def of_products(description):
    """Forward along the directions of the even leaves, and backward along all."""
    tree = trees.build(description)
    out, along = eqx.filter_jvp(scaled, (tree,), (directions(tree, lambda k: k % 2 == 0),))
    found = {"tree": description, "out": by_leaf(tree, out), "jvp": by_leaf(tree, along)}
    _, pullback = eqx.filter_vjp(scaled, tree)
    return found | {"vjp": by_leaf(tree, pullback(directions(tree, lambda k: True))[0])}


def of_jacobians(description):
    tree = trees.build(description)
    found = {"tree": description}
    for name, transformation in (("jacfwd", eqx.filter_jacfwd), ("jacrev", eqx.filter_jacrev)):
        found[name] = [by_leaf(tree, row) for row in transformation(both)(tree)]
    rows = jtu.tree_structure(tree).flatten_up_to(eqx.filter_hessian(curved)(tree))
    return found | {"hessian": [None if row is None else by_leaf(tree, row) for row in rows]}


# -- rules of their own -----------------------------------------------------------------------------------------------------------------------


def custom_rule():
    """a b of a pair, whose gradient by a is said to be 100 times the cotangent, and by b nothing."""
    product = eqx.filter_custom_vjp(lambda pair, factor: factor * pair[0] * pair[1])

    def forward(perturbed, pair, factor):
        return factor * pair[0] * pair[1], perturbed[1]

    def backward(residuals, cotangent, perturbed, pair, factor):
        # Twice as much where b is differentiated too.
        return (cotangent * (200.0 if residuals else 100.0), None, None)

    product.def_fwd(forward)
    product.def_bwd(backward)
    return product


def of_custom(description, wants_both):
    tree = trees.build(description)
    product = custom_rule()
    first = lambda p: (p[0], p[1] if wants_both else jax.lax.stop_gradient(p[1]), p[2])
    grad = eqx.filter_grad(lambda p: jnp.sum(product(first(p), 2.0)))(tree)
    return {"tree": description, "both": wants_both, "value": value_of(product(tree, 2.0)), "grad": by_leaf(tree, grad)}


# -- refusals ---------------------------------------------------------------------------------------------------------------------------------


def refusals():
    """What is refused, by name; Swift makes the same call and must throw."""
    x, n = jnp.array([2.0, 3.0]), jnp.array(3)
    product = custom_rule()
    wrong, loose = (eqx.filter_custom_vjp(lambda pair: pair[0]) for _ in range(2))
    for rule, gradient in ((wrong, lambda ct: (ct,)), (loose, lambda ct: (ct, ct))):
        rule.def_fwd(lambda perturbed, pair: (pair[0], None))
        rule.def_bwd(lambda residuals, ct, perturbed, pair, gradient=gradient: gradient(ct))
    once = eqx.filter_closure_convert(lambda x: x * 2, x)
    return {
        "gradient_of_one_element": lambda: eqx.filter_grad(lambda x: x[:1])(x),
        "gradient_of_a_vector": lambda: eqx.filter_grad(lambda x: x)(x),
        "gradient_of_a_whole_number": lambda: eqx.filter_grad(lambda t: t[1])((x, n)),
        "jvp_other_structure": lambda: eqx.filter_jvp(lambda t: t, ([x],), ((x, x),)),
        "jvp_whole_number": lambda: eqx.filter_jvp(lambda t: t, (n,), (jnp.array(1.0),)),
        "jvp_other_dtype": lambda: eqx.filter_jvp(lambda t: t, (x,), (x.astype(jnp.float32),)),
        "vjp_other_shape": lambda: eqx.filter_vjp(lambda t: t, x)[1](jnp.array(1.0)),
        "custom_other_argument": lambda: eqx.filter_grad(lambda f: jnp.sum(product((x, x, 3), f)))(jnp.array(2.0)),
        "custom_other_structure": lambda: eqx.filter_grad(lambda p: jnp.sum(wrong(p)))((x, n)),
        "custom_at_a_whole_number": lambda: eqx.filter_grad(lambda p: jnp.sum(loose(p)))((x, n)),
        "closure_other_shape": lambda: once(x[:1]),
        "vmap_none_out_of_a_mapped_result": lambda: eqx.filter_vmap(lambda x: x, out_axes=None)(x),
        "vmap_nothing_mapped": lambda: eqx.filter_vmap(lambda x: x, in_axes=None)(x),
        "vmap_other_extents": lambda: eqx.filter_vmap(lambda x, y: x)(x, jnp.arange(3.0)),
        "jit_value_in_if": lambda: eqx.filter_jit(lambda x: x if x[0] > 0 else -x)(x),
    }


def of_refusal(call):
    try:
        call()
    except Exception as error:
        return {"raises": type(error).__name__}
    return {"raises": None}


# -- axes -------------------------------------------------------------------------------------------------------------------------------------


def of_axes(description, axes, out_axes):
    """The sum and the product of two leaves of a list with one axis each; a third leaf is no array."""
    tree = trees.build(description)
    function = lambda t: [t[0] + t[1], t[0] * 2, t[2]]
    out = eqx.filter_vmap(function, in_axes=([*axes, None],), out_axes=[*out_axes, None])(tree)
    return {"tree": description, "axes": axes, "out_axes": out_axes, "out": [value_of(leaf) for leaf in out]}


# -- programs ---------------------------------------------------------------------------------------------------------------------------------


def network(model, x):
    act = {"tanh": jnp.tanh, "relu": jax.nn.relu}[model[1]]
    for i, layer in enumerate(model[0]):
        x = layer[0] @ x
        x = x if layer[1] is None else x + layer[1]
        x = act(x) if i + 1 < len(model[0]) else x
    return {"out": x, "activation": model[1], "first": model[0][0][0]}


def of_program(description, point):
    """The program of a model of lists: types in and out in the order of the leaves, and its operations."""
    model, x = trees.build(description), trees.build(point)
    program, _, _ = eqx.filter_make_jaxpr(network)(model, x)
    text = lambda avals: [f"{fixture.label_of(a)}[{','.join(map(str, a.shape))}]" for a in avals]
    return {"tree": description, "x": point, "ins": text(program.in_avals), "outs": text(program.out_avals),
            "primitives": sorted(eqn.primitive.name for eqn in program.jaxpr.eqns)}


# -- traces -----------------------------------------------------------------------------------------------------------------------------------


def strict_key(description):
    """What a description is for a cache that tells leaves apart by type and bits, and arrays by type."""
    (kind, value), = description.items()
    if kind == "array":
        return (kind, value[0], tuple(value[1]))
    if kind in ("list", "tuple"):
        return (kind, *(strict_key(child) for child in value))
    if kind == "dict":
        return (kind, *sorted((key, strict_key(child)) for key, child in value))
    if kind == "module":
        return (kind, value[0], *((f, "static" in child, strict_key(child.get("static", child))) for f, child in value[1]))
    return (kind, str(value))


def of_traces(calls):
    """The number of traces after each call; `strict` is what it would be if leaves were told apart by type and bits."""
    count = 0

    def function(tree):
        nonlocal count
        count += 1
        return tree

    jitted, counts, strict, keys = eqx.filter_jit(function), [], [], set()
    for call in calls:
        jitted(trees.build(call))
        keys.add(strict_key(call))
        counts.append(count)
        strict.append(len(keys))
    return {"calls": calls, "counts": counts, "strict": strict}


def of_nested(kind):
    """How often the outer function is traced when it is called twice, and again for another shape."""
    count = 0
    inner = eqx.filter_jit(lambda x: jnp.sum(x * x))
    inside = {"jit": inner, "grad": eqx.filter_grad(inner), "vmap": eqx.filter_vmap(inner)}[kind]

    @eqx.filter_jit
    def outer(x):
        nonlocal count
        count += 1
        return inside(x)

    counts = []
    for x in (jnp.ones((2, 3)), jnp.zeros((2, 3)), jnp.ones((3, 2))):
        outer(x)
        counts.append(count)
    return {"counts": counts}


def call_sequences(rng):
    array = lambda *shape, dtype="f32": trees.numbers(rng, shape, dtype)
    dense = lambda size: {"module": ["Dense", [["weight", array(2, 2)], ["size", {"static": {"int": size}}]]]}
    pair = lambda *keys: {"dict": [[key, array(2)] for key in keys]}
    scalars = [{"int": 1}, {"float": "1.0"}, {"bool": True}, {"int": 0}, {"float": "0.0"}, {"float": "-0.0"}, {"str": "1"}, {"int": 1}]
    return {
        "JT-01/values": [array(2), array(2), array(2)],
        "JT-01/shapes": [array(2), array(3), array(2), array(2, 1), array(3)],
        "JT-01/dtypes": [array(2), array(2, dtype="f64"), array(2, dtype="i32"), array(2)],
        "JT-01/structures": [LIST(array(2)), LIST(array(2), array(2)), LIST(array(2)), array(2)],
        "JT-01/static_fields": [dense(1), dense(2), dense(1), dense(1)],
        "JT-01/static_leaves": [LIST(array(2), TEXT), LIST(array(2), {"str": "other"}), LIST(array(2), TEXT)],
        "JT-03/types": [LIST(array(2), one) for one in scalars],
        "JT-05/lists_and_tuples": [LIST(array(2)), {"tuple": [array(2)]}, LIST(array(2)), {"tuple": [array(2)]}],
        "JT-05/order_of_keys": [pair("a", "b"), pair("b", "a"), pair("a", "c"), pair("b", "a")],
        "JT-05/none": [LIST(array(2), NONE), LIST(array(2), array(2)), LIST(array(2), NONE)],
    }


# -- all --------------------------------------------------------------------------------------------------------------------------------------


def mixed(rng):
    """Trees with every kind of leaf, by name."""
    f = lambda *shape, dtype="f64": trees.numbers(rng, shape, dtype)
    fixed = {
        "array": f(2, 3), "nothing": LIST(), "no_float": LIST(INT, TEXT, f(2, dtype="i32"), f(2, dtype="bool"), {"float": "0.5"}),
        "linear": trees.linear(rng, 2, 3), "without_bias": LIST(trees.linear(rng, 3, 2, bias=False), NONE),
        "dtypes": {"dict": [["f32", f(2, dtype="f32")], ["f64", f(2)], ["u32", f(2, dtype="u32")]]},
        "ignored": LIST(f(1), f(2), f(3), f(2), f(1), f(2)), "empty": LIST(f(0), f(2)), "scalars": {"tuple": [f(), {"float": "2.0"}, f()]},
    }
    return fixed | {f"random_{i:02d}": trees.any_tree(rng, 4) for i in range(16)}


def all_cases(seed):
    rng = random.Random(seed)
    f = lambda *shape: trees.numbers(rng, shape, "f64")
    for name, tree in mixed(rng).items():
        yield f"grad/{name}", "FG-01 FG-04 FG-05 FG-07", of_grad(tree)
        yield f"products/{name}", "FG-12 FG-14", of_products(tree)
    two_three = {"tuple": [{"array": ["f64", [], ["2"]]}, {"array": ["f64", [], ["3"]]}, TEXT]}
    smooth = {"two_three": two_three, "vectors": LIST(f(2), INT, f(3)), "matrix": {"dict": [["w", f(2, 3)], ["b", f(2)], ["n", TEXT]]},
              "one": f(2), "nested": LIST({"tuple": [f(), NONE]}, f(1, 2))}
    yield from ((f"jacobians/{name}", "FG-15 FG-17", of_jacobians(tree)) for name, tree in smooth.items())
    for wants_both in (False, True):
        yield f"custom/{'both' if wants_both else 'one'}", "FG-16", of_custom({"tuple": [f(3), f(3), INT]}, wants_both)
    yield from ((f"refusal/{name}", "FG-06 FG-12 FG-13 FG-16", of_refusal(call)) for name, call in refusals().items())
    for i, (a, b, axes) in enumerate((((4, 2), (4, 2), (0, 0)), ((4, 2), (2, 4), (0, 1)), ((2,), (4, 2), (None, 0)), ((3, 2), (2,), (0, None)))):
        for j, out_axes in enumerate(((0, 0), (1, 0), (-1, None if axes[0] is None else 1))):
            yield f"axes/{i}{j}", "", of_axes(LIST(f(*a), f(*b), TEXT), list(axes), list(out_axes))
    for i, act in enumerate(("tanh", "relu")):
        layers = LIST(LIST(f(3, 2), f(3)), LIST(f(3, 3), NONE), LIST(f(1, 3), f(1)))
        yield f"program/{i}", "JX-03 JX-04 JX-05", of_program(LIST(layers, {"str": act}, INT), f(2))
    yield from ((f"traces/{name.replace('/', '_')}", name.split("/")[0], of_traces(calls)) for name, calls in call_sequences(rng).items())
    yield from ((f"nested/{kind}", "JT-11", of_nested(kind)) for kind in ("jit", "grad", "vmap"))


def write(file, seed):
    """One group per case."""
    for name, rules, found in sorted(all_cases(seed), key=lambda one: one[0]):
        group = fixture.make_group(file, name)
        fixture.set_text(group, "program", "filters/" + name.split("/")[0])
        fixture.set_text(group, "rules", rules)
        fixture.set_text(group, "found", json.dumps(found, sort_keys=True, separators=(",", ":")))
