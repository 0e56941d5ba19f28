"""Proof that two scenarios share their history: monthly digests must be equal before the first lever date.

A digest covers a month's event log and ledger. One stray draw before the lever makes every later month
differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sim.analysis.ensemble import Ensemble, iso_month, month_words
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Sameness:
    """What the digests of a scenario say against the baseline's.

    Attributes:
        pairs: replications compared.
        first_difference: the first ISO month in which any pair differs; None when all months are equal.
        before: the date before which they had to be equal; None when nothing was demanded.
        from_the_start: whether the first difference lies in the first month.
        broken: replications that differ before that date, with the month.
    """

    scenario: str
    pairs: int
    first_difference: str | None
    before: date | None
    broken: tuple[tuple[int, str], ...]
    from_the_start: bool = False

    @property
    def ok(self) -> bool:
        """Whether the demand holds, on at least one pair."""
        return self.pairs > 0 and not self.broken

    @property
    def words(self) -> str:
        """The finding in a line."""
        if self.pairs == 0:
            return f"{self.scenario}: no pair of replications to compare"
        if self.broken:
            replication, month = self.broken[0]
            return (
                f"{self.scenario} departs from the baseline in {month_words(month)}, before its first lever"
                f" ({self.before}; replication {replication}, {len(self.broken)} of {self.pairs} pairs)"
            )
        if self.before is not None:
            return f"same as do_nothing until {self.before}"
        if self.first_difference is None:
            return "same as do_nothing in every month"
        if self.from_the_start:
            return "settings differ from the first day, so it need not share do_nothing's history"
        return f"same as do_nothing until {self.first_difference}"


def pairs_of(base: Ensemble, other: Ensemble) -> list[tuple[int, int]]:
    """Positions of the runs in ``base`` and ``other`` that share seed and replication."""
    where = {(run.seed, run.replication): i for i, run in enumerate(base.runs)}
    found = [(where.get((run.seed, run.replication)), j) for j, run in enumerate(other.runs)]
    return [(i, j) for i, j in found if i is not None]


def histories(
    ensembles: Mapping[str, Ensemble], described: Mapping[str, Scenario], baseline: str = "do_nothing"
) -> list[Sameness]:
    """Every scenario's history against the baseline's; empty when no scenario is the baseline."""
    if baseline not in ensembles:
        return []
    base = ensembles[baseline]
    return [
        compare_digests(base, ensemble, first_change(described[name], described[baseline]))
        for name, ensemble in ensembles.items()
        if name != baseline
    ]


def first_change(scenario: Scenario, base: Scenario) -> date | None:
    """The first lever date of a scenario that differs from the baseline in its policy alone, else None.

    Before that date its history must equal the baseline's.
    """
    alike = replace(scenario, name=base.name, policy=base.policy, record=base.record) == base
    return scenario.policy.first_date if alike and scenario.policy is not None else None


def compare_digests(base: Ensemble, other: Ensemble, before: date | None) -> Sameness:
    """Compare two scenarios month by month; a month counts as before the date when it ends by then."""
    pairs = pairs_of(base, other)
    earliest: str | None = None
    broken: list[tuple[int, str]] = []
    for i, j in pairs:
        month = _first_difference(base.months, base.runs[i].digests, other.runs[j].digests)
        if month is None:
            continue
        earliest = month if earliest is None else min(earliest, month)
        if before is not None and month < iso_month(before):
            broken.append((other.runs[j].replication, month))
    return Sameness(other.name, len(pairs), earliest, before, tuple(broken), earliest == base.months[0])


def _first_difference(months: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]) -> str | None:
    for month, a, b in zip(months, ours, theirs, strict=False):
        if a != b:
            return month
    shorter = min(len(ours), len(theirs))
    return months[shorter] if len(ours) != len(theirs) and shorter < len(months) else None
