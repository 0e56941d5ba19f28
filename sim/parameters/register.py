"""The register of assumptions: every number a scenario rests on, with unit, ranges, grade and source.

Facts and assumptions are told apart: grades S, Q, Q2 and D rest on published figures, R and R- on memory,
J on judgement. A setting of the experiment ("set") is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from sim.categories import CATEGORIES
from sim.parameters.definitions import DEFINITIONS
from sim.parameters.horizon import HORIZON
from sim.parameters.places import Figure
from sim.parameters.record import Spec, specs

if TYPE_CHECKING:
    from sim.scenario import Scenario

GROUPS: Final = ("demand", "finance", "supply_chain", "rate_card", "nps", "provider")
STANDING: Final[dict[str, str]] = {
    "S": "fact", "Q": "fact", "Q2": "fact", "D": "fact", "R": "assumption", "R-": "assumption",
    "J": "assumption", "set": "setting",
}  # fmt: skip
Value = float | int | bool | str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the register.

    Attributes:
        name: in full, for instance ``finance.rescue_gbp``; a table has one row a category.
        value: the value in this scenario; ``none`` where a rule is not in force.
        low, high: the allowed range, None where there is none.
        plausible_low, plausible_high: the range within which the evidence lets it lie, None where not given.
        standing: fact, assumption or setting.
        drives: what it moves in the model.
        date: what the value refers to (``2017-08``), or when it was recalled, judged or chosen.
        impact_share: how far the headline swings over the plausible range, as a share of it; None where not measured.
    """

    name: str
    value: Value
    unit: str
    low: float | None
    high: float | None
    plausible_low: float | None
    plausible_high: float | None
    grade: str
    standing: str
    source: str
    drives: str
    date: str = ""
    impact_share: float | None = None


COLUMNS: Final[tuple[str, ...]] = tuple(f.name for f in fields(Row))


def rows(
    scenario: Scenario, figures: Iterable[Figure] = (), impacts: Mapping[str, float] | None = None
) -> tuple[Row, ...]:
    """The register of a scenario: the figures of its world file, its dates, group by group, then what measures mean.

    ``figures`` are those that ``sim.settings`` read from the world files; those of other worlds are left out.
    ``impacts`` are the swings of the headline that a sensitivity study measured, by name.
    """
    kept = [crc.code for crc in scenario.world.crcs]
    of_world = (f for f in figures if f.name.count(".") == 1 or f.name.split(".")[1].partition("-")[0] in kept)
    found = [_of_figure(figure) for figure in of_world]
    for key, spec in HORIZON.items():
        found += _of(f"horizon.{key}", spec, getattr(scenario.horizon, key))
    for group in GROUPS:
        record = getattr(scenario, group)
        for key, spec in specs(type(record)).items():
            found += _of(f"{group}.{key}", spec, getattr(record, key))
    for lever in scenario.policy.levers if scenario.policy else ():
        for key, spec in specs(type(lever)).items():
            found += _of(f"policy.levers.{lever.name}.{key}", spec, getattr(lever, key))
    for key, spec in specs(type(DEFINITIONS)).items():
        found += _of(f"definition.{key}", spec, getattr(DEFINITIONS, key))
    measured = impacts or {}
    return tuple(replace(row, impact_share=measured.get(row.name)) if row.name in measured else row for row in found)


def uncertain(scenario: Scenario, figures: Iterable[Figure] = ()) -> tuple[Row, ...]:
    """The numbers worth varying one by one, widest first: each with a plausible range around its value.

    Width is that of the plausible range over the value, or over the middle of the range where that is larger, so that
    a value near 0 is not called infinitely wide. Left out are settings of the experiment, rules not in force, what has
    no range to move in, single categories of a table and single areas of a CRC: one of 14 or 108 says nothing by
    itself. Sizes of the levers in force are in.
    """
    ranked = []
    for row in rows(scenario, figures):
        if not _varies(row) or row.plausible_low is None or row.plausible_high is None:
            continue
        assert isinstance(row.value, int | float)
        middle = (row.plausible_low + row.plausible_high) / 2.0
        scale = max(abs(row.value), abs(middle))
        if scale > 0.0 and row.plausible_high > row.plausible_low:
            ranked.append(((row.plausible_high - row.plausible_low) / scale, row))
    return tuple(row for _, row in sorted(ranked, key=lambda pair: (-pair[0], pair[1].name)))


def _varies(row: Row) -> bool:
    group, _, rest = row.name.partition(".")
    single = "-" in rest.partition(".")[0] if group == "world" else rest.rpartition(".")[2] in CATEGORIES
    numeric = isinstance(row.value, int | float) and not isinstance(row.value, bool)
    return numeric and row.standing != "setting" and not single


def _of_figure(figure: Figure) -> Row:
    low, high = figure.plausible or (None, None)
    return Row(
        name=figure.name,
        value=figure.value,
        unit=figure.unit,
        low=figure.low,
        high=figure.high,
        plausible_low=low,
        plausible_high=high,
        grade=figure.grade,
        standing=STANDING[figure.grade],
        source=figure.source,
        drives=figure.drives,
        date=figure.date,
    )


def _of(name: str, spec: Spec, value: object) -> list[Row]:
    if isinstance(value, tuple):
        return [_row(f"{name}.{key}", spec, item) for key, item in zip(CATEGORIES, value, strict=True)]
    return [_row(name, spec, value)]


def _row(name: str, spec: Spec, value: object) -> Row:
    ranged = spec.kind in ("number", "count", "table")
    low, high = spec.plausible or (None, None)
    if spec.kind == "table" and spec.plausible and isinstance(value, float):
        low, high = round(spec.plausible[0] * value, 6), round(spec.plausible[1] * value, 6)
        low, high = max(low, spec.low), min(high, spec.high)
    return Row(
        name=name,
        value=value if isinstance(value, bool | int | float) else "none" if value is None else str(value),
        unit=spec.unit,
        low=spec.low if ranged else None,
        high=spec.high if ranged else None,
        plausible_low=low,
        plausible_high=high,
        grade=spec.grade,
        standing=STANDING[spec.grade],
        source=spec.source,
        drives=spec.drives,
        date=spec.date,
    )
