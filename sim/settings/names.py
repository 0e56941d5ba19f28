"""What a scenario is called in tables and folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.settings.overrides import Choice, Point

DO_NOTHING: Final = "do_nothing"


def scenario_names(
    points: Sequence[Point], policies: Sequence[str], levers: Sequence[tuple[str, ...] | None] = ()
) -> list[str]:
    """One name a scenario: its policy when only the policy varies, else what varies, joined by commas.

    Where levers are switched on and off, one part of the name is those that are on: ``stewardship+needs_data``, the
    policy's own name when all are, do_nothing when none is.

    Args:
        policies: the policy in force in each scenario.
        levers: those of it that are on in each scenario; None when all are.

    Names are unique as long as the points are.
    """
    varying = [i for i in range(len(points[0])) if len({point[i].text for point in points}) > 1]
    keys = [points[0][i].key for i in varying]
    if all(key == "policy" for key in keys):
        return list(policies)
    switches = [i for i in varying if _is_switch(points[0][i].key)]
    if switches and levers and "policy" not in keys:
        on = [_levers(policy, names) for policy, names in zip(policies, levers, strict=True)]
        rest = [i for i in varying if i not in switches]
        if not rest:
            return on
        others = scenario_names([tuple(point[i] for i in rest) for point in points], policies)
        return [f"{a},{b}" for a, b in zip(on, others, strict=True)]
    short = [key.rpartition(".")[2] for key in keys]
    labels = [s if short.count(s) == 1 else key for s, key in zip(short, keys, strict=True)]
    return [",".join(_part(point, i, label) for i, label in zip(varying, labels, strict=True)) for point in points]


def _is_switch(key: str) -> bool:
    parts = key.split(".")
    return len(parts) == 4 and parts[:2] == ["policy", "levers"] and parts[3] == "active"


def _levers(policy: str, on: tuple[str, ...] | None) -> str:
    return policy if on is None else "+".join(on) or DO_NOTHING


def _part(point: Point, i: int, label: str) -> str:
    value = point[i].text.partition("=")[2].replace(",", " ")
    return value if isinstance(point[i], Choice) and point[i].key == "policy" else f"{label}={value}"
