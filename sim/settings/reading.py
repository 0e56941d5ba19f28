"""Reading a mapping against the meanings of its settings: the values, and everything wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.parameters.record import Spec
from sim.settings import known
from sim.settings.problems import NAME, Problem, did_you_mean, nearest
from sim.settings.values import MISSING, Fault, check, rule

Tree = Mapping[str, Any]


def read_group(group: str, given: Tree, fields: Mapping[str, Spec]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of a group against their meanings, and what is unknown, missing or refused."""
    full: Callable[[str], str] = lambda key: f"{group}.{key}" if group else key  # noqa: E731
    problems, guesses = [], set()
    for key in given:
        if key not in fields:
            guess = nearest(str(key), fields)
            guesses.add(guess)
            note = meaning(fields[guess]) if guess else ""
            advice = did_you_mean(full(str(key)), [full(guess)] if guess else [], note)
            problems.append(Problem(full(str(key)), f'"{full(str(key))}" is not a setting', advice=advice, rank=NAME))
    values: dict[str, Any] = {}
    for key, spec in fields.items():
        if key not in given and key in guesses:
            continue
        whole = full(key) in known.WHOLE
        value, faults = check(spec, given.get(key, MISSING), whole=whole)
        problems += [_problem(full(key), spec, fault) for fault in faults]
        if not faults:
            values[key] = value
    return values, problems


def meaning(spec: Spec) -> str:
    """Unit and range of a setting in a few words."""
    return ", ".join(part for part in (spec.unit, rule(spec)) if part)


def _problem(setting: str, spec: Spec, fault: Fault) -> Problem:
    name = f"{setting}.{fault.part}" if fault.part else setting
    unit = (f"unit   {spec.unit}",) if spec.unit and spec.kind != "day" else ()
    return Problem(name, f"{name} {fault.rule}", advice=fault.advice + unit)
