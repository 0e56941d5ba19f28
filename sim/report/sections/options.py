"""The options compared: figures, the table of verdicts, and which of them the inspectorate did not recommend."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.report.answer import chance_words
from sim.report.console_sweep import effects_lines
from sim.report.costs import cost_of
from sim.report.html import fill
from sim.report.page import Section
from sim.report.picture import Drawn
from sim.report.sections.answer import SHAPES
from sim.report.sections.pictures import figures
from sim.report.story import Story
from sim.report.sweep import factorials, not_recommended, told
from sim.report.words import capital, join_words, money, money_range, name_words, percent


def build(story: Story, drawn: Sequence[Drawn]) -> Section | None:
    """None for a single run."""
    pictures = figures(drawn, "options")
    rows = _rows(story)
    if not (pictures or rows):
        return None
    beside = not_recommended(story, [v.headline.scenario for v in story.paired.values()])
    html = fill(
        "sections/options.html.j2",
        pictures=pictures,
        options=rows,
        effects=effects_lines(factorials(story)),
        beside=join_words([name_words(name) for name in beside]),
        plural=len(beside) > 1,
        crossed=story.crossed,
    )
    return Section("options", "The options compared" if story.paired else "The map", html)


def _rows(story: Story) -> list[dict[str, str | bool]]:
    """The verdict table of a sweep, the largest gain first."""
    rows: list[dict[str, str | bool]] = []
    shown = [v for name, v in story.paired.items() if name in told(story)]
    beside = not_recommended(story, [v.headline.scenario for v in shown])
    for v in sorted(shown, key=lambda v: -v.headline.difference.mean):
        h, cost = v.headline, cost_of(story, v.headline.scenario)
        share = percent(h.relative.mean, h.relative.half_width, True) if math.isfinite(h.relative.mean) else "-"
        rows.append(
            {
                "name": capital(name_words(h.scenario)),
                "beside": h.scenario in beside,
                "word": v.word,
                "shape": SHAPES[v.word],
                "past": story.past[h.scenario].word,
                "change": money(h.difference.mean, h.difference.half_width, signed=True),
                "range": money_range(h.difference, signed=True) if h.difference.known else "no interval",
                "share": share,
                "pairs": f"{h.pairs_up} of {h.n}",
                "chance": chance_words(h.chance_above),
                "cost": cost.public_words,
                "per_need": cost.per_need_words,
                "corrected": "-" if not math.isfinite(h.p_holm) else ("yes" if h.p_holm < 0.05 else "no"),
            }
        )
    return rows
