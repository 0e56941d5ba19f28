"""The people's measures: who is supervised, what becomes of needs, by where and by whom, and how long they wait."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from sim.categories import CATEGORIES, FATES, SERVED_FATES, SERVICES, SEXES
from sim.market.tally import MonthTally
from sim.observe.shares import gini, quantiles, share, shares
from sim.observe.sheets import Sheets
from sim.world.people import PeopleCounts

IntArray = NDArray[np.int64]

_WAIT_SHARES = (0.5, 0.9)
_ROWS = ("needs_identified", *(f"needs_{fate}" for fate in FATES))
_SERVED = np.array([1 + fate for fate in SERVED_FATES])


class NeedsRecorder:
    """Takes the measures of people and needs.

    Identified needs and fates stand in one table of the month: a row for the needs identified and one a fate, a
    column a place: the areas, then the categories, the services and the sexes. A year is a sum of 12 such tables.
    """

    def __init__(self, sheets: Sheets, n_areas: int) -> None:
        self._sheets = sheets
        self._columns: dict[str, slice] = {}
        at = 0
        for level, n in (
            ("area", n_areas),
            ("category", len(CATEGORIES)),
            ("service", len(SERVICES)),
            ("sex", len(SEXES)),
        ):
            self._columns[level] = slice(at, at + n)
            at += n
        self._months: deque[IntArray] = deque()  # the tables of the last 12 months
        self._year = np.zeros((len(_ROWS), at), np.int64)  # their sum

    def record(self, tally: MonthTally, cases: IntArray, people: PeopleCounts) -> None:
        """Take the month's measures.

        Args:
            tally: the month's counts.
            cases: needs identified and, after them, fates by kind; shape (1 + fates, areas, categories, services,
                sexes).
            people: heads of the month.
        """
        self._record_heads(people)
        self._record_fates(cases)
        self._sheets.nation({"needs_open": tally.open_at_desks})
        self._record_waits(tally)

    def _record_heads(self, people: PeopleCounts) -> None:
        sheets = self._sheets
        supervised = np.add.reduce(people.caseload_people, axis=0)  # by service
        present = people.needs_present  # (services, categories, sexes)
        of_category = np.add.reduce(present, axis=0)
        sheets.nation(
            {
                "caseload_people": np.add.reduce(supervised),
                "starts": np.add.reduce(people.starts),
                "needs_present": np.add.reduce(of_category, axis=None),
            }
        )
        sheets.set("area", "caseload_people", np.add.reduce(people.caseload_people, axis=1))
        sheets.set("service", "caseload_people", supervised)
        sheets.set("service", "starts", people.starts)
        sheets.set("service", "needs_present", np.add.reduce(present, axis=(1, 2)))
        sheets.set("category", "needs_present", np.add.reduce(of_category, axis=1))
        sheets.set("sex", "needs_present", np.add.reduce(of_category, axis=0))

    def _record_fates(self, cases: IntArray) -> None:
        sheets, columns = self._sheets, self._columns
        table = self._table(cases)
        if len(self._months) == 12:
            self._year -= self._months.popleft()
        self._months.append(table)
        self._year += table
        served = np.add.reduce(self._year.take(_SERVED, axis=0), axis=0)
        ended = np.add.reduce(self._year[1:], axis=0)
        met = shares(served, ended)
        for level, of_level in columns.items():
            sheets.set_from(level, _ROWS[0], table[:, of_level])
            sheets.set(level, "needs_met_share", met[of_level])
        totals = np.add.reduce(table[:, columns["sex"]], axis=1)
        sheets.nation(dict(zip(_ROWS, totals.tolist(), strict=True)))
        met_by_area = met[columns["area"]]
        sheets.nation(
            {
                "needs_met_share": share(served[columns["sex"]].sum(), ended[columns["sex"]].sum()),
                "needs_met_gini": gini(met_by_area[~np.isnan(met_by_area)]),
            }
        )

    def _table(self, cases: IntArray) -> IntArray:
        """The month's table, shape (1 + fates, places): the margins of the month's counts."""
        rows, areas, categories, services, sexes = cases.shape
        columns, table = self._columns, np.empty_like(self._year)
        of_area = cases.reshape(rows, areas, -1)
        np.add.reduce(of_area, axis=2, out=table[:, columns["area"]])
        others = np.add.reduce(of_area, axis=1).reshape(rows, categories, services * sexes)
        np.add.reduce(others, axis=2, out=table[:, columns["category"]])
        of_person = np.add.reduce(others, axis=1).reshape(rows, services, sexes)
        np.add.reduce(of_person, axis=2, out=table[:, columns["service"]])
        np.add.reduce(of_person, axis=1, out=table[:, columns["sex"]])
        return table

    def _record_waits(self, tally: MonthTally) -> None:
        days, service = tally.wait_days, tally.wait_service
        everybody = quantiles(days, _WAIT_SHARES)
        by_service = [quantiles(days[service == s], _WAIT_SHARES) for s in range(len(SERVICES))]
        for i, name in enumerate(("wait_median_days", "wait_p90_days")):
            self._sheets.nation({name: everybody[i]})
            self._sheets.set("service", name, [of_service[i] for of_service in by_service])
