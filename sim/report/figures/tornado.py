"""Which inputs move an answer: each alone to both ends of its range, and all together in steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.report.figures.axis import value_scale
from sim.report.figures.rows import Row, draw_rows, row_frame
from sim.report.picture import Picture
from sim.report.sensitivity import SensitivityStory, answer_words, bends, clear_of_luck, screen_interval
from sim.report.studies.names import entry_words, footer, input_words, number_words, place_words
from sim.report.style import GREY, INK, PALETTE, Layout, Words
from sim.report.words import count_words, money, name_words
from sim.uncertainty.sensitivity import HEADLINE_ANSWER, Bar

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def tornado(story: SensitivityStory, answer: str) -> Picture:
    """Each entry alone at the ends of its range; GBP a year less the answer at the present values."""
    import pandas as pd

    bars = sorted(story.found.bars, key=lambda bar: -bar.swing(answer))
    n = story.found.base[answer].n
    interval = (
        f"whisker: 95% interval over {n} replications (luck only)" if n > 1 else "one replication, so no interval"
    )
    subtitle = (
        f"Change in {answer_words(story, answer)}, GBP a year, {_when(story)}, constant prices;"
        f" {place_words(story.scenario)}. Each input alone, the others at their present values. Upper bar: low end of"
        f" its range; lower, striped bar: high end; {interval}"
    )
    words = Words(_title(story, answer, bars), subtitle, _footer(story, answer, n))
    texts = [_ends(bar, answer) for bar in bars]
    table = pd.DataFrame(
        [
            {
                "input": entry_words(bar.axis.name),
                "unit": bar.axis.unit,
                "end": end,
                "value": value,
                "change_gbp_per_year": move.mean,
                "low95": move.low,
                "high95": move.high,
            }
            for bar in bars
            for end, value, move in (
                ("low", bar.axis.low, bar.at_low[answer]),
                ("high", bar.axis.high, bar.at_high[answer]),
            )
        ]
    )
    said = "; ".join(f"{entry_words(bar.axis.name)}: {_line(text)}" for bar, text in zip(bars, texts, strict=True))
    return Picture(
        name=f"tornado-{answer}",
        section=f"alone-{answer}",
        title=words.title,
        alt=f"Tornado chart. {words.title}. {subtitle}. {said}.",
        table=table,
        draw=lambda layout: _draw(layout, words, bars, texts, answer),
        whole=True,
    )


def _line(text: str) -> str:
    return text.replace("\n", " ")


def _ends(bar: Bar, answer: str) -> str:
    low, high = (
        f"at {number_words(value, bar.axis.unit)}: {money(move.mean, move.half_width, signed=True)}"
        for value, move in ((bar.axis.low, bar.at_low[answer]), (bar.axis.high, bar.at_high[answer]))
    )
    return f"{low};\n{high}"


def _title(story: SensitivityStory, answer: str, bars: Sequence[Bar]) -> str:
    what = (
        "What supply chains are paid"
        if answer == HEADLINE_ANSWER
        else f"What {name_words(story.found.policy)} would add"
    )
    clear = [bar for bar in bars if clear_of_luck(bar, answer)]
    if not clear:
        return f"{what} moves with no single input beyond luck"
    first = clear[0]
    also = f"; {len(clear)} of {count_words(len(bars), 'input')} move it beyond luck"
    return f"{what} moves most with {input_words(first.axis.name)}{also}"


def _when(story: SensitivityStory) -> str:
    return f"12 months to {story.scenario.horizon.end:%b %Y}"


def _footer(story: SensitivityStory, answer: str, n: int) -> str:
    policy = "Doing nothing" if answer == HEADLINE_ANSWER else f"Doing nothing and {name_words(story.found.policy)}"
    return footer(story.started, f"{policy}; {count_words(n, 'replication')}", story.seed)


def _draw(layout: Layout, words: Words, bars: Sequence[Bar], texts: Sequence[str], answer: str) -> Figure:
    moves = [move for bar in bars for move in (bar.at_low[answer], bar.at_high[answer])]
    reach = [np.array([move.mean, move.low, move.high]) for move in moves]
    scale = value_scale(reach, "GBP", bins=4 if layout.narrow else 6)
    frame = row_frame(layout, words, [entry_words(bar.axis.name) for bar in bars], texts, scale)
    ax = frame.ax
    for bar, y in zip(bars, frame.places, strict=True):
        ends = ((0.06, PALETTE[0], "", bar.at_low[answer]), (-0.06, PALETTE[2], "////", bar.at_high[answer]))
        for shift, colour, hatch, move in ends:
            if math.isfinite(move.mean):
                face = "white" if hatch else colour
                ax.barh(y + shift, move.mean, height=0.1, color=face, edgecolor=colour, hatch=hatch, linewidth=0.8)
            if move.known:
                ax.plot([move.low, move.high], [y + shift] * 2, color="white", linewidth=3)
                ax.plot([move.low, move.high], [y + shift] * 2, color=INK, linewidth=1.1, marker="|", markersize=5)
    ax.axvline(0, color=GREY, linewidth=1)
    return frame.sheet.figure


def screen(story: SensitivityStory, answer: str) -> Picture:
    """All entries moved together in steps: mean size of each one's effect, and whether it depends on the others."""
    import pandas as pd

    found = sorted(story.found.screened, key=lambda s: -s.mu_star[answer])
    depends = sum(bends(s, answer) for s in found)
    what = (
        "what supply chains are paid"
        if answer == HEADLINE_ANSWER
        else f"what {name_words(story.found.policy)} would add"
    )
    title = (
        f"Moved together, {depends} of {count_words(len(found), 'input')} {'has' if depends == 1 else 'have'} an effect"
        f" on {what} that bends or depends on the others"
    )
    subtitle = (
        f"Mean size of the effect of a move across an input's whole range on {answer_words(story, answer)}, GBP a year,"
        f" {_when(story)}, constant prices; {place_words(story.scenario)}. All inputs moved together in random walks"
        " (Morris). Whisker: 95% interval over walks. Bends or depends: the effect differs along the range or with the"
        " other inputs, or by luck"
    )
    words = Words(title, subtitle, footer(story.started, "All inputs moved together", story.seed))
    rows = [
        Row(
            entry_words(s.axis.name),
            screen_interval(s, answer),
            money(s.mu_star[answer], s.mu_star_half[answer]) + ("; bends or depends" if bends(s, answer) else ""),
        )
        for s in found
    ]
    table = pd.DataFrame(
        [
            {
                "input": row.label,
                "mean_effect_gbp_per_year": s.mu_star[answer],
                "low95": row.value.low,
                "high95": row.value.high,
                "spread_of_effect_gbp_per_year": s.sigma[answer],
                "bends_or_depends_on_others": "yes" if bends(s, answer) else "no",
            }
            for s, row in zip(found, rows, strict=True)
        ]
    )
    said = "; ".join(f"{row.label}: {row.text}" for row in rows)
    return Picture(
        name=f"together-{answer}",
        section="together",
        title=title,
        alt=f"Bar chart. {title}. {subtitle}. {said}.",
        table=table,
        draw=lambda layout: draw_rows(layout, words, rows, "GBP"),
        whole=True,
    )
