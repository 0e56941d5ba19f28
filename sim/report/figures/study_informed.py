"""What published patterns informed: each parameter's plausible range, and where the worlds not ruled out lie in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sim.report.calibration import CalibrationStory
from sim.report.figures.axis import Scale
from sim.report.figures.rows import row_frame
from sim.report.picture import Picture
from sim.report.studies.names import entry_words, footer, number_words, place_words, range_words, unit_after
from sim.report.style import GREY, GRID, PALETTE, Layout, Words
from sim.report.words import count_words
from sim.uncertainty.members import Informed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCALE: Final = Scale((0.0, 0.5, 1.0), ("low end", "middle", "high end"))
HEADS: Final = {"strongly": "Informed strongly", "somewhat": "Informed somewhat", "not": "Not informed"}


def informed(story: CalibrationStory) -> Picture | None:
    """The parameters that the patterns say something of; None when there are none."""
    rows = [*story.by_word("strongly"), *story.by_word("somewhat")]
    of = len(story.found.informed)
    title = f"The findings narrow {len(rows)} of {of} inputs, {len(story.by_word('strongly'))} of them strongly"
    return _picture(story, "informed", title, rows)


def not_informed(story: CalibrationStory) -> Picture | None:
    """The parameters that could lie anywhere in their plausible range as far as the patterns go."""
    rows = story.by_word("not")
    title = f"The findings say nothing of {len(rows)} of {len(story.found.informed)} inputs"
    return _picture(story, "not-informed", title, rows)


def _picture(story: CalibrationStory, name: str, title: str, rows: Sequence[Informed]) -> Picture | None:
    import pandas as pd

    if not rows:
        return None
    n = story.found.members.n
    subtitle = (
        f"Values of inputs between the ends of their plausible range (grey bar); {place_words(story.scenario)}, doing"
        f" nothing. Line: the middle 90% of the {count_words(n, 'world')} not ruled out; dot: their median."
        " Beside it: median, and the 90% in its own unit"
    )
    words = Words(title, subtitle, footer(story.started, f"{count_words(n, 'calibrated world')}", story.seed))
    texts = [f"{number_words(r.median, r.unit)} ({range_words(r.low, r.high, r.unit)})" for r in rows]
    table = pd.DataFrame(
        [
            {
                "parameter": entry_words(r.name),
                "unit": r.unit,
                "informed": r.word,
                "range_low": r.box_low,
                "range_high": r.box_high,
                "members_low": r.low,
                "members_median": r.median,
                "members_high": r.high,
                "grade": r.grade,
            }
            for r in rows
        ]
    )
    said = "; ".join(f"{_label(r)}: {text}" for r, text in zip(rows, texts, strict=True))
    return Picture(
        name=name,
        section=name,
        title=title,
        alt=f"Range chart. {title}. {subtitle}. {said}.",
        table=table,
        draw=lambda layout: draw(layout, words, rows, texts),
        whole=True,
    )


def _label(row: Informed) -> str:
    unit = unit_after(row.unit)
    short = f" ({unit})" if unit and len(unit) <= 16 else ""
    return entry_words(row.name) + short


def draw(layout: Layout, words: Words, rows: Sequence[Informed], texts: Sequence[str]) -> Figure:
    """Rows in groups, each on the scale of its own range."""
    heads = [HEADS[r.word] if j == 0 or rows[j - 1].word != r.word else "" for j, r in enumerate(rows)]
    frame = row_frame(layout, words, [_label(r) for r in rows], texts, SCALE, heads)
    ax = frame.ax
    for row, y in zip(rows, frame.places, strict=True):
        width = (row.box_high - row.box_low) or 1.0
        low, median, high = ((v - row.box_low) / width for v in (row.low, row.median, row.high))
        ax.barh(y, 1.0, height=0.15, color=GRID)
        for end in (0.0, 1.0):
            ax.plot([end, end], [y - 0.075, y + 0.075], color=GREY, linewidth=1.2, clip_on=False)
        ax.plot([low, high], [y, y], color=PALETTE[0], linewidth=2.6, solid_capstyle="butt")
        ax.plot(median, y, "o", color=PALETTE[0], markersize=6, clip_on=False)
    return frame.sheet.figure
