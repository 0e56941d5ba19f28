"""Statistical speed: the replications that keyed luck saves, what a decided verdict costs, and what could be gained.

Run:  python -m tests.benchmarks.statistical [replications] [--folder FOLDER] [--fresh FOLDER] [--out FOLDER]

Without a folder the runs of ``+experiment=recommendations`` are made here, 30 replications unless told otherwise; with
one, a finished folder of that experiment is read, and each scenario is only run twice to be timed. ``--fresh`` names a
finished folder in which do_nothing has replications that the other has not: differences between really unpaired runs
are then held against the sum of variances. Tables are printed, and written as CSV (experiments/statistical_speed unless
``--out`` says otherwise). Seconds are those of the processor; only ratios of one call carry over between machines.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.paired import BASELINE
from sim.analysis.stopping import Stopping
from sim.experiment import store
from sim.experiment.reading import open_folder
from sim.model import run_replication
from sim.observe.results import RunResult
from sim.scenario import Scenario
from sim.settings import load
from sim.settings.known import RunSettings
from tests.benchmarks import statistical_tables as tables
from tests.benchmarks.controls import gains_of_all
from tests.benchmarks.deciding import costs_of_all, past_costs_of_all
from tests.benchmarks.pairing import over_time, worth_of_all

FEWEST = 5  # replications
TIMED_RUNS = 2  # of each scenario when a folder is read; the quicker counts


def national_only(run: RunResult) -> RunResult:
    """A run without its other panels: 300 whole runs would fill the memory."""
    return replace(run, panels={"national": run.panels["national"]})


def timed(scenario: Scenario, seed: int, replication: int) -> tuple[RunResult, float]:
    """One replication and the processor seconds it took."""
    began = time.process_time()
    run = run_replication(scenario, seed=seed, replication=replication)
    return national_only(run), time.process_time() - began


@dataclass(frozen=True, slots=True)
class Made:
    """Runs to judge: by scenario, with the processor seconds of one run of each, and how they were asked for."""

    scenarios: tuple[Scenario, ...]
    ensembles: dict[str, Ensemble]
    seconds: dict[str, float]
    settings: RunSettings


def made(replications: int) -> Made:
    """Make the runs, policy by policy within a replication; seconds are means over replications."""
    scenarios, settings = load([f"replications={replications}", "+experiment=recommendations"], sweep=True)
    runs: dict[str, list[tuple[RunResult, float]]] = {scenario.name: [] for scenario in scenarios}
    for replication in range(1, replications + 1):
        for scenario in scenarios:
            runs[scenario.name].append(timed(scenario, settings.seed, replication))
        print(f"made {replication} of {replications} replications", flush=True)
    ensembles = {name: Ensemble.of(name, [run for run, _ in pairs]) for name, pairs in runs.items()}
    seconds = {name: float(np.mean([s for _, s in pairs])) for name, pairs in runs.items()}
    return Made(tuple(scenarios), ensembles, seconds, settings)


def folder_runs(path: Path) -> dict[str, Ensemble]:
    """The runs of a finished folder by scenario; those made with fewer replications (ends of a link) are left out."""
    files = open_folder(path).files
    most = max(map(len, files.values()))
    return {
        name: Ensemble.of(name, [national_only(store.read(p, scenario=name)) for _, p in sorted(found.items())])
        for name, found in files.items()
        if len(found) == most
    }


def from_folder(path: Path) -> Made:
    """Read the runs, and time a few of each scenario on this machine now, turn by turn."""
    opened, ensembles = open_folder(path), folder_runs(path)
    scenarios = tuple(scenario for scenario in opened.scenarios if scenario.name in ensembles)
    turns = [[timed(s, opened.settings.seed, 1)[1] for s in scenarios] for _ in range(TIMED_RUNS)]
    seconds = {s.name: min(turn[i] for turn in turns) for i, s in enumerate(scenarios)}
    return Made(scenarios, ensembles, seconds, opened.settings)


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """One table; not-a-number becomes an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(
            {k: "" if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()} for row in rows
        )


def main() -> None:
    """Print and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.statistical")
    parser.add_argument("replications", nargs="?", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--fresh", type=Path)
    parser.add_argument("--out", type=Path, default=Path("experiments/statistical_speed"))
    asked = parser.parse_args()
    if asked.replications < FEWEST:
        parser.error(f"replications must be at least {FEWEST}: a variance from fewer says nothing")
    found = from_folder(asked.folder) if asked.folder else made(asked.replications)
    settings, base = found.settings, found.ensembles[BASELINE]
    rule = Stopping(settings.replications_batch, settings.replications_cap, settings.margin_share)
    worths = worth_of_all(found.ensembles)
    parted = over_time(found.ensembles, found.scenarios[0].horizon)
    costs = costs_of_all(found.ensembles, rule, found.seconds)
    baseline = next(scenario for scenario in found.scenarios if scenario.name == BASELINE)
    past = past_costs_of_all(found.ensembles, baseline.horizon, rule, found.seconds)
    gains = gains_of_all(baseline, found.ensembles)
    print(f"{baseline.world.name} world, {base.n} replications of {len(found.ensembles)} policies")
    tables.print_worths(worths)
    tables.print_over_time(parted)
    if asked.fresh:
        tables.print_fresh(found.ensembles, folder_runs(asked.fresh)[BASELINE], worths)
    tables.print_costs(costs, rule, found.seconds[BASELINE])
    tables.print_past(past)
    tables.print_gains(gains, found.seconds)
    for name, rows in (
        ("pairing", tables.worth_rows(worths)),
        ("over_time", tables.over_time_rows(parted)),
        ("deciding", tables.cost_rows(costs)),
        ("deciding_past", tables.past_rows(past)),
        ("controls", tables.gain_rows(gains)),
    ):
        write_csv(asked.out / f"{name}.csv", rows)
    print(f"\nwritten: five tables in {asked.out}")


if __name__ == "__main__":
    main()
