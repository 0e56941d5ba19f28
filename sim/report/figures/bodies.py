"""Which third-sector bodies get the money: by size, shares of payments and of bodies with CRC money."""

from __future__ import annotations

import numpy as np

from sim.analysis.intervals import t_interval
from sim.observe.results import FloatArray
from sim.report.figures.common import early_and_late, window_mean, window_share
from sim.report.figures.rows import Row, draw_rows
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import count_words, percent

PAID, FUNDED = "chain_paid_gbp", "bodies_with_crc_money_share"
HEADS = ("Share of supply-chain payments", "Share of living bodies with CRC money")


def build(story: Story) -> Picture:
    """Two groups of rows, small to large bodies in the order of the panel."""
    import pandas as pd

    ensemble = story.ensemble
    first, last = early_and_late(ensemble, story.horizon)
    paid = ensemble.values("body_size", PAID)
    whole = np.broadcast_to(paid.sum(axis=2, keepdims=True), paid.shape)
    funded = ensemble.values("body_size", FUNDED)
    sizes = ensemble.places("body_size") or ("all",)
    now = (window_share(paid, whole, last), window_mean(funded, last))
    nothing: FloatArray = np.full_like(now[0], np.nan)
    then = (window_share(paid, whole, first), window_mean(funded, first)) if first else (nothing, nothing)
    rows, table = [], []
    for group, head in enumerate(HEADS):
        for i, size in enumerate(sizes):
            value, earlier = t_interval(now[group][:, i]), t_interval(then[group][:, i])
            was = f" (was {percent(earlier.mean, earlier.half_width)})" if earlier.n else ""
            text = percent(value.mean, value.half_width) + was
            rows.append(Row(f"{size} bodies", value, text, earlier.mean, head if i == 0 else "", group))
            table.append(
                {
                    "share_of": head,
                    "body_size": size,
                    "last_year_share": value.mean,
                    "low95": value.low,
                    "high95": value.high,
                    "first_year_share": earlier.mean,
                }
            )
    shares = [row for row in rows[: len(sizes)] if row.value.n]
    if not shares:
        title = "No money reaches third-sector bodies of any size"
    else:
        most, least = (pick(shares, key=lambda row: row.value.mean) for pick in (max, min))
        title = f"{most.label.capitalize()} receive {percent(most.value.mean)} of supply-chain payments"
        if len(shares) > 1:
            title += f", {least.label} {percent(least.value.mean)}"
        if first and np.isfinite(most.earlier):
            title += f"; in {first.words} it was {percent(most.earlier)} and {percent(least.earlier)}"
    whisker = f"; whisker: 95% interval over {count_words(ensemble.n, 'replication')} (luck only)"
    subtitle = (
        f"Third-sector bodies by yearly turnover, per cent; {story.place}; bar: {last.words}"
        + (f", open diamond: {first.words}" if first else "")
        + (whisker if ensemble.n > 1 else "; one replication, so no interval")
    )
    words = Words(story.titled(title), subtitle, story.footer())
    return Picture(
        name="body-size",
        section="people",
        title=words.title,
        alt=f"Bar chart. {words.title}. {subtitle}. "
        + "; ".join(f"{r.head or ''} {r.label}: {r.text}" for r in rows)
        + ".",
        table=pd.DataFrame(table),
        draw=lambda layout: draw_rows(layout, words, rows, "share"),
    )
