"""Scenarios for tests, by the same front door that users have; built once a process for each set of words."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sim.model import build
from sim.observe.results import RunResult
from sim.scenario import Scenario
from sim.settings import load
from sim.system import System


@lru_cache(maxsize=64)
def scenario(*overrides: str) -> Scenario:
    """The one scenario of these overrides."""
    (only,) = load(list(overrides))[0]
    return only


def changed(base: Scenario, group: str, **values: Any) -> Scenario:
    """A scenario with some values of one group changed, past what settings allow if need be."""
    return replace(base, **{group: replace(getattr(base, group), **values)})


def system(*overrides: str, replication: int = 1, seed: int = 2015) -> System:
    """A system on day 0 of the pair world (unless another is named), not yet running."""
    words = overrides if any(o.startswith("world=") for o in overrides) else ("world=pair", *overrides)
    return build(scenario(*words), seed=seed, replication=replication)


def national(result: RunResult, measure: str) -> Any:
    """A national series of a run; shape (months,)."""
    return result.panels["national"].values[measure][:, 0]


__all__ = ["changed", "national", "scenario", "system"]
