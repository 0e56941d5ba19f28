"""Ratios measured before, and what is said of those measured now.

Only ratios that carry over between machines are kept (``recorded.csv``): rows whose unit says which way is good.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final

from tests.benchmarks.measuring import HIGH_IS_GOOD, LOW_IS_GOOD, Row

FILE: Final = Path(__file__).parent / "recorded.csv"
ALLOWED: Final = 0.2  # share of the recorded ratio by which one may be worse before it is said


@dataclass(frozen=True, slots=True)
class Recorded:
    """One ratio as it once was.

    Attributes:
        benchmark: part and case.
        command: what measured it.
    """

    benchmark: str
    quantity: str
    ratio: float
    recorded_on: str
    command: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is said of the ratios measured now, a line each.

    Attributes:
        behind: those worse than recorded by more than is allowed.
        ahead: those better by more than that.
        strangers: those that are not recorded, and the recorded ones of the same parts that were not measured.
    """

    behind: list[str]
    ahead: list[str]
    strangers: list[str]


def kept(rows: Iterable[Row]) -> list[Row]:
    """The rows that are recorded."""
    return [row for row in rows if row.unit in (HIGH_IS_GOOD, LOW_IS_GOOD)]


def compare(rows: Sequence[Row], recorded: Iterable[Recorded]) -> Comparison:
    """Hold what was measured now against what was recorded."""
    known = {(ratio.benchmark, ratio.quantity): ratio for ratio in recorded}
    found = Comparison([], [], [])
    for row in kept(rows):
        old = known.pop((_benchmark(row), row.quantity), None)
        name = f"{_benchmark(row)}, {row.quantity}"
        if old is None:
            found.strangers.append(f"not recorded yet: {name}: {row.value:.3g}")
            continue
        more = row.value / old.ratio - 1.0
        better = more if row.unit == HIGH_IS_GOOD else -more
        figures = f"{name}: {row.value:.3g} now, {old.ratio:.3g} on {old.recorded_on}"
        if better < -ALLOWED:
            found.behind.append(f"falls behind: {figures} ({-better:.0%} worse)")
        elif better > ALLOWED:
            found.ahead.append(f"gets ahead: {figures} ({better:.0%} better)")
    parts = {row.part for row in rows}
    for benchmark, quantity in known:
        if benchmark.partition(":")[0] in parts:
            found.strangers.append(f"recorded, but not measured now: {benchmark}, {quantity}")
    return found


def renewed(rows: Iterable[Row], recorded: Iterable[Recorded], today: date) -> list[Recorded]:
    """The recorded ratios with those measured now in their place; what was not measured stays as it was."""
    ratios = {(ratio.benchmark, ratio.quantity): ratio for ratio in recorded}
    for row in kept(rows):
        command = f"python -m tests.benchmarks --only {row.part}"
        ratio = Recorded(_benchmark(row), row.quantity, float(f"{row.value:.4g}"), today.isoformat(), command)
        ratios[ratio.benchmark, ratio.quantity] = ratio
    return [ratios[key] for key in sorted(ratios)]


def read(path: Path = FILE) -> list[Recorded]:
    """The recorded ratios; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return [
        Recorded(line["benchmark"], line["quantity"], float(line["ratio"]), line["recorded on"], line["command"])
        for line in lines
    ]


def write(ratios: Iterable[Recorded], path: Path = FILE) -> None:
    """Write the recorded ratios."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([field.name.replace("_", " ") for field in fields(Recorded)])
        table.writerows(astuple(ratio) for ratio in ratios)


def _benchmark(row: Row) -> str:
    return f"{row.part}: {row.case}"
