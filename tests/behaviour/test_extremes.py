"""Extreme but legal worlds run through, keep their books, and say the obvious."""

from __future__ import annotations

import numpy as np
import pytest

from sim.categories import CATEGORIES
from sim.model import run_replication
from sim.observe.results import RunResult
from tests.support.worlds import national, scenario


def _run(*overrides: str) -> RunResult:
    return run_replication(scenario("world=pair", *overrides), seed=5, replication=1)


def test_without_providers_nothing_is_subcontracted_and_no_alternative_is_found() -> None:
    result = _run("provider.bodies_per_area=0", "provider.entries_per_year_share=0")
    assert national(result, "contracts_live").max() == 0
    assert national(result, "needs_alternative").sum() == 0
    assert national(result, "needs_unmet").sum() > 0


def test_where_nobody_needs_anything_nobody_is_referred() -> None:
    nothing = [f"demand.need_share.{name}=0" for name in CATEGORIES]
    result = _run(*nothing)
    assert national(result, "starts").sum() > 0
    assert national(result, "needs_identified").sum() == 0
    assert np.isnan(national(result, "needs_met_share")).all()


def test_where_nobody_comes_nothing_happens_to_people() -> None:
    result = _run("demand.people_scale=0")
    assert national(result, "starts").sum() == 0
    assert national(result, "caseload_people").max() == 0


def test_a_card_never_published_is_never_bought_from() -> None:
    result = _run("rate_card.published=false")
    assert national(result, "nps_purchases").sum() == 0
    assert national(result, "cards_published").max() == 0


def test_when_every_owner_fails_the_caretaker_holds_every_crc() -> None:
    result = _run(
        "finance.owner_tolerance_share=0", "finance.owner_failure_rate_per_year=10", "finance.bid_optimism_share=1"
    )
    assert national(result, "owners_failed")[-1] == 2
    assert national(result, "bodies_hit_by_owner_failure")[-1] > 0
    owners = result.panels["owner"]
    assert np.isnan(owners.values["pressure_share"][-1, : len(owners.places) - 1]).all()
    assert owners.places[-1] == "Caretaker"


@pytest.mark.parametrize("world", ["one_area", "pair", "division"])
def test_every_world_runs(world: str) -> None:
    result = run_replication(scenario(f"world={world}", "horizon.end=2016-01-31"), seed=5, replication=1)
    assert len(result.months) == 12
    assert national(result, "starts").sum() > 0


def test_one_day_is_a_run() -> None:
    result = _run("horizon.end=2015-02-01")
    assert result.months == ("2015-02",)
    assert 0 < national(result, "starts")[0] < 100


def test_desks_without_patience_lose_whoever_must_wait() -> None:
    result = _run("demand.patience_days=0.1", "demand.balk_days=5000")
    assert national(result, "needs_left_queue").sum() > 1000
    assert np.nanmax(national(result, "wait_p90_days")) < 2.0


def test_what_would_happen_after_the_last_day_does_not() -> None:
    """A publication or a notice dated past the end must not reach for people who were never drawn."""
    result = _run("rate_card.publication_log_sd=0", "rate_card.publication_months=12.004", "horizon.end=2016-01-31")
    assert national(result, "cards_published")[-1] == 0
