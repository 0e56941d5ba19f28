"""Where GBP 100 of public money goes: ministry, CRCs, tier 2 and tier 3."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.analysis.ensemble import Ensemble, Window
from sim.analysis.intervals import EMPTY, Interval, t_interval
from sim.observe.results import FloatArray
from sim.report.figures.common import early_and_late
from sim.report.figures.flow import Flow, Node, draw_flow
from sim.report.figures.rows import Row, draw_rows
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import fixed

PAID = "Paid to CRCs"
REACHES = "Reaches tier 2 and tier 3"
TIER3 = "of which passed on to tier 3"
CASES = "of which for cases of the NPS"
CARDS = "of which NPS purchases from rate cards"
IN_HOUSE, CHAIN, KEEP = "CRCs spend in-house", "CRCs pay tier 2 and tier 3", "CRCs keep (below zero: owners pay in)"
DIRECT = "Paid to boards and bodies directly"
# The first step under each heading, with the heading and its colour.
HEADS = {
    PAID: ("Public money", 0),
    IN_HOUSE: ("What CRCs do with it", 1),
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
        PAID: income,
        CARDS: total("nps_spend_gbp"),
        DIRECT: public - income,
        IN_HOUSE: cost - commissioned,
        CHAIN: commissioned,
        KEEP: income - cost,
        REACHES: total("chain_paid_gbp"),
        CASES: total("nps_money_to_bodies_gbp"),
        TIER3: total("tier3_paid_gbp"),
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
    nodes, flows = _flow(now, then)
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
    what = f"GBP per 100 of public money (ministry and NPS); {story.place}"
    end = "Costs above income are met by the owners; tier 3 is paid by tier 2 out of the same money."
    subtitle = f"{what}; bar: {last.words}{diamond}{whisker}. {end}"
    brackets = " (in brackets: 95% intervals, luck only)" if chain.known else ""
    was = f", was: {first.words}" if first else ""
    flowing = f"{what}; {last.words}{brackets}{was}; boxes as tall as their sums. {end}"
    words = Words(story.titled(title), subtitle, story.footer())
    wide = Words(words.title, flowing, words.footer)
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
        alt=f"Flow of money, on a narrow screen a bar chart. {words.title}. {subtitle} "
        + "; ".join(f"{row.label}: {row.text}" for row in rows)
        + ".",
        table=table,
        draw=lambda layout: (
            draw_flow(layout, wide, nodes, flows)
            if nodes and not layout.narrow
            else draw_rows(layout, words, rows, "GBP")
        ),
    )


def _flow(now: Mapping[str, Interval], then: Mapping[str, Interval]) -> tuple[list[Node], list[Flow]]:
    """Boxes and bands of the last year; none when nothing is paid or CRCs get nothing."""
    mean = {name: value.mean for name, value in now.items()}
    income, direct = mean[PAID], max(mean.get(DIRECT, 0.0), 0.0)
    if not (income > 0 and mean[IN_HOUSE] >= 0):
        return [], []
    owners, kept = max(-mean[KEEP], 0.0), max(mean[KEEP], 0.0)
    cards, chain = min(mean[CARDS], income), mean[REACHES]

    def lines(title: str, name: str, value: float = math.nan) -> tuple[str, ...]:
        interval = now.get(name, EMPTY)
        value = interval.mean if math.isnan(value) else value
        ends = _ends(interval, 1) if interval.known and name in now and value == interval.mean else ""
        was = f"was {_small(then[name].mean)}" if name in then and value == interval.mean and then[name].n else ""
        return (title, f"GBP {_small(value)}{ends}", *([was] if was else []))

    nodes = [
        Node("ministry", 0, 100 - cards, ("Ministry", f"GBP {_small(100 - cards)}")),
        Node("nps", 0, cards, lines("NPS, from rate cards", CARDS), 3),
        Node("crc", 1, income + owners, lines("CRCs", PAID), 0),
        Node("in-house", 2, mean[IN_HOUSE], lines("In-house work of CRCs", IN_HOUSE), 1),
        Node(
            "chain",
            2,
            chain,
            (*lines("Tier 2 and tier 3", REACHES), f"of it GBP {_small(mean[CASES])} for NPS cases"),
            2,
        ),
        Node("tier3", 3, mean[TIER3], lines("Passed to tier 3", TIER3), 2),
    ]
    flows = [
        Flow("ministry", "crc", income - cards),
        Flow("nps", "crc", cards),
        Flow("crc", "in-house", mean[IN_HOUSE]),
        Flow("crc", "chain", mean[CHAIN]),
        Flow("chain", "tier3", mean[TIER3]),
    ]
    if owners > 0:
        nodes.insert(1, Node("owners", 0, owners, ("Owners pay in", f"GBP {_small(owners)}{_ends(now[KEEP], -1)}"), 1))
        flows.insert(1, Flow("owners", "crc", owners))
    if kept > 0:
        nodes.insert(4, Node("kept", 2, kept, ("Kept by CRCs", f"GBP {_small(kept)}{_ends(now[KEEP], 1)}"), 0))
        flows.insert(3, Flow("crc", "kept", kept))
    if direct > LEAST_SHOWN:
        nodes.insert(len([n for n in nodes if n.column < 2]), Node("direct", 1, direct, lines(DIRECT, DIRECT), 2))
        flows.insert(0, Flow("ministry", "direct", direct))
        flows.append(Flow("direct", "chain", max(chain - mean[CHAIN], 0.0)))
    return nodes, flows


def _small(value: float) -> str:
    """Enough decimals that a small sum is not shown as nothing."""
    if not value:
        return "0"
    if value and abs(value) < 0.05:
        return fixed(value, 3)
    return fixed(value, 1 if abs(value) < 20 else 0)


def _ends(value: Interval, sign: int) -> str:
    """`` (3.1 to 4.8)``, of what is paid in rather than kept with the sign turned; empty where both ends read alike."""
    low, high = sorted(sign * end for end in (value.low, value.high))
    return f" ({_small(low)} to {_small(high)})" if _small(low) != _small(high) else ""


def _digits(value: Interval) -> str:
    return fixed(value.mean, 1 if abs(value.mean) < 20 else 0)


def _text(now: Interval, then: Interval) -> str:
    if now.n == 0:
        return "no value"
    return f"{_digits(now)}" + (f" (was {_digits(then)})" if then.n else "")
