"""Where GBP 100 of public money goes: ministry, CRCs, tier 2 and tier 3."""

from __future__ import annotations

import numpy as np

from sim.analysis.ensemble import Ensemble, Window
from sim.analysis.intervals import EMPTY, Interval, t_interval
from sim.observe.results import FloatArray
from sim.report.figures.common import early_and_late
from sim.report.figures.rows import Row, draw_rows
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import fixed

REACHES = "Reaches tier 2 and tier 3"
DIRECT = "Paid to boards and bodies directly"
# The first step under each heading, with the heading and its colour.
HEADS = {
    "Paid to CRCs": ("Public money", 0),
    "CRCs spend in-house": ("What CRCs do with it", 1),
    REACHES: ("The supply chain", 2),
}
LEAST_SHOWN = 0.05  # GBP per 100 below which nothing is paid directly


def parts(ensemble: Ensemble, window: Window) -> dict[str, FloatArray]:
    """GBP per 100 of public money over a window, one value a replication, in the order money flows."""

    def total(measure: str) -> FloatArray:
        return window.total(ensemble.national(measure))

    public, income, cost = total("public_cost_gbp"), total("crc_income_gbp"), total("crc_cost_gbp")
    commissioned = total("chain_paid_commissioned_gbp")
    rows = {
        "Paid to CRCs": income,
        "of which NPS purchases from rate cards": total("nps_spend_gbp"),
        DIRECT: public - income,
        "CRCs spend in-house": cost - commissioned,
        "CRCs pay tier 2 and tier 3": commissioned,
        "CRCs keep (below zero: owners pay in)": income - cost,
        REACHES: total("chain_paid_gbp"),
        "of which for cases of the NPS": total("nps_money_to_bodies_gbp"),
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: np.asarray(value / public * 100) for name, value in rows.items()}


def build(story: Story) -> Picture:
    """One row a step, the last year as a bar and the first as a diamond."""
    import pandas as pd

    first, last = early_and_late(story.ensemble, story.horizon)
    now = {name: t_interval(values) for name, values in parts(story.ensemble, last).items()}
    then = {name: t_interval(v) for name, v in parts(story.ensemble, first).items()} if first else {}
    direct = (now[DIRECT].mean, then.get(DIRECT, EMPTY).mean)
    if not any(abs(value) > LEAST_SHOWN for value in direct if np.isfinite(value)):
        del now[DIRECT]
    rows, colour = [], 0
    for name, value in now.items():
        head, colour = HEADS.get(name, ("", colour))
        earlier = then.get(name, EMPTY)
        rows.append(Row(name, value, _text(value, earlier), earlier.mean, head, colour))
    chain, before = now[REACHES], then.get(REACHES, EMPTY)
    if chain.n == 0:
        title = "No public money is spent in this run"
    else:
        title = f"Of GBP 100 of public money, GBP {_digits(chain)} reaches tier 2 and tier 3 bodies in {last.words}"
        if first and before.n:
            same = _digits(before) == _digits(chain)
            title += f", as in {first.words}" if same else f"; it was GBP {_digits(before)} in {first.words}"
    diamond = f", open diamond: {first.words}" if first else ""
    whisker = f"; whisker: 95% interval over {chain.n} replications (luck only)" if chain.known else ""
    subtitle = (
        f"GBP per 100 of public money (ministry and NPS); {story.place}; bar: {last.words}{diamond}{whisker}."
        " Costs above income are met by the owners; tier 3 is paid by tier 2 out of the same money."
    )
    words = Words(story.titled(title), subtitle, story.footer())
    table = pd.DataFrame(
        [
            {
                "step": name,
                "gbp_per_100_last_year": v.mean,
                "low95": v.low,
                "high95": v.high,
                "gbp_per_100_first_year": then.get(name, EMPTY).mean,
                "last_year": last.words,
                "first_year": first.words if first else "",
            }
            for name, v in now.items()
        ]
    )
    return Picture(
        name="money",
        section="money",
        title=words.title,
        alt=f"Bar chart. {words.title}. {subtitle} " + "; ".join(f"{row.label}: {row.text}" for row in rows) + ".",
        table=table,
        draw=lambda layout: draw_rows(layout, words, rows, "GBP"),
    )


def _digits(value: Interval) -> str:
    return fixed(value.mean, 1 if abs(value.mean) < 20 else 0)


def _text(now: Interval, then: Interval) -> str:
    if now.n == 0:
        return "no value"
    return f"{_digits(now)}" + (f" (was {_digits(then)})" if then.n else "")
