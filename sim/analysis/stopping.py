"""When enough replications have been made: batch after batch until every verdict is decided, or a cap is reached.

Looking at growing data again and again and stopping when it pleases would make a 95% interval cover less than 95%.
So each look uses wider intervals (Bonferroni over the looks planned): 95% then holds for all looks together, and so
for the one at which it stopped. The same wider intervals are what is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import LEVEL, computed_at, level_of_each
from sim.analysis.paired import BASELINE, compare, verdicts
from sim.analysis.sameness import histories
from sim.analysis.verdict import UNDECIDED, against_past
from sim.observe.results import RunResult
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the verdicts.

    Attributes:
        undecided: the verdicts still open, in words.
        broken: scenarios whose comparison is withheld because their history is not do_nothing's.
    """

    replications: int
    undecided: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(slots=True)
class Stopping:
    """The rule, and the looks taken under it.

    Attributes:
        batch: replications added at a time.
        cap: the most that are made.
    """

    batch: int
    cap: int
    margin_share: float
    looks: list[Look] = field(default_factory=list)

    @property
    def planned_looks(self) -> int:
        """How often it will look at most."""
        return ceil(self.cap / self.batch)

    @property
    def level(self) -> float:
        """The confidence level of each look."""
        return level_of_each(self.planned_looks)

    def look(
        self, results: Mapping[str, Sequence[RunResult]], scenarios: Sequence[Scenario], made: int
    ) -> range | None:
        """Look at what is there; the numbers of the replications to add, or None to stop.

        Args:
            made: replications made until now, failed ones included.
        """
        found = look_at(results, scenarios, self.margin_share, self.level, made)
        self.looks.append(found)
        if not found.undecided or found.broken or made >= self.cap:
            return None
        return range(made + 1, min(made + self.batch, self.cap) + 1)

    @property
    def words(self) -> str:
        """How it ended and what the intervals claim."""
        if not self.looks:
            return ""
        last, n = self.looks[-1], len(self.looks)
        after = f"after {last.replications} replications (look {n} of at most {self.planned_looks})"
        if last.broken:
            end = f"stopped {after}: {_few(last.broken)} does not share do_nothing's history"
        elif not last.undecided:
            end = f"every verdict that can be given was decided {after}"
        else:
            open_now = "verdict is" if len(last.undecided) == 1 else "verdicts are"
            end = f"the cap was reached {after}; {len(last.undecided)} {open_now} undecided: {_few(last.undecided)}"
        return (
            f"replications=auto: {end}. To claim {LEVEL:.0%} over all {self.planned_looks} looks planned, every"
            f" interval and verdict is computed at {self.level:.2%} (Bonferroni); p-values are not adjusted for looks."
        )

    def content(self) -> dict[str, Any]:
        """The rule and the looks as data."""
        return {
            "rule": "stop when every verdict is decided at one look, or at the cap",
            "batch": self.batch,
            "cap": self.cap,
            "planned_looks": self.planned_looks,
            "level_claimed": LEVEL,
            "level_each_look": self.level,
            "correction": "Bonferroni over the planned looks; p-values are not adjusted for looks",
            "looks": [
                {"replications": k.replications, "undecided": list(k.undecided), "not_comparable": list(k.broken)}
                for k in self.looks
            ],
        }


def look_at(
    results: Mapping[str, Sequence[RunResult]],
    scenarios: Sequence[Scenario],
    margin_share: float,
    level: float,
    made: int,
) -> Look:
    """Which verdicts are open when intervals are computed at this level.

    A verdict that cannot be given at all (the run is too short, a scenario has no run) is not waited for.
    """
    described = {scenario.name: scenario for scenario in scenarios}
    ensembles = {name: Ensemble.of(name, runs) for name, runs in results.items() if runs}
    broken = tuple(s.scenario for s in histories(ensembles, described) if s.broken)
    with computed_at(level):
        undecided = [
            f"{name} against its past"
            for name, ensemble in ensembles.items()
            if against_past(ensemble, described[name].horizon, margin_share).word == UNDECIDED
        ]
        fair = {name: ensemble for name, ensemble in ensembles.items() if name not in broken}
        undecided += [
            f"{name} against {BASELINE}"
            for name, verdict in verdicts(compare(fair), margin_share).items()
            if verdict.word == UNDECIDED
        ]
    return Look(made, tuple(undecided), broken)


def _few(names: Sequence[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
