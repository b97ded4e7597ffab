"""What the real jaxtyping accepts: annotations.json.

Three tables. `words`: which annotation texts can be read, and as what. `dtypes`: which class accepts which dtype. `scopes`: sequences of
checks that share one set of names, each with its outcome (accept, reject, error) and all bindings after it; some written by hand, most
drawn at random around shapes that fit. `?name` of leaf i in structure T is written `name[T[i]]`.
"""

import json
import random
import re

import jaxtyping
import numpy as np
from jaxtyping import _storage

import fixture

CLASSES = ("Shaped", "Bool", "Num", "Inexact", "Real", "Float", "Integer", "Int", "UInt", "Float32", "Float64", "Int32", "UInt32")
RANDOM_SCOPES = 300
WORDS = """
    3 #4 +3 -3 dim _ _dim ... *rest *_ *_rest _*rest #dim *#rest #*rest ?dim #?dim ?*rest rows=3 =3 rows=dim rows=*rest rows=#dim rows=_
    dim-1 #dim+1 2*dim dim//2 dim/2 dim%2 dim**2 -dim (dim+1)*2 min(dim,3) max(dim,a+1,2) {n} {n}+1 dim-{n} rows=dim-1 a_b a1 2*-dim
    dim+ dim- (dim (dim)) dim) 2dim dim..2 {n {} *3 _3 ?3 *dim+1 _dim+1 ?dim+1 #_ _# *{n} dim# # ## ##dim **dim __dim ??dim *_*dim
    a,b 3,4 a,b, .... dim... ...dim * ? ?* rows= rows=* *rest,
""".split()
TEXTS = ("", "  ", "a b", " a  b ", "*a *b", "... ...", "*a ...", "a *b c", "a, b", "3 *b 4", "a ... b=3")


def described(dim):
    """A parsed axis in the words of Sources/Annotations/Axis.swift."""
    kind = type(dim).__name__
    if kind in ("_AnonymousDim", "_AnonymousVariadicDim"):
        return "anonymous" if kind == "_AnonymousDim" else "anonymousVariadic"
    marks = "#" * dim.broadcastable
    if kind in ("_NamedDim", "_NamedVariadicDim"):
        marks += "?" * bool(dim.treepath)
        return f"{'named' if kind == '_NamedDim' else 'variadic'} {marks}{dim.name}"
    return f"fixed {marks}{dim.size}" if kind == "_FixedDim" else f"expression {marks}{dim.elem}"


def word(text):
    """Whether the text can be read, and as what. An expression's own grammar is Python's: compiled here, at the first check there."""
    try:
        dims = jaxtyping.Shaped[np.ndarray, text].dims
    except ValueError as error:
        return {"text": text, "error": str(error)}
    for dim in dims:
        if type(dim).__name__ == "_SymbolicDim":
            try:
                compile(eval(f"f'{dim.elem}'", {"n": 3}), text, "eval")
            except (SyntaxError, NameError) as error:
                return {"text": text, "error": f"{type(error).__name__}: {error}"}
    return {"text": text, "axes": [described(dim) for dim in dims]}


def annotation(kind, text, structure=None):
    """The annotation of an array, or of a tree whose leaves are arrays."""
    array = getattr(jaxtyping, kind)[np.ndarray, text]
    return array if structure is None else jaxtyping.PyTree[array, structure]


def dtypes():
    """Every class against every dtype of the schema."""
    return [
        {"class": kind, "dtype": label, "accepts": isinstance(np.zeros((), dtype), annotation(kind, ""))}
        for kind in CLASSES for label, dtype in fixture.DTYPES.items()]


def bound(name):
    """`(Leaf 0 in structure T) b` as `b[T[0]]`."""
    return re.sub(r"^\(Leaf (\d+) in structure (\w+)\) (.*)$", r"\3[\2[\1]]", name)


def array(label, shape):
    """An array of zeros; nothing but its dtype and shape is looked at."""
    return np.zeros(shape, fixture.DTYPES[label])


def step(kind, text, dtype, shapes, structure=None):
    """One check inside the current scope."""
    arrays = [array(dtype, shape) for shape in shapes]
    try:
        fits = isinstance(arrays if structure else arrays[0], annotation(kind, text, structure))
        outcome = "accept" if fits else "reject"
    except (jaxtyping.AnnotationError, ZeroDivisionError):
        outcome = "error"
    extents, runs, _, _ = _storage.get_shape_memo()
    return {
        "class": kind, "text": text, "dtype": dtype, "shapes": shapes, "structure": structure, "outcome": outcome,
        "extents": {bound(name): size for name, size in extents.items()},
        "runs": {bound(name): list(run) for name, (_, run) in runs.items()}}


