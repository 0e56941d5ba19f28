"""Policies that share the run before their first lever date: the same files, the same failures, nothing lost."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim.model
from sim.experiment import forks, trunks
from sim.experiment.deadline import RunTimeout, deadline
from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.ledger import Ledger
from sim.model import Replication, run_replication
from sim.scenario import Scenario
from sim.settings import SettingsError, load, load_all
from tests.support.planted_levers import KillsItsProcess, NeverReturns, Raises, dated, moved, planted, under

SHIPPED = sorted(path.stem for path in Path("configs/policy").glob("*.yaml"))
EARLY, MID, LATE = "2015-06-01", "2015-08-20", "2015-11-01"
MANY_S = 60.0

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@cache
def base() -> Scenario:
    """Two CRCs for a year, doing nothing, with everything recorded that can be."""
    return load(["world=pair", "horizon.end=2016-01-31", "record=cases", "record.events=true"])[0][0]


@cache
def three() -> tuple[Scenario, ...]:
    """Doing nothing and two policies of different first dates."""
    return (
        under(base(), "do_nothing"),
        under(base(), "late", dated("needs_data", LATE)),
        under(base(), "early", dated("proportionate_contracts", EARLY), dated("stewardship", LATE)),
    )


def sweep(
    home: Path, scenarios: tuple[Scenario, ...] | list[Scenario], shared_history: str, **how: Any
) -> tuple[Outcome, dict[str, bytes]]:
    """What became of one replication of each, and the files."""
    kind, workers = how.pop("kind", "serial"), how.pop("workers", 1)
    engine = Engine(kind, workers, how.pop("run_timeout_s", None), shared_history)
    plan = Plan.of(scenarios, seed=5, replications=range(1, how.pop("replications", 1) + 1))
    outcome = execute(plan, home, engine=engine, **how)
    return outcome, {p.relative_to(home).as_posix(): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def rows(outcome: Outcome) -> list[tuple[str, int, str, str]]:
    return [(f.scenario, f.replication, f.stage, f.cause) for f in outcome.failures]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the scenarios whose run was begun from day 0 in this process."""
    found: list[str] = []
    build = sim.model.build

    def counted(scenario: Scenario, **how: Any) -> Any:
        found.append(scenario.name)
        return build(scenario, **how)

    monkeypatch.setattr(sim.model, "build", counted)
    return found


# --- the same run -----------------------------------------------------------------------------------------------


def test_a_run_told_of_its_policy_on_the_day_is_the_run_that_always_knew() -> None:
    for scenario in three()[1:]:
        alone = run_replication(scenario, seed=5, replication=2)
        held = Replication(replace(scenario, policy=None), seed=5, replication=2)
        held.go_on_to(base().horizon.calendar().day(scenario.policy.first_date))  # type: ignore[union-attr, arg-type]
        held.adopt(scenario)
        told = held.finish()
        assert told.digests == alone.digests
        assert told.events == alone.events
        assert repr(told.figures) == repr(alone.figures)
        for level, panel in alone.panels.items():
            for name, values in panel.values.items():
                assert np.array_equal(told.panels[level].values[name], values, equal_nan=True), (level, name)


def test_a_policy_comes_neither_too_late_nor_on_top_of_another() -> None:
    held = Replication(base(), seed=5, replication=1)
    held.go_on_to(200)
    with pytest.raises(ValueError, match="a lever of early should have begun on 2015-06-01"):
        held.adopt(three()[2])
    held.adopt(three()[1])
    with pytest.raises(ValueError, match="cannot adopt another one"):
        held.adopt(three()[1])
    with pytest.raises(ValueError, match="day 100 is over: it is day 200"):
        held.go_on_to(100)


