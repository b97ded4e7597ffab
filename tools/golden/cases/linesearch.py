"""Optax: L-BFGS and line searches on the mixed tree of optim.py, which evaluate the function that they minimise.

Operands are the three parameters and a curvature for each of their numbers. Results are as in optim.py. A free run moves by its updates. In a led one the parameters
are stacked: the places that the run in f32 came to, and each step starts at the next of them, in both dtypes. So the bounds of a step are its own.
"""

import jax
import numpy as np
import optax
from jax import numpy as jnp
from jax import tree_util

from case import Case, plain, widen
from cases.optim import narrowed, tree

# Function, detail, keyword arguments.
CASES = (
    ("lbfgs", "free", {"steps": 3}),
    ("lbfgs", "led", {"led": True, "steps": 10}),
    # The memory is written round three times.
    ("lbfgs", "short", {"led": True, "memory_size": 3, "steps": 10}),
    ("lbfgs", "unscaled", {"led": True, "memory_size": 2, "scale_init_precond": False, "steps": 4}),
    # Steps that are much too short are doubled, then the interval shrinks.
    ("zoom_linesearch", "grows", {"led": True, "size": 1e-4, "steps": 10}),
    ("zoom_linesearch", "keeps", {"initial_guess_strategy": "keep", "led": True, "size": 1e-4, "steps": 4}),
    ("zoom_linesearch", "bounded", {"led": True, "max_learning_rate": 3.0, "size": 1e-4, "steps": 4}),
    # Steps that are much too long are shrunk.
    ("zoom_linesearch", "shrinks", {"led": True, "size": 1.5, "steps": 10}),
    ("zoom_linesearch", "strict", {"approx_dec_rtol": False, "led": True, "size": 0.5, "steps": 4}),
    # The search fails, after a step that decreases enough and before one.
    ("zoom_linesearch", "safe", {"led": True, "max_linesearch_steps": 3, "size": 1e-4, "steps": 4}),
    ("zoom_linesearch", "fails", {"max_linesearch_steps": 1, "size": 0.5, "steps": 1}),
)


def objective(weights):
    """A curvature for each number, minimum at 1, and a quartic that ties all numbers together."""
    def function(parameters):
        pairs = zip(tree_util.tree_leaves(parameters), weights)
        squares = [jnp.sum(w * (x - 1.0) ** 2) for x, w in pairs]
        total = sum(jnp.sum(x) for x in tree_util.tree_leaves(parameters))
        return sum(squares, 0.01 * total**4)
    return function


def made(name, args):
    """The optimiser of these keyword arguments."""
    zoom = optax.scale_by_zoom_linesearch(
        args.get("max_linesearch_steps", 20), max_learning_rate=args.get("max_learning_rate"),
        approx_dec_rtol=1e-6 if args.get("approx_dec_rtol", True) else None, initial_guess_strategy=args.get("initial_guess_strategy", "one"))
    if name == "lbfgs":
        return optax.lbfgs(memory_size=args.get("memory_size", 10), scale_init_precond=args.get("scale_init_precond", True), linesearch=zoom)
    return optax.chain(optax.scale(-args["size"]), zoom)


def walk(name, args, parameters, weights, led):
    """The places before each step, the updates, and the states after the first step and the last."""
    optimiser, f = made(name, args), objective([jnp.asarray(w) for w in weights])
    places, moves, kept = [], [], []
    now = tree([jnp.asarray(x[0] if led else x) for x in parameters])
    state = optimiser.init(now)

    @jax.jit
    def step(state, now):
        value, gradient = jax.value_and_grad(f)(now)
        return optimiser.update(gradient, state, now, value=value, grad=gradient, value_fn=f)

    for k in range(args["steps"]):
        if led:
            now = tree([jnp.asarray(x[k]) for x in parameters])
        places.append(tree_util.tree_leaves(now))
        updates, state = step(state, now)
        now = optax.apply_updates(now, updates)
        moves.append(tree_util.tree_leaves(updates))
        if k in (0, args["steps"] - 1):
            kept += narrowed(tree_util.tree_leaves(state))
    return [jnp.stack(column) for column in zip(*places)], [jnp.stack(column) for column in zip(*moves)], kept


def cases(source):
    """All cases of linesearch.h5."""
    for name, detail, args in CASES:
        yield run(source, name, detail, args)


def run(source, name, detail, args):
    """One optimiser in both dtypes."""
    a, b, _ = source.extents
    shapes = ((a, b), (b,), ())
    parameters = [source.uniform(f"linesearch/p{i}", shape, 0.3, 2.0) for i, shape in enumerate(shapes)]
    weights = [source.uniform(f"linesearch/w{i}", shape, 0.5, 2.0) for i, shape in enumerate(shapes)]
    led = args.get("led", False)
    if led:
        with jax.enable_x64(False):
            parameters = [np.asarray(x) for x in walk(name, args, parameters, weights, False)[0]]

    def function(*operands):
        with jax.disable_jit(False), jax.enable_x64(operands[0].dtype == np.float64):
            _, moves, kept = walk(name, args, operands[:3], operands[3:], led)
            return (*moves, *kept)

    given = (*parameters, *weights)
    variants = {"f32": plain(given), "f64": plain(widen(given))}
    return Case(f"linesearch/{name}/{detail}", f"optax_{name}", function, variants, {"args": args, "dtype": None}, compiled=False)
