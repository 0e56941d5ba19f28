"""Records every measure at each month end. It looks at agents and counts; it changes nothing and decides nothing."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from sim.agents.provider import Provider
from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.categories import CATEGORIES, FATES, SERVED_FATES, SERVICES, SEXES
from sim.market.contract import Contract
from sim.market.tally import MonthTally
from sim.observe.measures import HEADLINE, names_at
from sim.observe.results import Panel
from sim.observe.shares import gini, margins, quantiles, share, shares
from sim.parameters.definitions import DEFINITIONS
from sim.system import System
from sim.world.bodies import BODY_SIZES

FloatArray = NDArray[np.float64]
_WAIT_SHARES = (0.5, 0.9)


class Recorder:
    """Fills the panels of one run.

    Args:
        system: the run.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        world, n = system.world, system.calendar.n_months
        self._places = {
            "national": (world.name,),
            "owner": tuple(o.name for o in system.owners),
            "crc": tuple(c.code for c in world.crcs),
            "area": tuple(a.code for a in world.areas),
            "category": CATEGORIES,
            "sex": SEXES,
            "service": SERVICES,
            "body_size": BODY_SIZES,
        }
        self._values = {
            level: {name: np.full((n, len(places)), np.nan) for name in names_at(level)}
            for level, places in self._places.items()
        }
        self._year_purchases: deque[FloatArray] = deque(maxlen=12)
        self._year_planned: deque[float] = deque(maxlen=12)
        self._year_fates: deque[dict[str, NDArray[np.int64]]] = deque(maxlen=12)
        self._fates_year: dict[str, NDArray[np.int64]] = {}
        self._holders: deque[list[Provider]] = deque(maxlen=13)

    def panels(self) -> dict[str, Panel]:
        """The panels filled so far."""
        return {level: Panel(level, self._places[level], self._values[level]) for level in self._places}

    def _set(self, level: str, name: str, value: object) -> None:
        self._values[level][name][self._system.clock.month, :] = value

    def record(self, tally: MonthTally) -> None:
        """Take every measure of the month that ends now."""
        system = self._system
        system.payments.close_month()
        self._record_money()
        self._record_chain()
        self._record_bodies()
        self._record_cards(tally)
        self._record_people(tally)
        self._record_crcs()
        system.payments.start_month()
        system.nps_money_to_bodies_gbp = 0.0
        system.nps_spend_gbp[:] = 0.0
        system.ministry.month_spent_gbp = 0.0

    # --- money and chain -----------------------------------------------------------------------------------------

    def _record_money(self) -> None:
        system, payments = self._system, self._system.payments
        by_crc = payments.year_gbp_by_crc()
        self._set("crc", HEADLINE, by_crc)
        self._set("national", HEADLINE, by_crc.sum())
        self._set("national", "chain_paid_gbp", np.sum(payments.by_crc))
        self._set("crc", "chain_paid_gbp", payments.by_crc)
        self._set("area", "chain_paid_gbp", payments.by_area)
        self._set("category", "chain_paid_gbp", payments.by_category)
        self._set("body_size", "chain_paid_gbp", payments.by_size)
        for kind, gbp in payments.by_kind.items():
            self._set("national", f"chain_paid_{kind}_gbp", gbp)
        self._set("national", "tier3_paid_gbp", payments.to_tier3_gbp)
        self._set("national", "national_leads", len(_leads(system)))
        self._set("national", "national_partners", sum(len(c.subs) for c in _national(system)))
        self._set("national", "provider_hhi", payments.concentration())
        self._set("national", "nps_money_to_bodies_gbp", system.nps_money_to_bodies_gbp)
        self._set("national", "public_cost_gbp", system.ministry.month_spent_gbp)

    def _record_chain(self) -> None:
        system, world = self._system, self._system.world
        n_crcs, n_areas = len(world.crcs), len(world.areas)
        live_of, legacy_of = [0.0] * n_crcs, [0.0] * n_crcs
        pairs3: set[tuple[str, int]] = set()
        staff: dict[tuple[str, int], float] = {}
        for book in system.books:
            for c in book.contracts:
                live_of[c.crc] += book.kind == "commissioned"
                legacy_of[c.crc] += c.legacy
                pairs3.update([(sub.provider.body.code, sub.area) for sub in c.subs])
                if book.kind == "commissioned":
                    key = (c.provider.body.code, c.crc)
                    staff[key] = staff.get(key, 0.0) + c.staff_fte
        live, legacy = np.array(live_of), np.array(legacy_of)
        links = system.links_by_area().astype(float)
        links_by_crc = np.bincount(world.crc_of_area, weights=links, minlength=n_crcs)
        tier3 = np.bincount([world.crc_of_area[a] for _, a in pairs3], minlength=n_crcs)
        self._set("national", "contracts_live", live.sum())
        self._set("crc", "contracts_live", live)
        self._set("national", "legacy_contracts_live", legacy.sum())
        self._set("crc", "legacy_contracts_live", legacy)
        inherited = sum(c.book.legacy_total for c in system.crcs)
        ended = sum(c.book.legacy_ended for c in system.crcs)
        self._set("national", "legacy_ended_share", ended / inherited if inherited else 0.0)
        self._set("national", "tier2_links", links.sum())
        self._set("crc", "tier2_links", links_by_crc)
        self._set("area", "tier2_links", links)
        self._set("national", "tier2_links_per_area", links.mean())
        self._set("national", "areas_without_tier2_share", (links == 0).mean())
        self._set("national", "services_per_crc", live.mean())
        self._set("national", "largest_chain_ratio", live.max() / live.mean() if live.sum() else 0.0)
        largest = world.crcs[int(live.argmax())].code if live.sum() else ""
        self._set("national", "largest_chain_is_c07", float(largest == "C07"))
        self._set("national", "tier3_links", tier3.sum())
        self._set("crc", "tier3_links", tier3)
        self._set("national", "tier3_links_per_area", tier3.sum() / n_areas)
        under = [s < DEFINITIONS.few_staff_fte for s in staff.values()]
        self._set("national", "under_two_staff_share", np.mean(under) if under else 0.0)

    # --- bodies --------------------------------------------------------------------------------------------------

    def _record_bodies(self) -> None:
        system = self._system
        commissioned = [c for book in system.books if book.kind == "commissioned" for c in book.contracts]
        holding = list(dict.fromkeys(c.provider for c in commissioned))
        positions = [p.contract_position() for p in holding]
        unsustainable = [income < DEFINITIONS.sustainable_income_share * full for income, _, full in positions]
        subsidising = [income < direct for income, direct, _ in positions]
        self._set("national", "unsustainable_share", np.mean(unsustainable) if positions else 0.0)
        self._set("national", "subsidising_share", np.mean(subsidising) if positions else 0.0)
        self._holders.append(holding)
        cut = [p.last_cut_day > system.now - DAYS_PER_YEAR for p in self._holders[0]]
        self._set("national", "cut_in_year_share", np.mean(cut) if cut else 0.0)
        living = system.sector.living_by_size
        self._set("national", "bodies_living", living.sum())
        self._set("national", "bodies_entered", system.sector.entered)
        self._set("national", "bodies_closed", system.sector.closed)
        self._set("national", "hand_backs", system.sector.hand_backs)
        contracts = [c for book in system.books for c in book.contracts]
        paid = {c.provider for c in contracts} | {sub.provider for c in contracts for sub in c.subs}
        funded = np.bincount([p.body.size for p in paid], minlength=len(BODY_SIZES))
        self._set("national", "bodies_with_crc_money_share", share(funded.sum(), living.sum()) if living.any() else 0.0)
        self._set("body_size", "bodies_with_crc_money_share", funded / np.maximum(living, 1))
        self._set("national", "bodies_hit_by_owner_failure", len(system.bodies_hit))
        self._set("national", "tenders_opened", system.tenders_opened)
        self._set("national", "tenders_failed", system.tenders_failed)

    # --- rate cards ----------------------------------------------------------------------------------------------

    def _record_cards(self, tally: MonthTally) -> None:
        system, world = self._system, self._system.world
        by_area = tally.nps_purchases.sum(axis=1).astype(float)
        by_crc = np.bincount(world.crc_of_area, weights=by_area, minlength=len(world.crcs))
        self._set("national", "nps_purchases", by_area.sum())
        self._set("crc", "nps_purchases", by_crc)
        self._set("area", "nps_purchases", by_area)
        self._set("national", "nps_spend_gbp", system.nps_spend_gbp.sum())
        self._set("crc", "nps_spend_gbp", system.nps_spend_gbp)
        self._year_purchases.append(by_area)
        planned = sum(d.plan_purchases_per_month() for d in system.divisions) * system.month_length
        self._year_planned.append(planned)
        year = np.sum(list(self._year_purchases), axis=0)
        plan = sum(self._year_planned)
        self._set("national", "nps_purchases_of_plan_share", year.sum() / plan if plan > 0.0 else 0.0)
        self._set("national", "areas_without_purchases_share", (year == 0).mean())
        aware = np.zeros(len(world.areas))
        believed = np.zeros(len(world.areas))
        for division in system.divisions:
            aware[list(division.areas)] = division.awareness
            believed[list(division.areas)] = division.beliefs()
        self._set("area", "awareness_share", aware)
        self._set("national", "awareness_share", np.average(aware, weights=self._area_weights()))
        self._set("national", "believed_success_share", believed.mean())
        ratios = np.array([c.card.price_ratio if c.card.in_force else np.nan for c in system.crcs])
        self._set("crc", "card_price_ratio", ratios)
        self._set("national", "card_price_ratio", np.nanmean(ratios) if (~np.isnan(ratios)).any() else np.nan)
        self._set("national", "cards_published", sum(c.card.in_force for c in system.crcs))

    def _area_weights(self) -> FloatArray:
        weights = np.array(self._system.world.caseload_of_area)
        return weights if weights.sum() > 0.0 else np.ones(len(weights))

    # --- people --------------------------------------------------------------------------------------------------

    def _record_people(self, tally: MonthTally) -> None:
        system = self._system
        people = system.people_month
        self._set("national", "caseload_people", people.caseload_people.sum())
        self._set("area", "caseload_people", people.caseload_people.sum(axis=1))
        self._set("service", "caseload_people", people.caseload_people.sum(axis=0))
        self._set("national", "starts", people.starts.sum())
        self._set("service", "starts", people.starts)
        present = people.needs_present  # (services, categories, sexes)
        self._set("national", "needs_present", present.sum())
        self._set("service", "needs_present", present.sum(axis=(1, 2)))
        self._set("category", "needs_present", present.sum(axis=(0, 2)))
        self._set("sex", "needs_present", present.sum(axis=(0, 1)))
        self._by_levels("needs_identified", margins(tally.identified))
        fates = margins(tally.fates)
        for index, fate in enumerate(FATES):
            self._by_levels(f"needs_{fate}", {level: counts[..., index] for level, counts in fates.items()})
        self._set("national", "needs_open", tally.open_at_desks)
        year = self._fates_of_year(fates)
        served = {level: counts[..., list(SERVED_FATES)].sum(axis=-1) for level, counts in year.items()}
        ended = {level: counts.sum(axis=-1) for level, counts in year.items()}
        self._set("national", "needs_met_share", share(served["area"].sum(), ended["area"].sum()))
        for level in fates:
            self._set(level, "needs_met_share", shares(served[level], ended[level]))
        by_area = self._values["area"]["needs_met_share"][system.clock.month]
        self._set("national", "needs_met_gini", gini(by_area[~np.isnan(by_area)]))
        self._record_waits(tally)

    def _fates_of_year(self, fates: dict[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
        """The fates of the last 12 months, this one included, by level."""
        if len(self._year_fates) == self._year_fates.maxlen:
            for level, counts in self._year_fates[0].items():
                self._fates_year[level] -= counts
        self._year_fates.append(fates)
        for level, counts in fates.items():
            self._fates_year[level] = self._fates_year.get(level, 0) + counts
        return self._fates_year

    def _by_levels(self, name: str, counts: dict[str, NDArray[np.int64]]) -> None:
        self._set("national", name, counts["service"].sum())
        for level, of_level in counts.items():
            self._set(level, name, of_level)

    def _record_waits(self, tally: MonthTally) -> None:
        days, service = tally.wait_days, tally.wait_service
        everybody = quantiles(days, _WAIT_SHARES)
        by_service = [quantiles(days[service == s], _WAIT_SHARES) for s in range(len(SERVICES))]
        for i, name in enumerate(("wait_median_days", "wait_p90_days")):
            self._set("national", name, everybody[i])
            self._set("service", name, [of_service[i] for of_service in by_service])

    # --- CRCs and owners -----------------------------------------------------------------------------------------

    def _record_crcs(self) -> None:
        system = self._system
        accounts = [c.accounts for c in system.crcs]
        for name, values in (
            ("crc_income_gbp", [a.month_income_gbp for a in accounts]),
            ("crc_cost_gbp", [a.month_cost_gbp for a in accounts]),
            ("crc_forecast_gbp", [a.forecast_gbp for a in accounts]),
        ):
            self._set("crc", name, values)
            self._set("national", name, sum(values))
        pressure = np.array([a.pressure_share for a in accounts])
        self._set("crc", "pressure_share", pressure)
        self._set("national", "pressure_share", pressure.mean())
        by_owner = [np.mean([c.accounts.pressure_share for c in o.crcs]) if o.crcs else np.nan for o in system.owners]
        self._set("owner", "pressure_share", by_owner)
        paid = np.array([1.0 - a.shortfall(system.now) for a in accounts])
        self._set("crc", "paid_volume_of_bid_share", paid)
        self._set("national", "paid_volume_of_bid_share", paid.mean())
        self._set("national", "owners_failed", sum(o.failed for o in system.owners))

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
            "referrals": float(np.nansum(self._values["national"]["needs_identified"])),
            "transfers": float(system.ledger.transfers),
        }


def _national(system: System) -> list[Contract]:
    return [c for book in system.books if book.kind == "national" for c in book.contracts]


def _leads(system: System) -> set[str]:
    return {c.provider.body.code for c in _national(system)}
