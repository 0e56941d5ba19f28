"""Financial pressure: what CRCs are paid, what they cost, what they fear, and when owners give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sim.parameters.record import Described, day, flag, number

_SKETCH = "prior of the design sketch"


@dataclass(frozen=True, slots=True)
class Finance(Described):
    """The contract's money and the owner's tolerance."""

    volume_risk: bool = flag(
        "Q",
        "NAO 2017: income follows weighted volume, and fell",
        "whether a fall in paid volume cuts the fee",
        date="2017",
    )
    bid_cost_share: float = number(
        "share of bid fee for service", 0, 3, (0.968, 0.978), "D", "3.05-3.08bn of cost in a 3.15bn bid: profit +269m (Q2)",
        "cost", date="2014",
    )  # fmt: skip
    bid_optimism_share: float = number(
        "share by which true cost exceeds the bid's", -0.5, 2, (0.015, 0.065), "J", _SKETCH, "cost"
    )
    bid_cost_log_sd: float = number("log points between CRCs", 0, 1, (0.02, 0.08), "J", _SKETCH, "cost by CRC")
    fixed_cost_share: float = number(
        "share of cost", 0, 1, (0.65, 0.84), "R", "20% in bids, 77% later accepted (NAO 2017, recalled)", "cost"
    )
    variable_follows_paid_share: float = number(
        "share of variable cost that follows paid volume, the rest following heads", 0, 1, (0.36, 0.77), "J", _SKETCH,
        "cost",
    )  # fmt: skip
    planned_chain_share: float = number(
        "share of bid fee planned for the supply chain", 0, 1, (0.08, 0.15), "J", _SKETCH,
        "how much of the bid's cost was supply chain",
    )  # fmt: skip
    in_house_cut_rate_per_year: float = number(
        "share of fixed cost a year at full pressure", 0, 1, (0.026, 0.075), "J", _SKETCH, "cost"
    )
    in_house_cut_max_share: float = number("share of fixed cost", 0, 1, (0.11, 0.25), "J", _SKETCH, "cost")
    band_step_share: float = number(
        "share", 0.001, 0.5, (0.01, 0.05), "J", "volume is paid in bands; width " + _SKETCH, "income"
    )
    pbr_bid_share: float = number(
        "share of fee for service expected at bid as payment by results", 0, 1, (0.055, 0.071), "J",
        _SKETCH + "; what makes the published forecasts close", "forecast before the first results",
    )  # fmt: skip
    pbr_seen_share: float = number(
        "share of the expected payment by results", -1, 2, (-0.2, 0.13), "J",
        "first cohort: 2 of 21 CRCs met both measures (Q2)", "income from the first results on",
    )  # fmt: skip
    pbr_seen_sd: float = number("share, between CRCs", 0, 1, (0.05, 0.2), "J", "judgement", "income by CRC")
    pbr_first_results: date = day(
        "Q2", "first payments October 2017", "when the bid's hope is given up", date="2017-10"
    )
    service_credit_share: float = number(
        "share of the fee at risk when no identified need is met", 0, 0.5, (0.0, 0.05), "J", "judgement", "income"
    )
    service_credit_waived_share: float = number(
        "share", 0, 1, (0.6, 0.8), "Q2", "71% waived or reinvested (Napo on NAO)", "income", date="2017"
    )
    wanted_margin_share: float = number("share of income", -0.5, 0.5, (0.03, 0.085), "J", _SKETCH, "pressure")
    pressure_gap_share: float = number(
        "margin gap at which pressure reaches 0.63", 0.02, 10, (0.26, 0.46), "J", _SKETCH + "; 0.1 or less locks all in step",
        "pressure",
    )  # fmt: skip
    pressure_scale: float = number("times the margin gap", 0, 10, None, "set", "1 is the baseline", "pressure")
    recoupment_share: float = number(
        "share of past losses to be won back", 0, 2, (0.18, 0.55), "J", _SKETCH, "pressure"
    )
    recoupment_floor_years: float = number(
        "years", 0.1, 20, (2, 5), "J", _SKETCH + ": without it pressure explodes near the end", "pressure"
    )
    pressure_smoothing_share: float = number(
        "share of the way to the target at each review", 0, 1, (0.4, 1.0), "J", _SKETCH, "pressure"
    )
    forecast_trend_share: float = number(
        "share of the last year's volume change expected once more", 0, 2, (0.2, 0.6), "J", _SKETCH, "forecast"
    )
    forecast_cut_years: float = number(
        "years for which a forecast counts on further cuts in-house", 0, 10, (0.5, 2), "J", "judgement", "forecast"
    )
    rescue_gbp: float = number(
        "GBP over the rest of the contracts, all 21 CRCs", 0, 5e9, (3.0e8, 3.42e8), "Q", "NAO: up to 342m extra",
        "income after the 2017 contract variation", date="2017-08",
    )  # fmt: skip
    rescue_date: date | None = day(
        "Q", "August 2017 (NAO)", "when the contract variation starts; null for none", optional=True, date="2017-08"
    )
    owner_tolerance_share: float = number(
        "accumulated pooled loss as a share of a year's income at which an owner may give up", 0, 20, (0.3, 1.5), "J",
        "two of eight owners failed by 2019", "owner failure",
    )  # fmt: skip
    owner_tolerance_log_sd: float = number(
        "log points between owners", 0, 2, (0.2, 0.8), "J", "judgement", "owner failure"
    )
    owner_failure_rate_per_year: float = number(
        "chance a year once past the tolerance", 0, 10, (0.2, 1.0), "J", "judgement", "owner failure"
    )
    novation_share: float = number(
        "share of contracts carried over to the caretaker", 0, 1, (0.6, 1.0), "J", "judgement", "owner failure"
    )
    payment_delay_months: int = number(
        "months", 0, 12, (1, 3), "J", "judgement: invoices paid a month or two late", "providers' cash; loss when an owner fails"
    )  # fmt: skip
