"""The benchmark suite runs, says what falls behind, and clocks functions that are there. Nothing here is timed."""

from __future__ import annotations

import csv
import os
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.benchmarks import growth, instructions, recorded, replication, suite, with_peers
from tests.benchmarks.measuring import (
    HIGH_IS_GOOD,
    LOW_IS_GOOD,
    PEAK,
    RATIO,
    Bench,
    Row,
    apart,
    forms_of_the_model,
    peak_mb,
)
from tests.benchmarks.phase_map import PHASES, PhaseMapError, Place, places_of
from tests.benchmarks.phases import PhaseClock
from tests.benchmarks.recorded import Recorded

OLD = [
    Recorded("replication: the twin", "time over the model's", 60.0, "2026-01-31", "made up"),
    Recorded("growth: ten times the people", "time over the whole's", 4.0, "2026-01-31", "made up"),
]


def measured(twin: float, tenfold: float) -> list[Row]:
    return [
        Row("replication", "the twin", "time over the model's", twin, HIGH_IS_GOOD),
        Row("replication", "the twin", "referrals", 1.0, ""),
        Row("growth", "ten times the people", "time over the whole's", tenfold, LOW_IS_GOOD),
        Row("growth", "ten times the people", "peak memory over the whole's", 9.0, RATIO),
    ]


@pytest.fixture(scope="module")
def ours() -> list[str]:
    """The parts but for the peers and the instructions, which have tests of their own."""
    return [part for part in (*suite.PARTS, *suite.ON_REQUEST) if part not in ("peers", "instructions")]


def test_instructions_are_those_of_the_run_without_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "valgrind"  # runs what it is given, and "counts" 7 and 12 thousand million
    stand_in.write_text('#!/bin/sh\nshift 3; "$@"; echo "==1== I   refs:      $((7 + 5 * $4)),000,000,000" >&2\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (row,) = instructions.measure(Bench(quick=True))
    assert (row.case, row.value) == ("the model", 5.0)


def test_without_valgrind_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ModuleNotFoundError, match="valgrind is not installed"):
        instructions.measure(Bench(quick=True))


# --- the command -----------------------------------------------------------------------------------------------------


def test_a_quick_run_puts_every_part_in_the_table_and_the_csv(
    ours: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "made" / "quick.csv"
    assert suite.main(["--quick", "--csv", str(path), "--only", ",".join(ours)]) == suite.ANSWERED
    printed = capsys.readouterr().out
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["part"] for row in rows} == {"machine", *ours}
    begins = {line.split(" ")[0] for line in printed.splitlines()}
    assert {"machine", *ours} <= begins
    assert all(float(row["value"]) == float(row["value"]) for row in rows)  # none is missing
    clocked = {row["case"] for row in rows if row["part"] == "phases"}
    assert clocked >= {f"{form}: {phase}" for form in forms_of_the_model() for phase in PHASES}
    yardsticks = [row for row in rows if row["case"].startswith("yardstick")]
    assert len(yardsticks) == 2
    assert "quick run" in printed
    assert "memory " in printed


def test_a_part_that_fails_is_named_and_the_others_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_part(part: str, bench: Bench) -> tuple[list[Row], list[str]]:
        if part == "phases":
            raise PhaseMapError("phase 'made up' names nothing")
        return [Row(part, "all", "made up", 1.0, "")], []

    monkeypatch.setattr(suite, "run_part", run_part)
    path = tmp_path / "some.csv"
    assert suite.main(["--quick", "--csv", str(path), "--only", "phases,growth"]) == suite.WORSE
    assert "phases FAILED: PhaseMapError: phase 'made up' names nothing" in capsys.readouterr().out
    assert "growth,all,made up,1.0," in path.read_text()


def test_an_unknown_part_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        suite.main(["--only", "replications"])
    assert "there is no part 'replications'; the parts are replication, phases" in capsys.readouterr().err


def test_figures_of_a_quick_run_are_never_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        suite.main(["--quick", "--record"])
    assert "--record needs the whole work" in capsys.readouterr().err


# --- recorded ratios -------------------------------------------------------------------------------------------------


def test_a_ratio_a_fifth_worse_is_said_and_one_a_little_less_is_not() -> None:
    behind = recorded.compare(measured(60.0 * 0.79, 4.0 * 1.21), OLD).behind
    assert behind == [
        "falls behind: replication: the twin, time over the model's: 47.4 now, 60 on 2026-01-31 (21% worse)",
        "falls behind: growth: ten times the people, time over the whole's: 4.84 now, 4 on 2026-01-31 (21% worse)",
    ]
    silent = recorded.compare(measured(60.0 * 0.81, 4.0 * 1.19), OLD)
    assert silent == recorded.Comparison([], [], [])


def test_a_ratio_a_fifth_better_is_said_too() -> None:
    found = recorded.compare(measured(60.0 * 1.21, 4.0 * 0.79), OLD)
    assert [line.partition(":")[0] for line in found.ahead] == ["gets ahead", "gets ahead"]
    assert not found.behind
    assert not recorded.compare(measured(60.0 * 1.19, 4.0 * 0.81), OLD).ahead


def test_the_command_ends_with_an_error_when_a_ratio_falls_behind(tmp_path: Path) -> None:
    file = tmp_path / "recorded.csv"
    recorded.write(OLD, file)
    lines, code = suite.conclude(measured(40.0, 4.0), Bench(), file)
    assert code == suite.WORSE
    assert len(lines) == 1
    assert suite.conclude(measured(59.0, 4.1), Bench(), file) == ([], suite.ANSWERED)
    assert suite.conclude(measured(40.0, 4.0), Bench(quick=True), file)[1] == suite.ANSWERED


