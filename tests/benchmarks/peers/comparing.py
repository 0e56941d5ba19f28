"""Every form on the same work: first whether it says the same, and only then how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from tests.benchmarks.peers.forms import OURS, PEERS, Form
from tests.benchmarks.peers.pair_world import routed
from tests.benchmarks.peers.rows import Row, row_of
from tests.benchmarks.peers.timing import best_seconds
from tests.benchmarks.peers.whole_flow import whole_flow
from tests.benchmarks.peers.work import PATIENCE_DAYS, Outcome, Work, mmc

TOLERANCE_DAYS = 1e-9  # every form adds gaps and services up in its own order
CUSTOMERS = 20_000
SLOW_SHARE = 0.1
TURNS = 3


def measure(customers: int = CUSTOMERS, turns: int = TURNS, peers: Sequence[Form] = PEERS) -> list[Row]:
    """The rows of the whole table: a small desk, a large one, one that people leave, and the pair world."""
    works = (
        mmc(customers, 5),
        mmc(customers, 40),
        mmc(customers, 40, load=1.1, patience_days=PATIENCE_DAYS),
        routed(customers),
    )
    return [*compare(works, peers, turns), *whole_flow(customers, turns)]


def compare(works: Iterable[Work], peers: Sequence[Form] = PEERS, turns: int = TURNS, ours: Form = OURS) -> list[Row]:
    """Our form and the others on some works, and with the slow ones on a tenth of each."""
    rows = []
    for work in works:
        able = [form for form in peers if len(work.places) > 1 or not form.desks_apart]
        fast, slow = [form for form in able if not form.slow], [form for form in able if form.slow]
        rows += _on(work, fast, turns, ours)
        if slow:
            rows += _on(work.first(max(1, round(work.customers * SLOW_SHARE))), slow, turns, ours)
    return rows


def _on(work: Work, peers: Sequence[Form], turns: int, ours: Form) -> list[Row]:
    expected = _run(ours, work)
    said = {ours.name: "what the others are held against"}
    if work.recorded is not None and not np.isnan(work.recorded.outcome.start_days).all():
        recorded, found = work.recorded.outcome, expected.of(work.recorded.rows)
        said[ours.name] = difference(recorded, found) or f"as the model's own record: {_equality(recorded, found)}"
    equal = [] if said[ours.name].startswith("differs") else [ours]
    for form in peers:
        try:
            found = _run(form, work)
        except ImportError as error:
            missing = error.name or form.package
            said[form.name] = f"not installed: {missing} ({form.get})"
            continue
        said[form.name] = difference(expected, found) or _equality(expected, found)
        if not said[form.name].startswith("differs"):
            equal.append(form)
    best = best_seconds({form.name: partial(_ready, form, work) for form in equal}, turns)
    own = best.get(ours.name)
    return [
        row_of(
            work.name, each.name, work.customers, best.get(each.name), None if each is ours else own, said[each.name]
        )
        for each in (ours, *peers)
    ]


def difference(expected: Outcome, found: Outcome) -> str:
    """What differs, in words that begin with "differs"; nothing where nothing does."""
    begun, also = ~np.isnan(expected.start_days), ~np.isnan(found.start_days)
    fates = int(((begun != also) | (expected.left != found.left)).sum())
    both = begun & also
    gaps = np.abs(expected.start_days[both] - found.start_days[both])
    late = int((gaps > TOLERANCE_DAYS).sum())
    if not fates and not late:
        return ""
    most = f" by {gaps.max():.2g} days at most" if late else ""
    return f"differs: {fates:,} fates and {late:,} starts{most}, of {len(begun):,} cases"


def _equality(expected: Outcome, found: Outcome) -> str:
    begun = ~np.isnan(expected.start_days)
    gap = np.abs(expected.start_days[begun] - found.start_days[begun]).max(initial=0.0)
    left = f", {expected.left.sum():,} left" if expected.left.any() else ""
    within = f"within {gap:.0e} days" if gap else "to the last digit"
    return f"{begun.sum():,} starts equal {within}{left}"


def _run(form: Form, work: Work) -> Outcome:
    run = form.prepare(work)
    run.go()
    return run.outcome()


def _ready(form: Form, work: Work) -> Callable[[], object]:
    return form.prepare(work).go
