"""The further parameter worlds that an experiment runs its scenarios in, from its ``ensemble`` group.

Two kinds: the members of a calibrated ensemble, and the two ends of the link from financial pressure to the
supply-chain budget, which the published patterns hardly inform and every verdict on funding rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.parameters.record import specs
from sim.parameters.supply_chain import SupplyChain
from sim.policy import LEVERS
from sim.scenario import Scenario
from sim.settings.compose import Tree, with_value
from sim.settings.problems import Problem, SettingsError, listing, shown
from sim.settings.sources import Sources
from sim.settings.vary import WORLD, value_of
from sim.settings.worlds import AT, LINK, MEMBER, ParameterWorld, held, in_worlds, read_members

if TYPE_CHECKING:
    from sim.settings.known import RunSettings

GROUP: Final = "ensemble"
LINK_PARAMETER: Final = "supply_chain.pressure_on_budget_share"
LINK_ENDS: Final = ("link weak", "link strong")
_FUNDING: Final = frozenset(name for name, lever in LEVERS.items() if getattr(lever, "moves_funding", False))


@dataclass(frozen=True, slots=True)
class InWorlds:
    """Scenarios in further worlds, with what each was made from.

    Attributes:
        base: for each the position of the scenario it is a copy of.
        fewer: name -> replications.
        members: how many members the ensemble has in use, the point world included; 0 without one.
        kept: calibrated parameters that some scenario holds at a value of its own.
    """

    scenarios: tuple[Scenario, ...] = ()
    base: tuple[int, ...] = ()
    trees: tuple[Tree, ...] = ()
    fewer: Mapping[str, int] | None = None
    members: int = 0
    kept: tuple[str, ...] = ()


def in_further_worlds(
    scenarios: Sequence[Scenario], trees: Sequence[Tree], run: RunSettings, sources: Sources
) -> InWorlds:
    """Every scenario in every further world of the run.

    Raises:
        SettingsError: the ensemble's file is missing or wrong, or a world breaks a rule.
    """
    found: list[tuple[Scenario, int, ParameterWorld]] = []
    kept: dict[str, None] = {}
    most = 0
    for k, scenario in enumerate(scenarios):
        members = _members(run, scenario, sources)
        point = members[0] if members else None
        if point is not None:
            kept |= dict.fromkeys(_held(scenario, point))
            most = max(most, len(members))
        worlds = {f"{scenario.name}{AT}{world.id}": world for world in members[1:]}
        found += [(s, k, worlds[s.name]) for s in in_worlds([scenario], members[1:], point=point)]
        if run.link_replications and _rests_on_link(scenario, scenarios):
            ends = {f"{scenario.name}{AT}{world.id}": world for world in link_ends()}
            found += [(s, k, ends[s.name]) for s in in_worlds([scenario], link_ends(), point=None)]
    replications = {MEMBER: run.ensemble_replications, LINK: run.link_replications}
    return InWorlds(
        scenarios=tuple(s for s, _, _ in found),
        base=tuple(k for _, k, _ in found),
        trees=tuple(_tree(trees[k], s, world) for s, k, world in found),
        fewer={s.name: replications[world.kind] for s, _, world in found},
        members=most,
        kept=tuple(kept),
    )


def _held(scenario: Scenario, point: ParameterWorld) -> tuple[str, ...]:
    """The calibrated parameters that stay as set; raises SettingsError when that is all of them."""
    found = held(scenario, point)
    if point.values and len(found) == len(point.values):
        what = (
            f"the first world of the ensemble ({point.id}) must be the settings' own values; here every one differs, so"
            " no world would be run"
        )
        raise SettingsError(
            [Problem(f"{GROUP}.members", what, advice=("take its best member over into the settings",))]
        )
    return found


def link_ends() -> tuple[ParameterWorld, ParameterWorld]:
    """The two ends of the plausible range of the link from pressure to the supply-chain budget."""
    spec = specs(SupplyChain)[LINK_PARAMETER.partition(".")[2]]
    assert spec.plausible is not None
    weak, strong = (
        ParameterWorld(name, LINK, ((LINK_PARAMETER, end),))
        for name, end in zip(LINK_ENDS, spec.plausible, strict=True)
    )
    return weak, strong


def _members(run: RunSettings, scenario: Scenario, sources: Sources) -> tuple[ParameterWorld, ...]:
    if not run.ensemble_members:
        return ()
    name = run.ensemble_members
    path = next((p for root in sources.roots() if (p := root / GROUP / name).is_file()), None)
    if path is None:
        there = sorted({p.name for root in sources.roots() for p in (root / GROUP).glob("*.csv")})
        advice = (
            (f"there are   {listing(there)}",) if there else ("make one with   python -m sim +experiment=calibrate",)
        )
        raise SettingsError([Problem(f"{GROUP}.members", f"there is no ensemble file {shown(name)}", advice=advice)])
    members = read_members(path, scenario)
    return members[: run.ensemble_worlds] if run.ensemble_worlds else members


def _rests_on_link(scenario: Scenario, scenarios: Sequence[Scenario]) -> bool:
    """Whether a scenario's verdict, or one it is compared with, is one on funding."""
    alike = [s for s in scenarios if replace(s, name=scenario.name, policy=scenario.policy) == scenario]
    plain = not (scenario.policy and scenario.policy.levers)
    return _moves_funding(scenario) or (plain and any(_moves_funding(s) for s in alike))


def _moves_funding(scenario: Scenario) -> bool:
    levers = scenario.policy.levers if scenario.policy else ()
    return any(lever.name in _FUNDING for lever in levers)


def _tree(tree: Tree, scenario: Scenario, world: ParameterWorld) -> Tree:
    """The scenario's settings with the world's values, so that they can be read again as they were run."""
    for name, _ in world.values:
        path: list[str] = name.split(".")
        value: Any = value_of(name, scenario)
        if path[0] == WORLD:
            _, code, figure = path
            given = tree[WORLD]["crcs"][code][figure]
            value = {**given, "value": value} if isinstance(given, Mapping) else value
            path = [WORLD, "crcs", code, figure]
        tree = with_value(tree, path, value)
    return tree


def read_name(value: object) -> tuple[str, list[Problem]]:
    """The file of members as set: a plain file name, or null; and what is wrong with it."""
    if value is None:
        return "", []
    if isinstance(value, str) and value.endswith(".csv") and Path(value).name == value and not value.startswith("."):
        return value, []
    what = f"{GROUP}.members must be the name of a CSV file beside the ensemble's settings, or null, got {shown(value)}"
    return "", [Problem(f"{GROUP}.members", what)]