def test_a_ratio_without_a_record_and_a_record_without_a_ratio_are_said() -> None:
    rows = [Row("growth", "half of the horizon", "time over the whole's", 0.5, LOW_IS_GOOD)]
    assert recorded.compare(rows, OLD).strangers == [
        "not recorded yet: growth: half of the horizon, time over the whole's: 0.5",
        "recorded, but not measured now: growth: ten times the people, time over the whole's",
    ]


def test_recording_replaces_what_was_measured_and_keeps_the_rest(tmp_path: Path) -> None:
    new = recorded.renewed(measured(50.0, 3.0)[:2], OLD, date(2026, 2, 1))
    by_quantity = {ratio.quantity: ratio for ratio in new}
    assert len(new) == 2
    assert by_quantity["time over the model's"].ratio == 50.0
    assert by_quantity["time over the model's"].recorded_on == "2026-02-01"
    assert by_quantity["time over the whole's"] == OLD[1]
    recorded.write(new, tmp_path / "recorded.csv")
    assert recorded.read(tmp_path / "recorded.csv") == new


def test_every_recorded_ratio_is_of_a_part_that_exists() -> None:
    ratios = recorded.read()
    assert ratios
    assert {ratio.benchmark.partition(":")[0] for ratio in ratios} <= {*suite.PARTS, *suite.ON_REQUEST}


def test_memory_that_grows_with_the_horizon_is_said_so() -> None:
    def said(whole_mb: float) -> str:
        rows = [Row("growth", growth.QUARTER, PEAK, 70.0, "MB"), Row("growth", growth.WHOLE, PEAK, whole_mb, "MB")]
        (line,) = growth.remarks(rows)
        return line

    assert said(72.0).startswith("memory stays flat")
    assert said(80.0) == "memory GROWS with the horizon: 70 MB for a quarter of it, 80 MB for the whole"


# --- phases ----------------------------------------------------------------------------------------------------------


def test_the_phase_map_names_functions_that_exist() -> None:
    assert set(places_of()) == set(PHASES)


def test_no_function_stands_in_two_phases() -> None:
    specs = [spec for functions in PHASES.values() for spec in functions]
    assert len(specs) == len(set(specs))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("sim.market.desks:Desks.gone", "is not there"),
        ("sim.market.gone:serve", "is not there"),
        ("sim.agents.owner:Owner.run", "is a process"),
        ("sim.market.desks:Desks.waiting", "is not a function"),
    ],
)
def test_a_function_that_cannot_be_clocked_is_named(spec: str, why: str) -> None:
    with pytest.raises(PhaseMapError, match=f"phase 'made up' names {spec}, which {why}.*phase_map.py"):
        places_of({"made up": (spec,)})


def test_the_time_of_a_phase_leaves_out_the_phases_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "process_time", lambda: now[0])

    class Work:
        def outer(self) -> None:
            now[0] += 1.0
            self.inner(2.0)
            now[0] += 4.0
            with pytest.raises(ValueError):
                self.inner(-1.0)

        def inner(self, seconds: float) -> None:
            now[0] += abs(seconds)
            if seconds < 0.0:
                raise ValueError

    before = dict(vars(Work))
    clock = PhaseClock(["outer", "inner"])
    with clock.ticking([[Place(Work, "outer", Work.outer)], [Place(Work, "inner", Work.inner)]]):
        Work().outer()
        now[0] += 8.0
        Work().outer()
    assert clock.seconds == [10.0, 6.0]
    assert clock.calls == [2, 4]
    assert dict(vars(Work)) == before


# --- processes -------------------------------------------------------------------------------------------------------


def test_a_fresh_process_does_not_count_its_parents_memory() -> None:
    held = bytearray(200 * 1024**2)
    held[::4096] = b"x" * len(held[::4096])
    assert apart("tests.benchmarks.measuring:peak_mb") < 100.0 < peak_mb()


def test_forms_of_the_model_that_differ_are_not_timed_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def replicate(words: list[str], form: replication.Form, **how: int) -> dict[str, Any]:
        amounts = dict.fromkeys(("seconds", "runs", "before_mb", "first_mb", "last_mb", "referrals", "yardsticks_s"), 1)
        return {**amounts, "digests": [form.says]}

    monkeypatch.setattr(replication, "replicate", replicate)
    with pytest.raises(replication.FormsDiffer, match="the plain twin and the model left different digests"):
        replication.measure(Bench())
    assert replication.measure(Bench(twin=False))


def test_a_peer_that_was_not_timed_says_why_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def form(name: str, seconds: float | None, times_ours: float | None, checked: str) -> SimpleNamespace:
        return SimpleNamespace(
            work="desk", form=name, customers=200, seconds=seconds, times_ours=times_ours, checked=checked
        )

    found = [form("ours", 0.1, None, "first"), form("fast", 0.2, 2.0, "equal"), form("other", None, None, "differs")]
    monkeypatch.setattr(with_peers, "import_module", lambda name: SimpleNamespace(measure=lambda **how: found))
    assert [(row.case, row.quantity, row.value) for row in with_peers.measure(Bench())] == [
        ("desk: ours", "first", 200),
        ("desk: ours", "processor seconds", 0.1),
        ("desk: fast", "equal", 200),
        ("desk: fast", "processor seconds", 0.2),
        ("desk: fast", "time over ours", 2.0),
        ("desk: other", "differs", 200),
    ]


def test_what_fails_in_a_fresh_process_is_told_with_its_trace() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)in its own process.*there is no such|has no attribute"):
        apart("tests.benchmarks.measuring:gone")
