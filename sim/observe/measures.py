"""Every measure, defined once: the tables, the figures' labels, the data dictionary and the docs read this list.

A measure is taken at the end of each month unless its ``when`` says otherwise. Names carry their unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Measure:
    """A definition.

    Attributes:
        name: column name, with its unit.
        label: words for an axis or a table.
        unit: unit in words.
        when: when it is taken.
        over: what it is taken over.
        levels: the panels that carry it.
        good_up: +1 if most readers would call more of it better, -1 if worse, 0 if neither.
    """

    name: str
    label: str
    unit: str
    when: str
    over: str
    levels: tuple[str, ...]
    good_up: int = 0


_N = ("national",)
_NC = ("national", "crc")
_NA = ("national", "area")
_MONTH = "during the month"
_END = "at month end"
_YEAR = "over the 12 months to month end (scaled up while fewer have passed)"

HEADLINE: Final = "chain_value_gbp_per_year"

MEASURES: Final[tuple[Measure, ...]] = (
    Measure(HEADLINE, "Paid to tier 2 and tier 3", "GBP a year", _YEAR,
            "all payments to tier 2 and 3 bodies for contracts and for NPS cases", ("national", "crc"), 1),
    Measure("chain_paid_gbp", "Paid to tier 2 and tier 3", "GBP", _MONTH, "the same, by month",
            ("national", "crc", "area", "category", "body_size"), 1),
    *(
        Measure(f"chain_paid_{kind}_gbp", label, "GBP", _MONTH, "payments to tier 2 and 3 bodies", _N, 1)
        for kind, label in (
            ("commissioned", "Paid for contracts of CRCs"), ("joint", "Paid for contracts of joint boards"),
            ("granted", "Paid for granted capacity"), ("national", "Paid under the national framework"),
        )
    ),
    Measure("tier3_paid_gbp", "Passed on to tier 3", "GBP", _MONTH, "of payments to tier 2, the slices of sub-contracts", _N, 1),
    Measure("national_leads", "Lead providers of national lots", "bodies", _END, "live national lots", _N),
    Measure("national_partners", "Supply-chain partners of national lots", "slices", _END, "live national lots", _N),
    Measure("contracts_live", "Live tier 2 contracts", "contracts", _END, "contracts bought by CRCs and being delivered", _NC, 1),
    Measure("legacy_contracts_live", "Live contracts inherited from the trusts", "contracts", _END, "the same, inherited", _NC),
    Measure("legacy_ended_share", "Inherited contracts ended", "share", _END, "contracts inherited on day 0", _N, -1),
    Measure("tier2_links", "Tier 2 links", "provider-area pairs", _END, "live contracts", ("national", "crc", "area"), 1),
    Measure("tier2_links_per_area", "Tier 2 providers per area", "providers", _END, "mean over areas", _N, 1),
    Measure("areas_without_tier2_share", "Areas without any tier 2 provider", "share", _END, "areas", _N, -1),
    Measure("services_per_crc", "Subcontracted services per CRC", "contracts", _END, "mean over CRCs", _N, 1),
    Measure("largest_chain_ratio", "Services of the largest chain over the mean", "ratio", _END, "CRCs", _N),
    Measure("largest_chain_is_c07", "Whether C07 has the largest chain", "0 or 1", _END, "CRCs", _N),
    Measure("tier3_links", "Tier 3 links", "provider-area pairs", _END, "live sub-contracts", _NC, 1),
    Measure("tier3_links_per_area", "Tier 3 providers per area", "providers", _END, "mean over areas", _N, 1),
    Measure("under_two_staff_share", "Providers with under two staff on their contracts", "share", _END,
            "pairs of body and CRC with a live contract", _N),
    Measure("unsustainable_share", "Bodies whose contract income is below 0.95 of full cost", "share", _END,
            "bodies with a live CRC contract", _N, -1),
    Measure("subsidising_share", "Bodies whose contract income is below direct cost and burden", "share", _END,
            "bodies with a live CRC contract", _N, -1),
    Measure("cut_in_year_share", "Bodies with CRC money whose funding was cut in the year", "share", _YEAR,
            "bodies holding a CRC contract 12 months before; a price squeeze or an ended contract is a cut", _N, -1),
    Measure("nps_purchases", "Rate-card purchases by the NPS", "purchases", _MONTH, "cases bought", ("national", "crc", "area")),
    Measure("nps_spend_gbp", "NPS money spent on rate cards", "GBP", _MONTH, "purchases whose service began", _NC),
    Measure("nps_purchases_of_plan_share", "Rate-card purchases against plan", "share", _YEAR, "planned purchases", _N),
    Measure("areas_without_purchases_share", "Areas where the NPS bought nothing", "share", _YEAR, "areas", _N, -1),
    Measure("awareness_share", "Officers aware of the offer", "share", _END, "NPS officers", _NA),
    Measure("believed_success_share", "Success that officers expect of a purchase", "share", _END, "areas, mean", _N),
    Measure("card_price_ratio", "Card price over the fair price", "ratio", _END, "published cards, mean over categories on them", _NC, -1),
    Measure("cards_published", "CRCs with a published rate card", "CRCs", _END, "CRCs", _N),
    Measure("caseload_people", "People under supervision", "people", _END, "both services", ("national", "area", "service")),
    Measure("starts", "People starting supervision", "people", _MONTH, "both services", ("national", "service")),
    Measure("needs_present", "Needs people arrive with", "needs", _MONTH, "people starting supervision", ("national", "category", "sex", "service")),
    Measure("needs_identified", "Needs identified that call for a specialist", "needs", _MONTH, "people assessed",
            ("national", "area", "category", "sex", "service")),
    *(
        Measure(f"needs_{fate}", label, "needs", _MONTH, "identified needs, by the month of their fate",
                ("national", "area", "category", "sex", "service"), good)
        for fate, label, good in (
            ("tier2", "Needs met by tier 2", 1), ("tier3", "Needs met by tier 3", 1), ("in_house", "Needs met in-house", 0),
            ("alternative", "Needs met by a body without a contract", 0), ("left_queue", "Needs whose person left the queue", -1),
            ("supervision_ended", "Needs waiting when supervision ended", -1), ("unmet", "Needs unmet", -1),
        )
    ),
    Measure("needs_open", "Needs waiting at a desk", "needs", _END, "identified needs without a fate yet",
            ("national",), -1),
    Measure("needs_met_share", "Identified needs met", "share", _YEAR, "needs that found a fate",
            ("national", "area", "category", "sex", "service"), 1),
    Measure("needs_met_gini", "Inequality of needs met between areas (Gini)", "index, 0 to 1", _YEAR, "areas", _N, -1),
    Measure("wait_median_days", "Median wait", "days", _MONTH, "services begun at a desk in the month", ("national", "service"), -1),
    Measure("wait_p90_days", "90th percentile wait", "days", _MONTH, "services begun at a desk in the month", ("national", "service"), -1),
    Measure("bodies_living", "Third-sector bodies living", "bodies", _END, "all bodies", _N, 1),
    Measure("bodies_entered", "Bodies entered since the start", "bodies", _END, "all bodies", _N),
    Measure("bodies_closed", "Bodies closed since the start", "bodies", _END, "all bodies", _N, -1),
    Measure("hand_backs", "Contracts handed back since the start", "contracts", _END, "all contracts", _N, -1),
    Measure("bodies_with_crc_money_share", "Living bodies with supply-chain money", "share", _END, "living bodies; money from CRCs, boards, grants or national lots", ("national", "body_size"), 1),
    Measure("provider_hhi", "Concentration of supply-chain money (HHI)", "index, 0 to 1", _YEAR, "bodies paid", _N, -1),
    Measure("pressure_share", "Financial pressure", "index, 0 to 1", _END, "CRCs, mean", ("national", "owner", "crc"), -1),
    Measure("crc_income_gbp", "CRC income", "GBP", _MONTH, "fee, rescue, payment by results, credits, cards", _NC),
    Measure("crc_cost_gbp", "CRC cost", "GBP", _MONTH, "in-house cost and supply chain", _NC),
    Measure("crc_forecast_gbp", "Forecast result to contract end", "GBP", _END, "whole contract life, sum over CRCs", _NC, 1),
    Measure("paid_volume_of_bid_share", "Paid volume against the bid", "share", _END, "CRCs, mean", _NC),
    Measure("owners_failed", "Owners failed since the start", "owners", _END, "owners", _N, -1),
    Measure("bodies_hit_by_owner_failure", "Bodies that lost money or contracts when an owner failed", "bodies", _END,
            "since the start", _N, -1),
    Measure("nps_money_to_bodies_gbp", "NPS money reaching third-sector bodies", "GBP", _MONTH, "through cards", _N, 1),
    Measure("public_cost_gbp", "Public money spent", "GBP", _MONTH, "ministry and NPS payments to CRCs and bodies", _N),
    Measure("tenders_opened", "Tenders opened since the start", "tenders", _END, "all buyers", _N),
    Measure("tenders_failed", "Tenders without a taker since the start", "tenders", _END, "all buyers; no bid, or the winner fell through", _N, -1),
)  # fmt: skip

BY_NAME: Final[dict[str, Measure]] = {m.name: m for m in MEASURES}

# Single figures of a run, outside the monthly panels.
FIGURES: Final[dict[str, tuple[str, str]]] = {
    "card_publication_months_median": (
        "Months from the start to the first rate card, median over CRCs",
        "months",
    ),
    "card_publication_months_most": ("Months from the start to the first rate card, last CRC", "months"),
    "shortfall_least_share": ("Paid volume below bid in Q1 2017-18, least over CRCs", "share"),
    "shortfall_most_share": ("Paid volume below bid in Q1 2017-18, most over CRCs", "share"),
    "referrals": ("Referrals decided by an officer", "referrals"),
    "transfers": ("Transfers in the ledger", "transfers"),
}


def names_at(level: str) -> tuple[str, ...]:
    """The measures that a panel of this level carries, in order."""
    return tuple(m.name for m in MEASURES if level in m.levels)