def test_a_lever_begins_after_the_month_end_and_before_all_else_of_its_day() -> None:
    scenario = under(base(), "late", dated("needs_data", LATE))
    run = Replication(scenario, seed=5, replication=1)
    day = scenario.horizon.calendar().day(date.fromisoformat(LATE))
    system = run.system
    seen: list[tuple[str, int, float]] = []

    def somebody() -> Any:
        yield system.env.timeout(day)  # scheduled on day 0, as the lever is
        seen.append(("somebody", system.clock.month, system.rules.known_share))

    system.env.process(somebody())
    run.go_on_to(day)
    assert seen == []
    assert system.clock.month == scenario.horizon.calendar().month_index(day)
    assert system.rules.known_share == scenario.supply_chain.known_share
    run.finish()
    (lever,) = scenario.policy.levers  # type: ignore[union-attr]
    assert seen == [("somebody", scenario.horizon.calendar().month_index(day), lever.known_share)]  # type: ignore[attr-defined]


def test_every_shipped_policy_leaves_the_same_files_with_and_without_shared_history(
    tmp_path: Path, begun: list[str]
) -> None:
    shipped = load_all([f"policy={','.join(SHIPPED)}"], sweep=True).scenarios
    scenarios = moved(base(), shipped, [MID, EARLY, LATE])
    scenarios.append(under(base(), "twice", dated("needs_data", EARLY, MID), dated("joint_commissioning", LATE)))
    one, files = sweep(tmp_path / "off", scenarios, "off")
    begun.clear()
    other, shared = sweep(tmp_path / "on", scenarios, "on")
    assert len(begun) == 1
    assert one.finished == other.finished == len(SHIPPED) + 1
    assert len(files) == 3 * one.finished  # panels, events and cases of each
    assert shared == files


def test_a_group_without_doing_nothing_shares_too(tmp_path: Path, begun: list[str]) -> None:
    _, files = sweep(tmp_path / "off", three()[1:], "off")
    begun.clear()
    outcome, shared = sweep(tmp_path / "on", three()[1:], "on")
    assert len(begun) == 1
    assert shared == files
    assert all(result.seconds > 0.0 for results in outcome.results.values() for result in results)


def test_policies_that_never_act_are_the_shared_run_itself(tmp_path: Path, begun: list[str]) -> None:
    scenarios = [*three()[:2], under(base(), "idle")]
    _, files = sweep(tmp_path / "off", scenarios, "off")
    begun.clear()
    outcome, shared = sweep(tmp_path / "on", scenarios, "on")
    assert len(begun) == 1
    assert shared == files
    assert {name: len(results) for name, results in outcome.results.items()} == {"do_nothing": 1, "late": 1, "idle": 1}
    assert shared["idle/r01.parquet"] == shared["do_nothing/r01.parquet"]


def test_a_pool_shares_too_and_tells_of_every_run(tmp_path: Path) -> None:
    seen: list[int] = []
    _, files = sweep(tmp_path / "off", three(), "off", replications=3)
    outcome, shared = sweep(
        tmp_path / "auto", three(), "auto", replications=3, kind="local", workers=2,
        progress=lambda outcome: seen.append(outcome.ended),
    )  # fmt: skip
    assert outcome.failures == []
    assert shared == files
    assert seen[-1] == 9
    assert all(result.seconds > 0.0 for results in outcome.results.values() for result in results)


# --- who shares with whom ---------------------------------------------------------------------------------------


def test_only_runs_that_differ_in_policy_alone_share_their_history() -> None:
    other = replace(base(), rate_card=replace(base().rate_card, markup_share=0.141))
    scenarios = [*three(), under(other, "other"), under(other, "other_late", dated("needs_data", LATE))]
    plan = Plan.of(scenarios, seed=5, replications=(1, 2))
    groups = [[(t.scenario.name, t.replication) for t in unit] for unit in trunks.grouped(plan.tasks, 4)]
    assert groups == [
        [("early", 1), ("late", 1), ("do_nothing", 1)],
        [("other_late", 1), ("other", 1)],
        [("early", 2), ("late", 2), ("do_nothing", 2)],
        [("other_late", 2), ("other", 2)],
    ]


