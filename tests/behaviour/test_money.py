"""Money is never created, and a run that breaks this stops."""

from __future__ import annotations

import numpy as np
import pytest

from sim.categories import FATES
from sim.ledger import Ledger, LedgerError
from sim.market.book import ContractBook
from sim.market.payments import BUYERS
from sim.model import run_replication
from tests.support.worlds import national, scenario


def test_money_is_never_created_by_any_transfer_of_the_national_world() -> None:
    result = run_replication(scenario("world=national", "horizon.end=2016-03-31"), seed=3, replication=1, checked=True)
    assert result.figures["transfers"] > 10_000


def test_a_ledger_that_lost_a_penny_says_so_and_when() -> None:
    ledger = Ledger()
    ledger.transfer("a", "b", 10.0, "test")
    ledger.balance_pence["a"] += 1
    with pytest.raises(LedgerError, match=r"money must balance: the accounts sum to GBP 0\.01, not 0 \(end of May\)"):
        ledger.check("end of May")


def test_a_checked_ledger_names_the_transfer_that_broke_it() -> None:
    ledger = Ledger(checked=True)
    ledger.transfer("a", "b", 10.0, "fee")
    ledger.balance_pence["c"] += 5
    with pytest.raises(LedgerError, match="transfer 2, wage from b to d"):
        ledger.transfer("b", "d", 1.0, "wage")


def test_a_run_in_which_money_appears_stops_at_that_month(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ContractBook.pay_bills

    def crooked(self: ContractBook) -> float:
        if self.system.clock.month == 4:
            self.system.ledger.balance_pence[self.account] += 100
        return honest(self)

    monkeypatch.setattr(ContractBook, "pay_bills", crooked)
    with pytest.raises(LedgerError, match="end of 2015-06"):
        run_replication(scenario("world=pair"), seed=1, replication=1)


def test_every_table_of_payments_adds_up_to_the_same_pounds() -> None:
    result = run_replication(scenario("world=pair"), seed=1, replication=1)
    total = national(result, "chain_paid_gbp")
    assert total.sum() > 1e6
    for level in ("crc", "area", "category", "body_size"):
        np.testing.assert_allclose(result.panels[level].values["chain_paid_gbp"].sum(axis=1), total, rtol=1e-12)
    by_buyer = sum(national(result, f"chain_paid_{kind}_gbp") for kind in BUYERS)
    np.testing.assert_allclose(by_buyer, total, rtol=1e-12)


def test_every_identified_need_has_one_fate_or_is_open() -> None:
    result = run_replication(scenario("world=pair"), seed=1, replication=1)
    identified = national(result, "needs_identified").cumsum()
    fates = sum(national(result, f"needs_{fate}").cumsum() for fate in FATES)
    waiting = identified - fates - national(result, "needs_open")
    # what is left over is who already waited on day 0: one number, the same at every month end
    assert len(set(waiting.tolist())) == 1
    assert waiting[0] <= 0


def test_the_chain_is_paid_nothing_where_there_is_no_money() -> None:
    result = run_replication(
        scenario("world=pair", "supply_chain.budget_share=0", "supply_chain.legacy_contracts_per_crc=0"),
        seed=1,
        replication=1,
    )
    assert national(result, "chain_paid_gbp").sum() == 0.0
    assert national(result, "needs_tier2").sum() == 0
