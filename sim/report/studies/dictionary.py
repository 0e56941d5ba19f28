"""The data dictionary of a study's folder: every column of every table in it, in words with its unit."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.report.dictionary import COLUMNS, EACH
from sim.report.studies.names import input_words

if TYPE_CHECKING:
    import pandas as pd

GBP: Final = "GBP a year"
SDS: Final = "standard deviations"
OWN_UNIT: Final = "as in assumptions.csv"
_WORST: Final = ("worst_implausibility", "distance from the published finding missed most", SDS)
_MET: Final = ("patterns_reproduced", "published patterns reproduced on the means of the replications", "patterns")
_ENDS: Final = (("low", "lower end of the range it is moved over", EACH), ("high", "upper end of that range", EACH))
_ANSWERS: Final = (
    ("headline", "what tier 2 and 3 are paid, doing nothing"),
    ("difference", "what the policy adds to that"),
)


def _tornado() -> list[tuple[str, str, str]]:
    rows = []
    for answer, words in _ANSWERS:
        for end in ("low", "high"):
            start = f"{answer}_at_{end}"
            rows += [
                (f"{start}_gbp", f"change in {words}, at the {end} end of the range", GBP),
                (f"{start}_from_gbp", "lower end of its 95% interval over replications (luck only)", GBP),
                (f"{start}_to_gbp", "upper end of its 95% interval over replications (luck only)", GBP),
            ]
        rows.append((f"{answer}_swing_gbp", f"how far that moves between the ends: {words}", GBP))
    return rows


def _morris() -> list[tuple[str, str, str]]:
    return [
        row
        for answer, words in _ANSWERS
        for row in (
            (f"{answer}_mu_star_gbp", f"mean size of the effect over the whole range on {words}", GBP),
            (f"{answer}_mu_star_half_interval_gbp", "half its 95% interval over walks", GBP),
            (f"{answer}_sigma_gbp", "spread of the effect: how much it bends or depends on the others, with luck", GBP),
        )
    ]


_IMPACTS: Final = (
    ("name", "the entry's name in full", ""),
    *_ENDS,
    ("headline_swing_share", "swing of what tier 2 and 3 are paid, of itself", "share"),
    ("difference_swing_share", "swing of what the policy adds, of itself", "share"),
    ("headline_swing_gbp", "swing of what tier 2 and 3 are paid, doing nothing", GBP),
    ("difference_swing_gbp", "swing of what the policy adds", GBP),
    ("headline_mu_star_gbp", "mean size of the effect on what tier 2 and 3 are paid, all moved together", GBP),
    ("difference_mu_star_gbp", "mean size of the effect on what the policy adds, all moved together", GBP),
)

# File -> (column, words, unit).
STUDY_COLUMNS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "ensemble.csv": (("world", "the member, best first", ""), _WORST, _MET),
    "patterns.csv": (
        ("id", "number of the published pattern", ""),
        ("part", "letter of the part, where a pattern has several", ""),
        ("pattern", "the pattern in words", ""),
        ("measure", "name of the measure it is scored on", ""),
        ("unit", "unit of the scored value", ""),
        ("target", "what was published", ""),
        ("low", "lower end of what counts as reproduced; empty where open", EACH),
        ("high", "upper end of what counts as reproduced; empty where open", EACH),
        ("best", "mean over replications of the best member", EACH),
        ("best_reproduced", "whether the best member reproduces this part", ""),
        ("best_implausibility", "its distance from the finding", SDS),
        ("members_median", "median of the members' means", EACH),
        ("median_reproduced", "whether that median would count as reproduced", ""),
        ("members_low", "value below which 5% of the members' means lie", EACH),
        ("members_high", "value above which 5% of the members' means lie", EACH),
        ("members_reproducing", "members that reproduce this part", "members"),
        ("members", "members in all", "members"),
        ("kind", "a real test, close to an input, or easy to meet", ""),
        ("grade", "evidence grade of what was published", ""),
    ),
    "informed.csv": (
        ("parameter", "the parameter's name in full", ""),
        ("unit", "its unit", ""),
        ("grade", "evidence grade of its plausible range", ""),
        ("informed", "what the patterns say of it: strongly, somewhat, not", ""),
        ("range_low", "lower end of its plausible range", EACH),
        ("range_high", "upper end of its plausible range", EACH),
        ("members_low", "value below which 5% of the members lie", EACH),
        ("members_median", "median of the members", EACH),
        ("members_high", "value above which 5% of the members lie", EACH),
        ("spread_share", "standard deviation of the members over that of a flat range", "share"),
    ),
    "waves.csv": (
        ("wave", "number of the wave", ""),
        ("points", "points run in it", "points"),
        ("replications", "runs of every point", "replications"),
        ("cutoff", "distance beyond which a point is ruled out", SDS),
        ("space_left_share", "share of the space of parameters not ruled out before the wave", "share"),
        ("within_cutoff", "points of the wave that its own runs do not rule out", "points"),
        ("least_implausibility", "distance of its best point", SDS),
        ("most_patterns", "most patterns that a point of it reproduces", "patterns"),
    ),
    "points.csv": (
        ("wave", "wave in which the point was first run", ""),
        ("replications", "runs of the point", "replications"),
        _WORST,
        _MET,
    ),
    "emulators.csv": (
        ("after_wave", "wave after which the emulator was fitted", ""),
        ("id", "the scored number it foretells", ""),
        (
            "held_out_within_3_sd_share",
            "share of runs it had not seen that lie within three of its deviations",
            "share",
        ),
        ("held_out_variance_explained_share", "share of the variance of such runs that it foretells", "share"),
    ),
    "tornado.csv": (
        ("name", "the entry's name in full", ""),
        ("unit", "its unit", ""),
        ("grade", "evidence grade", ""),
        ("value", "its present value", EACH),
        *_ENDS,
        *_tornado(),
    ),
    "morris.csv": (("name", "the entry's name in full", ""), ("grade", "evidence grade", ""), *_morris()),
    "impacts.csv": _IMPACTS,
    "measured.csv": _IMPACTS,
    "assumptions.csv": COLUMNS["assumptions.csv"],
}


def study_dictionary(folder: Path) -> pd.DataFrame:
    """One row a column of the tables that a folder holds; parameters and scored numbers that are columns too."""
    import pandas as pd

    rows = []
    for file, columns in STUDY_COLUMNS.items():
        if not (folder / file).is_file():
            continue
        told = {name: (words, unit) for name, words, unit in columns}
        for name in _header(folder / file):
            words, unit = told.get(name) or _further(name)
            rows.append({"file": file, "name": name, "label": words, "unit": unit})
    return pd.DataFrame(rows, columns=["file", "name", "label", "unit"])


def _further(name: str) -> tuple[str, str]:
    """A column that is named by a parameter (with its group) or by a scored number (``C8b``)."""
    if "." in name:
        return f"the parameter {input_words(name)}", OWN_UNIT
    return f"mean over replications of the scored number {name} of patterns.csv", "as in patterns.csv"


def _header(path: Path) -> list[str]:
    """The columns of a CSV below its comment lines."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(line for line in file if not line.startswith("#")), [])
