"""Which functions make up each phase of a replication: the one place to correct when one of them is renamed or split.

A function's time counts for its phase without what it calls of other phases, so a phase is named by where the work
begins, and what a function calls comes along unless it is listed elsewhere. What no phase names stays with the
calendar. Only functions that are called some 100,000 times a run or less belong here: the clock costs about a
microsecond a call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

THE_RUN: Final = "sim.model:run_replication"
REST: Final = "calendar (SimPy), and what no phase names"

PHASES: Final[dict[str, tuple[str, ...]]] = {
    "start-up: bodies and inherited contracts": ("sim.model:build",),
    "people: starts, supervision, counts": (
        "sim.world.people:PeopleStream._draw_quarter",
        "sim.world.people:PeopleStream.month_counts",
    ),
    "people: needs": (
        "sim.world.people:PeopleStream._draw_needs",
        "sim.world.people:PeopleStream.take",
    ),
    "routing tables filled": ("sim.market.routing:RoutingTables.refresh",),
    "officers' decisions": (
        "sim.market.caseflow:CaseFlow._route",
        "sim.market.caseflow:CaseFlow._decide_again",
    ),
    "desks: cases delivered": ("sim.market.desks:Desks._deliver",),
    "desks: served": (
        "sim.market.desks:Desks._serve",
        "sim.market.desks:Desks.close",
        "sim.market.desks:Desks.post_waits",
        "sim.market.desks:Desks.send_again",
    ),
    "counting at month ends": (
        "sim.market.caseflow:CaseFlow.close_month",
        "sim.market.desks:Desks._collect",
        "sim.system:System.remember_month",
    ),
    "purchase terms": (
        "sim.agents.purchasers:Purchasers.renew_terms",
        "sim.market.caseflow:CaseFlow.set_purchase_terms",
    ),
    "NPS divisions: money and word of mouth": (
        "sim.agents.nps:NpsDivision._release",
        "sim.agents.nps:NpsDivision._pay",
        "sim.agents.purchasers:Purchasers._learn",
        "sim.agents.purchasers:Purchasers._spread_the_word",
    ),
    "bodies: month": (
        "sim.agents.sector:Sector._close_months",
        "sim.agents.sector:Sector._set_other_results",
        "sim.agents.sector:Sector._refresh",
    ),
    "bodies: entry": ("sim.agents.sector:Sector._let_enter",),
    "CRCs: reviews": (
        "sim.agents.crc.review:review_chain",
        "sim.agents.crc.review:open_bid_plan",
        "sim.agents.crc.review:renew_or_let_go",
        "sim.agents.crc.review:review_legacy",
        "sim.agents.crc.book:CrcBook.follow_cuts",
    ),
    "tenders awarded": ("sim.market.lot:award",),
    "contracts opened and ended": (
        "sim.market.book:ContractBook.open",
        "sim.market.book:ContractBook.end",
        "sim.market.book:ContractBook.pass_down",
        "sim.market.book:ContractBook.end_sub",
    ),
    "CRCs: accounts and forecasts": (
        "sim.agents.crc.accounts:Accounts.receive_month",
        "sim.agents.crc.accounts:Accounts.close_month",
        "sim.agents.crc.accounts:Accounts.renew_forecast",
        "sim.agents.crc.accounts:Accounts.renew_pressure",
    ),
    "invoices and bills": (
        "sim.agents.crc.book:CrcBook.settle_month",
        "sim.market.book:ContractBook.invoice_month",
        "sim.market.book:ContractBook.pay_bills",
    ),
    "recorder": (
        "sim.observe.recorder:Recorder.record",
        "sim.observe.recorder:Recorder.panels",
        "sim.observe.recorder:Recorder.figures",
    ),
    "digests": (
        "sim.observe.events:EventLog.close_month",
        "sim.ledger:Ledger.digest",
    ),
}


class PhaseMapError(LookupError):
    """The map names what is not in the code, or what cannot be clocked."""


class Place(NamedTuple):
    """Where a function is held: a module or a class, the name there, and the function."""

    owner: Any
    name: str
    function: Callable[..., Any]


def places_of(phases: dict[str, tuple[str, ...]] = PHASES) -> dict[str, list[Place]]:
    """The functions of each phase; raises PhaseMapError, naming all that are not there or cannot be clocked."""
    found: dict[str, list[Place]] = {}
    wrong = []
    for phase, specs in phases.items():
        for spec in specs:
            place = _place(spec)
            if isinstance(place, str):
                wrong.append(f"phase '{phase}' names {spec}, which {place}")
            else:
                found.setdefault(phase, []).append(place)
    if wrong:
        raise PhaseMapError("; ".join(wrong) + ": correct tests/benchmarks/phase_map.py")
    return found


def _place(spec: str) -> Place | str:
    """Where a function is, or what is wrong with it."""
    module, _, path = spec.partition(":")
    *classes, name = path.split(".")
    try:
        owner: Any = import_module(module)
        for inner in classes:
            owner = getattr(owner, inner)
    except (ImportError, AttributeError):
        return "is not there"
    function = vars(owner).get(name)
    if function is None:
        return "is not there"
    if inspect.isgeneratorfunction(function):
        return "is a process: its time is not between a call and its return"
    return Place(owner, name, function) if callable(function) else "is not a function"
