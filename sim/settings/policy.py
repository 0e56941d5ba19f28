"""A policy file into its dated levers: names, sizes, dates, and whether they can stand together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.parameters.record import specs
from sim.policy import LEVERS, Policy
from sim.policy.rate_card_reform import POOLED, RateCardReform
from sim.scenario import Scenario
from sim.settings.known import POLICY_KEYS
from sim.settings.problems import CROSS, NAME, Problem, did_you_mean, listing, shown
from sim.settings.reading import read_group


def build_policy(given: Mapping[str, Any], option: str) -> tuple[Policy | None, list[Problem]]:
    """The policy of a file with the levers that are switched on, and what is wrong with it.

    Args:
        option: the name of its file, which must be the policy's name.
    """
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
    levers, found = _levers(given.get("levers"))
    problems += found
    if problems:
        return None, problems
    return Policy(option, given["recommendation"], given["rationale"], tuple(x for x in levers if x.active)), []


def _levers(given: Any) -> tuple[list[Any], list[Problem]]:
    if not isinstance(given, Mapping):
        what = f"policy.levers must be a group of levers by name ({{}} for none), got {shown(given)}"
        return [], [Problem("policy.levers", what)]
    levers, problems = [], []
    for name, sizes in given.items():
        setting = f"policy.levers.{name}"
        if name not in LEVERS:
            what = f"there is no lever called {shown(name)}; the model knows {listing(LEVERS)}"
            problems.append(Problem(setting, what, advice=did_you_mean(str(name), LEVERS), rank=NAME))
            continue
        if not isinstance(sizes, Mapping):
            problems.append(Problem(setting, f"{setting} must be a group of settings, got {shown(sizes)}"))
            continue
        values, found = read_group(setting, sizes, specs(LEVERS[name]))
        problems += found
        if not found:
            levers.append(LEVERS[name](**values))
    return levers, problems


def check_levers(scenario: Scenario) -> list[Problem]:
    """Dates outside the run, levers that change nothing, and levers that contradict one another."""
    problems: list[Problem] = []
    horizon = scenario.horizon
    levers = scenario.policy.levers if scenario.policy else ()
    for lever in levers:
        setting = f"policy.levers.{lever.name}"
        if not horizon.start <= lever.start <= horizon.end:
            side = "before the start" if lever.start < horizon.start else "after the end"
            limit = horizon.start if lever.start < horizon.start else horizon.end
            what = f"{setting}.start {lever.start} lies {side}, {limit}"
            problems.append(Problem(f"{setting}.start", what, rank=CROSS))
        if lever.end is not None and lever.end <= lever.start:
            what = f"{setting}.end {lever.end} must lie after {setting}.start {lever.start}"
            problems.append(Problem(f"{setting}.end", what, rank=CROSS))
        reason = lever.inert_because(scenario)
        if reason is not None:
            what = f"{setting} changes nothing: {reason}, so it equals do_nothing"
            problems.append(Problem(setting, what, advice=(f"to leave it out   {setting}.active=false",), rank=CROSS))
        clash = lever.contradiction()
        if clash is not None:
            problems.append(Problem(setting, f"{setting}: {clash}", rank=CROSS))
    kinds = {type(lever): lever for lever in levers}
    card = kinds.get(RateCardReform)
    if isinstance(card, RateCardReform) and card.abolish and card.successor == POOLED:
        for other in ("joint_commissioning",):
            if LEVERS[other] in kinds:
                what = (
                    f"policy.levers.rate_card_reform and policy.levers.{other} contradict: "
                    "both pool the NPS's money (successor: pooled); keep one"
                )
                problems.append(Problem("policy.levers.rate_card_reform.successor", what, rank=CROSS))
    return problems
