"""Since last time: what changed since the last experiment of this name, and how each answer moved."""

from __future__ import annotations

import math
from typing import Final

from sim.report.earlier import Change, Earlier, Move
from sim.report.html import fill
from sim.report.page import Section
from sim.report.sections.assumptions import setting_words, unit_words, value_words
from sim.report.words import capital, join_words, money, name_words, percent

MOST: Final = 15


def build(earlier: Earlier | None) -> Section | None:
    """None when this is the first of its name."""
    if earlier is None:
        return None
    code = {
        True: "The model's code is the same.",
        False: "The model's code has changed; what follows may come from that as well as from settings.",
        None: "Whether the model's code changed is not recorded.",
    }[earlier.same_code]
    sets = [
        f"{label}: {join_words([name_words(name) for name in names])}."
        for label, names in (("New scenarios", earlier.added), ("No longer run", earlier.dropped))
        if names
    ]
    html = fill(
        "sections/since.html.j2",
        earlier=earlier,
        code=code,
        sets=sets,
        changes=[_change(c) for c in earlier.changes[:MOST]],
        more=max(0, len(earlier.changes) - MOST),
        moves=[_move(m) for m in earlier.moves],
    )
    return Section("since", "Since last time", html)


def _change(c: Change) -> dict[str, str]:
    who = f" ({join_words([name_words(name) for name in c.scenario.split(', ')])})" if c.scenario else ""
    return {
        "name": capital(setting_words(c.name)) + who,
        "unit": unit_words(c.unit),
        "before": _value(c.before, c.unit),
        "now": _value(c.now, c.unit),
    }


def _value(text: str, unit: str) -> str:
    if not text:
        return "not there"
    try:
        return value_words(float(text), unit)
    except ValueError:
        return {"True": "yes", "False": "no"}.get(text, text.replace("_", " "))


def _move(m: Move) -> dict[str, str]:
    def pair(values: tuple[str, str]) -> str:
        a, b = (value or "-" for value in values)
        return f"{a}, now {b}" if a != b else a if a == "-" else f"{a}, as before"

    sizes = tuple(percent(v, signed=True) if math.isfinite(v) else "" for v in m.change)
    gaps = tuple(f"{money(v, signed=True)} a year" if math.isfinite(v) else "" for v in m.difference)
    return {
        "name": capital(name_words(m.scenario)),
        "past": pair(m.past),
        "change": pair((sizes[0], sizes[1])),
        "word": pair(m.word),
        "difference": pair((gaps[0], gaps[1])),
    }
