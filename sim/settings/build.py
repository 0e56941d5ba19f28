"""A composed mapping into the frozen records of a scenario, collecting everything that is wrong on the way.

The mapping comes from ``sim.settings.compose``; ``sim.settings.loading`` adds where a value stands in a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.parameters.places import Figure
from sim.parameters.record import Spec, specs
from sim.scenario import Horizon, Record, Scenario
from sim.settings import known, rules
from sim.settings.policy import check_policy
from sim.settings.problems import NAME, Problem, did_you_mean, nearest, shown
from sim.settings.sources import GROUPS
from sim.settings.values import MISSING, Fault, check
from sim.settings.world import build_world

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Built:
    """What one mapping gives: a scenario and figures when nothing is wrong with it, else problems."""

    scenario: Scenario | None
    figures: tuple[Figure, ...]
    problems: tuple[Problem, ...]


def build_scenario(tree: Tree, policy_option: str) -> Built:
    """The scenario of a composed mapping; its name is the policy's, which a sweep replaces."""
    problems: list[Problem] = []
    world, figures, found = build_world(_mapping(tree, "world", problems))
    problems += found
    problems += check_policy(_mapping(tree, "policy", problems), policy_option)
    values: dict[str, dict[str, Any]] = {}
    meanings: dict[str, Mapping[str, Spec]] = {group: specs(record) for group, record in known.RECORDS.items()}
    meanings |= {"horizon": known.HORIZON, "record": known.RECORD}
    for group, fields in meanings.items():
        values[group], found = read_group(group, _mapping(tree, group, problems), fields)
        problems += found
    problems += _top_level(tree)
    problems += rules.cross(values)
    if problems or world is None:
        return Built(None, figures, tuple(problems))
    records = {group: record(**values[group]) for group, record in known.RECORDS.items()}
    scenario = Scenario(
        name=policy_option,
        world=world,
        horizon=Horizon(**values["horizon"]),
        record=Record(**values["record"]),
        **records,
    )
    return Built(scenario, figures, ())


def build_run(tree: Tree) -> tuple[known.RunSettings | None, list[Problem]]:
    """How the experiment is run, from the top level and the engine group."""
    problems: list[Problem] = []
    engine = _mapping(tree, "engine", problems)
    flat: dict[str, Any] = {key: tree.get(key, MISSING) for key in known.RUN if "." not in key}
    flat |= {f"engine.{key}": value for key, value in engine.items()}
    values, found = read_group("", flat, known.RUN)
    problems += found
    name, output = tree.get("name"), tree.get("output")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append(Problem("name", f"name must be letters, digits, - and _ (64 at most), got {shown(name)}"))
    if not isinstance(output, str) or not output.strip() or "\0" in output:
        problems.append(Problem("output", f"output must be the path of a folder, got {shown(output)}"))
    if problems:
        return None, problems
    values["engine"], values["workers"] = values.pop("engine.kind"), values.pop("engine.workers")
    return known.RunSettings(name=str(name), output=str(output), **values), []


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
    from sim.settings.values import rule

    return ", ".join(part for part in (spec.unit, rule(spec)) if part)


def _problem(setting: str, spec: Spec, fault: Fault) -> Problem:
    name = f"{setting}.{fault.part}" if fault.part else setting
    unit = (f"unit   {spec.unit}",) if spec.unit and spec.kind != "day" else ()
    return Problem(name, f"{name} {fault.rule}", advice=fault.advice + unit)


def _mapping(tree: Tree, group: str, problems: list[Problem]) -> Tree:
    found = tree.get(group)
    if isinstance(found, Mapping):
        return found
    problems.append(Problem(group, f"{group} must be a group of settings, got {shown(found)}"))
    return {}


def _top_level(tree: Tree) -> list[Problem]:
    fine = {*GROUPS, *known.RUN_WORDS, *(key for key in known.RUN if "." not in key)}
    return [
        Problem(str(key), f'"{key}" is not a setting', advice=did_you_mean(str(key), sorted(fine)), rank=NAME)
        for key in tree
        if key not in fine
    ]
