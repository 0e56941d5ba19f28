"""The measured impact of inputs, as a sensitivity study left it in ``configs/sensitivity/measured.csv``.

The register shows it beside each entry that was measured; an entry that was not has none, never a guess.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Final

from sim.settings.sources import Sources

FILE: Final = Path("sensitivity") / "measured.csv"
_NAME, _SHARE = "name", "headline_swing_share"


def measured_impacts(sources: Sources) -> dict[str, float]:
    """Entry -> how far the headline swings over its plausible range, as a share of the headline.

    Empty when no study was kept. The user's own file, if there is one, is read instead of the shipped one.
    """
    for root in reversed(list(sources.roots())):
        path = root / FILE
        if path.is_file():
            return _read(path)
    return {}


def _read(path: Path) -> dict[str, float]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        found = {row.get(_NAME) or "": _number(row.get(_SHARE)) for row in rows}
    return {name: share for name, share in found.items() if name and math.isfinite(share)}


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
