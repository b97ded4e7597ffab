"""The polynomials of Sources/CKernels, derived: prints Coefficients.h.

    python tools/kernels/coefficients.py > Sources/CKernels/Coefficients.h

Each entry is the polynomial p of its degree that minimises the largest |w(x) (p(x) - g(x))| on an
interval (Remez' exchange, 50 digits), rounded to double; the header states the
largest error that remains after the rounding. g leaves out the leading terms of the function's own
series, which the kernels add exactly or with an error term.
"""
import mpmath as mp

mp.mp.dps = 50
LN2 = mp.log(2)
SQRT_HALF = mp.sqrt(mp.mpf(1) / 2)
# Weights that vanish at 0 would ask nothing there; this floor costs a thousandth elsewhere.
FLOOR = mp.mpf("1e-3")
EPSILON = mp.mpf(10) ** -30


def extrema(error, points):
    """One point of largest |error| per run of one sign."""
    found, best = [], points[0]
    for x in points[1:]:
        if error(x) * error(best) < 0:
            found.append(best)
            best = x
        elif abs(error(x)) > abs(error(best)):
            best = x
    return found + [best]


def remez(g, w, low, high, degree, grid=400, rounds=8):
    """The coefficients of the minimax polynomial, lowest first."""
    n = degree + 2
    middle, half = (low + high) / 2, (high - low) / 2
    x = [middle - half * mp.cos(mp.pi * i / (n - 1)) for i in range(n)]
    dense = [middle - half * mp.cos(mp.pi * i / grid) for i in range(grid + 1)]
    values = {p: (g(p), w(p)) for p in dense}
    for _ in range(rounds):
        rows, right = mp.matrix(n, n), mp.matrix(n, 1)
        for i, p in enumerate(x):
            for k in range(degree + 1):
                rows[i, k] = p ** k
            rows[i, n - 1] = (-1) ** i / w(p)
            right[i] = g(p)
        solution = mp.lu_solve(rows, right)
        c = [solution[k] for k in range(degree + 1)]
        errors = {p: (mp.polyval(c[::-1], p) - values[p][0]) * values[p][1] for p in dense}
        points = extrema(errors.__getitem__, dense)
        if len(points) < n:
            break
        while len(points) > n:
            drop = 0 if abs(errors[points[0]]) < abs(errors[points[-1]]) else -1
            points.pop(drop)
        x = points
    return c


def rounded(x, bits):
    """x to a binary number of `bits` bits, ties to even."""
    if x == 0:
        return x
    with mp.workprec(bits):
        return +x


def entry(name, what, g, w, low, high, degree, has_low=False):
    """With `has_low` the first coefficient gets a second part, for a kernel that needs all of it."""
    low, high = mp.mpf(low), mp.mpf(high)
    exact = remez(g, w, low, high, degree)
    c = [rounded(k, 53) for k in exact]
    tail = rounded(exact[0] - c[0], 53) if has_low else mp.mpf(0)
    dense = [low + (high - low) * i / 500 for i in range(501)]
    worst = max(abs((mp.polyval(c[::-1], p) + tail - g(p)) * w(p)) for p in dense)
    print(f"// {what}")
    print(f"// on [{mp.nstr(low, 6)}, {mp.nstr(high, 6)}]: 2^{mp.nstr(mp.log(worst, 2), 4)}.")
    if has_low:
        print(f"#define {name}_LOW {float(tail).hex()}")
    print(f"static const double {name}[{degree + 1}] = {{")
    for k in c:
        print(f"  {float(k).hex()},")
    print("};\n")


def constant(name, value, pieces, widths, what):
    """`value` as a sum of binary numbers, the first ones short enough to be multiplied exactly."""
    print(f"// {what}")
    rest = value
    for i, (piece, width) in enumerate(zip(pieces, widths)):
        part = rounded(rest, width)
        rest -= part
        print(f"#define {name}_{piece} {float(part).hex()}")
    print()


def series(f, first):
    """Evaluated with enough digits that the cancelled leading terms do not matter."""
    def value(x):
        with mp.workdps(80):
            return first(x) if abs(x) < EPSILON else f(x)
    return value


