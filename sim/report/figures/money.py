"""Where GBP 100 of public money goes: ministry, CRCs, tier 2 and tier 3."""

from __future__ import annotations

import numpy as np

from sim.analysis.ensemble import Ensemble, Window
from sim.analysis.intervals import Interval, t_interval
from sim.observe.results import FloatArray
from sim.report.figures.common import early_and_late
from sim.report.figures.rows import Row, draw_rows
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import fixed

TIER3 = "tier3_paid_gbp"  # tabled apart only where the runs carry it


def parts(ensemble: Ensemble, window: Window) -> dict[str, FloatArray]:
    """GBP per 100 of public money over a window, one value a replication, in the order money flows."""
    total = {
        name: window.total(ensemble.national(name))
        for name in (
            "public_cost_gbp",
            "nps_spend_gbp",
            "crc_cost_gbp",
            "chain_paid_gbp",
            "nps_money_to_bodies_gbp",
        )
    }
    public, chain, cards = total["public_cost_gbp"], total["chain_paid_gbp"], total["nps_spend_gbp"]
    rows = {
        "Ministry pays CRCs": public - cards,
        "NPS buys from rate cards": cards,
        "CRCs spend in-house": total["crc_cost_gbp"] - (chain - total["nps_money_to_bodies_gbp"]),
        "CRCs keep (below zero: owners pay in)": (public - cards) + cards - total["crc_cost_gbp"],
        "Reaches tier 2 and tier 3": chain,
        "of which through NPS purchases": total["nps_money_to_bodies_gbp"],
    }
    if ensemble.has("national", TIER3):
        rows["of which paid on to tier 3"] = window.total(ensemble.national(TIER3))
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: np.asarray(value / public * 100) for name, value in rows.items()}


def build(story: Story) -> Picture:
    """One row a step, the last year as a bar and the first as a diamond."""
    import pandas as pd

    first, last = early_and_late(story.ensemble, story.horizon)
    now = {name: t_interval(values) for name, values in parts(story.ensemble, last).items()}
    then = {name: t_interval(v) for name, v in parts(story.ensemble, first).items()} if first else {}
    empty = Interval(float("nan"), float("nan"), float("nan"), 0)
    heads = {"Ministry pays CRCs": "Public money", "CRCs spend in-house": "What CRCs do with it",
             "Reaches tier 2 and tier 3": "The supply chain"}  # fmt: skip
    rows = [
        Row(
            label=name,
            value=value,
            text=_text(value, then.get(name, empty)),
            earlier=then.get(name, empty).mean,
            head=heads.get(name, ""),
            colour={"P": 0, "W": 1, "T": 2}[_group(list(heads), name, list(now))],
        )
        for name, value in now.items()
    ]
    chain = now["Reaches tier 2 and tier 3"]
    before = then.get("Reaches tier 2 and tier 3", empty)
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
        " Costs above income are met by the owners."
    )
    words = Words(story.titled(title), subtitle, story.footer())
    table = pd.DataFrame(
        [
            {
                "step": name,
                "gbp_per_100_last_year": v.mean,
                "low95": v.low,
                "high95": v.high,
                "gbp_per_100_first_year": then.get(name, empty).mean,
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


def _group(starts: list[str], name: str, order: list[str]) -> str:
    """Which heading a row stands under: the first letter of the heading's group."""
    at = order.index(name)
    letters = "PWT"
    return letters[max(k for k, start in enumerate(starts) if order.index(start) <= at)]


def _digits(value: Interval) -> str:
    return fixed(value.mean, 1 if abs(value.mean) < 20 else 0)


def _text(now: Interval, then: Interval) -> str:
    if now.n == 0:
        return "no value"
    return f"{_digits(now)}" + (f" (was {_digits(then)})" if then.n else "")