def scope(name, steps, numbers=None):
    """Steps that share their names."""
    _storage.push_shape_memo(numbers or {})
    try:
        return {"name": name, "numbers": numbers or {}, "steps": [step(*one) for one in steps]}
    finally:
        _storage.pop_shape_memo()


def shaped(*pairs):
    """Steps on f32 arrays, as (text, shape)."""
    return [("Float", text, "f32", [list(shape)]) for text, shape in pairs]


def written():
    """Scopes by hand: one per rule, its edges, and what a wrong reading would get wrong."""
    yield scope("a name is bound across arguments", shaped(("a b", (2, 3)), ("b a", (3, 2)), ("b a", (2, 3)), ("a", (2,))))
    yield scope("one name twice in one array", shaped(("a a", (3, 4)), ("a a", (3, 3)), ("a", (3,))))
    yield scope("a failed array binds nothing", shaped(("a b 3", (2, 5, 4)), ("a b", (7, 8))))
    yield scope("scalars", shaped(("", ()), ("", (1,)), ("a", ())))
    yield scope("a fixed extent", shaped(("3", (3,)), ("3", (1,)), ("#3", (1,)), ("#3", (2,)), ("rows=3 4", (3, 4)), ("rows=3 4", (4, 3))))
    yield scope("an extent of 1 passes # and binds nothing", shaped(("#a", (1,)), ("a", (4,)), ("#a", (1,)), ("#a", (4,)), ("#a", (3,))))
    yield scope("# binds an extent that is not 1", shaped(("#a b", (3, 1)), ("a", (3,)), ("b", (1,)), ("a", (1,))))
    yield scope("anonymous axes", shaped(("_ _", (2, 3)), ("_a _a", (2, 3)), ("_", (2, 3)), ("a _", (4, 5)), ("a", (5,))))
    yield scope("any axes", shaped(("...", ()), ("...", (2, 3)), ("a ...", ()), ("a ... b", (2, 9, 9, 3)), ("a b", (2, 3)), ("a ... b", (2,))))
    yield scope("a run in front", shaped(("*r a", (2, 3, 4)), ("*r", (2, 3)), ("*r", (2, 4)), ("*r a", (2, 3, 5)), ("a *r", (4, 2, 3))))
    yield scope("an empty run", shaped(("*r a", (4,)), ("*r", ()), ("*r", (1,)), ("a *r a", (4, 4)), ("a *r a", (4,))))
    yield scope("a run and a name are apart", shaped(("*a", (2, 3)), ("a", (7,)), ("a *a", (7, 2, 3))))
    yield scope("the tail is checked before the run", shaped(("a", (5,)), ("*r a", (2, 4)), ("*r a", (2, 5)), ("*r", (2,))))
    yield scope("a broadcastable run widens", shaped(("*#r", (1, 3)), ("*#r", (2, 1)), ("*#r", (2, 3)), ("*#r", (4, 3)), ("*#r", ())))
    yield scope("a fixed run after a broadcastable", shaped(("*#r", (1, 3)), ("*r", (2, 3)), ("*r", (1, 3)), ("*#r", (1, 1)), ("*#r", (5, 2, 3))))
    yield scope("a broadcastable run keeps to a fixed", shaped(("*r", (2, 3)), ("*#r", (1, 3)), ("*#r", (3,)), ("*#r", (9, 2, 3)), ("*#r", (2, 2))))
    yield scope("a run that is not reached by broadcasting", shaped(("*#r", (2, 3)), ("*r", (3,)), ("*r", (2, 1)), ("*r", (4, 2, 3))))
    yield scope(
        "expressions", shaped(
            ("a b", (6, 4)), ("a-1", (5,)), ("a-1", (6,)), ("a*b", (24,)), ("a//b a%b", (1, 2)), ("a/2", (3,)), ("b/3", (1,)), ("b/3*3", (4,)),
            ("2**b", (16,)), ("-2**2+8", (4,)), ("2**3**2", (512,)), ("-7//2+a", (2,)), ("-7%3", (2,)), ("(a+b)//2", (5,)), ("a-b-1", (1,)),
            ("min(a,b)", (4,)), ("max(a,b,9)", (9,)), ("#a+b", (1,)), ("#a+b", (10,)), ("#a+b", (2,)), ("x=a+1", (7,)), ("a//(b-4)", (2,)),
            ("2*-b+9", (1,)), ("a-c", (1,))))
    yield scope("an expression binds nothing", shaped(("a+1", (3,)), ("a", (2,)), ("a+1", (3,))))
    yield scope("an expression of a name in the same array", shaped(("a a+1", (2, 3)), ("b+1 b", (3, 2)), ("b", (9,))))
    yield scope("numbers", shaped(("{n}", (3,)), ("{n}", (2,)), ("a {n}+a", (2, 5)), ("{m}", (3,))), {"n": 3})
    yield scope(
        "dtypes before shapes", [("Float", "a", "i32", [[3]]), ("Int", "a", "i32", [[4]]), ("UInt", "a", "u32", [[4]]),
                                 ("Bool", "a", "bool", [[4]]), ("Num", "b+1", "bool", [[4]]), ("Float", "a", "f64", [[4]])])
    yield scope("a leaf's own extent", [
        ("Float", "?a b", "f32", [[2, 5], [3, 5]], "T"), ("Float", "?a", "f32", [[2], [3]], "T"), ("Float", "?a", "f32", [[2], [4]], "T"),
        ("Float", "?a", "f32", [[2]], "T"), ("Float", "?a", "f32", [[9]], "S"), ("Float", "b", "f32", [[5], [5]], "T"),
        ("Float", "a", "f32", [[5]]), ("Float", "?a", "f32", [[5]])])
    yield scope("a failed tree binds nothing", [
        ("Float", "a", "f32", [[2], [3]], "T"), ("Float", "a", "f32", [[5], [5], [5]], "T"), ("Float", "a", "f32", [[5], [5]], "T")])
    yield scope("a leaf's own run", [
        ("Float", "?*a 2", "f32", [[7, 2], [3, 5, 2]], "T"), ("Float", "?*a", "f32", [[7], [3, 5]], "T"), ("Float", "?*a", "f32", [[7], [3, 4]], "T")])


