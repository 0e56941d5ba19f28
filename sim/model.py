"""Builds a world from a scenario and runs it: one replication, start to end.

The model knows no files, no plots and no Hydra. It stops with an error, never with a wrong result, if money or
people fail to balance at a month end.
"""

from __future__ import annotations

import time
from typing import Literal

import simpy

from sim.agents.crc import CrcAgent
from sim.agents.ministry import Ministry
from sim.agents.nps import NpsDivision
from sim.agents.owner import CARETAKER, Owner
from sim.agents.sector import Sector
from sim.calendar import DAYS_PER_MONTH
from sim.kernel import Kernel, find
from sim.ledger import Ledger
from sim.market.caseflow import CaseFlow
from sim.observe.events import EventLog
from sim.observe.recorder import Recorder
from sim.observe.results import RunResult
from sim.randomness import Luck
from sim.scenario import Scenario
from sim.system import System
from sim.world.people import PeopleStream


def build(
    scenario: Scenario,
    *,
    seed: int,
    replication: int,
    checked: bool = False,
    flow_class: type[CaseFlow] = CaseFlow,
    kernel: Kernel | None = None,
) -> System:
    """A system ready to run: agents in place, legacy desks warm, day 0 about to begin.

    Args:
        checked: verify the ledger after every transfer, not only at month ends.
        flow_class: how cases are run; the tests pass a plain SimPy twin.
        kernel: the compiled kernel, or None.
    """
    luck = Luck(seed, replication)
    calendar = scenario.horizon.calendar()
    people = PeopleStream(scenario.world, scenario.demand, calendar, luck, kernel)
    flow = flow_class(
        scenario.world,
        scenario.demand,
        calendar,
        luck,
        people,
        success_share_at_quality_one=scenario.nps.success_share_at_quality_one,
        record_cases=scenario.record.cases,
        kernel=kernel,
    )
    system = System(
        scenario,
        luck,
        flow,
        Ledger(checked=checked),
        EventLog(keep=scenario.record.events),
        simpy.Environment(),
    )
    system.ministry = Ministry(system)
    system.sector = Sector(system)
    system.owners = [Owner(system, name) for name in (*scenario.world.owners, CARETAKER)]
    by_name = {owner.name: owner for owner in system.owners}
    for index, crc in enumerate(scenario.world.crcs):
        agent = CrcAgent(system, crc, index)
        system.crcs.append(agent)
        by_name[crc.owner].take_on(agent)
    for agent in system.crcs:
        agent.open_for_business()
    system.divisions = [NpsDivision(system, name, i) for i, name in enumerate(scenario.world.divisions)]
    warm_up(system)
    for lever in scenario.policy.levers if scenario.policy else ():
        system.env.process(lever.run(system))
    return system


def warm_up(system: System) -> None:
    """Let the legacy desks serve before day 0, posting waits each month, so that day 0 finds them in use."""
    day = system.flow.now
    while day < 0.0:
        system.flow.post_waits(day)
        day = min(day + DAYS_PER_MONTH, 0.0)
        system.flow.advance(day)
    system.flow.post_waits(0.0)
    system.started = True


def run_replication(
    scenario: Scenario,
    *,
    seed: int,
    replication: int,
    checked: bool = False,
    flow_class: type[CaseFlow] = CaseFlow,
    kernel: Kernel | Literal["find"] | None = "find",
) -> RunResult:
    """Run one replication of a scenario.

    Args:
        seed: the experiment's seed.
        replication: which replication; the same number meets the same luck in every scenario.
        checked: verify the ledger after every transfer.
        flow_class: how cases are run; the tests pass a plain SimPy twin.
        kernel: the compiled kernel, None for the plain loops, ``find`` for whatever is there: the bytes are the same.

    Raises:
        LedgerError: money was created or destroyed.
        PeopleBalanceError: a need was lost or counted twice.
    """
    began = time.perf_counter()
    if kernel == "find":
        kernel = find()
    system = build(scenario, seed=seed, replication=replication, checked=checked, flow_class=flow_class, kernel=kernel)
    recorder = Recorder(system)
    digests: list[str] = []

    def before(month: int) -> None:
        system.remember_month(system.flow.close_month(system.now), system.flow.people.month_counts(month))

    def after(month: int) -> None:
        system.flow.post_waits(system.now)
        tally = system.tally
        assert tally is not None
        recorder.record(tally)
        system.ledger.check(f"end of {system.calendar.month_names[month]}")
        digests.append(system.log.close_month(system.ledger.digest(), tally.fates.tobytes()))
        system.ledger.close_month()

    system.env.run(until=system.env.process(system.clock.run(before, after)))
    return RunResult(
        scenario=scenario.name,
        seed=seed,
        replication=replication,
        months=system.calendar.month_names,
        panels=recorder.panels(),
        figures=recorder.figures(),
        digests=tuple(digests),
        events=tuple(system.log.events),
        cases=system.flow.cases if scenario.record.cases else {},
        seconds=time.perf_counter() - began,
    )
