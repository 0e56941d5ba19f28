"""Records every measure at each month end. It looks at agents and counts; it changes nothing and decides nothing."""

from __future__ import annotations

from collections import deque

import numpy as np

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.categories import CATEGORIES, SERVICES, SEXES
from sim.market.tally import IntArray, MonthTally
from sim.observe.chain import ChainRecorder
from sim.observe.needs import NeedsRecorder
from sim.observe.results import FloatArray, Panel
from sim.observe.shares import mean
from sim.observe.sheets import Sheets
from sim.system import System
from sim.world.bodies import BODY_SIZES


class Recorder:
    """Fills the panels of one run.

    Args:
        system: the run.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        world = system.world
        self._sheets = Sheets(
            {
                "national": (world.name,),
                "owner": tuple(o.name for o in system.owners),
                "crc": tuple(c.code for c in world.crcs),
                "area": tuple(a.code for a in world.areas),
                "category": CATEGORIES,
                "sex": SEXES,
                "service": SERVICES,
                "body_size": BODY_SIZES,
            },
            system.calendar.n_months,
        )
        self._chain = ChainRecorder(system, self._sheets)
        self._needs = NeedsRecorder(self._sheets, len(world.areas))
        self._crc_of_area = np.array(world.crc_of_area)
        weights = np.array(world.caseload_of_area)  # people supervised, for means over areas
        self._area_weights = weights if weights.sum() > 0.0 else np.ones(len(weights))
        self._year_purchases: deque[IntArray] = deque(maxlen=12)
        self._year_planned: deque[float] = deque(maxlen=12)

    def panels(self) -> dict[str, Panel]:
        """The panels filled so far."""
        return self._sheets.panels()

    def record(self, tally: MonthTally) -> None:
        """Take every measure of the month that ends now."""
        system = self._system
        system.payments.close_month()
        self._sheets.open_month(system.clock.month)
        self._chain.record()
        self._record_cards(tally)
        self._needs.record(tally, system.cases_month, system.people_month)
        self._record_crcs()
        self._sheets.close_month()
        system.payments.start_month()
        system.nps_money_to_bodies_gbp = 0.0
        system.nps_spend_gbp[:] = 0.0
        system.ministry.month_spent_gbp = 0.0

    # --- rate cards ----------------------------------------------------------------------------------------------

    def _record_cards(self, tally: MonthTally) -> None:
        sheets, system = self._sheets, self._system
        by_area = np.add.reduce(tally.nps_purchases, axis=1)
        sheets.set("crc", "nps_purchases", np.bincount(self._crc_of_area, by_area, len(system.crcs)))
        sheets.set("area", "nps_purchases", by_area)
        sheets.set("crc", "nps_spend_gbp", system.nps_spend_gbp)
        self._year_purchases.append(by_area)
        planned = sum([d.plan_purchases_per_month() for d in system.divisions]) * system.month_length
        self._year_planned.append(planned)
        year = np.add.reduce(list(self._year_purchases))
        plan = sum(self._year_planned)
        aware, believed = system.purchasers.awareness, system.purchasers.beliefs()
        sheets.set("area", "awareness_share", aware)
        weights = self._area_weights
        ratios = [c.card.price_ratio if c.card.in_force else np.nan for c in system.crcs]
        sheets.set("crc", "card_price_ratio", ratios)
        sheets.nation(
            {
                "nps_purchases": by_area.sum(),
                "nps_spend_gbp": system.nps_spend_gbp.sum(),
                "nps_purchases_of_plan_share": int(year.sum()) / plan if plan > 0.0 else 0.0,
                "areas_without_purchases_share": np.count_nonzero(year == 0) / len(year),
                "awareness_share": np.add.reduce(aware * weights) / np.add.reduce(weights),
                "believed_success_share": mean(believed),
                "card_price_ratio": _mean_of_numbers(np.array(ratios)),
                "cards_published": sum([c.card.in_force for c in system.crcs]),
            }
        )

    # --- CRCs and owners -----------------------------------------------------------------------------------------

    def _record_crcs(self) -> None:
        sheets, system = self._sheets, self._system
        accounts = [c.accounts for c in system.crcs]
        for name, values in (
            ("crc_income_gbp", [a.month_income_gbp for a in accounts]),
            ("crc_cost_gbp", [a.month_cost_gbp for a in accounts]),
            ("crc_forecast_gbp", [a.forecast_gbp for a in accounts]),
        ):
            sheets.set("crc", name, values)
            sheets.nation({name: sum(values)})
        pressure = np.array([a.pressure_share for a in accounts])
        by_owner = [mean([c.accounts.pressure_share for c in owner.crcs]) for owner in system.owners]
        day = system.now
        paid = np.array([1.0 - a.shortfall(day) for a in accounts])
        sheets.set("crc", "pressure_share", pressure)
        sheets.set("owner", "pressure_share", by_owner)
        sheets.set("crc", "paid_volume_of_bid_share", paid)
        sheets.nation(
            {
                "pressure_share": mean(pressure),
                "paid_volume_of_bid_share": mean(paid),
                "owners_failed": sum([o.failed for o in system.owners]),
            }
        )

    def figures(self) -> dict[str, float]:
        """The single figures of the run."""
        system = self._system
        published = [c.card.published_day for c in system.crcs if c.card.published_day is not None]
        months = [d / DAYS_PER_MONTH for d in published]
        every = len(published) == len(system.crcs)
        quarter = system.scenario.demand.shortfall_published_years * DAYS_PER_YEAR
        shortfalls = [c.accounts.shortfall(quarter) for c in system.crcs]
        return {
            "card_publication_months_median": float(np.median(months)) if months else float("nan"),
            "card_publication_months_most": max(months) if every and months else float("nan"),
            "shortfall_least_share": min(shortfalls),
            "shortfall_most_share": max(shortfalls),
            "referrals": float(np.nansum(self._sheets.national("needs_identified"))),
            "transfers": float(system.ledger.transfers),
        }


def _mean_of_numbers(values: FloatArray) -> float:
    """The mean of the values that are numbers; nan when none is."""
    known = ~np.isnan(values)
    return float(np.add.reduce(np.where(known, values, 0.0)) / np.count_nonzero(known)) if known.any() else np.nan
