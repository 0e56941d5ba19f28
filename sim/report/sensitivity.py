"""What a sensitivity study found, as tables and as text for the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sim.analysis.intervals import Interval
from sim.parameters.places import Figure
from sim.report.studies.names import input_words
from sim.report.words import join_words, money, money_range, name_words
from sim.scenario import Scenario
from sim.uncertainty.sensitivity import DIFFERENCE_ANSWER, HEADLINE_ANSWER, Bar, Screened, Sensitivity

if TYPE_CHECKING:
    import pandas as pd

WORDS: Final = {
    "tornado.csv": "each entry alone at both ends of its range: how the two answers move, with intervals",
    "morris.csv": "all entries moved together in steps: mean size of each effect and how it depends on the others",
    "impacts.csv": "the measured impact of each entry, as the register shows it",
}
NAMED: Final = 3
BENDS: Final = 0.5  # spread of an effect over its mean size from which it bends or depends on the others


@dataclass(frozen=True, slots=True)
class SensitivityStory:
    """A sensitivity study with what is told of it."""

    found: Sensitivity
    scenario: Scenario
    figures: tuple[Figure, ...]
    command: str
    started: datetime
    seed: int


def tornado_table(story: SensitivityStory) -> pd.DataFrame:
    """One row an entry, widest swing of the headline first; GBP a year."""
    import pandas as pd

    rows = []
    for bar in story.found.bars:
        row: dict[str, object] = {
            "name": bar.axis.name,
            "unit": bar.axis.unit,
            "grade": bar.axis.grade,
            "value": bar.value,
            "low": bar.axis.low,
            "high": bar.axis.high,
        }
        for answer in (HEADLINE_ANSWER, DIFFERENCE_ANSWER):
            for end, move in (("low", bar.at_low[answer]), ("high", bar.at_high[answer])):
                row[f"{answer}_at_{end}_gbp"] = move.mean
                row[f"{answer}_at_{end}_from_gbp"] = move.low
                row[f"{answer}_at_{end}_to_gbp"] = move.high
            row[f"{answer}_swing_gbp"] = bar.swing(answer)
        rows.append(row)
    return pd.DataFrame(rows)


def morris_table(story: SensitivityStory) -> pd.DataFrame:
    """One row an entry, largest effect on the headline first; GBP a year for a move across the whole range."""
    import pandas as pd

    rows = []
    for screened in story.found.screened:
        row: dict[str, object] = {"name": screened.axis.name, "grade": screened.axis.grade}
        for answer in (HEADLINE_ANSWER, DIFFERENCE_ANSWER):
            row[f"{answer}_mu_star_gbp"] = screened.mu_star[answer]
            row[f"{answer}_mu_star_half_interval_gbp"] = screened.mu_star_half[answer]
            row[f"{answer}_sigma_gbp"] = screened.sigma[answer]
        rows.append(row)
    return pd.DataFrame(rows)


def impacts_table(story: SensitivityStory) -> pd.DataFrame:
    """Name and measured swings of each entry: what the register's impact column reads."""
    import pandas as pd

    screened = {row.axis.name: row for row in story.found.screened}
    headline, difference = (story.found.base[answer].mean for answer in (HEADLINE_ANSWER, DIFFERENCE_ANSWER))
    return pd.DataFrame(
        [
            {
                "name": bar.axis.name,
                "low": bar.axis.low,
                "high": bar.axis.high,
                "headline_swing_share": bar.swing(HEADLINE_ANSWER) / headline,
                "difference_swing_share": bar.swing(DIFFERENCE_ANSWER) / abs(difference) if difference else math.nan,
                "headline_swing_gbp": bar.swing(HEADLINE_ANSWER),
                "difference_swing_gbp": bar.swing(DIFFERENCE_ANSWER),
                "headline_mu_star_gbp": screened[bar.axis.name].mu_star[HEADLINE_ANSWER],
                "difference_mu_star_gbp": screened[bar.axis.name].mu_star[DIFFERENCE_ANSWER],
            }
            for bar in story.found.bars
        ]
    )


def measured_csv(story: SensitivityStory) -> str:
    """The impacts with how they were measured: the file that ``configs/sensitivity/measured.csv`` is a copy of."""
    head = (
        "# Measured impact of inputs on the headline and on one policy's difference, each moved alone over its range.\n"
        f"# Made by: {story.command}\n# {story.started:%Y-%m-%d}, seed {story.seed}, policy {story.found.policy}.\n"
    )
    return head + impacts_table(story).to_csv(index=False, lineterminator="\n", float_format="%.4g")


def clear_of_luck(bar: Bar, answer: str) -> bool:
    """Whether the interval at either end lies wholly on one side of zero."""
    return any(move.known and (move.low > 0 or move.high < 0) for move in (bar.at_low[answer], bar.at_high[answer]))


def bends(screened: Screened, answer: str) -> bool:
    """Whether an entry's effect bends over its range or depends on the other entries."""
    return screened.sigma[answer] > BENDS * screened.mu_star[answer] > 0


def screen_interval(screened: Screened, answer: str) -> Interval:
    """The mean size of an entry's effect with its 95% interval over walks, GBP a year; never below zero."""
    middle, half = screened.mu_star[answer], screened.mu_star_half[answer]
    return Interval(middle, middle - half, middle + half, 0).at_least(0.0)


def answer_words(story: SensitivityStory, answer: str) -> str:
    """What is watched, within a sentence."""
    if answer == HEADLINE_ANSWER:
        return "what tier 2 and tier 3 are paid, doing nothing"
    return f"what {name_words(story.found.policy)} would add to what tier 2 and tier 3 are paid"


def console_lines(story: SensitivityStory) -> list[str]:
    """The answer in sentences."""
    found = story.found
    return [
        f"Paid to tier 2 and 3 at the end, doing nothing: {yearly_words(found.base[HEADLINE_ANSWER])}. It moves most"
        f" with {named_swings(story, HEADLINE_ANSWER)}.",
        f"What {name_words(found.policy)} would add: {yearly_words(found.base[DIFFERENCE_ANSWER])}. It moves most with"
        f" {named_swings(story, DIFFERENCE_ANSWER)}.",
    ]


def yearly_words(value: Interval) -> str:
    """``GBP 4.2m a year (3.1 to 5.3m)``."""
    ends = f" ({money_range(value)})" if value.known else ""
    return f"{money(value.mean, value.half_width)} a year{ends}"


def named_swings(story: SensitivityStory, answer: str, most: int = NAMED) -> str:
    """The entries that move an answer most, each with how far: ``rate card: markup (by GBP 0.4m)``."""
    bars: Sequence[Bar] = sorted(story.found.bars, key=lambda bar: -bar.swing(answer))
    return join_words([f"{input_words(b.axis.name)} (by {money(b.swing(answer))})" for b in bars[:most]])
