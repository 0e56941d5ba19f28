"""A scenario with other parameter values, checked by the same rules as if they had been typed.

Calibration, the calibrated ensemble and sensitivity runs move many numbers many times: composing each point with
Hydra would cost more than the run. A name is ``group.setting`` or, for a figure of one CRC, ``world.C07.book_ratio``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, cast

from sim.parameters.places import CRC_FIGURES
from sim.parameters.record import Spec, specs
from sim.scenario import Scenario
from sim.settings import known, rules
from sim.settings.problems import NAME, Problem, SettingsError, did_you_mean
from sim.settings.values import check

WORLD = "world"


def varied(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with these parameters set to other values.

    Args:
        values: name -> value; whole-number parameters are rounded.

    Raises:
        SettingsError: a name is unknown, or a value breaks its rule or a rule between two settings.
    """
    problems: list[Problem] = []
    changed: dict[str, dict[str, float]] = {}
    for name, value in values.items():
        spec = spec_of(name, scenario)
        if spec is None:
            known_names = parameter_names(scenario)
            what = f'"{name}" is not a parameter that can be varied'
            problems.append(Problem(name, what, advice=did_you_mean(name, known_names), rank=NAME))
            continue
        wanted = float(round(value)) if is_whole(name) else float(value)
        checked, faults = check(spec, int(wanted) if is_whole(name) else wanted, whole=is_whole(name))
        problems += [Problem(name, f"{name} {fault.rule}", advice=fault.advice) for fault in faults]
        if not faults:
            group, _, key = name.partition(".")
            changed.setdefault(group, {})[key] = checked
    if problems:
        raise SettingsError(problems)
    return _replaced(scenario, changed)


def spec_of(name: str, scenario: Scenario) -> Spec | None:
    """The meaning of a parameter that can be varied, or None when there is none of this name."""
    group, _, key = name.partition(".")
    if group == WORLD:
        code, _, figure = key.partition(".")
        held = any(crc.code == code for crc in scenario.world.crcs)
        return CRC_FIGURES.get(figure) if held else None
    record = known.RECORDS.get(group)
    spec = specs(record).get(key) if record else None
    return spec if spec is not None and spec.kind in ("number", "count") else None


def value_of(name: str, scenario: Scenario) -> float:
    """The present value of a parameter; NaN where it is not in force.

    Raises:
        KeyError: when there is no such parameter.
    """
    if spec_of(name, scenario) is None:
        raise KeyError(name)
    group, _, key = name.partition(".")
    if group == WORLD:
        code, _, figure = key.partition(".")
        return float(next(getattr(crc, figure) for crc in scenario.world.crcs if crc.code == code))
    value = getattr(getattr(scenario, group), key)
    return float("nan") if value is None else float(value)


def parameter_names(scenario: Scenario) -> tuple[str, ...]:
    """Every parameter that can be varied."""
    named = [
        f"{group}.{key}"
        for group, record in known.RECORDS.items()
        for key, spec in specs(record).items()
        if spec.kind in ("number", "count")
    ]
    return (*named, *(f"{WORLD}.{crc.code}.{figure}" for crc in scenario.world.crcs for figure in CRC_FIGURES))


def is_whole(name: str) -> bool:
    """Whether a parameter is a whole number."""
    return name in known.WHOLE


def _replaced(scenario: Scenario, changed: Mapping[str, Mapping[str, float]]) -> Scenario:
    groups = {group: replace(getattr(scenario, group), **keys) for group, keys in changed.items() if group != WORLD}
    varied_scenario = replace(scenario, **groups)
    if WORLD in changed:
        crcs = []
        for crc in scenario.world.crcs:
            own = {key.partition(".")[2]: v for key, v in changed[WORLD].items() if key.partition(".")[0] == crc.code}
            crcs.append(replace(crc, **cast("Any", own)) if own else crc)
        varied_scenario = replace(varied_scenario, world=replace(scenario.world, crcs=tuple(crcs)))
    names = (*known.RECORDS, "horizon")
    records = {group: getattr(varied_scenario, group) for group in names}
    as_read = {group: {f.name: getattr(record, f.name) for f in fields(record)} for group, record in records.items()}
    problems = rules.cross(as_read)
    if problems:
        raise SettingsError(problems)
    return varied_scenario
