"""Why: the chain of events in a few sentences with counts, from the lead scenario's means."""

from __future__ import annotations

import numpy as np

from sim.analysis.intervals import t_interval
from sim.report.figures.common import level_at
from sim.report.story import Story
from sim.report.words import percent, plain


def sentences(story: Story) -> list[str]:
    """At most four sentences; a measure the runs do not carry is left out."""
    ensemble = story.ensemble
    last = len(ensemble.months) - 1

    def at_end(measure: str) -> str:
        value = level_at(ensemble, measure, last)
        return plain(value.mean, max(value.half_width, 0.5) if value.known else float("nan"))

    pressure = t_interval(np.nanmax(_known(ensemble.national("pressure_share")), axis=1))
    legacy = level_at(ensemble, "legacy_ended_share", last)
    hit = at_end("bodies_hit_by_owner_failure")
    owners = len(story.scenarios[story.lead].world.owners)
    return [
        f"Paid volume falls short of the bids, and financial pressure on CRCs reaches"
        f" {percent(pressure.mean)} of its"
        f" most; {percent(legacy.mean)} of the contracts inherited from the trusts end.",
        f"CRCs open {at_end('tenders_opened')} tenders, of which {at_end('tenders_failed')} draw no bid;"
        f" bodies hand {at_end('hand_backs')} contracts back.",
        f"{at_end('bodies_closed')} third-sector bodies close and {at_end('bodies_entered')} enter;"
        f" {at_end('bodies_living')} live at the end.",
        f"{at_end('owners_failed')} of {owners} owners fail, and {hit} bodies lose money or contracts when they do.",
    ]


def _known(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, -np.inf)
