"""What a sensitivity study found, as tables and as text for the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sim.parameters.places import Figure
from sim.report.words import name_words
from sim.scenario import Scenario
from sim.uncertainty.sensitivity import DIFFERENCE_ANSWER, HEADLINE_ANSWER, Bar, Sensitivity

if TYPE_CHECKING:
    import pandas as pd

WORDS: Final = {
    "tornado.csv": "each entry alone at both ends of its range: how the two answers move, with intervals",
    "morris.csv": "all entries moved together in steps: mean size of each effect and how it depends on the others",
    "impacts.csv": "the measured impact of each entry, as the register shows it",
}
NAMED: Final = 3


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


def console_lines(story: SensitivityStory) -> list[str]:
    """The answer in sentences."""
    found = story.found
    policy = name_words(found.policy)
    by_difference = sorted(found.bars, key=lambda bar: -bar.swing(DIFFERENCE_ANSWER))
    base = found.base[HEADLINE_ANSWER].mean / 1e6
    gain = found.base[DIFFERENCE_ANSWER].mean / 1e6
    return [
        f"Paid to tier 2 and 3 at the end, doing nothing (GBP {base:.1f}m a year), moves most with"
        f" {_named(found.bars, HEADLINE_ANSWER)}.",
        f"What {policy} adds (GBP {gain:.1f}m a year) moves most with {_named(by_difference, DIFFERENCE_ANSWER)}.",
    ]


def _named(bars: Sequence[Bar], answer: str) -> str:
    return ", ".join(f"{bar.axis.name} (by GBP {bar.swing(answer) / 1e6:.1f}m)" for bar in bars[:NAMED])
