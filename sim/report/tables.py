"""The tables of an experiment folder, as data frames: what was measured, compared, scored and assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.factorial import effects_table
from sim.analysis.intervals import EMPTY, Interval, pointwise, t_interval
from sim.analysis.paired import comparison_table
from sim.analysis.summaries import how_taken, national_summaries, unit_of
from sim.analysis.validation import validation_table
from sim.observe.measures import BY_NAME, FIGURES, names_at
from sim.parameters import register
from sim.parameters.places import Figure
from sim.report.costs import cost_of
from sim.report.dictionary import dictionary
from sim.report.rungs import over_worlds, worlds_table
from sim.report.story import Story
from sim.report.sweep import factorials
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def all_tables(story: Story) -> dict[str, pd.DataFrame]:
    """File name -> table, in the order a reader would open them."""
    tables = {
        "summary.csv": summary(story),
        "monthly_national.csv": monthly_national(story),
        "validation.csv": validation_table(story.scored),
        "verdicts.csv": verdicts(story),
    }
    if story.differences:
        tables["comparison.csv"] = comparison_table(story.differences)
    if found := factorials(story):
        tables["effects.csv"] = effects_table(found)
    if story.worlds is not None:
        tables["worlds.csv"] = worlds_table(story.worlds)
    tables["assumptions.csv"] = assumptions(story)
    tables["data-dictionary.csv"] = dictionary()
    return tables


def summary(story: Story) -> pd.DataFrame:
    """One row a scenario and national measure: the mean over replications with its 95% interval."""
    import pandas as pd

    rows: list[dict[str, object]] = []
    for name, ensemble in story.ensembles.items():
        values = national_summaries(ensemble, names_at("national"))
        described = {m: (BY_NAME[m].label, unit_of(BY_NAME[m]), how_taken(BY_NAME[m])) for m in values}
        for figure, (label, unit) in FIGURES.items():
            values[figure] = ensemble.figure(figure)
            described[figure] = (label, unit, "once a run")
        for measure, value in values.items():
            interval = t_interval(value)
            label, unit, taken = described[measure]
            rows.append(
                {
                    "scenario": name,
                    "measure": measure,
                    "label": label,
                    "mean": interval.mean,
                    "low": interval.low,
                    "high": interval.high,
                    "n": interval.n,
                    "unit": unit,
                    "taken": taken,
                }
            )
    return pd.DataFrame(rows)


def monthly_national(story: Story) -> pd.DataFrame:
    """Tidy: one row a scenario, month and national measure."""
    import pandas as pd

    parts = []
    for name, ensemble in story.ensembles.items():
        for measure in names_at("national"):
            if not ensemble.has("national", measure):
                continue
            values = ensemble.national(measure)
            mean, low, high = pointwise(values)
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": name,
                        "month": list(ensemble.months),
                        "measure": measure,
                        "mean": mean,
                        "low": low,
                        "high": high,
                        "n": np.isfinite(values).sum(axis=0),
                        "unit": BY_NAME[measure].unit,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def verdicts(story: Story) -> pd.DataFrame:
    """One row a scenario: both verdicts side by side, with what they rest on."""
    import pandas as pd

    rows: list[dict[str, object]] = []
    for name, past in story.past.items():
        main, change = past.main, past.change
        row: dict[str, object] = {
            "scenario": name,
            "replications": story.ensembles[name].n,
            "margin_share": past.margin_share,
            "against_past": past.word,
            "change_share": change.mean,
            "change_low": change.low,
            "change_high": change.high,
            "chance_of_growth": past.chance_of_growth,
            "before": main.before.words if main else "",
            "after": main.after.words if main else "",
            "before_gbp_per_year": main.gbp_before.mean if main else np.nan,
            "after_gbp_per_year": main.gbp_after.mean if main else np.nan,
            "why_no_verdict": past.reason,
            "replications_needed": past.replications_needed,
        }
        if story.paired:
            verdict = story.paired.get(name)
            head = verdict.headline if verdict else None
            row |= {
                "compared_with": story.base_of.get(name, "") if verdict else "",
                "against_do_nothing": verdict.word if verdict else "",
                "difference_gbp_per_year": head.difference.mean if head else np.nan,
                "difference_low": head.difference.low if head else np.nan,
                "difference_high": head.difference.high if head else np.nan,
                "difference_share": head.relative.mean if head else np.nan,
                "pairs_up": head.pairs_up if head else np.nan,
                "pairs": head.n if head else np.nan,
                "chance_above_zero": head.chance_above if head else np.nan,
                "p_holm": head.p_holm if head else np.nan,
                "variance_reduction": head.variance_reduction if head else np.nan,
                "pairs_needed": verdict.replications_needed if verdict else None,
                **_cost(story, name if verdict else ""),
            }
        row |= over_worlds(story, name)
        rows.append(row)
    return pd.DataFrame(rows)


def _cost(story: Story, name: str) -> dict[str, object]:
    """What an option costs and meets beyond doing nothing, and the one over the other, with intervals."""
    cost = cost_of(story, name) if name else None
    columns: dict[str, Interval] = {
        "public_cost_difference_gbp_per_year": cost.public_gbp if cost else EMPTY,
        "needs_met_difference_per_year": cost.needs_met if cost else EMPTY,
        "cost_per_extra_need_met_gbp": cost.per_need if cost else EMPTY,
    }
    ends = {"": "mean", "_low": "low", "_high": "high"}
    return {f"{name}{end}": getattr(value, part) for name, value in columns.items() for end, part in ends.items()}


def assumptions(story: Story) -> pd.DataFrame:
    """The register of everything a report tells."""
    return assumptions_of(list(story.scenarios.values()), story.figures, story.impacts)


def assumptions_of(
    scenarios: Sequence[Scenario], figures: Sequence[Figure], impacts: Mapping[str, float]
) -> pd.DataFrame:
    """The register: every number the model was given, with unit, ranges, grade, source and what it drives.

    The first scenario's rows come first, with ``scenario`` empty; the others have a row only where they differ.
    """
    import pandas as pd

    found: list[dict[str, object]] = []
    first: dict[str, object] = {}
    for k, scenario in enumerate(scenarios):
        for row in register.rows(scenario, figures, impacts):
            if k and first.get(row.name) == row.value:
                continue
            first.setdefault(row.name, row.value)
            found.append({**asdict(row), "scenario": scenario.name if k else ""})
    return pd.DataFrame(found, columns=[*register.COLUMNS, "scenario"])
