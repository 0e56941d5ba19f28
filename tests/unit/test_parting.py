"""The table of where pairs part counts what two made-up histories share."""

from __future__ import annotations

from dataclasses import replace

from sim.observe.results import Event
from tests.benchmarks.parting import Decisions, count, decisions
from tests.support.results import bare_run


def history(*events: tuple[float, str, str, str]) -> dict[str, Decisions]:
    """The decisions of a run with these events, from day 100 on."""
    run = replace(bare_run(1, {"chain_paid_gbp": [1.0]}), events=tuple(Event(*event) for event in events))
    return decisions(run, since=100.0)


OPENED = (
    120.0,
    "tender_opened",
    "C01",
    "lot=C01-M04-1 category=housing areas=C01-1 value_gbp=9 reason=known_unmet_need",
)


def test_before_the_lever_nothing_is_counted() -> None:
    early = (50.0, "provider_closed", "B-1", "reserves_gbp=0")
    assert not any(history(early).values())


def test_a_lot_on_the_same_draw_may_be_of_another_service() -> None:
    other = (OPENED[0], OPENED[1], OPENED[2], OPENED[3].replace("housing", "finance"))
    found = count(history(OPENED), history(other))
    assert (found["lots", "taken"], found["lots", "in both"], found["lots", "same end"]) == (1, 1, 0)
    assert count(history(OPENED), history(OPENED))["lots", "same end"] == 1


def test_lots_of_other_buyers_and_of_the_bids_plan_are_left_out() -> None:
    board = (120.0, "tender_opened", "board-C01", OPENED[3].replace("C01-M04", "board-C01-M04"))
    plan = (120.0, "tender_opened", "C01", OPENED[3].replace("C01-M04-1", "C01-P04"))
    assert not history(board, plan)["lots"]


def test_an_award_counts_by_its_winner() -> None:
    ours, theirs = ((150.0, "tender_awarded", who, "lot=C01-M04-1") for who in ("B-1", "B-2"))
    found = count(history(OPENED, ours), history(OPENED, theirs))
    assert (found["awards", "in both"], found["awards", "same end"]) == (1, 0)


def test_a_term_that_ends_on_another_day_has_a_key_that_moved() -> None:
    ours = (200.0, "contract_renewed", "B-1", "contract=C01-L01 months=20.0")
    same = (200.0, "contract_ended", "B-1", "contract=C01-L01 reason=not_renewed")
    later = (231.0, "contract_renewed", "B-1", "contract=C01-L01 months=20.0")
    gone = (200.0, "contract_ended", "B-1", "contract=C01-L01 reason=owner_failed")
    kept, moved, lost = (count(history(ours), history(other)) for other in (same, later, gone))
    assert (kept["terms", "in both"], kept["terms", "same end"], kept["terms", "moved"]) == (1, 0, 0)
    assert (moved["terms", "in both"], moved["terms", "moved"]) == (0, 1)
    assert (lost["terms", "in both"], lost["terms", "moved"]) == (0, 0)


def test_bodies_close_and_enter_by_name_and_day() -> None:
    events = ((130.0, "provider_closed", "B-1", ""), (131.0, "provider_entered", "B-2", ""))
    found = count(history(*events), history(events[0]))
    assert (found["closures", "same end"], found["entries", "taken"], found["entries", "in both"]) == (1, 1, 0)
