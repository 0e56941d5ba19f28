"""Money drawn as it flows, left to right: boxes as tall as their sums, bands between them, a label beside each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sim.report.style import GREY, INK, PALETTE, Layout, Sheet, Words, line_height, wrap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BOX: Final = 0.14  # inches across a box
THIN: Final = 0.02  # inches: what is drawn of a sum however small
GAP: Final = 0.16  # least inches between two boxes of a column


@dataclass(frozen=True, slots=True)
class Node:
    """A sum in a column; ``lines`` stand beside its box."""

    name: str
    column: int
    value: float
    lines: tuple[str, ...]
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """Part of one node's sum that goes to another."""

    source: str
    target: str
    value: float


def draw_flow(layout: Layout, words: Words, nodes: Sequence[Node], flows: Sequence[Flow], tall: float = 2.6) -> Figure:
    """Boxes in columns, each with its lines to the right; a box alone in its column stands level with its source."""
    size = layout.text - 0.5
    step = line_height(size)
    columns = max(n.column for n in nodes) + 1
    pitch = (layout.width - 0.24) / columns
    room = pitch - BOX - 0.2
    texts = {n.name: [t for line in n.lines for t in wrap(line, size, room)] for n in nodes}
    whole = max(sum(n.value for n in nodes if n.column == c) for c in range(columns)) or 1.0
    scale = tall / whole
    heights = {n.name: max(n.value * scale, THIN) for n in nodes}
    drop = {n.name: 0.06 if heights[n.name] < step else 0.0 for n in nodes}  # words stand clear of a thin band
    needs = {n.name: max(heights[n.name], len(texts[n.name]) * step + 0.04 + drop[n.name]) for n in nodes}
    source = {f.target: f.source for f in reversed(flows)}
    stack = [[n for n in nodes if n.column == c] for c in range(columns)]
    total = max(sum(needs[n.name] for n in column) + GAP * (len(column) - 1) for column in stack)
    sheet = Sheet(words, layout, total + 0.05, left=0.0, right=0.0, below=0.08, above=0.06)
    ax = sheet.axes(0, 0, layout.width, sheet.height)
    ax.set_xlim(0, layout.width)
    ax.set_ylim(0, sheet.height)
    ax.set_axis_off()
    tops: dict[str, float] = {}
    for c, column in enumerate(stack):
        y = sheet.top
        for node in column:
            if c and len(column) == 1:
                y = tops[source.get(node.name, node.name)] if node.name in source else y
            tops[node.name] = y
            _node(ax, sheet.left + c * pitch, y, node, heights[node.name], texts[node.name], size, drop[node.name])
            y -= needs[node.name] + GAP
    _bands(ax, sheet.left, pitch, nodes, flows, tops, scale)
    return sheet.figure


def _node(
    ax: Any, x: float, top: float, node: Node, height: float, lines: Sequence[str], size: float, drop: float
) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle((x, top - height), BOX, height, facecolor=PALETTE[node.colour % 4], edgecolor="none", zorder=3)
    )
    for k, line in enumerate(lines):
        ax.text(
            x + BOX + 0.07,
            top - drop - (k + 0.5) * line_height(size),
            line,
            fontsize=size,
            color=INK,
            fontweight="bold" if k == 0 else "normal",
            va="center",
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.82},
        )


def _bands(
    ax: Any,
    left: float,
    pitch: float,
    nodes: Sequence[Node],
    flows: Sequence[Flow],
    tops: Mapping[str, float],
    scale: float,
) -> None:
    """Each band leaves under the ones before it and arrives under the ones before it."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    column = {n.name: n.column for n in nodes}
    colour = {n.name: n.colour for n in nodes}
    out, into = dict(tops), dict(tops)
    for flow in flows:
        if not (math.isfinite(flow.value) and flow.value > 0):
            continue
        height = max(flow.value * scale, THIN / 2)
        x0, x1 = left + column[flow.source] * pitch + BOX, left + column[flow.target] * pitch
        y0, y1 = out[flow.source], into[flow.target]
        out[flow.source] -= height
        into[flow.target] -= height
        mid = (x0 + x1) / 2
        points = [
            (x0, y0), (mid, y0), (mid, y1), (x1, y1),
            (x1, y1 - height), (mid, y1 - height), (mid, y0 - height), (x0, y0 - height), (x0, y0),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        band = PathPatch(Path(points, codes), facecolor=PALETTE[colour[flow.target] % 4], alpha=0.28, edgecolor=GREY)
        band.set_linewidth(0.3)
        ax.add_patch(band)
