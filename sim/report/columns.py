"""What a column of a table means and in which unit: the measures' own definitions, then the columns tables share.

One place for the data package and for whoever writes a new table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sim.observe.measures import BY_NAME, FIGURES
from sim.observe.units import unit_by_name
from sim.report.dictionary import COLUMNS

ROW: Final = "the row's unit"
WORDS: Final = "words"
NUMBER: Final = "count"
PURE: Final = "number without a unit"

# Columns of the tables of an experiment: what they say, and their unit.
SHARED: Final[dict[str, tuple[str, str]]] = {
    "scenario": ("Scenario, by name; in assumptions.csv empty for the first", WORDS),
    "option": ("Scenario, by name", WORDS),
    "compared_with": ("Scenario it is compared with", WORDS),
    "file": ("Table that has the column; empty for a measure", WORDS),
    "name": ("Name of the number", WORDS),
    "value": ("Value; in comparison.csv the scenario's mean", ROW),
    "measure": ("Measure, by name; see data-dictionary.csv", WORDS),
    "label": ("The same in words", WORDS),
    "unit": ("Unit of the row's numbers", WORDS),
    "taken": ("How a value of the measure is taken from a run", WORDS),
    "when": ("When the measure is taken", WORDS),
    "over": ("What it is taken over", WORDS),
    "levels": ("Levels at which runs carry it", WORDS),
    "summary": ("How it is summed up over a run", WORDS),
    "summary_unit": ("Unit of the sum-up", WORDS),
    "month": ("Calendar month", "year and month"),
    "date": ("Date: of an event, or of a source", "day"),
    "mean": ("Mean over replications", ROW),
    "low": ("Lower end: of the 95% interval, or of an allowed range", ROW),
    "high": ("Upper end: of the 95% interval, or of an allowed range", ROW),
    "plausible_low": ("Lower end of what the evidence allows", ROW),
    "plausible_high": ("Upper end of what the evidence allows", ROW),
    "n": ("Replications that give a value", NUMBER),
    "replications": ("Replications", NUMBER),
    "replication": ("Replication, by number", NUMBER),
    "replications_needed": ("Replications still needed for a verdict", NUMBER),
    "replications_up": ("Replications in which the effect is above zero", NUMBER),
    "pairs": ("Pairs of replications", NUMBER),
    "pair": ("Pair of replications, by number", NUMBER),
    "pairs_up": ("Pairs in which the scenario lies above", NUMBER),
    "pairs_needed": ("Pairs still needed for a verdict", NUMBER),
    "do_nothing": ("Mean of doing nothing over the pairs", ROW),
    "before": ("Months before, in words; in sim.compare the mean before", WORDS),
    "after": ("Months after, in words; in sim.compare the mean after", WORDS),
    "difference": ("Mean difference over pairs", ROW),
    "difference_low": ("Lower end of the 95% interval of the difference", "GBP a year"),
    "difference_high": ("Upper end of the 95% interval of the difference", "GBP a year"),
    "change_low": ("Lower end of the 95% interval of the change", "share of the level before"),
    "change_high": ("Upper end of the 95% interval of the change", "share of the level before"),
    "against_past": ("Verdict against its own past: grows, holds, shrinks or undecided", WORDS),
    "against_do_nothing": ("Verdict against doing nothing: more, no different, less or undecided", WORDS),
    "chance_of_growth": ("Probability that the mean change lies above zero", "probability, 0 to 1"),
    "chance_above_zero": ("Probability that the mean difference lies above zero", "probability, 0 to 1"),
    "variance_reduction": ("How many times as many unpaired replications the pairing was worth", "ratio"),
    "p": ("Two-sided p of the t-test against zero", "probability, 0 to 1"),
    "p_holm": ("The same after Holm's correction", "probability, 0 to 1"),
    "why_no_verdict": ("Why no verdict can be given", WORDS),
    "verdict": ("Verdict", WORDS),
    "id": ("Published pattern, by number", WORDS),
    "part": ("Part of the pattern", WORDS),
    "pattern": ("Published pattern in words", WORDS),
    "target": ("Published value", ROW),
    "simulated": ("Simulated mean", ROW),
    "simulated_low": ("Lower end of its 95% interval", ROW),
    "simulated_high": ("Upper end of its 95% interval", ROW),
    "reproduced": ("Whether the part counts as met", WORDS),
    "pattern_reproduced": ("Whether the whole pattern counts as met", WORDS),
    "kind": ("Kind", WORDS),
    "why_not_scored": ("Why it could not be scored", WORDS),
    "grade": ("Grade of the evidence: S, Q, Q2, D, R, R-, J or set", WORDS),
    "standing": ("Fact, assumption or setting", WORDS),
    "source": ("Source", WORDS),
    "drives": ("What it moves in the model", WORDS),
    "lever": ("Lever", WORDS),
    "second_lever": ("The other lever, where two work together", WORDS),
    "effect": ("Mean effect", ROW),
    "design": ("Design of the experiment", WORDS),
    "confused_with": ("Effects this design cannot tell it from", WORDS),
    "stage": ("Where a run failed", WORDS),
    "cause": ("The error in one line", WORDS),
    "trace": ("The error in full", WORDS),
    "who": ("Organisation, by code", WORDS),
    "what": ("What happened, in words", WORDS),
    "contract": ("Contract, by code", WORDS),
    "area": ("Area, by name", WORDS),
    "owner": ("Owner, by name", WORDS),
    "group": ("Group of people or bodies", WORDS),
    "level": ("Level of the groups", WORDS),
    "fate": ("What became of a need", WORDS),
    "year": ("Year to the end of a month", WORDS),
    "needs": ("Needs", "needs"),
    "share_of": ("What the shares are shares of", WORDS),
    "body_size": ("Size of bodies by turnover", WORDS),
    "step": ("Step on the money's way", WORDS),
    "first_year": ("The first year, in words", WORDS),
    "last_year": ("The last year, in words", WORDS),
    "nothing_paid": ("Whether nothing is paid there", WORDS),
}
_END: Final = re.compile(r"_?(low|high)(95|50)?(?=_|$)")
_YEARS: Final = re.compile(r"_(first|last)_year")
_AGREEING: Final = {"low": "Lower", "high": "Upper"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it says, and its unit in words; an empty unit means that nobody has said."""

    title: str
    unit: str


def column(name: str, table: str = "") -> Column:
    """The meaning of a column: what the data dictionary says of it in its table, else by its name."""
    for known, words, unit in COLUMNS.get(table, ()):
        if known == name:
            return Column(words[:1].upper() + words[1:], unit or WORDS)
    if name in SHARED:
        return Column(*SHARED[name])
    if name in BY_NAME:
        return Column(BY_NAME[name].label, BY_NAME[name].unit)
    if name in FIGURES:
        return Column(*FIGURES[name])
    end = _END.search(name)
    if end is not None:
        whole = name[: end.start()] + name[end.end() :]
        inner = column(whole) if whole else Column("the value", ROW)
        title = f"{_AGREEING[end[1]]} end of the {end[2] or '95'}% interval: {inner.title}"
        return Column(title, inner.unit or ROW)
    measure = next((BY_NAME[m] for m in sorted(BY_NAME, key=len, reverse=True) if name.startswith(f"{m}_")), None)
    if measure is not None:
        rest = name.removeprefix(f"{measure.name}_").replace("_", " ")
        return Column(f"{measure.label}, {rest}", measure.unit)
    bare = _YEARS.sub("", name)
    words = name.replace("_", " ").replace("gbp", "GBP")
    return Column(words[:1].upper() + words[1:], unit_by_name(name) or unit_by_name(bare))
