"""Draws what each pass costs against the number of equations, both scales logarithmic.

    Benchmarks/.build/release/Benchmarks --suite tracing | python Benchmarks/plot.py > docs/linear.svg

Times are medians of processor time. A line through the points of a linear pass runs parallel to the
grey ones; the slope beside each name is that of the last decade: 1 is linear. Standard library only.
"""

import json
import math
import sys

LEFT, TOP, WIDTH, HEIGHT, RIGHT, BOTTOM = 70, 20, 520, 480, 260, 60
COLOURS = "#1f77b4 #ff7f0e #2ca02c #d62728 #9467bd #8c564b #e377c2 #17becf #bcbd22 #000000".split()


def read(lines):
    """By pass: (equations, seconds) in order."""
    passes = {}
    for line in lines:
        row = json.loads(line)
        name, _, chain = row["measure"].rpartition("/chain of ")
        count = int(chain)
        passes.setdefault(name, []).append((count, row["processor_median"] * 1e-9 * count))
    return {name: sorted(points) for name, points in passes.items()}


def slope(points):
    (n0, t0), (n1, t1) = points[-2:]
    return math.log(t1 / t0) / math.log(n1 / n0)


def draw(passes):
    counts = [n for points in passes.values() for n, _ in points]
    times = [t for points in passes.values() for _, t in points]
    x0, x1 = math.log10(min(counts)), math.log10(max(counts))
    y0, y1 = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(n):
        return LEFT + WIDTH * (math.log10(n) - x0) / (x1 - x0)

    def y(t):
        return TOP + HEIGHT * (y1 - math.log10(t)) / (y1 - y0)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" '
        f'height="{TOP + HEIGHT + BOTTOM}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]

    def text(px, py, words, anchor="middle", colour="#333"):
        out.append(f'<text x="{px:.1f}" y="{py:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>')

    def line(points, colour, width, dash=""):
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        out.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
            + (f' stroke-dasharray="{dash}"/>' if dash else "/>")
        )

    for power in range(round(x0), round(x1) + 1):
        line([(x(10**power), TOP), (x(10**power), TOP + HEIGHT)], "#ddd", 1)
        text(x(10**power), TOP + HEIGHT + 18, f"{10**power:,}")
    for power in range(y0, y1 + 1):
        line([(LEFT, y(10**power)), (LEFT + WIDTH, y(10**power))], "#ddd", 1)
        text(LEFT - 8, y(10**power) + 4, {0: "1 s", -3: "1 ms", -6: "1 µs"}.get(power, f"1e{power} s"), "end")
    low, high = 10**x0, 10**x1
    for cost in (1e-7, 1e-6, 1e-5):  # seconds per equation
        ends = [(n, n * cost) for n in (low, high)]
        if all(10**y0 <= t <= 10**y1 for _, t in ends):
            line([(x(n), y(t)) for n, t in ends], "#aaa", 1, "5 4")
    order = sorted(passes.items(), key=lambda item: -item[1][-1][1])
    for place, (name, points) in enumerate(order):
        colour = COLOURS[place % len(COLOURS)]
        dash = "" if place < len(COLOURS) else "7 3"
        line([(x(n), y(t)) for n, t in points], colour, 2, dash)
        for n, t in points:
            out.append(f'<circle cx="{x(n):.1f}" cy="{y(t):.1f}" r="3" fill="{colour}"/>')
        height = TOP + 14 + 20 * place
        line([(LEFT + WIDTH + 14, height - 4), (LEFT + WIDTH + 36, height - 4)], colour, 2, dash)
        text(LEFT + WIDTH + 42, height, f"{name}, slope {slope(points):.2f}", "start")
    text(LEFT + WIDTH / 2, TOP + HEIGHT + 42, "equations of the chain, or steps of the loop")
    out.append("</svg>")
    return "\n".join(out) + "\n"


sys.stdout.write(draw(read(line for line in sys.stdin if line.startswith("{"))))
