"""Ready stories of every shape a report must tell: long, short, single, swept, empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.observe.results import RunResult
from sim.report.build import write_report
from sim.report.story import Story
from sim.scenario import Scenario
from sim.settings import load_all
from tests.support import synthetic

STARTED = datetime(2026, 11, 22, 17, 31)
SMALL: dict[str, Any] = {"n_crcs": 2, "n_areas": 6}
PARTIAL = (("do_nothing", 4, 0.0), ("stewardship", 2, 0.4))
LONG = "all_recommendations_of_the_inspectorate_together"


@dataclass(frozen=True)
class Settings:
    """What the report asks of the settings of a run."""

    name: str = "baseline"
    seed: int = 1
    replications: int = 10
    margin_share: float = 0.05
    command: str = "python -m sim"
    planned_runs: int = 10
    failed_runs: int = 0


def plan(kind: str) -> tuple[dict[str, list[RunResult]], Settings, list[Scenario]]:
    """Results, settings and scenarios of a kind of experiment."""
    if kind == "sweep":
        effects = {"do_nothing": 0.0, "stewardship": 0.4, "rate_card_reform": -0.05, LONG: -0.5}
        results = {name: synthetic.runs(4, name, effect=effect) for name, effect in effects.items()}
        command = "python -m sim -m policy=" + ",".join(results)
        settings = Settings("three-policies", command=command, planned_runs=16, replications=4)
        return results, settings, [synthetic.scenario(name) for name in results]
    if kind == "crossed":
        return _crossed()
    if kind == "partial":
        results = {name: synthetic.runs(n, name, effect=e, **SMALL) for name, n, e in PARTIAL}
        settings = Settings("cut-short", command="python -m sim -m policy=do_nothing,stewardship", planned_runs=8)
        # Six of eight runs are made, one failed, one is still to come.
        return results, replace(settings, failed_runs=1), [synthetic.scenario(name, **SMALL) for name in results]
    how: dict[str, Any] = {
        "national": {"replications": 4},
        "one": {"replications": 1},
        "month": {"replications": 2, "months": 1},
        "zero": {"replications": 2, "zero": True},
        "pair": {"replications": 3, "months": 30, "n_crcs": 2, "n_areas": 6},
    }[kind]
    results = {"do_nothing": synthetic.runs(**how)}
    size = {key: value for key, value in how.items() if key in ("months", "n_crcs", "n_areas")}
    n = how["replications"]
    return results, Settings(replications=n, planned_runs=n), [synthetic.scenario(**size)]


def _crossed() -> tuple[dict[str, list[RunResult]], Settings, list[Scenario]]:
    """Two policies under two finances: each has its own do-nothing."""
    results, scenarios = {}, []
    stewardship = load_all(["policy=stewardship"]).scenarios[0].policy
    for finance, scale in (("tr_2015", 1.0), ("severe", 2.0)):
        for policy, effect in (("do_nothing", 0.0), ("stewardship", 0.3)):
            name = f"{policy},finance={finance}"
            results[name] = synthetic.runs(4, name, effect=effect, **SMALL)
            base = synthetic.scenario(name, **SMALL)
            own = replace(base, finance=replace(base.finance, pressure_scale=scale))
            scenarios.append(replace(own, policy=stewardship) if effect else own)
    settings = Settings("crossed", command="python -m sim -m policy=do_nothing,stewardship finance=tr_2015,severe")
    return results, replace(settings, planned_runs=16, replications=4), scenarios


KINDS = ("national", "sweep", "one", "month", "zero", "pair", "crossed", "partial")


@cache
def tell(kind: str) -> Story:
    """The story of a kind of experiment; the same object each time, so change nothing in it."""
    results, settings, scenarios = plan(kind)
    return Story.of(results, settings, scenarios, STARTED)


def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Kind of experiment -> its folder with the report, each written once."""

    @cache
    def make(kind: str) -> Path:
        folder = tmp_path_factory.mktemp(kind)
        write_report(folder, *plan(kind), STARTED)
        return folder

    return make
