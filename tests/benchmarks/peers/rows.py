"""One row of the table, and the table in text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One form on one work.

    Attributes:
        seconds: processor seconds of one run; none where the form did not run or says something else.
        times_ours: how many times our form's; none for ours, and where there is nothing to compare.
        checked: how its results were found equal to ours, or why there is no figure.
    """

    work: str
    form: str
    customers: int
    seconds: float | None
    seconds_per_1000: float | None
    times_ours: float | None
    checked: str


def row_of(work: str, form: str, customers: int, seconds: float | None, ours: float | None, checked: str) -> Row:
    """A row from the seconds of the form and, to compare it with, those of ours."""
    per_1000 = None if seconds is None else 1000 * seconds / customers
    times = None if seconds is None or ours is None else seconds / ours
    return Row(work, form, customers, seconds, per_1000, times, checked)


def table(rows: Sequence[Row]) -> str:
    """The rows as text, a work after the other."""
    lines = [f"{'':34}{'customers':>10}{'seconds':>10}{'s per 1000':>12}{'times ours':>12}  checked"]
    work = ""
    for row in rows:
        if row.work != work:
            work = row.work
            lines.append(work)
        seconds = "-" if row.seconds is None else f"{row.seconds:.4f}"
        per_1000 = "-" if row.seconds_per_1000 is None else f"{row.seconds_per_1000:.5f}"
        times = "" if row.times_ours is None else f"{row.times_ours:.1f}"
        lines.append(f"  {row.form:32}{row.customers:>10,}{seconds:>10}{per_1000:>12}{times:>12}  {row.checked}")
    return "\n".join(lines)