@pytest.mark.parametrize(
    ("replications", "workers", "sizes"),
    [(1, 1, [5]), (1, 2, [2, 3]), (3, 2, [5, 5, 2, 3]), (1, 8, [1] * 5), (2, 2, [5, 5]), (5, 3, [5, 5, 5, 2, 3, 5])],
)
def test_groups_are_cut_up_where_workers_would_be_idle(replications: int, workers: int, sizes: list[int]) -> None:
    scenarios = [under(base(), f"p{i}", dated("needs_data", f"2015-0{i}-01")) for i in range(3, 8)]
    plan = Plan.of(scenarios, seed=5, replications=range(1, replications + 1))
    units = trunks.grouped(plan.tasks, workers)
    assert [len(unit) for unit in units] == sizes
    assert sorted((t.scenario.name, t.replication) for unit in units for t in unit) == sorted(
        (t.scenario.name, t.replication) for t in plan.tasks
    )


def test_by_itself_nothing_is_forked_beside_a_thread_that_may_hold_a_lock(tmp_path: Path, begun: list[str]) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not forks.safe()
        outcome, _ = sweep(tmp_path, three(), "auto")
    finally:
        done.set()
        thread.join()
    assert outcome.finished == len(begun) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="by itself on Linux only")
def test_histories_are_shared_by_this_machine_only() -> None:
    engines = [
        Engine("serial"),
        Engine("local"),
        Engine("dask"),
        Engine("slurm"),
        Engine("local", shared_history="off"),
    ]
    assert [trunks.wanted(engine) for engine in engines] == [True, True, False, False, False]


@pytest.mark.parametrize(("typed", "meant"), [("auto", "auto"), ("on", "on"), ("off", "off"), ("false", "off")])
def test_the_switch_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert load([f"engine.shared_history={typed}"])[1].shared_history == meant


def test_it_is_refused_where_it_cannot_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        load(["engine=slurm", "engine.shared_history=on"])
    assert any("engine.shared_history cannot be on: runs are forked" in p.what for p in caught.value.problems)
    monkeypatch.delattr(os, "fork")
    with pytest.raises(SettingsError) as caught:
        load(["engine.shared_history=on"])
    assert [p.what for p in caught.value.problems] == [
        "engine.shared_history cannot be on: this system cannot fork a process"
    ]


# --- what can go wrong ------------------------------------------------------------------------------------------


def test_a_policy_that_fails_costs_itself_only_and_says_what_it_says_alone(tmp_path: Path) -> None:
    scenarios = [*three(), under(base(), "bad", planted(Raises, MID))]
    alone, files = sweep(tmp_path / "off", scenarios, "off")
    shared, same = sweep(tmp_path / "on", scenarios, "on")
    assert rows(shared) == rows(alone) == [("bad", 1, "run", "ArithmeticError: planted on day 200")]
    assert "planted_levers.py" in shared.failures[0].trace
    assert same == files
    assert len(files) == 9


def test_where_the_shared_part_fails_every_run_left_fails_as_it_would_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(self: Ledger, when: str) -> None:
        if when == "end of 2015-09":
            raise ArithmeticError("money was created")

    monkeypatch.setattr(Ledger, "check", check)
    alone, _ = sweep(tmp_path / "off", three(), "off")
    shared, files = sweep(tmp_path / "on", three(), "on")
    assert rows(shared) == rows(alone)
    assert {(stage, cause) for _, _, stage, cause in rows(shared)} == {("run", "ArithmeticError: money was created")}
    assert len(rows(shared)) == 3
    assert files == {}


def test_a_sweep_that_stops_at_its_first_failure_begins_no_further_policy(tmp_path: Path) -> None:
    scenarios = [*three(), under(base(), "bad", planted(Raises, MID))]
    outcome, _ = sweep(tmp_path, scenarios, "on", on_failure="stop")
    assert [name for name, results in outcome.results.items() if results] == ["early"]
    assert len(outcome.failures) == 1
    assert outcome.halted == "a run failed, and on_failure is stop"


