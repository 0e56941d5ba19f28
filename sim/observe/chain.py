"""The chain's measures: its contracts and links, how the bodies that hold them fare, and what it was paid."""

from __future__ import annotations

from collections import deque

import numpy as np

from sim.agents.provider import Provider
from sim.calendar import DAYS_PER_YEAR
from sim.observe.measures import HEADLINE
from sim.observe.shares import counts_of, share, share_true
from sim.observe.sheets import Sheets
from sim.parameters.definitions import DEFINITIONS
from sim.system import System
from sim.world.bodies import BODY_SIZES


class ChainRecorder:
    """Takes the measures of payments, contracts and third-sector bodies.

    Args:
        system: the run.
        sheets: where measures are written.
    """

    def __init__(self, system: System, sheets: Sheets) -> None:
        self._system = system
        self._sheets = sheets
        self._crc_of_area = np.array(system.world.crc_of_area)
        self._holders: deque[list[Provider]] = deque(maxlen=13)  # who held a CRC contract, by month end

    def record(self) -> None:
        """Take the month's measures."""
        self._record_money()
        self._record_contracts()
        self._record_links()
        self._record_sector()

    def _record_money(self) -> None:
        sheets, system, payments = self._sheets, self._system, self._system.payments
        year_by_crc, by_crc = payments.year_gbp_by_crc(), np.array(payments.by_crc)
        sheets.set("crc", HEADLINE, year_by_crc)
        sheets.set("crc", "chain_paid_gbp", by_crc)
        sheets.set("area", "chain_paid_gbp", payments.by_area)
        sheets.set("category", "chain_paid_gbp", payments.by_category)
        sheets.set("body_size", "chain_paid_gbp", payments.by_size)
        sheets.nation({f"chain_paid_{kind}_gbp": gbp for kind, gbp in payments.by_kind.items()})
        sheets.nation(
            {
                HEADLINE: np.add.reduce(year_by_crc),
                "chain_paid_gbp": np.add.reduce(by_crc),
                "tier3_paid_gbp": payments.to_tier3_gbp,
                "provider_hhi": payments.concentration(),
                "nps_money_to_bodies_gbp": system.nps_money_to_bodies_gbp,
                "public_cost_gbp": system.ministry.month_spent_gbp,
            }
        )

    def _record_contracts(self) -> None:
        """One walk over all live contracts, for every measure that asks who holds what."""
        system, sheets = self._system, self._sheets
        crcs = system.world.crcs
        live, legacy = [0] * len(crcs), [0] * len(crcs)
        holding: dict[Provider, None] = {}  # bodies with a contract of a CRC
        paid: set[Provider] = set()  # bodies with supply-chain money
        tier3: set[tuple[Provider, int]] = set()  # bodies and the areas of their slices
        staff_fte: dict[tuple[Provider, int], float] = {}  # on contracts of CRCs, by body and CRC
        leads: set[Provider] = set()
        partners = 0
        for book in system.books:
            of_crc, of_nation = book.kind == "commissioned", book.kind == "national"
            for c in book.contracts:
                provider, crc = c.provider, c.crc
                paid.add(provider)
                if c.legacy:
                    legacy[crc] += 1
                if c.subs:
                    tier3.update([(sub.provider, sub.area) for sub in c.subs])
                if of_crc:
                    live[crc] += 1
                    holding[provider] = None
                    staff_fte[provider, crc] = staff_fte.get((provider, crc), 0.0) + c.staff_fte
                elif of_nation:
                    leads.add(provider)
                    partners += len(c.subs)
        paid.update([provider for provider, _ in tier3])

        n_live, largest = sum(live), max(live)
        inherited = sum([c.book.legacy_total for c in system.crcs])
        ended = sum([c.book.legacy_ended for c in system.crcs])
        tier3_by_crc = counts_of([system.world.crc_of_area[area] for _, area in tier3], len(crcs))
        sheets.set("crc", "contracts_live", live)
        sheets.set("crc", "legacy_contracts_live", legacy)
        sheets.set("crc", "tier3_links", tier3_by_crc)
        sheets.nation(
            {
                "national_leads": len(leads),
                "national_partners": partners,
                "contracts_live": n_live,
                "legacy_contracts_live": sum(legacy),
                "legacy_ended_share": ended / inherited if inherited else 0.0,
                "services_per_crc": n_live / len(crcs),
                "largest_chain_ratio": largest / (n_live / len(crcs)) if n_live else 0.0,
                "largest_chain_is_c07": n_live > 0 and crcs[live.index(largest)].code == "C07",
                "tier3_links": len(tier3),
                "tier3_links_per_area": len(tier3) / len(system.world.areas),
                "under_two_staff_share": share_true([s < DEFINITIONS.few_staff_fte for s in staff_fte.values()]),
            }
        )
        self._record_holders(list(holding))
        self._record_paid(paid)

    def _record_holders(self, holding: list[Provider]) -> None:
        """How bodies with contracts of CRCs fare by them; a cut counts for who held one a year before."""
        positions = [p.contract_position() for p in holding]
        least_share = DEFINITIONS.sustainable_income_share
        self._holders.append(holding)
        year_ago = self._system.now - DAYS_PER_YEAR
        self._sheets.nation(
            {
                "unsustainable_share": share_true([income < least_share * full for income, _, full in positions]),
                "subsidising_share": share_true([income < direct for income, direct, _ in positions]),
                "cut_in_year_share": share_true([p.last_cut_day > year_ago for p in self._holders[0]]),
            }
        )

    def _record_paid(self, paid: set[Provider]) -> None:
        living = self._system.sector.living_by_size
        funded = np.array(counts_of([p.body.size for p in paid], len(BODY_SIZES)))
        self._sheets.set("body_size", "bodies_with_crc_money_share", funded / np.maximum(living, 1))
        of_living = share(len(paid), living.sum()) if living.any() else 0.0
        self._sheets.nation({"bodies_with_crc_money_share": of_living})

    def _record_links(self) -> None:
        sheets, n_areas = self._sheets, len(self._crc_of_area)
        links = self._system.links_by_area()
        n_links = int(links.sum())
        sheets.set("area", "tier2_links", links)
        sheets.set("crc", "tier2_links", np.bincount(self._crc_of_area, links, len(self._system.world.crcs)))
        sheets.nation(
            {
                "tier2_links": n_links,
                "tier2_links_per_area": n_links / n_areas,
                "areas_without_tier2_share": (n_areas - np.count_nonzero(links)) / n_areas,
            }
        )

    def _record_sector(self) -> None:
        system, sector = self._system, self._system.sector
        self._sheets.nation(
            {
                "bodies_living": sector.living_by_size.sum(),
                "bodies_entered": sector.entered,
                "bodies_closed": sector.closed,
                "hand_backs": sector.hand_backs,
                "bodies_hit_by_owner_failure": len(system.bodies_hit),
                "tenders_opened": system.tenders_opened,
                "tenders_failed": system.tenders_failed,
            }
        )
