"""Curves of megabytes over seconds as an SVG picture, both axes logarithmic, readable on light and on dark pages."""

import math

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 20, 50
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.grid { stroke: #d0d7de }
.a { stroke: #0969da; fill: #0969da } .b { stroke: #bc4c00; fill: #bc4c00 } .c { stroke: #1a7f37; fill: #1a7f37 }
path { fill: none !important; stroke-width: 2 }
text.a, text.b, text.c { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .grid { stroke: #3d444d }
  .a { stroke: #58a6ff; fill: #58a6ff } .b { stroke: #f0883e; fill: #f0883e } .c { stroke: #3fb950; fill: #3fb950 }
}
"""


def scale(low, high, start, end):
    """Places numbers from `low` to `high` between `start` and `end`, by their logarithms."""
    return lambda value: start + (math.log(value) - math.log(low)) / (math.log(high) - math.log(low)) * (end - start)


def size(megabytes):
    return f"{megabytes // 1000} GB" if megabytes >= 1000 else f"{megabytes} MB"


def draw(curves, marks):
    """`curves`: by name, megabytes by seconds. `marks`: seconds and what stands below them."""
    greatest = max(max(curve.values()) for curve in curves.values())
    top = 10 ** math.ceil(math.log10(greatest))
    across = scale(marks[0][0], marks[-1][0], LEFT, WIDTH - RIGHT)
    up = scale(1, top, HEIGHT - BOTTOM, TOP)
    shapes = []
    power = 1
    while power <= top:
        y = f"{up(power):.1f}"
        shapes.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        shapes.append(f'<text x="{LEFT - 8}" y="{y}" dy="0.35em" text-anchor="end">{size(power)}</text>')
        power *= 10
    for seconds, words in marks:
        shapes.append(f'<text x="{across(seconds):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{words}</text>')
    for letter, (name, curve) in zip("abc", curves.items()):
        points = [(across(seconds), up(megabytes)) for seconds, megabytes in curve.items()]
        line = " L ".join(f"{x:.1f} {y:.1f}" for x, y in points)
        shapes.append(f'<path class="{letter}" d="M {line}"/>')
        shapes += [f'<circle class="{letter}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points]
        x, y = points[-1]
        shapes.append(f'<text class="{letter}" x="{x + 10:.1f}" y="{y:.1f}" dy="0.35em">{name}</text>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            "<title>Peak memory over the length of a recording</title>",
            f"<style>{STYLE}</style>",
            *shapes,
            "</svg>\n",
        ]
    )
