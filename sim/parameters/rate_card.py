"""The rate card: what CRCs offer to the NPS, when, and at what price."""

from __future__ import annotations

from dataclasses import dataclass

from sim.parameters.record import Described, choice, flag, number

_SKETCH = "prior of the design sketch"


@dataclass(frozen=True, slots=True)
class RateCard(Described):
    """Publication, price and range of the cards."""

    published: bool = flag("S", "every CRC published in the end", "whether any card is ever published")
    pricing: str = choice(
        ("mark_up", "at_cost", "regulated"), "S", "set by each CRC with little check (S)", "card prices"
    )
    publication_months: float = number(
        "months from start, median", 0.01, 120, (6, 10), "J", "'many months' late (S), median " + _SKETCH,
        "first publication",
    )  # fmt: skip
    publication_log_sd: float = number("log points", 0, 3, (0.4, 0.7), "J", _SKETCH, "first publication")
    publication_deadline_months: float | None = number(
        "months from start by which a card must be out", 0.01, 120, None, "set", "none in the baseline",
        "first publication", optional=True,
    )  # fmt: skip
    revision_months: int = number(
        "months",
        1,
        120,
        (5, 7),
        "Q",
        "one owner: v3 Apr 2018, v4 Oct 2018, v5 Apr 2019",
        "price revisions",
        date="2018-04",
    )
    overhead_share: float = number("share of unit cost", 0, 3, (0.12, 0.29), "J", _SKETCH, "card prices")
    markup_share: float = number("share of unit cost", 0, 2, (0.10, 0.19), "J", _SKETCH, "card prices")
    markup_pressure_slope: float = number(
        "share of unit cost at full pressure", 0, 3, (0.03, 0.29), "J", _SKETCH, "card prices"
    )
    markup_cap_share: float | None = number(
        "most mark-up allowed, share of unit cost", 0, 3, None, "set", "none in the baseline", "card prices",
        optional=True,
    )  # fmt: skip
    regulated_price_ratio: float = number(
        "regulated price over the fair price",
        0.1,
        5,
        (0.9, 1.2),
        "set",
        "used when pricing is regulated",
        "card prices",
    )
    extra_range_share: float = number(
        "share of the categories not otherwise delivered or bought that must be on the card", 0, 1, None, "set",
        "none in the baseline", "range of the card",
    )  # fmt: skip
