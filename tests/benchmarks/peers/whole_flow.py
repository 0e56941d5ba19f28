"""The whole flow of cases of the pair world from day 0: referrals drawn, detected, routed, served and counted.

The same desks as in ``pair_world``, and no agents. Ours and the plain SimPy twin take the same calls and must leave
the same record of every case.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from sim.market.caseflow import CaseFlow
from sim.model import build
from sim.settings import load
from tests.benchmarks.peers.pair_world import SETTINGS
from tests.benchmarks.peers.rows import Row, row_of
from tests.benchmarks.peers.timing import best_seconds
from tests.oracle.twin import TwinFlow

NAME = "pair world, drawn and routed too"
OURS, TWIN = "our flow of cases", "the plain SimPy twin"
BEYOND = "not expressed: officers, purses and posted waits would be our code again, on the peer's clock"


def whole_flow(customers: int, turns: int) -> list[Row]:
    """Ours and the twin over as many months as bring these many referrals."""
    flow, referrals, months = warm(CaseFlow), 0, 0
    edges = flow.calendar.month_edges[1:]
    while referrals < customers and months < len(edges):
        referrals += int(_month(flow, edges[months]).identified.sum())
        months += 1
    twin = warm(TwinFlow)
    run(twin, months)
    checked = difference(flow.cases, twin.cases)
    equal = not checked.startswith("differs")
    forms = {OURS: CaseFlow, TWIN: TwinFlow} if equal else {OURS: CaseFlow}
    best = best_seconds({name: partial(_ready, kind, months) for name, kind in forms.items()}, turns)
    return [
        row_of(NAME, OURS, referrals, best[OURS], None, "what the twin is held against"),
        row_of(NAME, TWIN, referrals, best.get(TWIN), best[OURS], checked),
        row_of(NAME, "Ciw, salabim, Mesa", referrals, None, None, BEYOND),
    ]


def warm(kind: Any) -> Any:
    """The flow on day 0, after the warm-up of its desks."""
    scenario = load(list(SETTINGS))[0][0]
    return build(scenario, seed=2015, replication=1, flow_class=kind).flow


def run(flow: Any, months: int) -> None:
    """Serve and count some months, posting waits after each."""
    for edge in flow.calendar.month_edges[1 : months + 1]:
        _month(flow, edge)


def difference(ours: dict[str, Any], others: dict[str, Any]) -> str:
    """How two records of cases were found equal, or what differs, in words that begin with "differs"."""
    if len(ours["fate"]) != len(others["fate"]):
        return f"differs: {len(others['fate']):,} cases where ours has {len(ours['fate']):,}"
    for name, column in ours.items():
        close = np.isclose(column, others[name], rtol=0.0, atol=1e-9, equal_nan=True)
        exact = column == others[name]
        wrong = int((~(close if column.dtype.kind == "f" else exact)).sum())
        if wrong:
            return f"differs: {name} of {wrong:,} of {len(column):,} cases"
    return f"{len(ours['fate']):,} cases equal in desk, fate and start (within 1e-09 days)"


def _month(flow: Any, edge: int) -> Any:
    tally = flow.close_month(float(edge))
    flow.post_waits(float(edge))
    return tally


def _ready(kind: Any, months: int) -> Callable[[], object]:
    return partial(run, warm(kind), months)
