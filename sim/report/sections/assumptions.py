"""The numbers the answer rests on, ranked by how far each moves it, or by how weak its evidence is until measured."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sim.categories import CATEGORIES
from sim.parameters import register
from sim.parameters.register import Row
from sim.report.html import fill
from sim.report.page import Section
from sim.report.story import Story
from sim.report.words import capital, percent

SHOWN: Final = 12
WEAK: Final = ("J", "R-")
ORDER: Final = ("J", "R-", "R", "Q2", "D", "Q", "S", "set")
EVIDENCE: Final = {
    "S": "stated by the inspectorate",
    "Q": "published",
    "Q2": "from a secondary account",
    "D": "arithmetic on published figures",
    "R": "recalled",
    "R-": "recalled, unsure",
    "J": "judgement",
    "set": "a setting of the experiment",
}
_UNITS: Final = re.compile(r"_(gbp_per_year|gbp|share|days|months|years|weeks|per_month|per_year|fte)$")
_SPELT: Final = {"pbr": "payment by results", "nps:": "NPS:", "nps": "NPS", "crc": "CRC", "crcs": "CRCs"}
_NUMBERED: Final = re.compile(r"^world\.[A-Z]\d+(-\d+)?\.")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number, or one of several that stand for the same thing in many places.

    Attributes:
        key: the name in the register without place or category.
        row: the number; of several, the first.
        many: how many stand under the key.
        swing: how far the headline moves over its plausible range, a share; NaN where not measured.
    """

    key: str
    row: Row
    many: int
    swing: float


def setting_words(name: str) -> str:
    """``rate_card.markup_share`` -> ``rate card: markup``."""
    group, _, key = _NUMBERED.sub("world.", name).partition(".")
    key = key.removeprefix("levers.").replace(".", ": ")
    key = ": ".join(_UNITS.sub("", part).replace("_", " ") for part in key.split(": "))
    words = f"{'places' if group == 'world' else group.replace('_', ' ')}: {key}"
    return " ".join(_SPELT.get(word, word) for word in words.split(" "))


def ranked(rows: Sequence[Row], impacts: Mapping[str, float]) -> list[Assumption]:
    """Every assumption once, by measured swing and, where none is measured, weakest evidence and widest range first."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_key(row.name), []).append(row)
    found = []
    for key, members in groups.items():
        swings = [abs(impacts[name]) for name in (key, *(row.name for row in members)) if name in impacts]
        found.append(Assumption(key, members[0], len(members), max(swings, default=math.nan)))
    return sorted(
        found,
        key=lambda a: (
            -a.swing if math.isfinite(a.swing) else 0.0,
            ORDER.index(a.row.grade),
            -_width(a.row),
            a.key,
        ),
    )


def _key(name: str) -> str:
    head, _, tail = name.rpartition(".")
    return head if tail in CATEGORIES else _NUMBERED.sub("world.", name)


def _width(row: Row) -> float:
    """How wide the plausible range is against the value: what may move it most where nothing is measured."""
    if row.plausible_low is None or row.plausible_high is None or not isinstance(row.value, int | float):
        return 0.0
    size = max(abs(row.value), abs(row.plausible_high), abs(row.plausible_low))
    return (row.plausible_high - row.plausible_low) / size if size else 0.0


def build(story: Story) -> Section:
    """The section, with the first few and how many there are."""
    rows = register.rows(story.scenarios[story.lead], story.figures)
    every = ranked([row for row in rows if row.standing != "setting"], story.impacts)
    numbers = [row for row in rows if row.standing != "setting"]
    weak = sum(row.grade in WEAK for row in numbers)
    html = fill(
        "sections/assumptions.html.j2",
        measured=bool(story.impacts),
        rows=[_shown(a, bool(story.impacts)) for a in every[:SHOWN]],
        numbers=len(numbers),
        weak=weak,
        weak_share=percent(weak / len(numbers)) if numbers else "none",
    )
    return Section("assumptions", "What it rests on", html)


def _shown(a: Assumption, measured: bool) -> dict[str, object]:
    row = a.row
    swing = percent(a.swing) if math.isfinite(a.swing) else "not measured yet" if not measured else "not measured"
    plausible = "-"
    if row.plausible_low is not None and row.plausible_high is not None:
        plausible = f"{value_words(row.plausible_low, row.unit)} to {value_words(row.plausible_high, row.unit)}"
    return {
        "name": capital(setting_words(a.key)),
        "value": value_words(row.value, row.unit) + (f", and {a.many - 1} more of its kind" if a.many > 1 else ""),
        "unit": unit_words(row.unit),
        "plausible": plausible,
        "drives": capital(row.drives) or "-",
        "evidence": EVIDENCE[row.grade],
        "weak": row.grade in WEAK,
        "swing": swing,
    }


def unit_words(unit: str) -> str:
    """The unit beside a value that ``value_words`` has put as a per cent."""
    return re.sub(r"^share( of)? ", "", unit)


def value_words(value: float | int | bool | str, unit: str) -> str:
    """A number as a reader would say it: shares as per cents, flags as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return value.replace("_", " ")
    return f"{100 * value:g}%" if unit.startswith("share") else f"{value:,.6g}"
