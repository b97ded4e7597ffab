"""The equations of JAX's train steps: each primitive with the types of its results, and which results it reads.

Called programs are written out in place (jit, custom_jvp_call, custom_vjp_call, remat), as staging shows them and XLA never sees them. Equations of
constants alone are folded (jnp.var asks whether 8 − 0 > 0, abs_sq adds the square of the imaginary part, which is 0), and what is then idle is left out:
x + 0, x / 1, x¹, select of a known branch. The other rules under which two programs count as the same are those of Tests/Trajectory/TrainStepTests.swift.
"""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import training
from cases import trajectory
from case import Source
from jax.extend import core as jex

INLINED = {"jit": "jaxpr", "pjit": "jaxpr", "custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "remat2": "jaxpr", "checkpoint": "jaxpr"}
DTYPES = {"float32": "f32", "float64": "f64", "int32": "i32", "uint32": "u32", "bool": "bool"}


def type_of(aval):
    """`f32[2,3]`; `key[…]` for keys of random numbers."""
    return f"{DTYPES.get(str(aval.dtype), 'key')}[{','.join(str(n) for n in aval.shape)}]"


class Listing:
    """The equations met so far; a value is a number, or an array if it is constant."""

    def __init__(self):
        self.equations, self.count = [], 0

    def fresh(self):
        self.count += 1
        return self.count - 1

    def add(self, jaxpr, inputs, consts=()):
        """Lists a jaxpr whose inputs are `inputs`; returns its results."""
        known = dict(zip(jaxpr.invars, inputs)) | dict(zip(jaxpr.constvars, consts))
        read = lambda atom: np.asarray(atom.val, atom.aval.dtype) if isinstance(atom, jex.Literal) else known[atom]
        for eqn in jaxpr.eqns:
            known |= dict(zip(eqn.outvars, self.results(eqn, [read(atom) for atom in eqn.invars])))
        return [read(atom) for atom in jaxpr.outvars]

    def results(self, eqn, operands):
        name = eqn.primitive.name
        if name in INLINED:
            inner = eqn.params[INLINED[name]]
            return self.add(getattr(inner, "jaxpr", inner), operands, getattr(inner, "consts", ()))
        if all(isinstance(x, np.ndarray) for x in operands) and operands:
            found = eqn.primitive.bind(*map(jnp.asarray, operands), **eqn.params)
            return [np.asarray(x) for x in (found if eqn.primitive.multiple_results else [found])]
        same = idle(name, operands, eqn)
        if same is not None:
            return [same]
        results = [self.fresh() for _ in eqn.outvars]
        numbers = [None if isinstance(x, np.ndarray) else x for x in operands]
        self.equations.append([name, numbers, results, [type_of(v.aval) for v in eqn.outvars], [type_of(v.aval) for v in eqn.invars]])
        return results


def idle(name, operands, eqn):
    """The operand that an equation returns as it is, if it does."""
    is_zero = lambda x: isinstance(x, np.ndarray) and not x.any()
    if name == "add" and any(map(is_zero, operands)):
        kept = [k for k, x in enumerate(operands) if not is_zero(x)][0]
        return operands[kept] if eqn.invars[kept].aval.shape == eqn.outvars[0].aval.shape else None
    if name == "div" and isinstance(operands[1], np.ndarray) and np.all(operands[1] == 1):
        return operands[0]
    if name == "integer_pow" and eqn.params["y"] == 1:
        return operands[0]
    if name == "select_n" and isinstance(operands[0], np.ndarray) and operands[0].ndim == 0:
        return operands[1 + int(operands[0])]
    return None


def listing(p):
    """The train step of hyperparameters `p`, f32."""
    with jax.enable_x64(False):
        (x, y, _, _), (model, state), _ = training.start(p)
        moments = training.optimiser(p).init(eqx.filter(model, eqx.is_inexact_array))
        keys = jnp.zeros((p["batch"], 2), jnp.uint32)
        jaxpr, _, _ = eqx.filter_make_jaxpr(training.step_of(p))(model, state, moments, x[:p["batch"]], y[:p["batch"]], keys)
    found = Listing()
    inputs = [found.fresh() for _ in jaxpr.jaxpr.invars]
    outs = [x if isinstance(x, int) else None for x in found.add(jaxpr.jaxpr, inputs, map(np.asarray, jaxpr.consts))]
    return {"params": p, "inputs": inputs, "outs": outs, "equations": found.equations}


def write(path, seed):
    """One listing per run of trajectory.h5."""
    lines = [f'"{name}": {json.dumps(listing(p), separators=(",", ":"))}' for name, p in trajectory.parameters(Source(seed)).items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
