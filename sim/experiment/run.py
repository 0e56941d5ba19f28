"""Makes the runs of a plan that are not there yet. A run that fails becomes a row with its stage and trace.

Workers write files; what they made is read back from those, never from memory, so that nothing counts as finished
that a later look-up would not find.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sim.experiment.crew import Crew
from sim.experiment.engines import Engine, in_hand, open_engine, worker_count
from sim.experiment.gathering import Gathering
from sim.experiment.interrupts import noted
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.work import Failure, Simulate
from sim.observe.results import RunResult

GO_ON, STOP = "go_on", "stop"


@dataclass(slots=True)
class Outcome:
    """What became of a plan.

    Attributes:
        results: finished runs by scenario, in the plan's order, replications ascending; panels are read on demand.
        reused: how many of them were there before.
        interrupted: whether it was stopped by Ctrl-C or a signal.
        terminated: whether that was SIGTERM.
        halted: why it stopped by itself, in words; empty when it did not.
        ends: scenario -> replication -> last value of the headline, in GBP a year.
        seconds: wall-clock time.
    """

    results: dict[str, list[RunResult]]
    planned: int
    failures: list[Failure] = field(default_factory=list)
    reused: int = 0
    interrupted: bool = False
    terminated: bool = False
    halted: str = ""
    ends: dict[str, dict[int, float]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def finished(self) -> int:
        """Runs that gave a result."""
        return sum(len(results) for results in self.results.values())

    @property
    def ended(self) -> int:
        """Runs that gave a result or failed."""
        return self.finished + len(self.failures)


Progress = Callable[[Outcome], None]


def execute(
    plan: Plan,
    runs: Path,
    *,
    engine: Engine | str,
    workers: int | None = None,
    shared: KeyedStore | None = None,
    on_failure: str = GO_ON,
    progress: Progress = lambda outcome: None,
    stopping: Callable[[int], None] = lambda running: None,
    simulate: Simulate | None = None,
    more: Callable[[Outcome], Plan | None] = lambda outcome: None,
) -> Outcome:
    """Make every run of the plan that is not there yet; all of them get a file below ``runs``.

    Args:
        engine: where runs are made; its kind alone for one that needs no more.
        shared: the finished runs of all experiments, looked up first and added to; None to do without.
        on_failure: whether the other runs ``go_on`` when one fails, or ``stop``.
        progress: called after each run with the outcome so far.
        stopping: called on Ctrl-C with the number of runs still in hand, which are finished first.
        simulate: what makes a run; None for the model (tests pass their own).
        more: called when all runs are made; a further plan of the same scenarios to go on with, or None to end.
    """
    began = time.perf_counter()
    outcome = Outcome({scenario.name: [] for scenario in plan.scenarios}, len(plan.tasks))
    where = engine if isinstance(engine, Engine) else Engine(engine, workers)
    with noted() as requests:
        gathering = Gathering(outcome, runs, shared, on_failure == STOP)
        crew = Crew(gathering, where, simulate, progress, stopping, requests)
        try:
            _drain_all(plan, crew, where, more)
        except KeyboardInterrupt:
            outcome.interrupted = True
        if outcome.interrupted:
            gathering.recount()
    outcome.terminated = requests.to_end
    for results in outcome.results.values():
        results.sort(key=lambda result: result.replication)
    outcome.failures.sort(key=lambda failure: (failure.replication, failure.scenario))
    outcome.seconds = time.perf_counter() - began
    return outcome


def _drain_all(plan: Plan, crew: Crew, engine: Engine, more: Callable[[Outcome], Plan | None]) -> None:
    """Work through the plan, and through what is added to it, on as many executors as dying workers ask for."""
    waiting = crew.sift(plan.tasks) or crew.further(more)
    while waiting and not crew.over:
        count = worker_count(engine.kind, engine.workers, len(waiting))
        with open_engine(engine, count) as executor:
            hands = in_hand(executor, count)
            suspects, waiting = crew.drain(executor, crew.units(waiting, count), hands)
            while not (waiting or suspects or crew.over) and (waiting := crew.further(more)):
                suspects, waiting = crew.drain(executor, crew.units(waiting, count), hands)
        for task in suspects:
            if not crew.over:
                with open_engine(engine, 1, apart=True) as executor:
                    crew.drain(executor, [[task]], 1, alone=True)
        if suspects and not waiting:
            waiting = crew.further(more)
