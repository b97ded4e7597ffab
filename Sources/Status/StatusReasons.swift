// Why a cell of docs/Status.md is empty: the only place where that is written by hand.

/// What stands above the table.
let statusIntroduction = """
  # Status

  Written by `make status` from the program and the fixtures; `make lint` fails when it is stale.

  - *typing*: the dtypes of the operands (of the result where there is none) at which it stages to a
    program that `Jaxpr.check()` accepts.
  - *value*: equations of its own samples, all computed by the reference inside the enclosure of the truth.
    The other columns ask the same equations.
  - *jvp*: a rule; zero by definition; no tangent space (no operand or no result is a floating-point number).
  - *transpose*: the operands in which a transpose exists, tried one by one and all together.
  - *vmap*: two equal examples give the result twice, bit for bit, for each operand and for all.
  - *bound*: every element exact; within a bound derived from the operation; open where nothing is known.
  - *OpenBLAS plan*: the kernels that run it; "as" those of what it is resolved or inlined into.
  - *golden*: cases of its own name with that label, else those of other labels, or cases of programs
    whose value or derivatives use it.
  - *kinks pinned*: cases of conventions.h5, and of special or subnormal points.

  `remat2` is JAX's name of `checkpoint`. `custom_lin` has no row: it stands between the linearisation and the transposition of a function with
  a VJP rule of its own, where nothing runs it.

  """

/// One entry per column and cause.
let statusReasons: [StatusReason] = [
  StatusReason(
    .jvp, "nextafter", "JAX has no rule: a step to the next number of a dtype has no limit"),
  StatusReason(
    .jvp, "pmax pmin", "JAX has no rule; stopGradient of the operand where the extremum only scales"
  ),
  StatusReason(
    .transpose, "while",
    "how often it runs, and so what must be kept, is not known; scan has a transpose"),
  StatusReason(.vmap, "iota", "no operand"),
  StatusReason(
    .kinks, "scan while jit remat2 custom_vjp_call",
    "no arithmetic of its own: conventions are those of the programs inside"),
  StatusReason(
    .kinks, "psum reduce_scatter all_gather ppermute axis_index",
    "linear: no kink; the ends of the range are those of the sums and moves it is resolved into"),
  StatusReason(
    .kinks, "pmax pmin", "resolved into reduce_max and reduce_min, whose ties and NaN are pinned"),
  StatusReason(
    .kinks, "reduce_and reduce_or reduce_xor", "whole numbers and truth values: no tangent, no end"),
  StatusReason(.kinks, "split transpose", "moves numbers, whatever they are"),
]
