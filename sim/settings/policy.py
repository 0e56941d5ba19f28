"""A policy file: its name, the recommendation it stands for, why, and its dated levers.

Only the frame is checked here; each lever will check its own sizes and dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sim.settings.known import POLICY_KEYS
from sim.settings.problems import NAME, Problem, did_you_mean, listing, shown

# Names of the levers the model knows; none acts yet.
LEVERS: Final[tuple[str, ...]] = ()


def check_policy(given: Mapping[str, Any], option: str) -> list[Problem]:
    """What is wrong with a policy; ``option`` is the name of its file."""
    problems = [
        Problem(
            f"policy.{key}",
            f'"policy.{key}" is not a setting',
            advice=did_you_mean(str(key), POLICY_KEYS),
            rank=NAME,
        )
        for key in given
        if key not in POLICY_KEYS
    ]
    for key in ("name", "recommendation", "rationale"):
        if not isinstance(given.get(key), str) or not given[key].strip():
            problems.append(Problem(f"policy.{key}", f"policy.{key} must be a few words, got {shown(given.get(key))}"))
    name = given.get("name")
    if isinstance(name, str) and name.strip() and name != option:
        what = f'policy.name must be the name of its file, "{option}", got {shown(name)}'
        problems.append(Problem("policy.name", what))
    return problems + _levers(given.get("levers"))


def _levers(levers: Any) -> list[Problem]:
    if not isinstance(levers, list):
        return [Problem("policy.levers", f"policy.levers must be a list ([] for none), got {shown(levers)}")]
    problems = []
    for number, lever in enumerate(levers):
        name = lever.get("lever") if isinstance(lever, Mapping) else lever
        what = f"there is no lever called {shown(name)}; the model knows {listing(LEVERS)}"
        problems.append(Problem(f"policy.levers.{number}", what, advice=did_you_mean(str(name), LEVERS), rank=NAME))
    return problems
