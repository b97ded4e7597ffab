"""What JAX and Equinox say about trees: leaves, paths, definitions, printing, equality, prefixes, halves, updates.

A tree is described in JSON, which both sides build: {"array": [dtype, shape, values]}, {"int": 1}, {"float": "0.5"}, {"bool": true}, {"str": "a"},
{"none": 0}, {"list": […]}, {"tuple": […]}, {"dict": [[key, tree], …]} in the order of insertion, {"module": [name, [[field, tree or {"static": scalar}], …]]}.
Every case is a group with its program and JSON texts as attributes; there are no datasets.
"""

import json
import random
import re

import equinox as eqx
import fixture
import jax
import jax.tree_util as jtu
import numpy as np
import optax
from jax import numpy as jnp
from jax._src.tree_util import prefix_errors

SCALARS = ("int", "float", "bool", "str")
CLASSES = {}


# -- building ---------------------------------------------------------------------------------------------------------------------------------


def scalar(kind, value):
    return {"int": int, "float": float, "bool": bool, "str": str}[kind](value)


def array(dtype, shape, values):
    return jnp.array(np.array([float(v) for v in values]).reshape(shape), fixture.DTYPES[dtype])


def class_of(name, fields):
    """An Equinox module with these fields; one class per name and list of fields."""
    key = (name, tuple((field, "static" in value) for field, value in fields))
    if key not in CLASSES:
        body = {"__annotations__": {field: object for field, _ in fields}}
        body |= {field: eqx.field(static=True) for field, value in fields if "static" in value}
        CLASSES[key] = type(name, (eqx.Module,), body)
    return CLASSES[key]


def build(description):
    (kind, value), = description.items()
    if kind in SCALARS:
        return scalar(kind, value)
    if kind == "array":
        return array(*value)
    if kind == "none":
        return None
    if kind == "list":
        return [build(child) for child in value]
    if kind == "tuple":
        return tuple(build(child) for child in value)
    if kind == "dict":
        return {key: build(child) for key, child in value}
    name, fields = value
    return class_of(name, fields)(**{field: build(child.get("static", child)) for field, child in fields})


# -- catalogue --------------------------------------------------------------------------------------------------------------------------------


def linear(rng, inputs, outputs, bias=True, name="Linear"):
    return {"module": [name, [
        ["weight", numbers(rng, (outputs, inputs))], ["bias", numbers(rng, (outputs,)) if bias else {"none": 0}],
        ["in_features", {"static": {"int": inputs}}], ["out_features", {"static": {"int": outputs}}],
        ["use_bias", {"static": {"bool": bias}}]]]}


def numbers(rng, shape, dtype="f32"):
    size = int(np.prod(shape))
    if dtype == "bool":
        return {"array": [dtype, list(shape), [str(rng.randrange(2)) for _ in range(size)]]}
    low = 0 if dtype == "u32" else -9
    return {"array": [dtype, list(shape), [str(rng.randint(low, 9)) for _ in range(size)]]}


def any_leaf(rng):
    return rng.choice((
        lambda: numbers(rng, (rng.randint(0, 3),), rng.choice(("f32", "f64", "i32", "u32", "bool"))), lambda: {"int": rng.randint(-9, 9)},
        lambda: {"float": repr(rng.choice((0.5, -1e-20, 3.0, 1e30, float("inf"), -0.0)))}, lambda: {"bool": rng.random() < 0.5},
        lambda: {"str": rng.choice(("tanh", "it's", "", "a\nb", 'q"', "\\"))}, lambda: {"none": 0}))()


