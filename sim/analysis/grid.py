"""Two settings varied in a full grid: which scenario stands in which cell, and where growth turns into shrinking."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from sim.analysis.verdict import PastVerdict
from sim.parameters.record import Spec
from sim.policy import LEVERS
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

GROUPS: Final = ("demand", "finance", "supply_chain", "rate_card", "nps", "provider")


@dataclass(frozen=True)
class Setting:
    """A setting that varies: its full name, what it means, and its values in rising order."""

    name: str
    spec: Spec
    values: tuple[float, ...]

    @property
    def words(self) -> str:
        """Its name in words: ``rate card markup share`` of ``rate_card.markup_share``."""
        return self.name.removeprefix("policy.levers.").replace(".", " ").replace("_", " ")


@dataclass(frozen=True)
class Grid:
    """A grid over two settings.

    Attributes:
        across, up: the two settings.
        cells: (index across, index up) -> scenario name; every cell has one.
    """

    across: Setting
    up: Setting
    cells: dict[tuple[int, int], str]


def find_grid(scenarios: Sequence[Scenario]) -> Grid | None:
    """The grid that scenarios make, or None unless exactly two numbers vary, in all their combinations."""
    if len(scenarios) < 4 or any(not _alike(scenarios[0], other) for other in scenarios[1:]):
        return None
    specs: dict[str, Spec] = {}
    found = [_numbers(scenario, specs) for scenario in scenarios]
    varying = [name for name in specs if len({row[name] for row in found}) > 1]
    if len(varying) != 2 or any(not _is_number(row[name]) for row in found for name in varying):
        return None
    across, up = (Setting(n, specs[n], tuple(sorted({float(row[n]) for row in found}))) for n in varying)
    cells = {
        (across.values.index(float(row[across.name])), up.values.index(float(row[up.name]))): scenario.name
        for row, scenario in zip(found, scenarios, strict=True)
    }
    whole = set(product(range(len(across.values)), range(len(up.values))))
    return Grid(across, up, cells) if set(cells) == whole and len(scenarios) == len(whole) else None


def _alike(a: Scenario, b: Scenario) -> bool:
    """Whether two scenarios differ in their name and the records of settings alone."""
    ours = {group: getattr(a, group) for group in GROUPS}
    return _levers(a).keys() == _levers(b).keys() and replace(b, name=a.name, policy=a.policy, **ours) == a


def _levers(scenario: Scenario) -> dict[str, Any]:
    """The levers that are on, by their full name."""
    keys = {kind: key for key, kind in LEVERS.items()}
    on = scenario.policy.levers if scenario.policy is not None else ()
    return {f"policy.levers.{keys.get(type(lever), type(lever).__name__)}": lever for lever in on}


def _numbers(scenario: Scenario, specs: dict[str, Spec]) -> dict[str, Any]:
    """Every setting by its full name; tables stay whole, and so are no number when they vary."""
    found: dict[str, Any] = {}
    for group, record in {**{group: getattr(scenario, group) for group in GROUPS}, **_levers(scenario)}.items():
        for f in fields(record):
            specs[f"{group}.{f.name}"] = f.metadata.get("spec", Spec("choice", ""))
            value = getattr(record, f.name)
            found[f"{group}.{f.name}"] = value if isinstance(value, int | float | str) else repr(value)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def boundary(grid: Grid, change: Mapping[str, float]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The edges between cells that grow and cells that do not, as pairs of corner points in units of cells.

    A cell (i, j) covers i to i + 1 across and j to j + 1 up. ``change`` is the mean relative change by scenario; a cell
    without a value takes no part.
    """
    edges = []
    for (i, j), name in grid.cells.items():
        right, above, corner = (i + 1, j), (i, j + 1), (i + 1.0, j + 1.0)
        for other, start in ((right, (i + 1.0, float(j))), (above, (float(i), j + 1.0))):
            next_to = change.get(grid.cells.get(other, ""), math.nan)
            here = change.get(name, math.nan)
            if math.isfinite(here) and math.isfinite(next_to) and (here > 0) != (next_to > 0):
                edges.append((start, corner))
    return edges


def grid_table(grid: Grid, past: Mapping[str, PastVerdict]) -> pd.DataFrame:
    """One row a cell: the two settings, the change against its own past and its word."""
    import pandas as pd

    rows = []
    for (i, j), name in sorted(grid.cells.items()):
        verdict = past.get(name)
        rows.append(
            {
                "scenario": name,
                grid.across.name: grid.across.values[i],
                grid.up.name: grid.up.values[j],
                "against_past": verdict.word if verdict else "no run",
                "change_share": verdict.change.mean if verdict else float("nan"),
                "low95": verdict.change.low if verdict else float("nan"),
                "high95": verdict.change.high if verdict else float("nan"),
            }
        )
    return pd.DataFrame(rows)
