"""The committed ensemble: whole, plausible, led by the point baseline, and doing again what its table says."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from sim.analysis.patterns import load_patterns
from sim.experiment.engines import Engine
from sim.parameters.register import rows
from sim.settings.loading import Loaded, load_all
from sim.settings.sources import shipped_configs
from sim.settings.vary import value_of
from sim.settings.worlds import ParameterWorld, read_members
from sim.uncertainty.calibration import last_day
from sim.uncertainty.points import evaluate, runs_of
from sim.uncertainty.targets import targets_of

TABLES: Final = Path(__file__).parents[2] / "docs" / "calibration"
REPLICATIONS: Final = 6
LEAST: Final = 50
FIRST_DIGITS: Final = 1e-5  # the table is written with six digits


@cache
def national() -> Loaded:
    return load_all([])


@cache
def members() -> tuple[ParameterWorld, ...]:
    return read_members(shipped_configs() / "ensemble" / "calibrated.csv", national().scenarios[0])


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_ensemble_has_at_least_fifty_members_from_at_least_three_waves() -> None:
    assert len(members()) >= LEAST
    assert len(table("waves.csv")) >= 3


def test_no_member_leaves_the_plausible_range_of_any_parameter() -> None:
    register = {row.name: row for row in rows(national().scenarios[0], national().run.figures)}
    for member in members():
        for name, value in member.values:
            low, high = register[name].plausible_low, register[name].plausible_high
            assert low is not None, name
            assert high is not None, name
            assert low - 1e-9 <= value <= high + 1e-9, (member.id, name, value)


def test_the_point_baseline_is_the_best_member() -> None:
    scenario = national().scenarios[0]
    for name, value in members()[0].values:
        assert math.isclose(value, value_of(name, scenario), rel_tol=1e-9), name


@pytest.mark.national
def test_the_best_member_does_again_what_the_committed_table_says(tmp_path: Path) -> None:
    from dataclasses import replace

    patterns = load_patterns()
    targets = targets_of(patterns, discrepancy_share=0.25)
    wanted = [target.part for target in targets]
    scenario = national().scenarios[0]
    short = replace(scenario, horizon=replace(scenario.horizon, end=last_day(patterns, scenario)))
    runs = runs_of([short], range(1, REPLICATIONS + 1), seed=national().run.seed, wanted=wanted)
    found = evaluate(runs, wanted, tmp_path, engine=Engine("local"))
    kept = {row["id"] + (row["part"] or ""): row for row in table("patterns.csv")}
    for j, target in enumerate(targets):
        mean = float(np.nanmean([values[j] for values in found]))  # a card may come out after the last month needed
        row = kept[target.label]
        assert math.isclose(mean, float(row["best"]), rel_tol=FIRST_DIGITS, abs_tol=1e-9), target.label
        assert (row["best_reproduced"] == "yes") == target.part.holds(mean), target.label
