"""A composed mapping into the frozen records of a scenario, collecting everything that is wrong on the way.

The mapping comes from ``sim.settings.compose``; ``sim.settings.loading`` adds where a value stands in a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.parameters.horizon import HORIZON
from sim.parameters.places import Figure
from sim.parameters.record import Spec, specs
from sim.scenario import Horizon, Record, Scenario
from sim.settings import engines, known, rules
from sim.settings.ensembles import read_name
from sim.settings.policy import build_policy, check_levers
from sim.settings.problems import CROSS, NAME, Problem, did_you_mean, shown
from sim.settings.reading import Tree, read_group
from sim.settings.sources import GROUPS
from sim.settings.values import MISSING
from sim.settings.world import build_world

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


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
    policy, found = build_policy(_mapping(tree, "policy", problems), policy_option)
    problems += found
    values: dict[str, dict[str, Any]] = {}
    meanings: dict[str, Mapping[str, Spec]] = {group: specs(record) for group, record in known.RECORDS.items()}
    meanings |= {"horizon": HORIZON, "record": known.RECORD}
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
        policy=policy,
        **records,
    )
    problems = check_levers(scenario)
    return Built(None if problems else scenario, figures, tuple(problems))


def build_run(tree: Tree) -> tuple[known.RunSettings | None, list[Problem]]:
    """How the experiment is run, from the top level and the engine group."""
    problems: list[Problem] = []
    engine, ensemble = (_mapping(tree, group, problems) for group in ("engine", "ensemble"))
    flat: dict[str, Any] = {key: tree.get(key, MISSING) for key in known.RUN if "." not in key}
    flat |= {f"ensemble.{key}": value for key, value in ensemble.items() if key != "members"}
    flat |= {
        f"engine.{key}": engines.read(key, value) for key, value in engine.items() if key not in known.ENGINE_WORDS
    }
    auto = flat["replications"] == known.AUTO
    values, found = read_group("", flat | {"replications": flat["replications_batch"]} if auto else flat, known.RUN)
    problems += [p for p in found if not (auto and p.setting == "replications")]
    if auto and not problems and values["replications_cap"] < values["replications_batch"]:
        what = "replications_cap {replications_cap} must not be below replications_batch {replications_batch}"
        problems.append(Problem("replications_cap", what.format(**values), rank=CROSS))
    words, found = engines.words(engine)
    found += engines.cannot_share(engine)
    members, wrong = read_name(ensemble.get("members"))
    problems += [*found, *wrong]
    name, output = tree.get("name"), tree.get("output")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append(Problem("name", f"name must be letters, digits, - and _ (64 at most), got {shown(name)}"))
    if not isinstance(output, str) or not output.strip() or "\0" in output:
        problems.append(Problem("output", f"output must be the path of a folder, got {shown(output)}"))
    patterns = tree.get("patterns")
    if not isinstance(patterns, str) or not _NAME.fullmatch(patterns):
        problems.append(Problem("patterns", f"patterns must be the name of a file of patterns, got {shown(patterns)}"))
    if problems:
        return None, problems
    named = known.ENGINE_FIELDS | known.ENSEMBLE_FIELDS
    values |= {field: values.pop(setting) for field, setting in named.items()} | words | {"ensemble_members": members}
    return known.RunSettings(name=str(name), output=str(output), patterns=str(patterns), auto=auto, **values), []


def _mapping(tree: Tree, group: str, problems: list[Problem]) -> Tree:
    found = tree.get(group)
    if isinstance(found, Mapping):
        return found
    problems.append(Problem(group, f"{group} must be a group of settings, got {shown(found)}"))
    return {}


def _top_level(tree: Tree) -> list[Problem]:
    fine = {*GROUPS, *(key for key in (*known.RUN, *known.RUN_WORDS) if "." not in key)}
    return [
        Problem(str(key), f'"{key}" is not a setting', advice=did_you_mean(str(key), sorted(fine)), rank=NAME)
        for key in tree
        if key not in fine
    ]