def any_tree(rng, depth):
    if depth == 0 or rng.random() < 0.25:
        return any_leaf(rng)
    children = [any_tree(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    kind = rng.choice(("list", "tuple", "dict", "module"))
    if kind in ("list", "tuple"):
        return {kind: children}
    keys = rng.sample(("b", "a", "Z", "key two", "_x", "10", "9", "ä"), len(children))
    if kind == "dict":
        return {"dict": [[key, child] for key, child in zip(keys, children)]}
    fields = [[f"f{i}", child] for i, child in enumerate(children)]
    statics = [["size", {"static": {"int": rng.randint(0, 99)}}], ["mode", {"static": {"str": rng.choice(("same", "valid"))}}]]
    return {"module": ["Node" + str(len(fields)), fields + statics[:rng.randint(0, 2)]]}


def catalogue(rng):
    layers = {"list": [linear(rng, 2, 3), linear(rng, 3, 1, bias=False)]}
    model = {"module": ["Model", [
        ["layers", layers], ["activation", {"str": "tanh"}], ["training", {"bool": True}], ["rate", {"float": "0.5"}],
        ["table", {"dict": [["b", {"int": 1}], ["a", numbers(rng, (1,), "i32")]]}], ["name", {"static": {"str": "m"}}]]]}
    fixed = {
        "array": numbers(rng, (2, 3)), "none": {"none": 0}, "int": {"int": 1}, "empty_list": {"list": []}, "empty_tuple": {"tuple": []},
        "empty_dict": {"dict": []}, "nested_none": {"list": [{"none": 0}, {"int": 1}, {"none": 0}]}, "single_tuple": {"tuple": [{"int": 7}]},
        "sorted_keys": {"dict": [["b", {"int": 1}], ["a", {"int": 2}], ["Z", {"int": 3}], ["ä", {"int": 4}], ["10", {"int": 5}], ["9", {"int": 6}]]},
        "linear": linear(rng, 2, 3), "linear_without_bias": linear(rng, 2, 3, bias=False), "model": model, "layers": layers,
        "deep": {"list": [{"dict": [["k", {"tuple": [{"list": [{"int": 1}, model]}, {"none": 0}]}]]}]},
        "long_text": {"list": [{"str": "x" * 60}, {"str": "y" * 60}]}, "wide": {"tuple": [{"int": 10**i} for i in range(15)]},
    }
    return fixed | {f"random_{i:02d}": any_tree(rng, 4) for i in range(24)}


# -- what upstream says -----------------------------------------------------------------------------------------------------------------------


def leaf_text(leaf):
    return f"{fixture.label_of(leaf)}[{','.join(map(str, leaf.shape))}]" if eqx.is_array(leaf) else repr(leaf)


def definition_text(treedef):
    """As JAX prints it, without the slot that Equinox keeps for wrapped functions."""
    text = str(treedef).replace("(Missing,)", "()")
    return re.sub(r"\(Missing, ", "(", re.sub(r"\(Missing, ([^,()]*)\)", r"(\1,)", text))


def of_tree(description):
    leaves, treedef = jtu.tree_flatten(build(description))
    tree = jtu.tree_unflatten(treedef, leaves)
    paths = [path for path, _ in jtu.tree_flatten_with_path(tree)[0]]
    with_none = jtu.tree_flatten_with_path(tree, is_leaf=lambda x: x is None)[0]
    return {
        "tree": description, "leaves": [leaf_text(leaf) for leaf in leaves], "paths": [jtu.keystr(path) for path in paths],
        "simple": [jtu.keystr(path, simple=True, separator="/") for path in paths], "definition": definition_text(treedef),
        "none_paths": [jtu.keystr(path) for path, leaf in with_none if leaf is None],
        "format": {str(width): eqx.tree_pformat(tree, width=width) for width in (20, 40, 80, 200)}}


def prefix_kind(message):
    kinds = {"different types": "types", "different lengths": "lengths", "different numbers": "keys"}
    for words, kind in kinds.items():
        if words in message:
            return kind
    return "keys" if "<class 'dict'>" in message else "constants"


def of_pair(a, b, tolerances):
    x, y = build(a), build(b)
    found = {"a": a, "b": b, "same_structure": jtu.tree_structure(x) == jtu.tree_structure(y)}
    found["equal"] = [[rtol, atol, typematch, bool(eqx.tree_equal(x, y, rtol=rtol, atol=atol, typematch=typematch))]
                      for rtol, atol in tolerances for typematch in (False, True)]
    errors = [str(error("tree")) for error in prefix_errors(x, y)]
    try:
        below = jtu.tree_structure(x).flatten_up_to(y)
        assert not errors
        found["prefix"] = {"counts": [len(jtu.tree_leaves(tree)) for tree in below]}
    except ValueError:
        path = re.search(r"at key path\n    tree(.*)\n", errors[0]).group(1)
        found["prefix"] = {"kind": prefix_kind(errors[0]), "path": path}
    return found


PREDICATES = {"is_array": eqx.is_array, "is_array_like": eqx.is_array_like, "is_inexact_array": eqx.is_inexact_array,
              "is_inexact_array_like": eqx.is_inexact_array_like}


def of_split(description):
    """The positions of the leaves that each predicate keeps, and that combining gives the tree again."""
    tree = build(description)
    found = {"tree": description, "kept": {}}
    numbered = jtu.tree_unflatten(jtu.tree_structure(tree), range(len(jtu.tree_leaves(tree))))
    for name, predicate in PREDICATES.items():
        kept, _ = eqx.partition(tree, predicate)
        spec = jtu.tree_map(predicate, tree)
        found["kept"][name] = jtu.tree_leaves(eqx.filter(numbered, spec))
        assert jtu.tree_structure(eqx.combine(*eqx.partition(tree, predicate))) == jtu.tree_structure(tree)
        assert jtu.tree_structure(kept) == jtu.tree_structure(eqx.filter(tree, predicate))
    return found


def of_spec(description, spec):
    """A filter by a prefix tree of Bools: what it keeps, or that it is refused."""
    tree, prefix = build(description), build(spec)
    numbered = jtu.tree_unflatten(jtu.tree_structure(tree), range(len(jtu.tree_leaves(tree))))
    try:
        return {"tree": description, "spec": spec, "kept": jtu.tree_leaves(eqx.filter(numbered, prefix))}
    except ValueError as error:
        return {"tree": description, "spec": spec, "refused": str(error).split("\n")[0]}


def of_updates(parameter, update):
    p, u = build(parameter), build(update)
    both = {"equinox": lambda: eqx.apply_updates([p], [u])[0], "optax": lambda: optax.apply_updates([p], [u])[0]}
    found = {"parameter": parameter, "update": update}
    for name, run in both.items():
        try:
            result = run()
            found[name] = {"dtype": fixture.label_of(result), "values": [repr(float(v)) for v in np.ravel(result)]}
        except (TypeError, ValueError) as error:
            found[name] = {"refused": type(error).__name__}
    return found


# -- pairs ------------------------------------------------------------------------------------------------------------------------------------


def small_trees(rng):
    """Trees that differ from each other in one thing."""
    one, two = {"int": 1}, {"int": 2}
    module = lambda name, size: {"module": [name, [["a", one], ["size", {"static": {"int": size}}]]]}
    return [
        one, {"none": 0}, {"list": [one]}, {"list": [one, two]}, {"tuple": [one]}, {"list": []}, {"dict": [["a", one]]}, {"dict": [["b", one]]},
        {"dict": [["a", one], ["b", two]]}, {"list": [{"list": [one, two]}, one]}, {"list": [{"none": 0}, one]}, module("M", 1), module("M", 2),
        module("N", 1), {"dict": [["a", {"list": [one]}]]}, {"dict": [["a", {"tuple": [one]}]]}]


def value_pairs(rng):
    """Leaves whose equality is a convention."""
    f = lambda text: {"float": text}
    floats = lambda dtype, *values: {"array": [dtype, [len(values)], list(values)]}
    leaves = [
        {"int": 1}, f("1.0"), {"bool": True}, {"bool": False}, f("0.0"), f("-0.0"), f("nan"), {"str": "1"}, f("0.5"), floats("f32", "1"),
        floats("f64", "1"), floats("i32", "1"), {"array": ["f32", [], ["1"]]}, floats("f32", "nan"), floats("f32", "0"), floats("f32", "-0.0"),
        floats("f32", "1.001"), floats("f64", "1.001"), floats("f32", "inf"), floats("f32", "-inf"), floats("f32", "1", "1"), floats("bool", "1")]
    return [(a, b) for a in leaves for b in leaves]


def all_cases(seed):
    rng = random.Random(seed)
    trees = catalogue(rng)
    yield from ((f"tree/{name}", of_tree(one)) for name, one in trees.items())
    yield from ((f"partition/{name}", of_split(one)) for name, one in trees.items())
    small = small_trees(rng)
    exact = [(0.0, 0.0)]
    yield from ((f"pair/{i:02d}-{j:02d}", of_pair(a, b, exact)) for i, a in enumerate(small) for j, b in enumerate(small))
    tolerances = [(0.0, 0.0), (0.01, 0.0), (0.0, 0.0005), (0.0, 0.01)]
    for index, (a, b) in enumerate(value_pairs(rng)):
        yield f"values/{index:03d}", of_pair({"list": [a]}, {"list": [b]}, tolerances)
    yes, no = {"bool": True}, {"bool": False}
    specs = [yes, no, {"list": [yes, no]}, {"list": [yes]}, {"tuple": [yes, no]}, {"dict": [["a", yes]]}, {"list": [{"int": 1}, no]}]
    yield from ((f"spec/{i}", of_spec(trees["layers"], spec)) for i, spec in enumerate(specs))
    kinds = ("f32", "f64", "i32", "u32")
    for p in kinds:
        for u in kinds:
            if {p, u} != {"i32", "u32"}:
                yield f"updates/{p}-{u}", of_updates(numbers(rng, (3,), p), numbers(rng, (3,), u))
        yield f"updates/{p}-none", of_updates(numbers(rng, (3,), p), {"none": 0})


def write(file, seed):
    """One group per case."""
    for name, found in sorted(all_cases(seed)):
        group = fixture.make_group(file, name)
        fixture.set_text(group, "program", "trees/" + name.split("/")[0])
        fixture.set_text(group, "found", json.dumps(found, sort_keys=True, separators=(",", ":")))
