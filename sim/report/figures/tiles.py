"""Where each CRC stands on the schematic map, and what is shown of it: supply-chain size and unmet need by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import pointwise
from sim.categories import FATES, SERVED_FATES
from sim.observe.measures import HEADLINE
from sim.observe.results import FloatArray
from sim.world.places import World

YEAR: Final = 12
PER_ROW: Final = 5
# Column from the west, row from the north, and a name of at most two short lines.
PLACES: Final[dict[str, tuple[int, int, str]]] = {
    "C01": (2, 0, "North-\numbria"), "C02": (1, 1, "Cumbria,\nLancs"), "C03": (2, 1, "Durham,\nTees V."),
    "C06": (1, 2, "Mersey-\nside"), "C05": (2, 2, "West\nYorks"), "C04": (3, 2, "Humber,\nLincs, NY"),
    "C07": (1, 3, "Cheshire,\nManch."), "C09": (2, 3, "South\nYorks"), "C08": (3, 3, "East\nMidlands"),
    "C10": (0, 4, "Wales"), "C11": (1, 4, "Staffs,\nW Mids"), "C12": (2, 4, "Warks,\nW Mercia"),
    "C13": (3, 4, "Beds,\nCambs.."), "C14": (4, 4, "Norfolk,\nSuffolk"),
    "C15": (1, 5, "Bristol,\nWilts.."), "C16": (2, 5, "Thames\nValley"), "C17": (3, 5, "London"),
    "C18": (4, 5, "Essex"),
    "C19": (1, 6, "Devon,\nDorset.."), "C20": (2, 6, "Hants,\nI Wight"), "C21": (3, 6, "Kent,\nSurrey.."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """A CRC on the map: column from the left, row from the top, its name in full and for the tile."""

    code: str
    column: int
    row: int
    name: str
    short: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """Of one scenario, by month and CRC: means over replications and 95% intervals, shape (months, CRCs).

    Attributes:
        paid: to tier 2 and 3 over the 12 months to each month end, GBP a year.
        unmet: needs that ended unmet, of all that ended in these 12 months, a share; NaN where none ended.
    """

    name: str
    paid: tuple[FloatArray, FloatArray, FloatArray]
    unmet: tuple[FloatArray, FloatArray, FloatArray]


def tiles(world: World) -> list[Tile]:
    """One tile a CRC of a world, drawn together where only some are there; unknown ones stand in rows below."""
    known = [crc for crc in world.crcs if crc.code in PLACES]
    columns = sorted({PLACES[crc.code][0] for crc in known})
    rows = sorted({PLACES[crc.code][1] for crc in known})
    found = []
    strange = 0
    for crc in world.crcs:
        if crc.code in PLACES:
            column, row, short = PLACES[crc.code]
            found.append(Tile(crc.code, columns.index(column), rows.index(row), crc.name, tuple(short.split("\n"))))
        else:
            at = divmod(strange, PER_ROW)
            found.append(Tile(crc.code, at[1], len(rows) + at[0], crc.name, (crc.code,)))
            strange += 1
    return found


def course(name: str, ensemble: Ensemble, world: World) -> Course:
    """The course of a scenario over its months."""
    crcs = [crc.code for crc in world.crcs]
    of_area = {area.code: crcs.index(crc.code) for crc in world.crcs for area in crc.areas}
    areas = [of_area[code] for code in ensemble.places("area")]
    fates = [ensemble.values("area", f"needs_{fate}") for fate in FATES]
    ended = _by_crc(np.sum(fates, axis=0), areas, len(crcs))
    met = _by_crc(np.sum([fates[i] for i in SERVED_FATES], axis=0), areas, len(crcs))
    ended, met = _trailing(ended), _trailing(met)
    with np.errstate(invalid="ignore", divide="ignore"):
        unmet = np.where(ended > 0, 1 - met / ended, np.nan)
    mean, low, high = pointwise(unmet)
    paid = pointwise(ensemble.values("crc", HEADLINE))
    return Course(name, (paid[0], np.maximum(paid[1], 0), paid[2]), (mean, np.clip(low, 0, 1), np.clip(high, 0, 1)))


def _by_crc(values: FloatArray, areas: list[int], n: int) -> FloatArray:
    """Sums over the areas of each CRC: (replications, months, areas) to (replications, months, CRCs)."""
    out = np.zeros((*values.shape[:2], n))
    for i, crc in enumerate(areas):
        out[:, :, crc] += np.nan_to_num(values[:, :, i])
    return out


def _trailing(values: FloatArray) -> FloatArray:
    """Sums over the twelve months to each month, of as many as have passed, along the second axis."""
    total = np.cumsum(values, axis=1)
    total[:, YEAR:] = total[:, YEAR:] - total[:, :-YEAR].copy()
    return np.asarray(total)
