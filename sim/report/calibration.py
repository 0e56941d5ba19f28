"""What a calibration found, as tables, as the ensemble's file, and as text for the terminal.

The tables are written by ``sim.commands.calibrate``; the page is ``sim.report.studies.calibration_page``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.patterns import KINDS
from sim.report.words import join_words
from sim.scenario import Scenario
from sim.uncertainty.calibration import Calibrated
from sim.uncertainty.members import Informed
from sim.uncertainty.targets import worst

if TYPE_CHECKING:
    import pandas as pd

WORDS: Final = {
    "ensemble.csv": "the members: one row a world, one column a parameter, best first",
    "patterns.csv": "each published pattern: accepted range, the best member's and the members' values",
    "informed.csv": "what the patterns said of each parameter: range before, range of the members",
    "waves.csv": "each wave: points, replications, how much of the space was left, the best point",
    "points.csv": "every point that was run: its parameters, simulated means and implausibility",
    "emulators.csv": "how well each emulator foretold runs it had not seen",
}


@dataclass(frozen=True, slots=True)
class CalibrationStory:
    """A calibration with what is told of it.

    Attributes:
        single: patterns reproduced by the best member in each single replication.
        command: as typed.
        made: day and model source, for the head of the ensemble's file.
    """

    found: Calibrated
    single: tuple[int, ...]
    wanted_members: int
    command: str
    made: str
    scenario: Scenario
    started: datetime
    seed: int

    @property
    def patterns(self) -> int:
        """How many patterns are scored."""
        return len({target.pattern.id for target in self.found.targets})

    def by_word(self, word: str) -> list[Informed]:
        """The parameters that the patterns informed strongly, somewhat or not."""
        return [row for row in self.found.informed if row.word == word]


def ensemble_csv(story: CalibrationStory) -> str:
    """The ensemble's file: comment lines on how it was made, then one row a member."""
    members = story.found.members
    text = io.StringIO()
    text.write("# Calibrated ensemble: parameter values that the published findings do not rule out, best first.\n")
    text.write(f"# Made by: {story.command}\n# {story.made}\n")
    text.write(",".join(["world", "worst_implausibility", "patterns_reproduced", *members.space.names]) + "\n")
    for k, point in enumerate(members.runs.points):
        values = [f"{value:.4g}" if value < 1e4 else f"{value:.0f}" for value in point]
        text.write(",".join([f"w{k + 1:02d}", f"{members.worst[k]:.2f}", str(members.reproduced[k]), *values]) + "\n")
    return text.getvalue()


def patterns_table(story: CalibrationStory) -> pd.DataFrame:
    """One row a scored number: the best member, and the members' median and spread."""
    import pandas as pd

    members = story.found.members.runs
    rows = []
    for j, target in enumerate(story.found.targets):
        values = members.mean[:, j]
        low, median, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
        rows.append(
            {
                "id": target.pattern.id,
                "part": target.label.removeprefix(target.pattern.id),
                "pattern": target.pattern.words,
                "measure": target.part.name,
                "unit": target.part.unit,
                "target": target.part.target,
                "low": _bound(target.low),
                "high": _bound(target.high),
                "best": float(values[0]),
                "best_reproduced": "yes" if target.part.holds(float(values[0])) else "no",
                "best_implausibility": float(target.implausibility(values[:1], members.variance[:1, j])[0]),
                "members_median": median,
                "median_reproduced": "yes" if target.part.holds(median) else "no",
                "members_low": low,
                "members_high": high,
                "members_reproducing": int(target.accepts(values).sum()),
                "members": len(values),
                "kind": KINDS[target.pattern.kind],
                "grade": target.pattern.grade,
            }
        )
    return pd.DataFrame(rows)


