"""A map of two settings: in each cell the word against the own past and the change; a line where growth is zero."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.grid import Grid, Setting, boundary, grid_table
from sim.analysis.verdict import GROWS, HOLDS, NONE, SHRINKS, UNDECIDED, PastVerdict
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import GREY, INK, PALETTE, Layout, Sheet, Words, line_height, text_width, wrap
from sim.report.words import capital, count_words, join_words, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS: Final = {GROWS: "\u25b2", HOLDS: "\u25a0", SHRINKS: "\u25bc", UNDECIDED: "\u25c7", NONE: "\u25cb"}
CELL: Final = 0.62  # inches of a cell's height
DEEPEST: Final = 0.45  # of the palette's blue in the darkest cell: black text keeps 7:1 on it


def build(story: Story, grid: Grid | None) -> Picture | None:
    """None when the sweep is no grid over two numbers."""
    if grid is None or not any(name in story.past for name in grid.cells.values()):
        return None
    past = {name: story.past[name] for name in grid.cells.values() if name in story.past}
    first = next((p.main for p in past.values() if p.main is not None), None)
    span = f"{first.after.words} against {first.before.words}" if first else "no two years to compare"
    marks = ", ".join(f"{MARKS[word]} {word}" for word in MARKS if any(p.word == word for p in past.values()))
    edges = boundary(grid, {name: p.change.mean for name, p in past.items()})
    crossing = (
        "thick line: where the mean change crosses zero" if edges else "the mean change crosses zero nowhere here"
    )
    subtitle = (
        f"Change in what tier 2 and tier 3 are paid, per cent, {span}, constant prices; {story.place}; mean of"
        f" {count_words(story.ensemble.n, 'replication')}; {marks} (by the 95% interval, luck only); darker: lower;"
        f" {crossing}"
    )
    words = Words(_title(grid, past), subtitle, story.footer(compared=True))
    return Picture(
        name="pressure-map",
        section="options",
        title=words.title,
        alt=f"Map of cells. {words.title}. {subtitle}. Across: {grid.across.words}; up: {grid.up.words}. "
        + "; ".join(
            f"{_at(grid, cell)}: {past[name].word}, {_size(past[name])}"
            for cell, name in grid.cells.items()
            if name in past
        )
        + ".",
        table=grid_table(grid, story.past),
        draw=lambda layout: draw(layout, words, grid, past, edges),
    )


def _title(grid: Grid, past: dict[str, PastVerdict]) -> str:
    count = Counter(p.word for p in past.values())
    if len(count) == 1:
        word = next(iter(count))
        says = {UNDECIDED: "are undecided", NONE: "have no verdict"}.get(word, word.removesuffix("s"))
        return f"Supply chains {says} in all {len(past)} combinations of {_short(grid.across)} and {_short(grid.up)}"
    verbs = {GROWS: "grow", HOLDS: "hold", SHRINKS: "shrink", UNDECIDED: "are undecided", NONE: "have no verdict"}
    parts = [f"{verbs[word]} in {count[word]}" for word in verbs if count[word]]
    moved, idle = _drivers(grid, past)
    also = f"; {_short(moved)} moves them, {_short(idle)} hardly" if moved and idle else ""
    return f"Of {len(past)} combinations, supply chains {join_words(parts)}{also}"


def _short(setting: Setting) -> str:
    return setting.name.rpartition(".")[2].replace("_", " ")


def _drivers(grid: Grid, past: dict[str, PastVerdict]) -> tuple[Setting | None, Setting | None]:
    """The setting that moves the mean change five times as far as the other, and the other; None, None otherwise."""
    change = {cell: past[name].change.mean for cell, name in grid.cells.items() if name in past}
    spans = []
    for side in (0, 1):
        lines = {cell[side] for cell in change}
        means = [np.mean([v for cell, v in change.items() if cell[side] == k]) for k in lines]
        spans.append(float(max(means) - min(means)))
    if spans[0] > 5 * spans[1]:
        return grid.across, grid.up
    return (grid.up, grid.across) if spans[1] > 5 * spans[0] else (None, None)


def _size(verdict: PastVerdict) -> str:
    return percent(verdict.change.mean, verdict.change.half_width, signed=True)


def _at(grid: Grid, cell: tuple[int, int]) -> str:
    return f"{value_words(grid.across, cell[0])} and {value_words(grid.up, cell[1])}"


def value_words(setting: Setting, i: int) -> str:
    """A value of a setting as a tick label."""
    value = setting.values[i]
    return f"{100 * value:g}%" if setting.spec.unit.startswith("share") else f"{value:g}"


def axis_words(setting: Setting) -> str:
    """The name of a setting with its unit."""
    unit = setting.spec.unit.replace("share of", "% of") if setting.spec.unit.startswith("share") else setting.spec.unit
    return f"{capital(setting.words)}, {unit}" if unit else capital(setting.words)


def draw(
    layout: Layout,
    words: Words,
    grid: Grid,
    past: dict[str, PastVerdict],
    edges: list[tuple[tuple[float, float], tuple[float, float]]],
) -> Figure:
    """Cells with the mark, the word where it fits, and the change; the lowest values bottom left."""
    wide, tall = len(grid.across.values), len(grid.up.values)
    size = layout.text - 1
    ups = [value_words(grid.up, j) for j in range(tall)]
    left = max(text_width(t, size) for t in ups) + 0.14
    cell_width = (layout.width - 0.24 - left - 0.1) / wide
    across = wrap(axis_words(grid.across), size, layout.width - 0.3)
    up = wrap(axis_words(grid.up), size, layout.width - 0.3)
    step = line_height(size)
    sheet = Sheet(
        words,
        layout,
        tall * CELL,
        left=left,
        right=0.1,
        below=0.2 + (len(across) + 1) * step,
        above=len(up) * step + 0.2,
    )
    for k, text in enumerate(up):
        sheet.write(sheet.left - left, sheet.top + 0.12 + (len(up) - 1 - k + 0.3) * step, text, size=size, colour=GREY)
    for k, text in enumerate(across):
        sheet.write(sheet.left, sheet.bottom - 0.12 - (k + 1.6) * step, text, size=size, colour=GREY)
    ax = sheet.plot()
    ax.grid(visible=False)
    ax.set_xlim(0, wide)
    ax.set_ylim(0, tall)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines["bottom"].set_visible(False)
    whole = all(text_width(f"{MARKS[p.word]} {p.word}", size) < cell_width - 0.06 for p in past.values())
    changes = [p.change.mean for p in past.values() if np.isfinite(p.change.mean)]
    low, high = (min(changes), max(changes)) if changes else (0.0, 1.0)
    for (i, j), name in grid.cells.items():
        verdict = past.get(name)
        shade = _shade(verdict.change.mean, low, high) if verdict else (1.0, 1.0, 1.0)
        ax.fill([i, i + 1, i + 1, i], [j, j, j + 1, j + 1], facecolor=shade, edgecolor="white", linewidth=1.5)
        x, y = sheet.left + (i + 0.5) * cell_width, sheet.bottom + (j + 0.5) * CELL
        for k, text in enumerate(_inside(verdict, whole)):
            sheet.write(x, y + (0.5 - k) * step, text, size=size, ha="center", weight="normal" if k == 0 else "bold")
    for i in range(wide):
        sheet.write(
            sheet.left + (i + 0.5) * cell_width,
            sheet.bottom - 0.12,
            value_words(grid.across, i),
            size=size,
            colour=GREY,
            ha="center",
        )
    for j, text in enumerate(ups):
        sheet.write(sheet.left - 0.08, sheet.bottom + (j + 0.5) * CELL, text, size=size, colour=GREY, ha="right")
    for colour, thick in (("white", 6.0), (INK, 3.5)):
        for (x0, y0), (x1, y1) in edges:
            ax.plot([x0, x1], [y0, y1], color=colour, linewidth=thick, solid_capstyle="projecting", clip_on=False)
    return sheet.figure


def _inside(verdict: PastVerdict | None, whole: bool) -> list[str]:
    if verdict is None:
        return ["no run", ""]
    mark = MARKS[verdict.word]
    return [f"{mark} {verdict.word}" if whole else mark, _size(verdict)]


def _shade(value: float, low: float, high: float) -> tuple[float, float, float]:
    """From white (the highest) to a light blue (the lowest): the order survives a greyscale print."""
    depth = 0.0 if not np.isfinite(value) or high <= low else DEEPEST * (high - value) / (high - low)
    red, green, blue = (int(PALETTE[0][k : k + 2], 16) / 255 for k in (1, 3, 5))
    return (1 - depth * (1 - red), 1 - depth * (1 - green), 1 - depth * (1 - blue))
