"""One double-entry ledger for every pound in the model.

A transfer takes from one account what it gives to another, in whole pence, so the sum over accounts is exactly zero
at all times. Accounts hold balances; *kinds* (fee, contract payment, wage ...) keep the totals of what moved, by
month, for tables and the money picture. The ledger knows nothing of who the accounts belong to.

Accounts may be kept in rows of one column, so that many of them are read and paid at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b

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

    Attributes:
        balance_pence: by account, but for those kept in rows.
    """

    def __init__(self, *, checked: bool = False) -> None:
        self.balance_pence: defaultdict[str, int] = defaultdict(int)
        self.month_totals_pence: defaultdict[str, int] = defaultdict(int)
        self.transfers = 0
        self._row_of: dict[str, int] = {}
        self._rows_pence = np.zeros(0, np.int64)
        self._row_pence = self._rows_pence.data  # the same numbers, quicker one at a time
        self._order = np.zeros(0, np.intp)  # of the rows, by the names of their accounts
        self._row_names = b""
        self._checked = checked

    def transfer(self, payer: str, payee: str, gbp: float, kind: str) -> float:
        """Move money; a negative sum moves it the other way. Returns the sum moved, rounded to pence, in GBP."""
        pence = round(gbp * 100.0)
        if pence == 0:
            return 0.0
        row_of = self._row_of
        if payer in row_of:
            self._row_pence[row_of[payer]] -= pence
        else:
            self.balance_pence[payer] -= pence
        if payee in row_of:
            self._row_pence[row_of[payee]] += pence
        else:
            self.balance_pence[payee] += pence
        self.month_totals_pence[kind] += pence
        self.transfers += 1
        if self._checked:
            self.check(f"transfer {self.transfers}, {kind} from {payer} to {payee}")
        return pence / 100.0

    def keep_in_rows(self, accounts: Sequence[str]) -> None:
        """Keep accounts in rows from now on: the next rows, in the order given."""
        self._row_of.update(zip(accounts, range(len(self._row_of), len(self._row_of) + len(accounts)), strict=True))
        pence = np.array([self.balance_pence.pop(account, 0) for account in accounts], np.int64)
        self._rows_pence = np.concatenate((self._rows_pence, pence))
        self._row_pence = self._rows_pence.data

    def transfer_each(self, payer: str, rows: NDArray[np.intp], gbp: FloatArray, kind: str) -> None:
        """Move a sum from one payer, itself in no row, to each of many rows, as so many transfers.

        Args:
            rows: where each of the payees is kept, none twice; shape (payees,).
            gbp: the sums, shape (payees,).
        """
        pence = np.rint(gbp * 100.0).astype(np.int64)
        total = int(pence.sum())
        self._rows_pence[rows] += pence
        self.balance_pence[payer] -= total
        self.month_totals_pence[kind] += total
        self.transfers += int(np.count_nonzero(pence))
        if self._checked:
            self.check(f"transfer {self.transfers}, {kind} from {payer} to {len(rows)} accounts")

    def balances_gbp(self, rows: NDArray[np.intp]) -> FloatArray:
        """The balances of many rows in GBP, shape (rows,)."""
        return self._rows_pence.take(rows) / 100.0

    def balance_gbp(self, account: str) -> float:
        """The balance of an account in GBP; an account never used holds nothing."""
        row = self._row_of.get(account)
        return (self.balance_pence.get(account, 0) if row is None else self._row_pence[row]) / 100.0

    def check(self, when: str) -> None:
        """Raise LedgerError unless the sum over all accounts is zero."""
        total = sum(self.balance_pence.values()) + int(self._rows_pence.sum())
        if total != 0:
            raise LedgerError(f"money must balance: the accounts sum to GBP {total / 100:.2f}, not 0 ({when})")

    def close_month(self) -> dict[str, float]:
        """The month's totals by kind in GBP, and start the next month's."""
        totals = {kind: pence / 100.0 for kind, pence in self.month_totals_pence.items()}
        self.month_totals_pence.clear()
        return totals

    def digest(self) -> bytes:
        """A digest of all balances, independent of the order in which accounts were opened."""
        if len(self._order) != len(self._row_of):  # accounts come into rows and never leave them
            names = sorted(self._row_of)
            self._order = np.array([self._row_of[name] for name in names], np.intp)
            self._row_names = ";".join(names).encode()
        apart = sorted([f"{name}={pence}" for name, pence in self.balance_pence.items() if pence])
        hashed = blake2b(";".join(apart).encode(), digest_size=16)
        hashed.update(self._row_names)
        hashed.update(self._rows_pence.take(self._order).tobytes())
        return hashed.digest()
