"""A lever that acts before its date, planted on purpose, is caught: the comparison is withheld, loudly."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.cli import main
from sim.clock import Process
from sim.policy.needs_data import NeedsData
from sim.system import System

SWEEP = [
    "-m",
    "world=one_area",
    "engine=serial",
    "engine.shared_history=off",  # a shared history could not differ before the date, whatever a lever does
    "replications=2",
    "policy=do_nothing,needs_data,funding_rebalance",
]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_effect_a_month_early_fails_loudly_and_withholds_the_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def early(self: NeedsData, system: System) -> Process:
        yield system.env.timeout(system.calendar.day(self.start) - 31)
        system.tell("lever_began", "early")
        self.begin(system)

    monkeypatch.setattr(NeedsData, "run", early)
    assert main(SWEEP) == 1
    out, err = (" ".join(text.split()) for text in capsys.readouterr())
    assert "NOT the same as do_nothing before 2018-10-01: needs_data departs from the baseline in Aug 2018" in out
    assert "NOT COMPARABLE: needs_data" in out
    assert "ok funding_rebalance: same as do_nothing until 2018-10-01" in out
    assert "FAILED NOT the same as do_nothing before 2018-10-01: needs_data" in err
    (folder,) = Path("experiments/baseline").iterdir()
    with (folder / "comparison.csv").open() as file:
        assert {row["scenario"] for row in csv.DictReader(file)} == {"funding_rebalance"}
    assert "Not comparable" in (folder / "report.html").read_text()


def test_without_the_plant_the_same_sweep_is_proved_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SWEEP) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "ok needs_data: same as do_nothing until 2018-10-01" in out
    assert "NOT" not in out.partition("CHECKS")[2].partition("patterns")[0]