HALF_LN2 = LN2 / 2 * mp.mpf("1.0001")

print("// Polynomials and constants of the kernels. Printed by tools/kernels/coefficients.py, which")
print("// explains them; do not edit. Lowest power first; the error stated is the largest of the")
print("// weighted error (relative to the function unless said otherwise).\n")
print("#ifndef ASSAY_COEFFICIENTS_H\n#define ASSAY_COEFFICIENTS_H\n")
constant("LN2", LN2, ["HI", "LO"], [32, 53], "ln 2: 32 bits, so that n * LN2_HI is exact; the rest.")
constant("HALF_PI", mp.pi / 2, ["1", "2", "3"], [53, 53, 53], "pi / 2 in three doubles.")

entry("EXPM1_MEDIUM", "(e^r - 1) / r",
      series(lambda r: (mp.exp(r) - 1) / r, lambda r: mp.mpf(1)),
      lambda r: 1 / ((mp.exp(r) - 1) / r if abs(r) > EPSILON else 1), -HALF_LN2, HALF_LN2, 6)
entry("EXP_F64", "(e^r - 1 - r) / r^2, error relative to (e^r - 1) / r",
      series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2),
      lambda r: abs(r) / ((mp.exp(r) - 1) / r if abs(r) > EPSILON else 1) + FLOOR, -HALF_LN2, HALF_LN2, 10)
entry("LOG_MEDIUM", "(log(1 + f) - f) / f^2, error relative to log(1 + f) / f",
      series(lambda f: (mp.log1p(f) - f) / f**2, lambda f: -mp.mpf(1) / 2),
      lambda f: abs(f) / (mp.log1p(f) / f if abs(f) > EPSILON else 1) + FLOOR,
      (SQRT_HALF - 1) * mp.mpf("1.0001"), (mp.sqrt(2) - 1) * mp.mpf("1.0001"), 12)
entry("LOG_F64", "(2 atanh(s) - 2 s) / s^3 in z = s^2, error relative to 2 atanh(s) / s",
      series(lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z, lambda z: mp.mpf(2) / 3),
      lambda z: z / 2 + FLOOR, 0, (3 - 2 * mp.sqrt(2))**2 * mp.mpf("1.001"), 7)
entry("SIN_F64", "(sin r - r) / r^3 in z = r^2, error relative to sin(r) / r",
      series(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: -mp.mpf(1) / 6),
      lambda z: z + FLOOR, 0, (mp.pi / 4)**2 * mp.mpf("1.001"), 6, has_low=True)
entry("COS_F64", "(cos r - 1 + r^2 / 2) / r^4 in z = r^2, absolute error of cos r",
      series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, lambda z: mp.mpf(1) / 24),
      lambda z: z**2 + FLOOR, 0, (mp.pi / 4)**2 * mp.mpf("1.001"), 6)
entry("SIN_MEDIUM", "(sin r - r) / r^3 in z = r^2, error relative to sin(r) / r",
      series(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: -mp.mpf(1) / 6),
      lambda z: z + FLOOR, 0, (mp.pi / 4)**2 * mp.mpf("1.001"), 3)
entry("COS_MEDIUM", "(cos r - 1 + r^2 / 2) / r^4 in z = r^2, absolute error of cos r",
      series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, lambda z: mp.mpf(1) / 24),
      lambda z: z**2 + FLOOR, 0, (mp.pi / 4)**2 * mp.mpf("1.001"), 3)
entry("ERF_MEDIUM", "erf(x) / x in z = x^2",
      series(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z), lambda z: 2 / mp.sqrt(mp.pi)),
      lambda z: 1 / (mp.erf(mp.sqrt(z)) / mp.sqrt(z) if abs(z) > EPSILON else 1), 0, 1, 7)
entry("ERFC_LOG", "log(erfc(x)), error times erfc(x): absolute for erf",
      lambda x: mp.log(mp.erfc(x)), lambda x: mp.erfc(x), 1, mp.mpf("4.01"), 8)
print("#endif")