def informed_table(story: CalibrationStory) -> pd.DataFrame:
    """One row a parameter, the most informed first."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "parameter": row.name,
                "unit": row.unit,
                "grade": row.grade,
                "informed": row.word,
                "range_low": row.box_low,
                "range_high": row.box_high,
                "members_low": row.low,
                "members_median": row.median,
                "members_high": row.high,
                "spread_share": row.spread_share,
            }
            for row in story.found.informed
        ]
    )


def waves_table(story: CalibrationStory) -> pd.DataFrame:
    """One row a wave."""
    import pandas as pd

    rows = []
    for wave in story.found.waves:
        own = wave.all_runs.wave == wave.number
        largest = worst(wave.all_runs.implausibility(story.found.targets), wave.rule.nth)[own]
        rows.append(
            {
                "wave": wave.number,
                "points": int(own.sum()),
                "replications": wave.rule.replications,
                "cutoff": wave.rule.cutoff,
                "space_left_share": wave.left_share,
                "within_cutoff": int((largest <= wave.rule.cutoff).sum()),
                "least_implausibility": float(largest.min()),
                "most_patterns": int(wave.all_runs.reproduced(story.found.targets)[own].max()),
            }
        )
    return pd.DataFrame(rows)


def points_table(story: CalibrationStory) -> pd.DataFrame:
    """One row a point, in the order they were run."""
    import pandas as pd

    runs, targets = story.found.runs, story.found.targets
    table = pd.DataFrame(runs.points, columns=list(story.found.space.names))
    table.insert(0, "wave", runs.wave)
    table.insert(1, "replications", runs.replications)
    table.insert(2, "worst_implausibility", worst(runs.implausibility(targets)))
    table.insert(3, "patterns_reproduced", runs.reproduced(targets))
    for j, target in enumerate(targets):
        table[target.label] = runs.mean[:, j]
    return table


def emulators_table(story: CalibrationStory) -> pd.DataFrame:
    """One row an emulator and wave."""
    import pandas as pd

    regions = story.found.waves[-1].regions
    return pd.DataFrame(
        [
            {
                "after_wave": wave,
                "id": target.label,
                "held_out_within_3_sd_share": emulator.held_out_share,
                "held_out_variance_explained_share": emulator.explained_share,
            }
            for wave, region in enumerate(regions, 1)
            for target, emulator in zip(region.targets, region.emulators, strict=True)
        ],
        columns=["after_wave", "id", "held_out_within_3_sd_share", "held_out_variance_explained_share"],
    )


def missed_by_median(story: CalibrationStory) -> list[str]:
    """Ids of the patterns that the members' median does not reproduce, in order."""
    table = patterns_table(story)
    failing = set(table.loc[table["median_reproduced"] == "no", "id"])
    return [id_ for id_ in dict.fromkeys(table["id"]) if id_ in failing]


def console_lines(story: CalibrationStory) -> list[str]:
    """The answer in sentences."""
    found = story.found
    members = found.members
    lines = [
        f"{members.n} worlds are not ruled out by the published findings, of {found.runs.n} tried in"
        f" {len(found.waves)} waves."
    ]
    if members.n < story.wanted_members:
        lines.append(f"Fewer than the {story.wanted_members} wanted: more waves or points would be needed.")
    if not members.n:
        return lines
    missed = missed_by_median(story)
    lines.append(
        f"The best reproduces {members.reproduced[0]} of {story.patterns} patterns on means of"
        f" {members.runs.replications[0]} replications, the ensemble's median {story.patterns - len(missed)}"
        f"{_but(missed)}; a single replication of the best {typical_words(story.single)}."
    )
    lines.append(
        f"The patterns informed {len(story.by_word('strongly'))} of {len(found.informed)} parameters strongly,"
        f" {len(story.by_word('somewhat'))} somewhat, {len(story.by_word('not'))} not."
    )
    return lines


def typical_words(single: Sequence[int]) -> str:
    """How many patterns single replications reproduce: ``10 (from 8 to 12)``."""
    low, middle, high = min(single), float(np.median(single)), max(single)
    return f"{middle:g} (from {low} to {high})"


def _but(missed: Sequence[str]) -> str:
    return f" (not {join_words(list(missed))})" if missed else ""


def _bound(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
