"""The verdict of a scenario against its own past: grows, holds, shrinks, or undecided.

A word is given only when the whole 95% interval of the relative change lies above the margin, within it, or
below it. These words are for a path against its own past, never for a difference between scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.analysis.ensemble import (
    Ensemble,
    Window,
    first_year,
    last_month_before,
    month_words,
    whole_months,
    year_ending,
)
from sim.analysis.intervals import EMPTY, NO_INTERVAL, Interval, replications_to_decide, t_interval
from sim.scenario import Horizon

PAID: Final = "chain_paid_gbp"
GROWS, HOLDS, SHRINKS, UNDECIDED, NONE = "grows", "holds", "shrinks", "undecided", "no verdict"


@dataclass(frozen=True, slots=True)
class Change:
    """The relative change of what the supply chain is paid, from one year to another.

    Attributes:
        before, after: the two years.
        change: relative change, a share (-0.2 is a fifth less), over replications.
        gbp_before, gbp_after: paid in each, GBP a year.
        values: the relative change of each replication.
    """

    before: Window
    after: Window
    change: Interval
    gbp_before: Interval
    gbp_after: Interval
    values: tuple[float, ...]

    @property
    def up(self) -> int:
        """Replications in which it rose."""
        return sum(value > 0 for value in self.values)

    @property
    def down(self) -> int:
        """Replications in which it fell."""
        return sum(value < 0 for value in self.values)


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """A scenario against its own past.

    Attributes:
        word: grows, holds, shrinks, undecided, or ``no verdict`` when there is nothing to compare.
        reason: why there is no word, in words; empty when there is one.
        main: the change the word rests on; None when the run has no such past.
        stretches: further changes worth telling (first year to the snapshot; snapshot to the end).
        chance_of_growth: share of replications that rose; NaN without a change.
        replications_needed: replications in all that would decide, None when decided or not to be said.
    """

    scenario: str
    word: str
    reason: str
    margin_share: float
    main: Change | None
    stretches: tuple[Change, ...]
    chance_of_growth: float
    replications_needed: int | None

    @property
    def change(self) -> Interval:
        """The relative change the word rests on, empty when there is none."""
        return self.main.change if self.main is not None else EMPTY


def word_for(interval: Interval, margin: float, above: str, inside: str, below: str) -> str:
    """The word an interval earns, or ``undecided``."""
    if not interval.known:
        return UNDECIDED
    if interval.low > margin:
        return above
    if interval.high < -margin:
        return below
    if interval.low >= -margin and interval.high <= margin:
        return inside
    return UNDECIDED


def change_between(ensemble: Ensemble, before: Window, after: Window) -> Change | None:
    """The change from one year to another; None when some replication paid nothing in the first."""
    paid = ensemble.national(PAID)
    was, now = before.total(paid), after.total(paid)
    if not (was > 0).all():
        return None
    change = now / was - 1
    return Change(
        before=before,
        after=after,
        change=t_interval(change).at_least(-1.0),
        gbp_before=t_interval(was).at_least(0.0),
        gbp_after=t_interval(now).at_least(0.0),
        values=tuple(change.tolist()),
    )


def against_past(ensemble: Ensemble, horizon: Horizon, margin_share: float) -> PastVerdict:
    """The verdict of a scenario: its last 12 months against the 12 before ``horizon.verdict_from``."""
    months = ensemble.months
    before = year_ending(months, horizon, last_month_before(horizon.verdict_from))
    after = year_ending(months, horizon)
    stretches = _stretches(ensemble, horizon)
    reason, main = "", None
    if before is None or after is None or after.first <= before.last:
        reason = _too_short(months, horizon)
    else:
        main = change_between(ensemble, before, after)
        if main is None:
            reason = f"in some replication nothing was paid to tier 2 or tier 3 in {before.words}"
    if main is None:
        return PastVerdict(ensemble.name, NONE, reason, margin_share, None, stretches, float("nan"), None)
    word = word_for(main.change, margin_share, GROWS, HOLDS, SHRINKS)
    if not main.change.known:
        reason = NO_INTERVAL
    needed = replications_to_decide(main.values, margin_share) if word == UNDECIDED else None
    chance = float(np.mean(np.array(main.values) > 0))
    return PastVerdict(ensemble.name, word, reason, margin_share, main, stretches, chance, needed)


def _too_short(months: tuple[str, ...], horizon: Horizon) -> str:
    first, last = whole_months(months, horizon)
    start = month_words(last_month_before(horizon.verdict_from))
    if last < first:
        return "the run holds no whole month"
    return (
        f"the run ({month_words(months[first])} to {month_words(months[last])}) does not hold both"
        f" the 12 months to {start} and 12 months after them"
    )


def _stretches(ensemble: Ensemble, horizon: Horizon) -> tuple[Change, ...]:
    """First year to the snapshot, and snapshot to the end; for a shorter run, its first year to its last."""
    months = ensemble.months
    first, last = first_year(months, horizon), year_ending(months, horizon)
    snapshot = year_ending(months, horizon, last_month_before(horizon.snapshot))
    pairs: list[tuple[Window, Window]] = []
    if first and snapshot and snapshot.first > first.last:
        pairs.append((first, snapshot))
        if last and last.first > snapshot.last:
            pairs.append((snapshot, last))
    elif first and last and last.first > first.last:
        pairs.append((first, last))
    found = [change_between(ensemble, before, after) for before, after in pairs]
    return tuple(change for change in found if change is not None)
