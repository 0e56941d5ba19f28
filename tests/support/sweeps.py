"""Made-up sweeps with known answers: factorials over the shipped levers, and grids over two settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

from sim.observe.results import RunResult
from sim.policy import LEVERS
from sim.policy.base import Lever, Policy
from sim.report.story import Story
from sim.scenario import Scenario
from sim.settings import load_all
from tests.support import stories, synthetic

KEYS = {kind: key for key, kind in LEVERS.items()}


@cache
def shipped_levers() -> dict[str, Lever]:
    """The levers of all recommendations together, by key."""
    policy = load_all(["policy=all_recommendations"]).scenarios[0].policy
    assert policy is not None
    return {KEYS[type(lever)]: lever for lever in policy.levers}


def on_and_off(levers: Sequence[str], keep: Callable[[tuple[bool, ...]], bool] = lambda _: True) -> list[Scenario]:
    """A scenario for each combination of levers that is kept; none on is do_nothing."""
    found = []
    for on in product((False, True), repeat=len(levers)):
        if keep(on):
            chosen = [lever for lever, yes in zip(levers, on, strict=True) if yes]
            name = "+".join(chosen) or "do_nothing"
            policy = Policy(name, "made up", "made up", tuple(shipped_levers()[lever] for lever in chosen))
            found.append(replace(synthetic.scenario(name, n_crcs=2, n_areas=6), policy=policy if chosen else None))
    return found


def factorial_story(replications: int = 4, effects: dict[str, float] | None = None) -> Story:
    """All combinations of three levers, each raising what is paid by a share of its own."""
    shares = effects or {"stewardship": 0.3, "needs_data": 0.1, "rate_card_reform": -0.05}
    scenarios = on_and_off(list(shares))
    results = {}
    for scenario in scenarios:
        effect = sum(share for lever, share in shares.items() if lever in scenario.name.split("+"))
        results[scenario.name] = _runs(replications, scenario.name, effect)
    n = replications * len(scenarios)
    return Story.of(results, stories.Settings("factorial", planned_runs=n), scenarios, stories.STARTED)


def _runs(replications: int, name: str, effect: float) -> list[RunResult]:
    return synthetic.runs(replications, name, effect=effect, n_crcs=2, n_areas=6)


def grid(across: Sequence[float] = (0.0, 1.0, 2.0), up: Sequence[float] = (0.0, 0.3)) -> list[Scenario]:
    """Pressure scale by mark-up."""
    base = synthetic.scenario(n_crcs=2, n_areas=6)
    return [
        replace(
            base,
            name=f"pressure_scale={x:g},markup_share={y:g}",
            finance=replace(base.finance, pressure_scale=x),
            rate_card=replace(base.rate_card, markup_share=y),
        )
        for x in across
        for y in up
    ]


def grid_story(replications: int = 3) -> Story:
    """A grid in which chains grow without pressure and shrink with it."""
    scenarios = grid()
    effect = {0.0: 0.9, 1.0: -0.3, 2.0: -0.6}
    results = {s.name: _runs(replications, s.name, effect[s.finance.pressure_scale]) for s in scenarios}
    settings = stories.Settings("pressure_map", planned_runs=replications * len(scenarios))
    return Story.of(results, settings, scenarios, stories.STARTED)
