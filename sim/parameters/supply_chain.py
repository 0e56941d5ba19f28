"""Commissioning: what CRCs inherit, buy, squeeze, renew and end, and what they do themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sim.parameters.record import Described, count, number, table

_SKETCH = "prior of the design sketch"


@dataclass(frozen=True, slots=True)
class SupplyChain(Described):
    """The CRC as a buyer."""

    budget_share: float = number(
        "share of bid fee for service", 0, 1, (0.055, 0.075), "J", _SKETCH, "supply-chain budget"
    )
    budget_share_log_sd: float = number("log points between CRCs", 0, 2, (0.16, 0.32), "J", _SKETCH, "budget by CRC")
    pressure_on_budget_share: float = number(
        "share of the budget given up at full pressure", 0, 1, (0.26, 0.66), "J",
        _SKETCH + "; barely informed by the patterns", "budget",
    )  # fmt: skip
    budget_income_power: float = number(
        "power of income over bid fee in the budget", 0, 2, (0.25, 1), "J", _SKETCH + ": the square root", "budget"
    )
    review_months: int = count(
        "months between two reviews of a chain; CRCs take turns", 1, 12, (1, 6), "J", "judgement: quarterly",
        "how fast a chain follows its budget",
    )  # fmt: skip
    records_memory_months: float = number(
        "months, mean age of what buyers' records show", 1, 120, (6, 24), "J", "judgement: a year of records",
        "what is tendered; value for money",
    )  # fmt: skip
    guess_log_sd: float = number(
        "log points of error in a buyer's ranking of gaps when nothing is known", 0, 5, (0.5, 1.5), "J", "judgement",
        "which service is tendered",
    )  # fmt: skip
    unused_value_share: float = number(
        "share of a contract's value for money that it keeps when nobody uses it", 0.01, 1, (0.25, 0.75), "J", "judgement",
        "ranking of contracts",
    )  # fmt: skip
    dead_band_share: float = number("share of the budget", 0, 1, (0.1, 0.25), "J", _SKETCH, "when a review acts")
    legacy_contracts_per_crc: float = number(
        "contracts of a CRC of mean caseload and book ratio 1", 0, 100, (8.5, 11.5), "J", _SKETCH, "chain at the start"
    )
    book_caseload_power: float = number(
        "power", 0, 2, (0.1, 0.3), "J", _SKETCH + ": London is not the largest buyer", "contracts by CRC"
    )
    legacy_demand_power: float = number(
        "power of a service's expected spend in what the trusts had bought", 0, 3, (0.5, 1.5), "J", "judgement",
        "chain at the start",
    )  # fmt: skip
    legacy_review_first_month: int = count("months from start", 0, 84, (1, 6), "J", _SKETCH, "legacy review")
    legacy_review_last_month: int = count("months from start", 0, 84, (12, 24), "J", _SKETCH, "legacy review")
    legacy_end_base_share: float = number("chance", 0, 1, (0.11, 0.30), "J", _SKETCH, "legacy contracts ended")
    legacy_end_pressure_slope: float = number(
        "chance at full pressure", 0, 2, (0.01, 0.39), "J", _SKETCH, "legacy contracts ended"
    )
    legacy_end_value_slope: float = number(
        "chance per unit of value for money", 0, 2, (0.15, 0.35), "J", _SKETCH, "legacy contracts ended"
    )
    bid_plan_contracts_per_crc: float = number(
        "contracts",
        0,
        100,
        (12, 16),
        "D",
        "300 subcontractors named over 21 CRCs (Clinks)",
        "first tenders",
        date="2014-10",
    )
    bid_plan_hazard_per_quarter: float = number("chance", 0, 1, (0.05, 0.145), "J", _SKETCH, "first tenders")
    bid_plan_pressure_power: float = number("power", 0, 10, (1.6, 3.0), "J", _SKETCH, "first tenders")
    bid_plan_months: int = count("months", 0, 120, (24, 48), "J", _SKETCH, "first tenders")
    squeeze_step_share: float = number("share of the price", 0, 1, (0.035, 0.076), "J", _SKETCH, "prices")
    squeeze_most_share: float = number(
        "share of the price a contract a year", 0, 1, (0.08, 0.15), "J", _SKETCH, "prices"
    )
    squeeze_to_staff_share: float = number(
        "share of a squeeze passed on to staff", 0, 1, (0.5, 0.97), "J", _SKETCH, "places"
    )
    end_rate: float = number("chance per unit of excess a quarter", 0, 5, (0.2, 0.5), "J", _SKETCH, "contracts ended")
    excess_without_budget_ratio: float = number(
        "times the budget, excess of spending where the budget is nil", 0, 1000, None, "set",
        "large enough that a contract is all but sure to be ended", "contracts ended",
    )  # fmt: skip
    renewal_intercept: float = number("log odds", -10, 10, (1.2, 2.0), "J", _SKETCH, "renewals")
    renewal_pressure_slope: float = number("log odds at full pressure", 0, 20, (1.0, 3.0), "J", _SKETCH, "renewals")
    renewal_value_slope: float = number(
        "log odds per unit of value for money", 0, 20, (0.5, 2.0), "J", "judgement", "renewals"
    )
    renewal_slack_factor: float = number(
        "log odds per unit of make-or-buy weight and of shortfall", 0, 20, (1.0, 3.0), "J", "judgement", "renewals"
    )
    renewal_under_budget: float = number("log odds", 0, 20, (1.0, 2.0), "J", _SKETCH, "renewals")
    make_or_buy_weight: float = number(
        "weight of slack staff on the choice to bring a service in-house", 0, 5, (0.1, 0.6), "J", _SKETCH, "make or buy"
    )
    notice_days: float = number("days", 0, 730, (60, 180), "J", "judgement", "when an ended contract stops")
    price_cut_at_full_pressure_share: float = number(
        "share off the price offered in tenders at full pressure",
        0,
        1,
        (0.0, 0.2),
        "J",
        "judgement",
        "prices of later contracts",
    )
    price_least_ratio: float = number(
        "least price offered in tenders, over the fair price", 0.01, 1, (0.2, 0.5), "J", "judgement",
        "prices of later contracts",
    )  # fmt: skip
    growth_share: float = number("share a quarter", 0, 2, (0.0, 0.1), "J", _SKETCH, "new tenders")
    growth_room_weight: float = number(
        "tenders per unit of room in the budget", 0, 100, (4, 12), "J", _SKETCH, "new tenders"
    )
    growth_cut_at_full_pressure_share: float = number(
        "share of new tenders given up at full pressure", 0, 1, (0.2, 0.8), "J", "judgement", "new tenders"
    )
    known_reference_share: float = number(
        "share of unmet need known at which growth is as given", 0.01, 1, None, "set",
        "a point of reference: to move it is to move growth_share", "new tenders",
    )  # fmt: skip
    known_share: float = number("share of unmet need known to the buyer", 0, 1, (0.2, 0.5), "J", _SKETCH, "new tenders")
    term_months_low: int = count("months", 1, 240, (12, 36), "J", _SKETCH, "renewals")
    term_months_high: int = count("months", 1, 240, (24, 60), "J", _SKETCH, "renewals")
    term_cut_at_full_pressure_share: float = number(
        "share off a renewed term at full pressure", 0, 1, (0.2, 0.7), "J", "judgement: a squeezed buyer commits for less",
        "renewals",
    )  # fmt: skip
    areas_per_contract: float = number("areas, median", 0.5, 50, (1.6, 2.8), "J", _SKETCH, "size of contracts")
    areas_per_contract_log_sd: float = number("log points", 0, 2, (0.45, 0.87), "J", _SKETCH, "size of contracts")
    areas_per_contract_crc_power: float = number(
        "power of the CRC's number of areas over the reference", 0, 2, (0.2, 0.6), "J", _SKETCH, "size of contracts"
    )
    areas_per_contract_reference: float = number(
        "areas of a CRC whose lots have the median number of areas", 1, 200, None, "set",
        "a point of reference, about 108 areas over 21 CRCs: to move it is to move areas_per_contract",
        "size of contracts",
    )  # fmt: skip
    smallest_lot_cases_per_year: float = number(
        "cases a year below which nothing is tendered, whoever buys",
        0.01,
        1000,
        (1, 10),
        "J",
        "judgement",
        "new tenders",
    )
    smallest_lot_share: float = number(
        "share of the referrals below which a lot is not worth a tender",
        0,
        1,
        (0.05, 0.5),
        "J",
        "judgement",
        "new tenders",
    )
    award_size_weight: float = number(
        "score per tenfold turnover, a mean specialist's quality being 1", -2, 2, (0.0, 0.15), "J", _SKETCH, "who wins"
    )
    award_noise_sd: float = number("score", 0, 5, (0.05, 0.3), "J", _SKETCH, "who wins")
    intensity_share: float = number(
        "places bought per expected referral", 0, 5, (0.7, 1.2), "J", _SKETCH, "size of contracts, waits"
    )
    intensity_log_sd: float = number("log points", 0, 2, (0.2, 0.67), "J", _SKETCH, "size of contracts, waits")
    cases_per_staff_year: tuple[float, ...] = table("cases", 1, 2000, "J", _SKETCH, "size and price of contracts")
    fair_price_gbp: tuple[float, ...] = table(
        "GBP a case, 2015", 1, 1e5, "J", _SKETCH + "; women's centres cost 1,500-2,000 a woman in full (Q2)", "prices"
    )
    price_to_full_cost: float = number("ratio, mean at start", 0.1, 5, (0.98, 1.07), "J", _SKETCH, "prices")
    legacy_price_least_ratio: float = number(
        "least price of an inherited contract, over full cost", 0.01, 1, (0.3, 0.7), "J", "judgement",
        "prices of inherited contracts",
    )  # fmt: skip
    price_to_full_cost_sd: float = number("ratio", 0, 1, (0.08, 0.19), "J", _SKETCH, "prices")
    new_contract_discount_share: float = number("share", -1, 1, (0.02, 0.18), "J", _SKETCH, "prices of later contracts")
    guaranteed_share: float = number(
        "share of the contract's value paid whatever the referrals", 0, 1, (0.5, 0.9), "J", "judgement", "providers' income"
    )  # fmt: skip
    agreement_burden_gbp_per_year: float = number(
        "GBP a contract-year", 0, 1e6, (4000, 17500), "J", "burdensome, out of proportion (S); amount " + _SKETCH,
        "who bids; providers' result",
    )  # fmt: skip
    buyer_burden_share: float = number(
        "share of the agreement's burden that the buyer bears too",
        0,
        5,
        (0.2, 1.0),
        "J",
        "judgement",
        "value for money",
    )
    tender_days: float = number("days", 1, 1000, (60, 150), "J", "judgement: advert, bids, award", "new contracts")
    mobilisation_days: float = number("days", 0, 1000, (30, 120), "J", "judgement", "new contracts")
    tier3_slice_share: float = number("share of a contract's value", 0.01, 0.9, (0.15, 0.4), "J", "judgement", "tier 3")
    tier3_passed_burden_share: float = number(
        "share of the burden of the standard agreement passed on", 0, 1, (0.3, 1.0), "J",
        "the agreement must be passed down unchanged (S, width J)", "tier 3",
    )  # fmt: skip
    tier3_margin_share: float = number(
        "share of the slice kept by tier 2", 0, 0.9, (0.05, 0.2), "J", "judgement", "tier 3"
    )
    in_house_categories_share: float = number(
        "share of categories a CRC delivers itself at start", 0, 1, (0.2, 0.5), "J", "judgement", "in-house delivery"
    )
    in_house_places_share: float = number(
        "places per expected referral", 0, 5, (0.2, 0.7), "J", "judgement", "in-house delivery"
    )
    in_house_quality: float = number(
        "quality, a specialist's being 1", 0, 2, (0.6, 1.0), "J", "judgement: generic delivery", "in-house delivery"
    )
    in_house_unit_cost_ratio: float = number(
        "in-house cost over the fair price, staff fully used", 0.1, 5, (0.8, 1.2), "J", "judgement", "make or buy"
    )
    in_house_replacement_share: float = number(
        "places opened in-house per place of a contract not renewed", 0, 2, (0.3, 0.8), "J", "judgement", "make or buy"
    )