def test_a_child_that_dies_is_one_row_and_the_others_go_on(tmp_path: Path) -> None:
    scenarios = [*three(), under(base(), "bad", planted(KillsItsProcess, MID))]
    outcome, files = sweep(tmp_path / "on", scenarios, "on")
    cause = "its process died (SIGKILL), perhaps for want of memory"
    assert rows(outcome) == [("bad", 1, "worker", cause)]
    assert files == sweep(tmp_path / "off", three(), "off")[1]


def test_in_a_pool_a_run_whose_child_died_is_made_again_apart(tmp_path: Path) -> None:
    once = under(base(), "once", planted(KillsItsProcess, MID, once=tmp_path / "died"))
    always = under(base(), "always", planted(KillsItsProcess, LATE))
    outcome, _ = sweep(tmp_path / "runs", [*three(), once, always], "on", kind="local", workers=2)
    assert (tmp_path / "died").exists()
    assert [name for name, results in outcome.results.items() if results] == ["do_nothing", "late", "early", "once"]
    assert [(name, stage) for name, _, stage, _ in rows(outcome)] == [("always", "worker")]


def test_without_room_for_a_child_a_run_is_made_in_the_process_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: list[str]
) -> None:
    def full() -> int:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", full)
    outcome, _ = sweep(tmp_path, three(), "on")
    assert outcome.finished == 3
    assert len(begun) == 3  # the trunk for one, and two beside it


def test_a_policy_that_does_not_end_is_a_timeout_and_the_others_go_on(tmp_path: Path) -> None:
    scenarios = [*three(), under(base(), "bad", planted(NeverReturns, MID))]
    outcome, _ = sweep(tmp_path, scenarios, "on", run_timeout_s=4.0)
    assert rows(outcome) == [("bad", 1, "timeout", "it took longer than engine.run_timeout_s allows, 4 s")]
    assert outcome.finished == 3


def test_a_shared_part_that_does_not_end_is_a_timeout_of_every_run_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(self: Ledger, when: str) -> None:
        while True:
            pass

    monkeypatch.setattr(Ledger, "check", check)
    outcome, _ = sweep(tmp_path, three(), "on", run_timeout_s=1.0)
    assert {(stage, cause) for _, _, stage, cause in rows(outcome)} == {
        ("timeout", "it took longer than engine.run_timeout_s allows, 1 s")
    }
    assert len(rows(outcome)) == 3


def test_what_the_shared_part_used_up_is_not_given_again() -> None:
    with pytest.raises(RunTimeout, match="allows, 2 s"), deadline(2.0, used_s=2.0):
        raise AssertionError("nothing was left")
    with deadline(2.0, used_s=-MANY_S):
        pass


def test_a_child_that_does_not_listen_is_ended() -> None:
    with pytest.raises(forks.ChildDied, match="did not listen"):
        forks.in_child(lambda: signal.pause(), patience_s=0.2)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT])
def test_it_is_said_how_a_child_died(how: signal.Signals) -> None:
    with pytest.raises(forks.ChildDied, match=rf"its process died \({how.name}\)"):
        forks.in_child(lambda: os.kill(os.getpid(), how))


def test_a_child_that_closes_its_pipe_and_lingers_is_ended_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "_LOOKS", 10)

    def linger() -> None:
        os.closerange(3, 64)
        signal.pause()

    with pytest.raises(forks.ChildDied, match="did not end, and was ended"):
        forks.in_child(linger)


def test_a_child_leaves_ctrl_c_to_its_parent_and_holds_none_of_its_pipes_open() -> None:
    here, there = os.pipe()

    def look() -> tuple[object, bool]:
        try:
            os.fstat(there)
        except OSError:
            return signal.getsignal(signal.SIGINT), True
        return signal.getsignal(signal.SIGINT), False

    try:
        assert forks.in_child(look) == (signal.SIG_IGN, True)
    finally:
        os.close(here)
        os.close(there)


