"""Third-sector bodies: how many, how large, how they live and when they stop."""

from __future__ import annotations

from dataclasses import dataclass

from sim.parameters.record import Described, count, number, table

_SKETCH = "prior of the design sketch"


@dataclass(frozen=True, slots=True)
class Provider(Described):
    """A body and its month."""

    bodies_per_area: float = number(
        "bodies, mean", 0, 200, (6, 11), "D", "550+ voluntary bodies registered for supply chains in Dec 2013, plus local ones",
        "who may bid, alternatives", date="2013-12",
    )  # fmt: skip
    turnover_gbp_per_year: float = number(
        "GBP a year, median", 1, 1e9, (174_000, 350_000), "J", _SKETCH, "size of bodies"
    )
    turnover_log_sd: float = number("log points", 0, 4, (1.2, 1.6), "J", _SKETCH, "size of bodies")
    regional_turnover_gbp: float = number(
        "GBP a year above which a body works in several areas", 0, 1e9, (5e5, 2e6), "J", "judgement", "reach of bodies"
    )
    national_turnover_gbp: float = number(
        "GBP a year above which a body works everywhere", 0, 1e10, (3e6, 1e7), "J", "judgement", "reach of bodies"
    )
    contracts_most_local: int = count("contracts with CRCs", 0, 50, (1, 2), "J", _SKETCH, "who wins")
    contracts_most_national: int = count("contracts with CRCs", 0, 50, (1, 4), "J", _SKETCH, "who wins")
    small_turnover_gbp: float = number(
        "GBP a year below which a body is called small",
        0,
        1e9,
        None,
        "set",
        "the sector's own usual line",
        "tables by size",
    )
    large_turnover_gbp: float = number(
        "GBP a year from which a body is called large",
        0,
        1e10,
        None,
        "set",
        "the sector's own usual line",
        "tables by size",
    )
    category_weights: tuple[float, ...] = table(
        "relative weight",
        0,
        100,
        "J",
        "judgement: housing, work and family services are the most common",
        "who may bid",
    )
    categories_mean: float = number("categories", 1, 14, (1.3, 2.5), "J", "judgement: narrow", "who may bid")
    categories_more_regional: float = number(
        "categories more than a local body", 0, 13, (0.5, 2), "J", "judgement", "who may bid"
    )
    categories_more_national: float = number(
        "categories more than a local body", 0, 13, (2, 5), "J", "judgement", "who may bid"
    )
    foothold_share: float = number(
        "share of a lot's areas in which a local body must already work to bid", 0, 1, (0.4, 0.75), "J", "judgement",
        "who bids",
    )  # fmt: skip
    quality_least: float = number(
        "quality, a mean specialist being 1", 0.01, 1, (0.1, 0.5), "J", "judgement: none is of no use at all",
        "value for money",
    )  # fmt: skip
    quality_sd: float = number(
        "quality, a mean specialist being 1", 0, 1, (0.05, 0.3), "J", "judgement", "value for money"
    )
    cost_log_sd: float = number("log points", 0, 1, (0.03, 0.15), "J", "judgement", "cost per case")
    staff_cost_gbp_per_year: float = number(
        "GBP a year, direct cost of a staff member",
        1,
        1e6,
        (30_000, 37_000),
        "J",
        "40,000 fully loaded over 1.2",
        "cost",
    )
    overhead_on_direct_ratio: float = number(
        "full over direct cost", 1, 5, (1.18, 1.22), "J", _SKETCH, "unsustainable contracts"
    )
    cash_overhead_ratio: float = number(
        "cash a contract costs over its direct cost", 1, 5, (1.02, 1.12), "J", _SKETCH, "bids, providers' result"
    )
    real_wage_drift_per_year: float = number(
        "share a year against prices fixed in cash", -0.2, 0.5, (0.0, 0.02), "J", _SKETCH, "cost"
    )
    reserves_months: float = number(
        "months of turnover, median",
        0,
        120,
        (1.1, 1.8),
        "Q2",
        "1.7-1.9 months in criminal justice charities (Clinks)",
        "solvency",
        date="2013",
    )
    reserves_log_sd: float = number("log points", 0, 3, (0.4, 1.0), "J", "judgement", "solvency")
    reserves_recovery_per_year: float = number(
        "share of the gap to the reserves it means to hold that a body's other work closes in a year", 0, 12, (0.2, 1.0),
        "J", "judgement: without it every body drifts to closure", "solvency",
    )  # fmt: skip
    reserves_cap_months: float = number("months", 0, 120, (3, 6), "J", _SKETCH, "solvency")
    mission_subsidy_share: float = number(
        "share of turnover a body will put into its mission", 0, 1, (0.02, 0.08), "J", _SKETCH, "bids, unfunded work"
    )
    mission_in_bid_share: float = number(
        "share of its mission money that a body counts on in a single bid", 0, 1, (0.25, 0.75), "J", "judgement",
        "bids",
    )  # fmt: skip
    mission_of_value_most_share: float = number(
        "most mission money in a bid, share of the contract's value", 0, 1, (0.3, 0.7), "J", "judgement", "bids"
    )
    shock_sd_share: float = number(
        "standard deviation of a year's income, share of turnover", 0, 2, (0.05, 0.12), "J", _SKETCH, "closures"
    )
    hand_back_reserves_months: float = number("months", -12, 60, (0.1, 0.5), "J", _SKETCH, "contracts handed back")
    hand_back_chance_per_month: float = number("chance", 0, 1, (0.05, 0.3), "J", _SKETCH, "contracts handed back")
    shrink_step_share: float = number(
        "share of staff a body takes off a losing contract before it hands it back", 0, 1, (0.1, 0.4), "J", "judgement",
        "places",
    )  # fmt: skip
    close_reserves_months: float = number("months", -60, 60, (-1.0, 0.0), "J", _SKETCH, "closures")
    close_chance_per_month: float = number("chance", 0, 1, (0.05, 0.2), "J", _SKETCH, "closures")
    entries_per_year_share: float = number("share of bodies a year", 0, 1, (0.01, 0.03), "J", "judgement", "new bodies")
    entry_tender_ratio: float = number(
        "times, chance of entry where a tender was opened in the last year",
        0,
        20,
        (1, 3),
        "J",
        "judgement",
        "new bodies",
    )
    entry_tender_memory_months: float = number(
        "months for which a tender draws new bodies to an area", 0, 120, (6, 24), "J", "judgement", "new bodies"
    )
    bid_least_result_share: float = number(
        "least result a bidder accepts, share of value", -1, 1, (-0.05, 0.02), "J", _SKETCH, "who bids"
    )
    bid_most_turnover_share: float = number(
        "largest contract a bidder takes on, share of turnover", 0, 100, (0.4, 0.8), "J", _SKETCH, "who bids"
    )
    neighbour_reach_share: float = number(
        "chance that a local body bids in a neighbouring area", 0, 1, (0.1, 0.5), "J", "judgement", "who bids"
    )
    unfunded_case_cost_share: float = number(
        "cost of a case taken without a contract, share of its full cost", 0, 1, (0.05, 0.5), "J", "judgement: marginal cost",
        "solvency of bodies that help unpaid",
    )  # fmt: skip
