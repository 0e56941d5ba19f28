"""Levers with a fault in them, importable by worker processes, and shipped levers with dates of one's own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sim.policy.base import Lever, Policy
from sim.scenario import Scenario
from sim.system import System
from tests.support.sweeps import shipped_levers


@dataclass(frozen=True, slots=True, kw_only=True)
class Raises(Lever):
    """Breaks the model when it begins."""

    name = "raises"

    def begin(self, system: System) -> None:
        raise ArithmeticError(f"planted on day {system.now:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverReturns(Lever):
    """Begins and goes on beginning."""

    name = "never_returns"

    def begin(self, system: System) -> None:
        while True:
            time.sleep(0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class KillsItsProcess(Lever):
    """Takes its process down when it begins, as a lack of memory would.

    Attributes:
        once: a file that is made the first time and spares every later one; None for every time.
    """

    name = "kills_its_process"

    once: Path | None = None

    def begin(self, system: System) -> None:
        if self.once is not None:
            if self.once.exists():
                return
            self.once.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def under(base: Scenario, name: str, *levers: Lever) -> Scenario:
    """The scenario under a policy of these levers; none is to do nothing."""
    return replace(base, name=name, policy=Policy(name, "made up", "made up", levers) if levers else None)


def dated(lever: str, start: str, end: str | None = None) -> Lever:
    """A shipped lever of the recommendations with another start."""
    return replace(
        shipped_levers()[lever], start=date.fromisoformat(start), end=date.fromisoformat(end) if end else None
    )


def planted(kind: type[Lever], start: str, **fields: object) -> Lever:
    """A lever with a fault that shows on a day."""
    return kind(start=date.fromisoformat(start), end=None, active=True, **fields)  # type: ignore[arg-type]


def moved(base: Scenario, policies: Sequence[Scenario], starts: Sequence[str]) -> list[Scenario]:
    """Scenarios of the base's world and horizon under these policies, each begun on the next of the dates."""
    found = []
    for i, scenario in enumerate(policies):
        levers = scenario.policy.levers if scenario.policy else ()
        when = date.fromisoformat(starts[i % len(starts)])
        found.append(under(base, scenario.name, *(replace(lever, start=when) for lever in levers)))
    return found
