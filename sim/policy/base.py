"""What every lever is: dated, sized, and acting only through what agents see and may do.

A lever begins on its start date, after that month's books are closed and before anybody else acts that day, and ends
(if it ends) on its end date. It may change the rules in force or add an agent with a purse and a mandate; it never
writes an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from sim.clock import Process
from sim.parameters.record import Described, day, flag

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever(Described):
    """A dated change.

    Attributes:
        name: its name in policy files; title: its name in sentences.
        moves_funding: whether it changes what CRCs are paid, so that its verdict rests on what pressure does to budgets.
        start: the day it begins.
        end: the day it ends; None for never within the run.
        active: a sweep may switch a lever of a policy off.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    moves_funding: ClassVar[bool] = False

    start: date = day("set", "a setting of the policy", "when the lever begins")
    end: date | None = day("set", "a setting of the policy", "when the lever ends; null for never", optional=True)
    active: bool = flag("set", "a setting of the policy", "whether the lever acts at all")

    def begin(self, system: System) -> None:
        """Come into force."""
        raise NotImplementedError

    def finish(self, system: System) -> None:
        """Go out of force; by default what was built stays and nothing more is begun."""

    def inert_because(self, scenario: Scenario) -> str | None:
        """Why the lever, as sized, would change nothing at all; None when it would change something."""
        return None

    def contradiction(self) -> str | None:
        """Two settings of the lever that cannot both hold; None when there are none."""
        return None

    def run(self, system: System) -> Process:
        """Wait for the dates and act on them."""
        env, calendar = system.env, system.calendar
        yield system.clock.lever_day(calendar.day(self.start))
        system.tell("lever_began", type(self).__name__)
        self.begin(system)
        if self.end is not None and calendar.day(self.end) < calendar.n_days:
            yield env.timeout(calendar.day(self.end) - env.now)
            system.tell("lever_ended", type(self).__name__)
            self.finish(system)


@dataclass(frozen=True, slots=True)
class Policy:
    """A named set of levers.

    Attributes:
        name: short name, that of its file.
        recommendation: the recommendation it stands for, in words.
        rationale: one line on why it might work.
        levers: those that are switched on.
    """

    name: str
    recommendation: str
    rationale: str
    levers: tuple[Lever, ...] = ()

    @property
    def first_date(self) -> date | None:
        """The first date on which this policy can differ from doing nothing; None when it never does."""
        return min((lever.start for lever in self.levers), default=None)
