"""The schematic map of England and Wales: supply-chain size and unmet need of each CRC, a tile each.

The picture shows the last month of the lead scenario. Its shapes and texts carry names, so that the page's script can
show any other month and scenario in the same drawing; without a script the picture stands as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.analysis.ensemble import month_words
from sim.observe.results import FloatArray
from sim.report.figures.common import early_and_late
from sim.report.figures.tiles import Course, Tile, course, tiles
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import GREY, INK, Layout, Sheet, Words, line_height
from sim.report.sweep import told
from sim.report.words import capital, fixed, money, name_words, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NAME: Final = "map"
MOST: Final = 12  # scenarios that the slider can show
SHADES: Final = {
    "paid": ("#EEF3F8", "#C3D5E6", "#86ABCB", "#3F719F", "#12436D"),
    "unmet": ("#FBF0F5", "#ECC6D8", "#D48FB1", "#AD4A7C", "#801650"),
}
DARK: Final = 3  # from this shade on, letters are white
HEADS: Final = {"paid": "Paid to tier 2 and 3, GBP m a year", "unmet": "Needs that end unmet, per cent"}


@dataclass(frozen=True)
class Scale:
    """Class breaks of both measures, the same for every month and scenario: four rising bounds each."""

    paid: tuple[float, ...]
    unmet: tuple[float, ...]


def build(story: Story) -> Picture | None:
    """None when the runs hold no CRCs or areas, or the world has but one."""
    found = courses(story)
    if not found:
        return None
    world, months = story.scenarios[story.lead].world, story.ensemble.months
    places, lead, breaks = tiles(world), found[0], breaks_of(found)
    n = story.ensemble.n
    how = f"means of {n} replications, 95% intervals (luck only) in the table" if n > 1 else "one replication"
    subtitle = (
        "Left: paid to tier 2 and tier 3, GBP m a year, constant prices; right: needs that end unmet (nothing found,"
        f" left the queue, or supervision ended), per cent of those that end; over the 12 months to"
        f" {month_words(months[-1])}; {story.place}, a tile a CRC, set roughly as they lie; {how}. Single CRCs"
        " illustrate; they are not findings about real companies."
    )
    words = Words(story.titled(_title(story, lead, len(places))), subtitle, story.footer())
    return Picture(
        name=NAME,
        section="people",
        title=words.title,
        alt=f"Two tile maps. {words.title}. {subtitle} "
        + "; ".join(
            f"{t.name}: {money(float(lead.paid[0][-1, i]))}, {_percent(lead.unmet[0][-1, i])} unmet"
            for i, t in enumerate(places)
        )
        + ".",
        table=_table(found, places, months),
        draw=lambda layout: draw(layout, words, places, lead, breaks, month_words(months[-1])),
        fold=_last(lead, places, months[-1]),
    )


def courses(story: Story) -> list[Course]:
    """The lead scenario and those told one by one, over the same months and places; empty when there is no map."""
    world = story.scenarios[story.lead].world
    wanted = [story.lead, *told(story)][:MOST]
    places = story.ensemble.places("crc")
    areas = {area.code for crc in world.crcs for area in crc.areas}
    if len(places) < 2 or set(story.ensemble.places("area")) != areas or len(places) != len(world.crcs):
        return []
    shown = [
        (name, story.ensembles[name])
        for name in wanted
        if story.ensembles[name].months == story.ensemble.months and story.ensembles[name].places("crc") == places
    ]
    return [course(name, ensemble, world) for name, ensemble in shown]


def breaks_of(found: Sequence[Course]) -> Scale:
    """Round bounds that part the values of all months, CRCs and scenarios into five classes of about equal number."""

    def four(values: FloatArray, step: float) -> tuple[float, ...]:
        known = values[np.isfinite(values)]
        wanted = np.quantile(known, (0.2, 0.4, 0.6, 0.8)) if known.size else np.zeros(4)
        bounds: list[float] = []
        for value in wanted:
            least = bounds[-1] + step if bounds else step
            bounds.append(round(max(round(float(value) / step) * step, least), 6))
        return tuple(bounds)

    return Scale(
        four(np.concatenate([c.paid[0].ravel() for c in found]) / 1e6, 0.05),
        four(np.concatenate([c.unmet[0].ravel() for c in found]) * 100, 1.0),
    )


def script_data(story: Story) -> str:
    """What the page's script needs, as compact JSON: thousands of GBP and whole per cents, -1 for no value."""
    found = courses(story)
    if not found:
        return ""
    breaks = breaks_of(found)
    content: dict[str, Any] = {
        "months": [month_words(month) for month in story.ensemble.months],
        "codes": [tile.code for tile in tiles(story.scenarios[story.lead].world)],
        "names": [tile.name for tile in tiles(story.scenarios[story.lead].world)],
        "shades": SHADES,
        "dark": DARK,
        "breaks": {"paid": [round(1e3 * b, 3) for b in breaks.paid], "unmet": list(breaks.unmet)},
        "scenarios": [
            {
                "name": capital(name_words(c.name)),
                "paid": np.rint(c.paid[0] / 1e3).astype(int).tolist(),
                "unmet": np.rint(np.nan_to_num(c.unmet[0] * 100, nan=-1)).astype(int).tolist(),
            }
            for c in found
        ],
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")


def shown_names(story: Story) -> list[str]:
    """The scenarios that the slider can show, in words."""
    return [capital(name_words(c.name)) for c in courses(story)]


def _title(story: Story, lead: Course, n: int) -> str:
    first, last = early_and_late(story.ensemble, story.horizon)
    if first is None:
        return f"Supply chains of the {n} CRCs, and needs that end unmet"
    then, now = lead.paid[0][first.last], lead.paid[0][last.last]
    fell = int((now < then).sum())
    worst = lead.unmet[0][-1]
    tail = ""
    if np.isfinite(worst).any():
        low, high = float(np.nanmin(worst)), float(np.nanmax(worst))
        same = percent(low) == percent(high)
        tail = (
            f"; {percent(low)} of needs end unmet"
            if same
            else f"; {percent(low)} to {percent(high)} of needs end unmet"
        )
    where = f"all {n}" if fell == n else f"{fell or 'none'} of {n}"
    return f"The supply chain is smaller than in {first.words} in {where} CRCs{tail}"


def _percent(share: float) -> str:
    return percent(float(share)) if np.isfinite(share) else "no need"


def _rows(c: Course, places: Sequence[Tile], k: int, month: str) -> list[dict[str, object]]:
    return [
        {
            "scenario": c.name,
            "month": month,
            "crc": tile.code,
            "name": tile.name,
            "paid_gbp_per_year": c.paid[0][k, i],
            "paid_low95": c.paid[1][k, i],
            "paid_high95": c.paid[2][k, i],
            "unmet_share": c.unmet[0][k, i],
            "unmet_low95": c.unmet[1][k, i],
            "unmet_high95": c.unmet[2][k, i],
        }
        for i, tile in enumerate(places)
    ]


def _table(found: Sequence[Course], places: Sequence[Tile], months: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([row for c in found for k, month in enumerate(months) for row in _rows(c, places, k, month)])


def _last(lead: Course, places: Sequence[Tile], month: str) -> pd.DataFrame:
    """The last month of the lead scenario, for the page; in words of the page."""
    import pandas as pd

    table = pd.DataFrame(_rows(lead, places, -1, month_words(month))).drop(columns=["scenario", "month", "crc"])
    return table.sort_values("paid_gbp_per_year", ascending=False, kind="stable")


def shade_of(value: float, breaks: Sequence[float]) -> int:
    """The class of a value, 0 to 4; -1 for none."""
    return int(sum(value >= b for b in breaks)) if np.isfinite(value) else -1


def draw(layout: Layout, words: Words, places: Sequence[Tile], lead: Course, breaks: Scale, month: str) -> Figure:
    """Two maps, beside each other or, on a narrow sheet, one under the other; a key under each."""
    columns, rows = max(t.column for t in places) + 1, max(t.row for t in places) + 1
    size = layout.text - 1.5
    step = line_height(size)
    gap = 0.45
    room = layout.width - 0.24 if layout.narrow else (layout.width - 0.24 - gap) / 2
    wide = min(room / max(columns, 3), 1.05)
    tall = 3 * step + 0.12
    one = step + 0.14 + rows * tall + 0.44
    month_room = step + 0.16
    count = 2 if layout.narrow else 1
    sheet = Sheet(words, layout, count * one + month_room, left=0.0, right=0.0, below=0.02, above=0.0)
    ax = sheet.axes(0, 0, layout.width, sheet.height)
    ax.set_xlim(0, layout.width)
    ax.set_ylim(0, sheet.height)
    ax.set_axis_off()
    _text(ax, sheet.left, sheet.top - step / 2, f"The 12 months to {month}", layout.text, "month", weight="bold")
    for k, measure in enumerate(HEADS):
        left = sheet.left + (0.0 if layout.narrow else k * (room + gap))
        top = sheet.top - month_room - (k * one if layout.narrow else 0.0)
        values = lead.paid[0][-1] / 1e6 if measure == "paid" else lead.unmet[0][-1] * 100
        ax.text(left, top - step / 2, HEADS[measure], fontsize=size + 0.5, color=GREY, va="center")
        for i, tile in enumerate(places):
            x, y = left + tile.column * wide, top - step - 0.14 - (tile.row + 1) * tall
            shade = shade_of(float(values[i]), getattr(breaks, measure))
            _tile(ax, measure, tile, (x, y, wide - 0.05, tall - 0.05), float(values[i]), shade, size)
        _key(ax, measure, getattr(breaks, measure), left, top - step - 0.14 - rows * tall - 0.2, size - 0.5)
    return sheet.figure


def shown(measure: str, value: float) -> str:
    """The number on a tile: GBP m with two decimals, whole per cents."""
    if not np.isfinite(value):
        return "no need" if measure == "unmet" else "-"
    return fixed(value, 2) if measure == "paid" else f"{fixed(value, 0)}%"


def _tile(
    ax: Any, measure: str, tile: Tile, box: tuple[float, float, float, float], value: float, shade: int, size: float
) -> None:
    from matplotlib.patches import Rectangle

    x, y, width, height = box
    fill = SHADES[measure][shade] if shade >= 0 else "#FFFFFF"
    patch = Rectangle((x, y), width, height, facecolor=fill, edgecolor=GREY, linewidth=0.6)
    patch.set_gid(f"{measure}-box-{tile.code}")
    ax.add_patch(patch)
    colour = "#FFFFFF" if shade >= DARK else INK
    step = line_height(size)
    centre = y + height / 2
    for k, line in enumerate(tile.short):
        at = centre + step * (1.0 if len(tile.short) > 1 else 0.6) - k * step
        _text(ax, x + width / 2, at, line, size - 0.5, f"{measure}-name{k}-{tile.code}", colour=colour, ha="center")
    at = centre - step * (1.0 if len(tile.short) > 1 else 0.6)
    value_id = f"{measure}-value-{tile.code}"
    _text(ax, x + width / 2, at, shown(measure, value), size + 0.5, value_id, colour=colour, ha="center", weight="bold")


def _text(
    ax: Any,
    x: float,
    y: float,
    text: str,
    size: float,
    name: str,
    colour: str = INK,
    ha: str = "left",
    weight: str = "",
) -> None:
    made = ax.text(x, y, text, fontsize=size, color=colour, ha=ha, va="center", fontweight=weight or "normal")
    made.set_gid(name)


def _key(ax: Any, measure: str, breaks: Sequence[float], x: float, y: float, size: float) -> None:
    """Five swatches with the bounds between them."""
    from matplotlib.patches import Rectangle

    each = 0.42
    for k, shade in enumerate(SHADES[measure]):
        ax.add_patch(Rectangle((x + k * each, y), each, 0.09, facecolor=shade, edgecolor=GREY, linewidth=0.4))
    for k, bound in enumerate(breaks):
        words = f"{bound:g}" + ("%" if measure == "unmet" else "")
        ax.text(x + (k + 1) * each, y - 0.08, words, fontsize=size, color=GREY, ha="center", va="center")
