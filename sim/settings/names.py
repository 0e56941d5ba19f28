"""What a scenario is called in tables and folders."""

from __future__ import annotations

from collections.abc import Sequence

from sim.settings.overrides import Choice, Point


def scenario_names(points: Sequence[Point], policies: Sequence[str]) -> list[str]:
    """One name a scenario: its policy when only the policy varies, else what varies, joined by commas.

    ``policies`` holds the policy in force in each scenario. Names are unique as long as the points are.
    """
    varying = [i for i in range(len(points[0])) if len({point[i].text for point in points}) > 1]
    keys = [points[0][i].key for i in varying]
    if all(key == "policy" for key in keys):
        return list(policies)
    short = [key.rpartition(".")[2] for key in keys]
    labels = [s if short.count(s) == 1 else key for s, key in zip(short, keys, strict=True)]
    return [",".join(_part(point, i, label) for i, label in zip(varying, labels, strict=True)) for point in points]


def _part(point: Point, i: int, label: str) -> str:
    value = point[i].text.partition("=")[2].replace(",", " ")
    return value if isinstance(point[i], Choice) and point[i].key == "policy" else f"{label}={value}"
