"""Builds a world from a scenario and runs it: one replication, start to end, or held between two days.

The model knows no files, no plots and no Hydra. It stops with an error, never with a wrong result, if money or
people fail to balance at a month end.
"""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
import simpy

from sim.agents.crc import CrcAgent
from sim.agents.ministry import Ministry
from sim.agents.nps import NpsDivision
from sim.agents.owner import CARETAKER, Owner
from sim.agents.purchasers import Purchasers
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
        simpy.Environment(0.0),
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
    system.purchasers = Purchasers(system)
    warm_up(system)
    put_in_place(system)
    return system


def put_in_place(system: System) -> None:
    """Let the levers of the scenario's policy wait for their dates."""
    policy = system.scenario.policy
    for lever in policy.levers if policy else ():
        system.env.process(lever.run(system))


def warm_up(system: System) -> None:
    """Let the legacy desks serve before day 0, posting waits each month, so that day 0 finds them in use."""
    day = system.flow.now
    while day < 0.0:
        system.flow.post_waits(day)
        day = min(day + DAYS_PER_MONTH, 0.0)
        system.flow.advance(day)
    system.flow.post_waits(0.0)
    system.started = True


class Replication:
    """One replication that can be held between two days: begun, taken on, told its policy, finished.

    Until the first date of its policy a run is the same whatever that policy is. So one without a policy can be held
    on that day, ``adopt`` the scenario it is to go on as, and leave what that scenario leaves when run alone.

    Args: as ``run_replication``.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int,
        replication: int,
        checked: bool = False,
        flow_class: type[CaseFlow] = CaseFlow,
        kernel: Kernel | Literal["find"] | None = "find",
    ) -> None:
        self._began = time.perf_counter()
        self._seed = seed
        self._replication = replication
        if kernel == "find":
            kernel = find()
        self.system = build(
            scenario, seed=seed, replication=replication, checked=checked, flow_class=flow_class, kernel=kernel
        )
        self._recorder = Recorder(self.system)
        self._digests: list[str] = []
        self._clock = self.system.env.process(self.system.clock.run(self._before, self._after))

    def go_on_to(self, day: float) -> None:
        """Run up to a day: its month end is closed if it has one, no lever of it has begun, nobody else has acted.

        Args:
            day: not in the past, and not after the last month end.
        """
        self.system.env.run(until=self.system.clock.pause(day))

    def adopt(self, scenario: Scenario) -> None:
        """Go on as this scenario, which differs from the one begun with in name and policy only.

        Raises:
            ValueError: the run has a policy already, or one of the new levers should have begun.
        """
        system, policy = self.system, scenario.policy
        if system.scenario.policy is not None and system.scenario.policy.levers:
            raise ValueError("a run that has a policy cannot adopt another one")
        first = policy.first_date if policy else None
        if first is not None and system.calendar.day(first) < system.now:
            raise ValueError(f"a lever of {scenario.name} should have begun on {first}")
        system.scenario = scenario
        put_in_place(system)

    def finish(self) -> RunResult:
        """Run to the end, and let go of everything but the result."""
        system = self.system
        system.env.run(until=self._clock)
        result = RunResult(
            scenario=system.scenario.name,
            seed=self._seed,
            replication=self._replication,
            months=system.calendar.month_names,
            panels=self._recorder.panels(),
            figures=self._recorder.figures(),
            digests=tuple(self._digests),
            events=tuple(system.log.events),
            cases=system.flow.cases if system.scenario.record.cases else {},
            seconds=time.perf_counter() - self._began,
        )
        del self._recorder, self._clock
        system.dissolve()
        return result

    def _before(self, month: int) -> None:
        system = self.system
        system.remember_month(system.flow.close_month(system.now), system.flow.people.month_counts(month))

    def _after(self, month: int) -> None:
        system = self.system
        system.flow.post_waits(system.now)
        tally = system.tally
        assert tally is not None
        self._recorder.record(tally)
        system.ledger.check(f"end of {system.calendar.month_names[month]}")
        self._digests.append(system.log.close_month(system.ledger.digest(), tally.fates.astype(np.int32).tobytes()))
        system.ledger.close_month()


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
    run = Replication(
        scenario, seed=seed, replication=replication, checked=checked, flow_class=flow_class, kernel=kernel
    )
    return run.finish()
