"""Rules that join two settings. A rule is checked only when both values are fine by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sim.settings.problems import CROSS, Problem, plain

LONGEST_YEARS: Final = 30

# (group, smaller, larger): the first may not exceed the second.
_ORDERED: Final = (
    ("horizon", "start", "end"),
    ("horizon", "end", "contract_end"),
    ("supply_chain", "legacy_review_first_month", "legacy_review_last_month"),
    ("supply_chain", "term_months_low", "term_months_high"),
    ("provider", "regional_turnover_gbp", "national_turnover_gbp"),
    ("provider", "close_reserves_months", "hand_back_reserves_months"),
)
_WORDS: Final = {
    ("horizon", "start"): "horizon.end {high} lies before horizon.start {low}",
    (
        "horizon",
        "end",
    ): "horizon.end {low} lies after horizon.contract_end {high}: no contract runs that long",
}


def cross(values: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """What is wrong between the values of one scenario, by group and key."""
    problems = []
    for group, low, high in _ORDERED:
        a, b = values[group].get(low), values[group].get(high)
        if a is None or b is None or a <= b:
            continue
        words = _WORDS.get((group, low), "{group}.{low_key} must not exceed {group}.{high_key}, got {low} and {high}")
        what = words.format(group=group, low_key=low, high_key=high, low=_shown(a), high=_shown(b))
        setting = f"{group}.{high}" if group == "horizon" and low == "start" else f"{group}.{low}"
        problems.append(Problem(setting, what, rank=CROSS))
    problems += _too_long(values["horizon"]) + _ages(values["demand"])
    return problems


def _too_long(horizon: Mapping[str, Any]) -> list[Problem]:
    start, end = horizon.get("start"), horizon.get("end")
    if isinstance(start, date) and isinstance(end, date) and (end - start).days > LONGEST_YEARS * 366:
        what = f"horizon.start to horizon.end must be at most {LONGEST_YEARS} years, got {start} to {end}"
        return [Problem("horizon.end", what, rank=CROSS)]
    return []


def _ages(demand: Mapping[str, Any]) -> list[Problem]:
    young, middle = demand.get("young_adult_share"), demand.get("aged_25_to_39_share")
    if young is not None and middle is not None and young + middle > 1:
        both = "demand.young_adult_share and demand.aged_25_to_39_share"
        what = f"{both} add up to {young + middle:g}, more than 1"
        return [Problem("demand.aged_25_to_39_share", what, rank=CROSS)]
    return []


def _shown(value: object) -> str:
    return plain(value) if isinstance(value, int | float) else str(value)