def fitting(rng, sizes, runs):
    """A word and extents that fit it, given what the names are to be."""
    name = rng.choice(list(sizes))
    size = sizes[name]
    other = rng.choice(list(sizes))
    run = rng.choice(list(runs))
    return rng.choice((
        (name, [size]), (name, [size]), (name, [size]), (f"#{name}", [rng.choice((1, size))]), ("_", [rng.randrange(5)]), (str(size), [size]),
        (f"#{size}", [1]), (f"{name}+{other}", [size + sizes[other]]), (f"{name}*2-1", [2 * size - 1]), (f"max({name},{other})", [max(size, sizes[other])]),
        ("...", rng.choices(range(4), k=rng.randrange(3))), (f"*{run}", runs[run]), (f"*{run}", runs[run]),
        (f"*#{run}", [rng.choice((1, extent)) for extent in runs[run]][rng.randrange(2):]), (f"rows={size}", [size])))


def drawn_step(rng, sizes, runs):
    """One check, most times of a shape that fits."""
    words, shape = [], []
    for _ in range(rng.randrange(4)):
        text, extents = fitting(rng, sizes, runs)
        if ("*" in text[:2] or text == "...") and any(w.startswith(("*", "...")) for w in words):
            continue
        words.append(text)
        shape += extents
    if shape and rng.random() < 0.25:
        shape[rng.randrange(len(shape))] = rng.randrange(6)
    if rng.random() < 0.05:
        shape.append(rng.randrange(4))
    kind, dtype = ("Float", "f32") if rng.random() < 0.9 else (rng.choice(CLASSES), rng.choice(list(fixture.DTYPES)))
    return (kind, " ".join(words), dtype, [shape])


def drawn(rng, index):
    """A scope around extents that were drawn first."""
    sizes = {name: rng.randrange(1, 6) for name in "abc"}
    runs = {name: rng.choices(range(1, 5), k=rng.randrange(3)) for name in "rs"}
    return scope(f"drawn {index}", [drawn_step(rng, sizes, runs) for _ in range(rng.randrange(2, 7))])


def write(path, seed):
    """Writes the three tables."""
    rng = random.Random(f"{seed} annotations")
    tables = {
        "jaxtyping": jaxtyping.__version__,
        "words": [word(text) for text in (*WORDS, *TEXTS)],
        "dtypes": dtypes(),
        "scopes": [*written(), *(drawn(rng, index) for index in range(RANDOM_SCOPES))]}
    lines = [f'"{name}": {json.dumps(rows)}' if isinstance(rows, str)
             else f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for name, rows in tables.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
