"""The unit table: what the ending of a name says about its unit, for tables, the data package and the docs.

A name carries its unit (``public_cost_gbp``, ``wait_p90_days``); this is the only list of what the endings mean.
"""

from __future__ import annotations

from typing import Final

# Longest first: the first ending that fits decides.
UNITS: Final[tuple[tuple[str, str], ...]] = (
    ("_gbp_per_100", "GBP of every GBP 100"),
    ("_gbp_per_year", "GBP a year"),
    ("_gbp", "GBP"),
    ("_share_per_year", "share a year"),
    ("_per_starter", "a person starting"),
    ("_per_quarter", "a quarter"),
    ("_per_month", "a month"),
    ("_per_year", "a year"),
    ("_per_area", "an area"),
    ("_share", "share, 0 to 1"),
    ("_ratio", "ratio"),
    ("_days", "days"),
    ("_months", "months"),
    ("_years", "years"),
    ("_seconds", "seconds"),
    ("_fte", "full-time staff"),
    ("_people", "people"),
    ("_sd", "standard deviation"),
    ("_sha256", "hexadecimal digest"),
)


def unit_by_name(name: str) -> str:
    """The unit a name carries in its ending; empty when it carries none."""
    return next((words for ending, words in UNITS if f"_{name}".endswith(ending)), "")
