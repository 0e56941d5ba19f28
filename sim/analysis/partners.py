"""Policies crossed with other settings: each is compared with doing nothing under the same other settings.

A sweep over ``policy=do_nothing,stewardship finance=tr_2015,severe`` holds one do-nothing scenario for each finance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sim.analysis.ensemble import Ensemble
from sim.analysis.paired import BASELINE, Difference, PairedVerdict, compare, holm, verdicts
from sim.analysis.sameness import Sameness, histories
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Within:
    """The comparison of one setting's policies with its own do-nothing scenario.

    Attributes:
        base: the do-nothing scenario's name.
        differences: as of an ordinary comparison, without scenarios whose history differs too early.
    """

    base: str
    differences: list[Difference]
    paired: dict[str, PairedVerdict]
    sameness: list[Sameness]


def within(
    ensembles: Mapping[str, Ensemble], described: Mapping[str, Scenario], margin_share: float
) -> tuple[Within, ...]:
    """One comparison for each do-nothing scenario that has policies beside it; none in an ordinary sweep."""
    if BASELINE in ensembles:
        return ()
    found = []
    for base in ensembles:
        if _levers(described[base]):
            continue
        beside = [name for name in ensembles if _levers(described[name]) and _alike(described[name], described[base])]
        if not beside:
            continue
        group = {name: ensembles[name] for name in (base, *beside)}
        sameness = histories(group, described, base)
        broken = {s.scenario for s in sameness if s.broken}
        differences = compare({name: e for name, e in group.items() if name not in broken}, base)
        found.append(Within(base, differences, verdicts(differences, margin_share), sameness))
    return tuple(found)


def pooled(groups: Sequence[Within]) -> list[Difference]:
    """The differences of all groups as one family: Holm's correction runs over every policy compared."""
    found = [d for group in groups for d in group.differences]
    for measure in dict.fromkeys(d.measure for d in found):
        places = [i for i, d in enumerate(found) if d.measure == measure]
        for i, p in zip(places, holm([found[i].p for i in places]), strict=True):
            found[i] = replace(found[i], p_holm=p)
    return found


def bases(groups: Sequence[Within]) -> dict[str, str]:
    """Policy scenario -> the do-nothing scenario it is compared with."""
    return {d.scenario: group.base for group in groups for d in group.differences}


def _levers(scenario: Scenario) -> bool:
    return bool(scenario.policy and scenario.policy.levers)


def _alike(scenario: Scenario, base: Scenario) -> bool:
    return replace(scenario, name=base.name, policy=base.policy, record=base.record) == base
