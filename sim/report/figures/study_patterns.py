"""Published patterns against a calibrated ensemble: every scored number on a scale of its own accepted range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.patterns import KINDS
from sim.report.calibration import CalibrationStory, missed_by_median, patterns_table
from sim.report.figures.axis import Scale
from sim.report.figures.rows import row_frame
from sim.report.picture import Picture
from sim.report.studies.names import footer, number_words, part_words, place_words
from sim.report.style import GREY, GRID, PALETTE, Layout, Words
from sim.report.words import capital, count_words, join_words
from sim.uncertainty.targets import Target

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT = -1.0, 2.0  # how many widths of the accepted range are shown
SCALE: Final = Scale((LEFT, 0.0, 1.0, RIGHT), ("", "lower end", "upper end", ""))
AT_ZERO: Final = 0.1  # width given to a range with one end that stands at zero


def build(story: CalibrationStory) -> Picture:
    """One row a scored number; real tests first."""
    table = patterns_table(story)
    order = sorted(range(len(table)), key=lambda j: (list(KINDS.values()).index(table.kind[j]), j))
    targets = [story.found.targets[j] for j in order]
    table = table.iloc[order].reset_index(drop=True)
    missed = missed_by_median(story)
    n = story.found.members.n
    title = f"The median of the ensemble reproduces {story.patterns - len(missed)} of {story.patterns} patterns"
    if missed:
        title += f", not {join_words(missed)}"
    subtitle = (
        f"Simulated numbers on a scale of their own accepted range (lower end to upper end: grey bar);"
        f" {place_words(story.scenario)}, at the months named, doing nothing. Line: the middle 90% of"
        f" {count_words(n, 'world')} (means over replications); dot: their median; open diamond: the best world;"
        " arrow: beyond the picture. Beside it: the median, and the worlds that meet it"
    )
    words = Words(
        title, subtitle, footer(story.started, f"Doing nothing; {count_words(n, 'calibrated world')}", story.seed)
    )
    shown = table.assign(number=[part_words(t) for t in targets])[
        ["number", "unit", "target", "low", "high", "best", "members_low", "members_median", "members_high",
         "members_reproducing", "members"]
    ]  # fmt: skip
    texts = [
        _text(float(row["members_median"]), row["unit"], int(row["members_reproducing"]), n)
        for row in table.to_dict("records")
    ]
    heads = [capital(kind) if j == 0 or table.kind[j - 1] != kind else "" for j, kind in enumerate(table.kind)]
    values = table[["members_low", "members_median", "members_high", "best"]].to_numpy(dtype=float)
    said = "; ".join(f"{part_words(t)}: {text}" for t, text in zip(targets, texts, strict=True))
    return Picture(
        name="patterns",
        section="patterns",
        title=title,
        alt=f"Range chart. {title}. {subtitle}. {said}.",
        table=shown,
        draw=lambda layout: draw(layout, words, targets, texts, heads, values),
        whole=True,
    )


def _text(median: float, unit: str, met: int, n: int) -> str:
    return f"{number_words(median, unit)}; met by {met} of {n}"


def draw(
    layout: Layout,
    words: Words,
    targets: Sequence[Target],
    texts: Sequence[str],
    heads: Sequence[str],
    values: np.ndarray,
) -> Figure:
    """Rows; ``values`` are low, median, high and best of each in its own unit, shape (rows, 4)."""
    frame = row_frame(layout, words, [part_words(t) for t in targets], texts, SCALE, heads)
    ax = frame.ax
    for target, y, row in zip(targets, frame.places, values, strict=True):
        start, width = _ends(target)
        left = 0.0 if math.isfinite(target.low) else LEFT
        right = 1.0 if math.isfinite(target.high) else RIGHT
        ax.barh(y, right - left, left=left, height=0.17, color=GRID)
        for end, known in ((left, target.low), (right, target.high)):
            if math.isfinite(known):
                ax.plot([end, end], [y - 0.085, y + 0.085], color=GREY, linewidth=1.2)
        low, median, high, best = (row - start) / width
        if np.isfinite([low, high]).all():
            ax.plot(np.clip([low, high], LEFT, RIGHT), [y, y], color=PALETTE[0], linewidth=2.6, solid_capstyle="butt")
        _mark(ax, median, y, "o", PALETTE[0], PALETTE[0])
        _mark(ax, best, y, "D", PALETTE[2], "white")
    return frame.sheet.figure


def _mark(ax: object, x: float, y: float, shape: str, edge: str, face: str) -> None:
    """A marker, or an arrow at the edge it lies beyond."""
    if not math.isfinite(x):
        return
    shown = "<" if x < LEFT else ">" if x > RIGHT else shape
    ax.plot(  # type: ignore[attr-defined]
        min(max(x, LEFT), RIGHT), y, shown, color=edge, markerfacecolor=face, markersize=6, clip_on=False, zorder=5
    )


def _ends(target: Target) -> tuple[float, float]:
    """Where 0 stands on the common scale, in the number's own unit, and the width of the range."""
    if math.isfinite(target.low) and math.isfinite(target.high):
        return target.low, (target.high - target.low) or 1.0
    end = target.low if math.isfinite(target.low) else target.high
    width = abs(end) or AT_ZERO
    return (end, width) if math.isfinite(target.low) else (end - width, width)
