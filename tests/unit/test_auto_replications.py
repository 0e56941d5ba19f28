"""``replications=auto``: batch after batch until every verdict is decided or a cap is reached, looks counted."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.analysis.intervals import computed_at, level_of_each, t_interval, t_quantile
from sim.analysis.stopping import Stopping, look_at
from sim.cli import main
from sim.experiment.plan import Plan
from sim.experiment.run import execute
from sim.observe.results import RunResult
from sim.scenario import Scenario
from sim.settings import load
from tests.support import made_up_model as model
from tests.support.results import bare_run

AUTO = ["world=pair", "engine=serial", "replications=auto", "replications_batch=4", "replications_cap=12"]
MONTHS = 84
SEEN: dict[str, float] = {}


def made(scenario: Scenario, replication: int, change: float, noise: float) -> RunResult:
    """A run whose supply chain changes from October 2018 by a share, give or take some noise of the replication."""
    after = 100.0 * (1 + change + noise * math.sin(1.7 * replication))
    paid = np.where(np.arange(MONTHS) < 44, 100.0, after)
    values = {"chain_paid_gbp": paid, "chain_value_gbp_per_year": 12 * paid}
    return bare_run(replication, values, name=scenario.name, seed=5)


@pytest.fixture
def auto(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Any], None]:
    """Reports faked, in an empty working directory; call it to choose the model."""

    def report(folder: Path, results: Any, settings: Any, scenarios: Any, started: Any) -> str:
        SEEN["half"] = t_interval([1.0, 2.0, 4.0]).half_width
        return f"ANSWER  {settings.stopping}\n\nREAD    {folder.name}/report.html\n"

    def use(simulate: Any) -> None:
        monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(run_replication=simulate))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "sim.report.build", SimpleNamespace(write_report=report))
    return use


def folder() -> Path:
    (found,) = Path("experiments/baseline").iterdir()
    return found


def test_a_clear_verdict_stops_at_the_first_look(
    auto: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    auto(lambda scenario, *, seed, replication: made(scenario, replication, -0.4, 0.01))
    assert main(AUTO) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "1 policy x 4 replications at a time until all is decided, 12 runs at most" in out
    assert "every verdict that can be given was decided after 4 replications (look 1 of at most 3)" in out
    assert "To claim 95% over all 3 looks planned, every interval and verdict is computed at 98.33%" in out
    content = json.loads((folder() / "run.json").read_text())
    assert content["replications"] == [1, 2, 3, 4]
    assert content["stopping"]["planned_looks"] == 3
    assert content["stopping"]["level_each_look"] == pytest.approx(1 - 0.05 / 3)
    assert len(list((folder() / "runs").rglob("*.parquet"))) == 4
    plan = json.loads((folder() / "plan.json").read_text())
    assert plan["replications"] == list(range(1, 13))
    assert plan["stopping"]["cap"] == 12


def test_an_open_verdict_goes_on_in_the_same_folder_to_the_cap_and_says_so(
    auto: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    auto(lambda scenario, *, seed, replication: made(scenario, replication, -0.05, 0.3))
    assert main(AUTO) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "the cap was reached after 12 replications (look 3 of at most 3); 1 verdict is undecided" in out
    assert "do_nothing against its past" in out
    content = json.loads((folder() / "run.json").read_text())
    assert [look["replications"] for look in content["stopping"]["looks"]] == [4, 8, 12]
    assert content["runs"] == {
        "planned": 12, "finished": 12, "reused": 0, "failed": 0, "interrupted": False, "halted": "",
    }  # fmt: skip


def test_a_sweep_waits_for_both_verdicts_of_every_scenario(auto: Callable[[Any], None]) -> None:
    """The policy's own path is clear at once; its difference from do_nothing needs a second batch."""

    def simulate(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
        gain = 0.12 if scenario.name == "needs_data" else 0.0
        wobble = 0.05 * math.sin(2.1 * replication) if scenario.name == "needs_data" else 0.0
        return made(scenario, replication, -0.5 + gain + wobble, 0.01)

    auto(simulate)
    assert main([*AUTO, "-m", "policy=do_nothing,needs_data", "replications_cap=60"][1:]) == 2  # given twice
    words = [word for word in AUTO if "cap" not in word] + ["engine.shared_history=off"]  # the stand-in has no parts
    assert main(["-m", *words, "replications_cap=60", "policy=do_nothing,needs_data"]) == 0
    looks = json.loads((folder() / "run.json").read_text())["stopping"]["looks"]
    assert len(looks) > 1
    assert looks[0]["undecided"] == ["needs_data against do_nothing"]
    assert looks[-1]["undecided"] == []


def test_the_report_is_computed_at_the_level_that_allows_for_the_looks(auto: Callable[[Any], None]) -> None:
    auto(lambda scenario, *, seed, replication: made(scenario, replication, -0.4, 0.01))
    assert main(AUTO) == 0
    with computed_at(level_of_each(3)):
        assert SEEN["half"] == t_interval([1.0, 2.0, 4.0]).half_width
    assert SEEN["half"] > t_interval([1.0, 2.0, 4.0]).half_width


def test_the_wider_level_ends_with_its_block() -> None:
    plain = t_quantile(9)
    with computed_at(0.995):
        assert t_quantile(9) > plain
    assert t_quantile(9) == plain == pytest.approx(2.262, abs=1e-3)


def test_all_looks_together_keep_the_promise() -> None:
    """Stopping at the first look that is clear of zero errs in at most 5 of 100 worlds without any effect."""
    rule = Stopping(batch=10, cap=50, margin_share=0.05)
    rng = np.random.default_rng(3)
    wrong = wrong_without = 0
    for _ in range(1000):
        draws = rng.normal(size=rule.cap)
        for level, count in ((rule.level, True), (0.95, False)):
            intervals = [t_interval(draws[:n], level) for n in range(rule.batch, rule.cap + 1, rule.batch)]
            missed = any(interval.low > 0 or interval.high < 0 for interval in intervals)
            wrong += missed and count
            wrong_without += missed and not count
    assert wrong <= 50
    assert wrong_without > 80


def test_a_verdict_that_cannot_be_given_is_not_waited_for() -> None:
    (scenario,), _ = load(["world=pair", "horizon.end=2016-01-31"])
    runs = [model.quick(scenario, seed=5, replication=k) for k in (1, 2)]
    assert look_at({scenario.name: runs}, [scenario], 0.05, 0.95, 2).undecided == ()


def test_the_last_batch_is_cut_at_the_cap() -> None:
    (scenario,), _ = load(["world=pair"])
    rule = Stopping(batch=4, cap=6, margin_share=0.05)
    open_runs = [made(scenario, k, -0.05, 0.3) for k in range(1, 7)]
    assert rule.look({scenario.name: open_runs[:4]}, [scenario], 4) == range(5, 7)
    assert rule.look({scenario.name: open_runs}, [scenario], 6) is None


@pytest.mark.parametrize("workers", [1, 2])
def test_further_batches_give_the_same_files_as_one_plan(workers: int, tmp_path: Path) -> None:
    (scenario,), _ = load(["world=pair"])
    whole = Plan.of([scenario], seed=5, replications=range(1, 5))
    first, second = (Plan.of([scenario], seed=5, replications=numbers) for numbers in ((1, 2), (3, 4)))
    upcoming = [second]
    at_once = execute(whole, tmp_path / "a", engine="local", workers=workers, simulate=model.quick)
    in_two = execute(
        first,
        tmp_path / "b",
        engine="local",
        workers=workers,
        simulate=model.quick,
        more=lambda outcome: upcoming.pop() if upcoming else None,
    )
    assert in_two.planned == in_two.finished == at_once.finished == 4
    for path in (tmp_path / "a").rglob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_worker_that_dies_does_not_end_the_batches(tmp_path: Path) -> None:
    (scenario,), _ = load(["world=pair"])
    first, second = (Plan.of([scenario], seed=5, replications=numbers) for numbers in ((1, 2), (3, 4)))
    upcoming = [second]
    outcome = execute(
        first,
        tmp_path,
        engine="local",
        workers=2,
        simulate=model.second_kills_its_process,
        more=lambda outcome: upcoming.pop() if upcoming else None,
    )
    assert [r.replication for r in outcome.results[scenario.name]] == [1, 3, 4]
    assert [failure.stage for failure in outcome.failures] == ["worker"]