def test_an_answer_that_cannot_be_sent_is_a_child_without_an_answer() -> None:
    with pytest.raises(forks.ChildDied, match="without an answer"):
        forks.in_child(lambda: threading.Lock())


def test_the_effort_of_runs_that_share_is_that_of_the_trunk_and_of_what_follows_each_first_date() -> None:
    tasks = Plan.of(three(), seed=5, replications=[1, 2]).tasks
    days = base().horizon.calendar()
    after = [1.0 - days.day(date.fromisoformat(when)) / days.n_days for when in (EARLY, LATE)]
    assert trunks.effort(tasks, Engine("serial", shared_history="on")) == pytest.approx(2 * (1.0 + sum(after)))
    assert trunks.effort(tasks, Engine("serial", shared_history="off")) == 6.0
    only_late = Plan.of(three()[1:2], seed=5, replications=[1]).tasks
    assert trunks.effort(only_late, Engine("serial", shared_history="on")) == pytest.approx(1.0)


def test_runs_are_said_to_share_only_where_some_do() -> None:
    def said(scenarios: list[Scenario], switch: str) -> bool:
        return trunks.shares(
            Plan.of(scenarios, seed=5, replications=[1, 2]).tasks, Engine("serial", shared_history=switch)
        )

    assert said(three(), "on")
    assert not said(three(), "off")
    assert not said([base()], "on")
    assert not said([base(), replace(base(), name="twin")], "on")


def test_scenarios_of_one_content_have_the_same_seconds_also_when_their_file_is_seen_before_the_answer(
    tmp_path: Path,
) -> None:
    scenarios = (*three(), replace(three()[2], name="early again"))
    outcome, _ = sweep(tmp_path / "runs", scenarios, "on", shared=KeyedStore(tmp_path), kind="local", workers=2,
                       replications=4)  # fmt: skip
    seconds = {name: [result.seconds for result in results] for name, results in outcome.results.items()}
    assert seconds["early again"] == seconds["early"]
    assert all(value > 0.0 for values in seconds.values() for value in values)


# --- stopping and going on --------------------------------------------------------------------------------------


def press_after(runs: int) -> Callable[[Outcome], None]:
    def press(outcome: Outcome) -> None:
        if outcome.ended == runs:
            os.kill(os.getpid(), signal.SIGINT)

    return press


def test_after_ctrl_c_no_further_policy_is_begun_and_the_same_again_goes_on(tmp_path: Path) -> None:
    _, files = sweep(tmp_path / "off", three(), "off")
    store = KeyedStore(tmp_path)
    first, _ = sweep(tmp_path / "a/runs", three(), "on", shared=store, progress=press_after(1))
    assert first.interrupted
    assert [name for name, results in first.results.items() if results] == ["early"]
    again, shared = sweep(tmp_path / "b/runs", three(), "on", shared=KeyedStore(tmp_path))
    assert (again.finished, again.reused) == (3, 1)
    assert shared == files


def test_after_ctrl_c_a_pool_finishes_the_policies_in_hand_and_begins_no_other(tmp_path: Path) -> None:
    months = range(3, 11)
    scenarios = [under(base(), f"p{m:02d}", dated("needs_data", f"2015-{m:02d}-01")) for m in months]
    how: dict[str, Any] = {"kind": "local", "workers": 2, "replications": 8}
    told: list[int] = []
    first, _ = sweep(
        tmp_path / "a/runs", scenarios, "on", shared=KeyedStore(tmp_path), progress=press_after(1),
        stopping=told.append, **how,
    )  # fmt: skip
    assert first.interrupted
    assert told
    assert first.failures == []
    assert 1 <= first.finished < 24  # of 64; in hand were at most three groups of eight
    again, _ = sweep(tmp_path / "b/runs", scenarios[:2], "on", shared=KeyedStore(tmp_path), replications=2)
    assert again.finished == 4
    assert again.failures == []
