"""One double-entry ledger for every pound in the model.

A transfer takes from one account what it gives to another, in whole pence, so the sum over accounts is exactly zero
at all times. Accounts hold balances; *kinds* (fee, contract payment, wage ...) keep the totals of what moved, by
month, for tables and the money picture. The ledger knows nothing of who the accounts belong to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice, repeat
from operator import add

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

WORLD = "world"  # the rest of the economy: staff, landlords, other funders


class LedgerError(RuntimeError):
    """Money was created or destroyed: the run must stop."""


class Ledger:
    """Balances in pence and monthly totals by kind.

    Args:
        checked: verify after every transfer that the sum of accounts is zero (slow; for tests).
    """

    def __init__(self, *, checked: bool = False) -> None:
        self.balance_pence: defaultdict[str, int] = defaultdict(int)
        self.month_totals_pence: defaultdict[str, int] = defaultdict(int)
        self.transfers = 0
        self._names: list[str] = []  # of the accounts, in order
        self._checked = checked

    def transfer(self, payer: str, payee: str, gbp: float, kind: str) -> float:
        """Move money; a negative sum moves it the other way. Returns the sum moved, rounded to pence, in GBP."""
        pence = round(gbp * 100.0)
        if pence == 0:
            return 0.0
        self.balance_pence[payer] -= pence
        self.balance_pence[payee] += pence
        self.month_totals_pence[kind] += pence
        self.transfers += 1
        if self._checked:
            self.check(f"transfer {self.transfers}, {kind} from {payer} to {payee}")
        return pence / 100.0

    def transfer_each(self, payer: str, payees: Sequence[str], gbp: FloatArray, kind: str) -> None:
        """Move a sum from one payer to each of many payees, as so many transfers; shape of ``gbp``: (payees,)."""
        pence = np.rint(gbp * 100.0).astype(np.int64)
        total, balance = int(pence.sum()), self.balance_pence
        held = map(balance.__getitem__, payees)
        balance.update(zip(payees, map(add, held, pence.tolist()), strict=True))
        balance[payer] -= total
        self.month_totals_pence[kind] += total
        self.transfers += int(np.count_nonzero(pence))
        if self._checked:
            self.check(f"transfer {self.transfers}, {kind} from {payer} to {len(payees)} accounts")

    def balances_gbp(self, accounts: Sequence[str]) -> FloatArray:
        """The balances of many accounts in GBP, shape (accounts,)."""
        pence = map(self.balance_pence.get, accounts, repeat(0))
        return np.fromiter(pence, np.float64, len(accounts)) / 100.0

    def balance_gbp(self, account: str) -> float:
        """The balance of an account in GBP; an account never used holds nothing."""
        return self.balance_pence.get(account, 0) / 100.0

    def check(self, when: str) -> None:
        """Raise LedgerError unless the sum over all accounts is zero."""
        total = sum(self.balance_pence.values())
        if total != 0:
            raise LedgerError(f"money must balance: the accounts sum to GBP {total / 100:.2f}, not 0 ({when})")

    def close_month(self) -> dict[str, float]:
        """The month's totals by kind in GBP, and start the next month's."""
        totals = {kind: pence / 100.0 for kind, pence in self.month_totals_pence.items()}
        self.month_totals_pence.clear()
        return totals

    def digest(self) -> bytes:
        """A digest of all balances, independent of the order in which accounts were opened."""
        if len(self._names) != len(self.balance_pence):  # accounts are opened and never removed
            self._names += islice(self.balance_pence, len(self._names), None)
            self._names.sort()  # quick: all but the newest are in order
        balance = self.balance_pence
        text = ";".join([f"{name}={pence}" for name in self._names if (pence := balance[name])])
        return blake2b(text.encode(), digest_size=16).digest()
