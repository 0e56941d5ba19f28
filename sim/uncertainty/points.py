"""Many parameter points, a few numbers from each: the work behind calibration and sensitivity runs.

A point keeps only the numbers asked for, one small JSON file a run below ``<output>/.values``, named by the run's key
(scenario, model source, seed, replication) and by what was asked. The same work asked again is looked up, so that
whatever was stopped goes on. Nothing here knows why a point is run.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.analysis import validation
from sim.analysis.patterns import Part
from sim.experiment.engines import Engine, in_hand, open_engine, worker_count
from sim.experiment.plan import run_key, scenario_hash, source_digest
from sim.scenario import Scenario

STORE: Final = ".values"


@dataclass(frozen=True, slots=True)
class Run:
    """One replication of one point.

    Attributes:
        key: names its file; the same key means the same numbers.
        code: the hash of the model's source that must make it.
    """

    scenario: Scenario
    seed: int
    replication: int
    key: str
    code: str


@dataclass(slots=True)
class Made:
    """How far the work is.

    Attributes:
        planned, reused, made, failed: runs.
        causes: why runs failed, each sentence once.
    """

    planned: int
    reused: int = 0
    made: int = 0
    failed: int = 0
    causes: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """Runs that need no more work."""
        return self.reused + self.made + self.failed


def runs_of(
    scenarios: Sequence[Scenario], replications: Sequence[int], *, seed: int, wanted: Sequence[Part]
) -> list[Run]:
    """Every run of these points, point by point; a point's runs stand together."""
    source = source_digest()
    taken = source_digest(Path(validation.__file__).parent)  # how numbers are taken from a run is part of the key
    asked = hashlib.sha256(repr([taken, *(_definition(part) for part in wanted)]).encode()).hexdigest()
    found = []
    for scenario in scenarios:
        digest = scenario_hash(scenario)
        for replication in replications:
            key = hashlib.sha256(f"{run_key(digest, source, seed, replication)}|{asked}".encode()).hexdigest()[:32]
            found.append(Run(scenario, seed, replication, key, source))
    return found


def evaluate(
    runs: Sequence[Run],
    wanted: Sequence[Part],
    store: Path,
    *,
    engine: Engine,
    progress: Callable[[Made], None] = lambda made: None,
) -> list[tuple[float, ...]]:
    """The numbers wanted of every run, in the order of the runs; all NaN for a run that failed.

    Args:
        wanted: what to take from each run.
        store: the folder of finished runs; made if missing.

    Raises:
        KeyboardInterrupt: when stopped; what is finished is in the store.
        BrokenProcessPool: when a worker process died; what is finished is in the store.
    """
    store = store.absolute()
    store.mkdir(parents=True, exist_ok=True)
    found: dict[str, tuple[float, ...]] = {}
    for run in runs:
        if run.key not in found and (values := _looked_up(store, run.key, len(wanted))) is not None:
            found[run.key] = values
    missing = list({run.key: run for run in runs if run.key not in found}.values())
    made = Made(len(runs), reused=len(runs) - len(missing))
    progress(made)
    nothing = tuple(math.nan for _ in wanted)
    if missing:
        count = worker_count(engine.kind, engine.workers, len(missing))
        with open_engine(engine, count) as executor:
            for run, outcome in _completed(executor, missing, tuple(wanted), store, count):
                if isinstance(outcome, str):
                    found[run.key] = nothing
                    made.failed += 1
                    made.causes = tuple(dict.fromkeys((*made.causes, outcome)))
                else:
                    found[run.key] = outcome
                    made.made += 1
                progress(made)
    return [found[run.key] for run in runs]


def _completed(
    executor: Executor, runs: Sequence[Run], wanted: tuple[Part, ...], store: Path, workers: int
) -> Iterator[tuple[Run, tuple[float, ...] | str]]:
    """Each run with its numbers or why it failed, as they finish, with one more in hand than workers."""
    running: dict[Future[tuple[float, ...] | str], Run] = {}
    upcoming = iter(runs)
    run = next(upcoming, None)
    while run is not None or running:
        while run is not None and len(running) < in_hand(executor, workers):
            running[executor.submit(measure, run, wanted, store)] = run
            run = next(upcoming, None)
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()


def measure(run: Run, wanted: Sequence[Part], store: Path) -> tuple[float, ...] | str:
    """Make one run, keep its numbers and return them, or say why it failed. Runs in a worker."""
    from sim.analysis.ensemble import Ensemble
    from sim.analysis.validation import values
    from sim.experiment.work import AS_IMPORTED
    from sim.model import run_replication

    if run.code != AS_IMPORTED:
        return "CodeChanged: the model's code was changed while the study ran; type the command again"
    try:
        result = run_replication(run.scenario, seed=run.seed, replication=run.replication)
        ensemble = Ensemble.of(run.scenario.name, [result])
        found = tuple(float(values(part, ensemble)[0]) for part in wanted)
        _keep(store, run.key, found)
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return found


def _keep(store: Path, key: str, found: tuple[float, ...]) -> None:
    path = _path(store, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    content = {"key": key, "values": [repr(value) for value in found]}
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, path)


def _looked_up(store: Path, key: str, count: int) -> tuple[float, ...] | None:
    """The numbers of a finished run; None when there is none or its file is damaged."""
    try:
        content = json.loads(_path(store, key).read_text(encoding="utf-8"))
        found = tuple(float(value) for value in content["values"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if content.get("key") == key and len(found) == count else None


def _path(store: Path, key: str) -> Path:
    return store / key[:2] / f"{key}.json"


def _definition(part: Part) -> tuple[str, str, str, str]:
    return part.name, part.how, part.first, part.last
