"""What one replication leaves: tidy monthly panels, single figures, digests and, if asked, events and cases.

Plain data that can be pickled between processes and written to parquet; it knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Monthly values of measures at one level.

    Attributes:
        level: national, owner, crc, area, category, sex, service or body_size.
        places: the units of that level (``national`` has one place, ``England and Wales`` or the world's name).
        values: measure name -> array of shape (months, places); units as in ``sim.observe.measures``.
    """

    level: str
    places: tuple[str, ...]
    values: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the organisations' event log.

    Attributes:
        day: simulation day.
        kind: what happened, for instance ``contract_ended``.
        who: the agent that decided or suffered it.
        detail: a few words or figures, ``key=value`` separated by spaces.
    """

    day: float
    kind: str
    who: str
    detail: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """One replication of one scenario.

    Attributes:
        months: ISO months, one a row of every panel.
        figures: single numbers of the run (for instance ``card_publication_months_median``).
        digests: one hexadecimal digest a month over the event log and the ledger of that month.
        events: the event log; empty unless recorded.
        cases: one array a column of the case record; empty unless recorded.
        seconds: wall-clock time of the run (never part of a digest).
    """

    scenario: str
    seed: int
    replication: int
    months: tuple[str, ...]
    panels: dict[str, Panel]
    figures: dict[str, float]
    digests: tuple[str, ...]
    events: tuple[Event, ...] = ()
    cases: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    seconds: float = 0.0
