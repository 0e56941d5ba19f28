"""Scenarios over several parameter worlds: the calibrated ensemble, and the range of one uncertain link.

A world is a set of parameter values. A scenario in another world bears the scenario's name and the world's, joined by
``@``; in its own world (the point values of ``configs/``) it keeps its name. All worlds meet the same luck.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from sim.scenario import Scenario
from sim.settings.problems import NAME, Problem, SettingsError, did_you_mean
from sim.settings.vary import parameter_names, value_of, varied

AT: Final = " @ "
MEMBER, LINK = "member", "link"
T = TypeVar("T")
_ID, _TOLD = "world", ("world", "worst_implausibility", "patterns_reproduced")
_CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class ParameterWorld:
    """One set of parameter values.

    Attributes:
        id: short and stable, for instance ``w07``.
        kind: ``member`` of the calibrated ensemble, or one end of a ``link``.
        values: parameter -> value.
    """

    id: str
    kind: str
    values: tuple[tuple[str, float], ...]


def split_name(name: str) -> tuple[str, str]:
    """A scenario's name into its own and its world's id, which is empty for the point values."""
    own, _, world = name.partition(AT)
    return own, world


def by_world(found: Mapping[str, T]) -> dict[str, dict[str, T]]:
    """What is known of each scenario, world by world: world id (empty for the point values) -> own name -> it."""
    worlds: dict[str, dict[str, T]] = {"": {}}
    for name, item in found.items():
        own, world = split_name(name)
        worlds.setdefault(world, {})[own] = item
    return worlds


def is_link(name: str) -> bool:
    """Whether a scenario's name puts it at one end of the funding link."""
    return split_name(name)[1].startswith(LINK)


def read_members(path: Path, scenario: Scenario) -> tuple[ParameterWorld, ...]:
    """The members of an ensemble file, the best first.

    The file is CSV: ``world``, two columns that say how good it is, then one column a parameter.

    Raises:
        SettingsError: the file is missing, names an unknown parameter, or holds a value that is no number or breaks
            its rule; with file, line and value.
    """
    where = path.name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem("ensemble", f"the ensemble file {where} cannot be read: {error}")]) from error
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    head = next((k for k, line in enumerate(lines) if not line.startswith("#")), 0)
    if not rows or rows[0][:1] != [_ID] or len(rows) < 2:
        what = f"the ensemble file {where} must have a column {_ID}, one a parameter, and at least one row"
        raise SettingsError([Problem("ensemble", what)])
    names = [name for name in rows[0] if name not in _TOLD]
    held = parameter_names(scenario)
    inside = set(held)
    problems = [
        Problem(
            "ensemble", f'"{name}" is not a parameter that can be varied ({where})', "", did_you_mean(name, held), NAME
        )
        for name in names
        if name not in inside and not name.startswith("world.")
    ]
    members = []
    for k, row in enumerate(rows[1:], head + 2):
        cells = dict(zip(rows[0], row, strict=False))
        try:
            values = tuple((name, float(cells[name])) for name in names if name in inside)
        except (KeyError, ValueError):
            problems.append(Problem("ensemble", f"{where}, line {k} does not hold a number for every parameter"))
            continue
        bad = next((name for name, value in values if not math.isfinite(value)), None)
        if bad:
            problems.append(Problem("ensemble", f"{where}, line {k}: {bad} is not a finite number"))
        members.append(ParameterWorld(cells[_ID], MEMBER, values))
    if len({m.id for m in members}) < len(members) or any(AT in m.id or not m.id for m in members):
        problems.append(Problem("ensemble", f"{where}: every world needs a name of its own"))
    if problems:
        raise SettingsError(problems)
    return tuple(members)


def in_worlds(
    scenarios: Sequence[Scenario], worlds: Sequence[ParameterWorld], *, point: ParameterWorld | None
) -> list[Scenario]:
    """Every scenario in every world, without those that equal the scenario itself.

    A parameter that the scenario holds at another value than the ``point`` world's was set on purpose: it stays as set.

    Raises:
        SettingsError: a world's value breaks a rule.
    """
    found = []
    for scenario in scenarios:
        free = _free(scenario, point)
        for world in worlds:
            values = {name: value for name, value in world.values if free is None or name in free}
            moved = {name: v for name, v in values.items() if not _same(v, value_of(name, scenario))}
            if moved:
                found.append(replace(varied(scenario, moved), name=f"{scenario.name}{AT}{world.id}"))
    return found


def held(scenario: Scenario, point: ParameterWorld) -> tuple[str, ...]:
    """The calibrated parameters that a scenario holds at a value of its own, which no world changes."""
    return tuple(name for name, value in point.values if not _same(value, value_of(name, scenario)))


def _free(scenario: Scenario, point: ParameterWorld | None) -> set[str] | None:
    return None if point is None else {name for name, _ in point.values} - set(held(scenario, point))


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE)
