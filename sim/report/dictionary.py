"""The data dictionary: every measure, and every column of every table of an experiment, in words with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.analysis.summaries import how_taken, unit_of
from sim.observe.measures import FIGURES, MEASURES

if TYPE_CHECKING:
    import pandas as pd

EACH: Final = "unit of the row"

_SCENARIO: Final = ("scenario", "name of the scenario", "")
_MEASURE: Final = (
    ("measure", "name of the measure, as in this dictionary", ""),
    ("label", "the measure in words", ""),
    ("unit", "unit of the values in the row", ""),
    ("taken", "how a month's values become the one compared", ""),
)
_ENDS: Final = (
    ("low", "lower end of the 95% interval over replications (luck only)", EACH),
    ("high", "upper end of the 95% interval over replications (luck only)", EACH),
)
_P: Final = (
    ("p", "two-sided p of the paired t-test against zero", "probability"),
    ("p_holm", "the same after Holm's correction over all that is compared on the measure", "probability"),
)
_RANGE: Final = (
    ("plausible_low", "lower end of the range in which the evidence lets it lie", EACH),
    ("plausible_high", "upper end of the range in which the evidence lets it lie", EACH),
)

# File -> (column, words, unit).
COLUMNS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "summary.csv": (
        _SCENARIO,
        *_MEASURE,
        ("mean", "mean over replications", EACH),
        *_ENDS,
        ("n", "replications with a value", "replications"),
    ),
    "monthly_national.csv": (
        _SCENARIO,
        ("month", "month, as year and number", "month"),
        *(row for row in _MEASURE if row[0] in ("measure", "unit")),
        ("mean", "mean over replications", EACH),
        *_ENDS,
        ("n", "replications with a value", "replications"),
    ),
    "validation.csv": (
        ("id", "number of the published pattern", ""),
        ("part", "letter of the part, where a pattern has several", ""),
        ("pattern", "the pattern in words", ""),
        ("measure", "name of the measure it is scored on", ""),
        ("unit", "unit of the scored value", ""),
        ("target", "what was published", ""),
        ("low", "lower end of what counts as reproduced; empty where open", EACH),
        ("high", "upper end of what counts as reproduced; empty where open", EACH),
        ("simulated", "mean over replications", EACH),
        ("simulated_low", "lower end of its 95% interval (luck only)", EACH),
        ("simulated_high", "upper end of its 95% interval (luck only)", EACH),
        ("replications", "replications with a value", "replications"),
        ("reproduced", "whether this part is reproduced: yes, no, not scored", ""),
        ("pattern_reproduced", "whether the whole pattern is", ""),
        ("grade", "evidence grade of what was published", ""),
        ("kind", "a real test, close to an input, or easy to meet", ""),
        ("why_not_scored", "why it could not be scored; empty where it was", ""),
        ("source", "where it was published", ""),
    ),
    "verdicts.csv": (
        _SCENARIO,
        ("replications", "replications of the scenario", "replications"),
        ("margin_share", "what counts as holds or no different, either side of zero", "share"),
        ("against_past", "against its own past: grows, holds, shrinks, undecided, no verdict", ""),
        ("change_share", "relative change of what tier 2 and 3 are paid, from the year before to the last", "share"),
        ("change_low", "lower end of its 95% interval (luck only)", "share"),
        ("change_high", "upper end of its 95% interval (luck only)", "share"),
        ("chance_of_growth", "share of replications that rose", "share"),
        ("before", "the year before, in words", ""),
        ("after", "the last year, in words", ""),
        ("before_gbp_per_year", "paid to tier 2 and 3 in the year before", "GBP a year"),
        ("after_gbp_per_year", "paid to tier 2 and 3 in the last year", "GBP a year"),
        ("why_no_verdict", "why there is no word, or no interval; empty where there is one", ""),
        ("replications_needed", "replications in all that would decide the verdict against its past", "replications"),
        ("compared_with", "the do-nothing scenario it is compared with", ""),
        ("against_do_nothing", "against doing nothing: more, no different, less, undecided, no verdict", ""),
        ("difference_gbp_per_year", "difference from doing nothing in what tier 2 and 3 are paid", "GBP a year"),
        ("difference_low", "lower end of its 95% interval over pairs (luck only)", "GBP a year"),
        ("difference_high", "upper end of its 95% interval over pairs (luck only)", "GBP a year"),
        ("difference_share", "the difference as a share of doing nothing", "share"),
        ("pairs_up", "pairs of replications in which the scenario lies above doing nothing", "pairs"),
        ("pairs", "pairs of replications compared", "pairs"),
        ("chance_above_zero", "probability that the mean difference is above zero (Student's t)", "probability"),
        _P[1],
        ("variance_reduction", "how many times as many unpaired replications the pairing was worth", "times"),
        ("pairs_needed", "pairs in all that would decide the verdict against doing nothing", "pairs"),
        *(
            (f"{name}{end}", words + tail, unit)
            for name, words, unit in (
                ("public_cost_difference_gbp_per_year", "public money spent beyond doing nothing", "GBP a year"),
                ("needs_met_difference_per_year", "needs met beyond doing nothing", "needs a year"),
                (
                    "cost_per_extra_need_met_gbp",
                    "the one over the other, where more needs are clearly met",
                    "GBP a need",
                ),
            )
            for end, tail in (("", ""), ("_low", ", lower end (95%)"), ("_high", ", upper end (95%)"))
        ),
        ("worlds", "calibrated worlds run, that of the point values included", "worlds"),
        ("worlds_word", "what the range over worlds earns, luck taken out", ""),
        ("worlds_holding", "worlds in which the verdict given on the point values holds", "worlds"),
        ("worlds_low_share", "change below which 2.5% of worlds lie, luck taken out", "share"),
        ("worlds_mean_share", "mean change over worlds", "share"),
        ("worlds_high_share", "change above which 2.5% of worlds lie, luck taken out", "share"),
        ("luck_share", "share of the spread between single runs that is luck; the rest is inputs", "share"),
        ("link_weak_word", "verdict where pressure takes least of the supply-chain budget", ""),
        ("link_weak_share", "change there, of doing nothing", "share"),
        ("link_strong_word", "verdict where pressure takes most of the supply-chain budget", ""),
        ("link_strong_share", "change there, of doing nothing", "share"),
    ),
    "worlds.csv": (
        _SCENARIO,
        ("world", "the calibrated world, or the end of the link from pressure to budget", ""),
        ("replications", "replications in it", "replications"),
        ("change_against_past_share", "last 12 months against the 12 before the verdict date", "share"),
        ("change_against_nothing_share", "difference from doing nothing in the same world", "share"),
        ("difference_gbp_per_year", "the same in money", "GBP a year"),
    ),
    "comparison.csv": (
        _SCENARIO,
        *_MEASURE,
        ("pairs", "pairs of replications compared", "pairs"),
        ("do_nothing", "mean of the do-nothing scenario over the pairs", EACH),
        ("value", "mean of the scenario over the pairs", EACH),
        ("difference", "mean difference over the pairs", EACH),
        *_ENDS,
        ("relative_share", "the difference as a share of doing nothing", "share"),
        ("relative_low_share", "its lower end (95%)", "share"),
        ("relative_high_share", "its upper end (95%)", "share"),
        ("pairs_up", "pairs in which the scenario lies above doing nothing", "pairs"),
        ("chance_above_zero", "probability that the mean difference is above zero (Student's t)", "probability"),
        ("variance_reduction", "how many times as many unpaired replications the pairing was worth", "times"),
        *_P,
    ),
    "effects.csv": (
        *_MEASURE[:3],
        ("kind", "the effect of one lever, or of two together beyond their sum", ""),
        ("lever", "the lever", ""),
        ("second_lever", "the other lever, where there are two", ""),
        ("effect", "mean effect over replications: with the lever less without, averaged over the others", EACH),
        *_ENDS,
        ("replications", "replications with a value", "replications"),
        ("replications_up", "replications in which the effect is above zero", "replications"),
        *_P,
        ("design", "the combinations that were run, in words", ""),
        ("confused_with", "effects that this design cannot tell from this one", ""),
    ),
    "assumptions.csv": (
        ("name", "the number's name in full", ""),
        ("value", "its value", EACH),
        ("unit", "its unit", ""),
        ("low", "the least that is allowed", EACH),
        ("high", "the most that is allowed", EACH),
        *_RANGE,
        ("grade", "evidence grade", ""),
        ("standing", "fact, assumption or setting", ""),
        ("source", "where the value comes from", ""),
        ("drives", "what it moves in the model", ""),
        ("date", "the date of the figure, where it has one", ""),
        ("impact_share", "measured: how far the headline swings over the plausible range, of itself", "share"),
        ("scenario", "empty for the first scenario; another's name where it differs from that", ""),
    ),
}


def dictionary() -> pd.DataFrame:
    """Every measure and single figure (``file`` empty), then every column of every table."""
    import pandas as pd

    rows = [
        {
            "file": "",
            "name": m.name,
            "label": m.label,
            "unit": m.unit,
            "when": m.when,
            "over": m.over,
            "levels": " ".join(m.levels),
            "summary": how_taken(m),
            "summary_unit": unit_of(m),
        }
        for m in MEASURES
    ]
    rows += [
        {
            "file": "",
            "name": name,
            "label": label,
            "unit": unit,
            "when": "once a run",
            "over": "the run",
            "levels": "run",
            "summary": "once a run",
            "summary_unit": unit,
        }
        for name, (label, unit) in FIGURES.items()
    ]
    rows += [
        {"file": file, "name": name, "label": words, "unit": unit}
        for file, columns in COLUMNS.items()
        for name, words, unit in columns
    ]
    return pd.DataFrame(rows).fillna("")
