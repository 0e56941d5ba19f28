"""A sweep on the terminal: intervals drawn in ASCII, the table of options, a factorial's effects, a grid's map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from sim.analysis.ensemble import year_ending
from sim.analysis.factorial import Effect, Factorial
from sim.analysis.grid import Grid
from sim.analysis.paired import PairedVerdict
from sim.analysis.verdict import GROWS, HOLDS, NONE, SHRINKS, UNDECIDED
from sim.report.costs import cost_of
from sim.report.figures.axis import Scale, value_scale
from sim.report.figures.effects import certain, clear, name, ranked, size
from sim.report.figures.pressure_map import axis_words, value_words
from sim.report.story import Story
from sim.report.sweep import not_recommended
from sim.report.words import ascii_only, capital, money, money_range, percent

WIDTH: Final = 80
MARGIN: Final = 2
_SHORT: Final = {GROWS: "grow", HOLDS: "hold", SHRINKS: "shrink", UNDECIDED: "undec."}
LONGEST: Final = 30  # of a name; a longer one is cut


def options_picture(story: Story, verdicts: Sequence[PairedVerdict]) -> str:
    """Each option's difference from doing nothing on one scale, with the band that counts as no difference."""
    import numpy as np

    shown = [v for v in verdicts if v.headline.difference.n]
    if not shown:
        return ""
    base = shown[0].headline.base
    margin = abs(base.mean) * story.margin_share
    ends = [np.array([d.mean, d.low, d.high]) for d in (v.headline.difference for v in shown)]
    scale = value_scale([*ends, np.array([-margin, margin])], "GBP", bins=5)
    names = max(len(_cut(v.headline.scenario)) for v in shown)
    room = WIDTH - MARGIN - names - 4
    lines = [" " * (names + 2) + _ticks(scale, room)]
    for v in shown:
        d = v.headline.difference
        row = [" "] * room
        for at, mark in ((-margin, ":"), (margin, ":"), (0.0, "|")):
            row[_column(at, scale, room)] = mark
        if d.known:
            low, high = _column(d.low, scale, room), _column(d.high, scale, room)
            row[low : high + 1] = "=" * (high + 1 - low)
            row[low] = row[high] = "|"
        row[_column(d.mean, scale, room)] = "o"
        lines.append(f"{_cut(v.headline.scenario):<{names}}  {''.join(row).rstrip()}")
    low, high = _column(-margin, scale, room), _column(margin, scale, room)
    band = ":" + "_" * (high - low - 1) + ":" if high > low else ":"
    words = f"within {percent(story.margin_share)}: no difference"
    before = names + 2 + low
    fits = before + len(band) + 1 + len(words) <= WIDTH - MARGIN
    lines.append(" " * before + f"{band} {words}" if fits else f"{words} {band}".rjust(before + len(band)))
    window = year_ending(story.ensemble.months, story.horizon)
    when = window.words if window else "the end of the run"
    level = money(base.mean, base.half_width) + (f"; {money_range(base.at_least(0.0))}" if base.known else "")
    against = "under the same settings" if story.crossed else f"({level})"
    head = [f"Paid to tier 2 and tier 3, {when}, constant prices:", f"difference from doing nothing {against}", ""]
    return "\n".join((" " * MARGIN + ascii_only(line)).rstrip() for line in [*head, *lines])


def _column(value: float, scale: Scale, room: int) -> int:
    share = (value - scale.low) / (scale.high - scale.low)
    return min(max(round(share * (room - 1)), 0), room - 1)


def _ticks(scale: Scale, room: int) -> str:
    """Tick labels centred over their columns; one that would touch the last is left out."""
    row = [" "] * (room + 4)
    end = -2
    for value, label in zip(scale.ticks, scale.labels, strict=True):
        text = f"+{label}" if value > 0 else "0" if value == 0 else label
        start = max(0, _column(value, scale, room) - len(text) // 2)
        if start > end + 1 and start + len(text) <= len(row):
            row[start : start + len(text)] = text
            end = start + len(text)
    return "".join(row)


def _cut(scenario: str) -> str:
    return scenario if len(scenario) <= LONGEST else scenario[: LONGEST - 2] + ".."


def options_table(story: Story, verdicts: Sequence[PairedVerdict]) -> str:
    """Pairs up, change, the two verdicts side by side, extra public cost, and that of a need met more."""
    rows = [["policy", "pairs up", "change", "against", "against", "public", "GBP per"],
            ["", "", "", "nothing", "its past", "GBP/yr", "need"]]  # fmt: skip
    for v in verdicts:
        h, cost = v.headline, cost_of(story, v.headline.scenario)
        change = percent(h.relative.mean, h.relative.half_width, True) if math.isfinite(h.relative.mean) else "-"
        rows.append(
            [
                h.scenario,
                f"{h.pairs_up} of {h.n}",
                change,
                v.word,
                story.past[h.scenario].word,
                cost.public_words.replace("GBP ", ""),
                cost.per_need_words.replace("GBP ", ""),
            ]
        )
    widths = [max(len(row[k]) for row in rows) for k in range(1, 7)]
    room = min(max(len(row[0]) for row in rows), WIDTH - sum(widths) - 6)
    right = (1, 2, 5, 6)
    lines = []
    for row in rows:
        policy = row[0] if len(row[0]) <= room else row[0][: room - 2] + ".."
        cells = [row[k].rjust(widths[k - 1]) if k in right else row[k].ljust(widths[k - 1]) for k in range(1, 7)]
        lines.append(" ".join([policy.ljust(room), *cells]))
    indent = min(MARGIN, WIDTH - max(map(len, lines)))
    lines += _beside(story, verdicts)
    return "\n".join((" " * indent + ascii_only(line)).rstrip() for line in lines)


def _beside(story: Story, verdicts: Sequence[PairedVerdict]) -> list[str]:
    """Which of the options compared stand for none of the inspectorate's recommendations."""
    beside = not_recommended(story, [v.headline.scenario for v in verdicts])
    words = f"Not the inspectorate's: {', '.join(beside)}"
    return wrap(words, WIDTH - MARGIN, subsequent_indent="  ") if beside else []


def effects_lines(found: Sequence[Factorial]) -> list[str]:
    """What each lever brings, and the pairs that surely strengthen or weaken each other, in sentences."""
    if not found:
        return []
    factorial = found[0]
    shown = ranked(factorial)
    says = [f"Effects over {factorial.design.words}, on what tier 2 and tier 3 are paid a year:"]
    single = [e for e in shown if not e.pair]
    says += [f"{capital(name(e))}: {size(e)}{_doubt(e, len(single))}" for e in single]
    pairs = [e for e in factorial.effects if e.pair]
    sure = [e for e in shown if e.pair and certain(e)]
    says += [f"{capital(name(e))} together, beyond their sum: {size(e)}" for e in sure]
    if pairs and not sure:
        says.append(f"Of {len(pairs)} pairs of levers, no two clearly strengthen or weaken each other.")
    return says


def _doubt(effect: Effect, looked_at: int) -> str:
    """Why an effect may be luck; empty when it is clear even among as many as are looked at."""
    if certain(effect):
        return ""
    return f", not clear once {looked_at} are looked at" if clear(effect) else ", not clear of zero"


def grid_map(story: Story, grid: Grid) -> str:
    """The words and changes of a grid against the own past, the lowest values bottom left."""
    cells = {}
    for cell, scenario in grid.cells.items():
        past = story.past.get(scenario)
        known = past is not None and past.word != NONE
        cells[cell] = f"{past.word} {percent(past.change.mean, signed=True)}" if past and known else "-"
    side = max(len(value_words(grid.up, j)) for j in range(len(grid.up.values)))
    wide = max(*(len(text) for text in cells.values()), *(len(value_words(grid.across, i)) for i in _range(grid)))
    if MARGIN + side + (wide + 2) * len(grid.across.values) > WIDTH:
        cells = {cell: _short(text) for cell, text in cells.items()}
        wide = max(len(text) for text in cells.values())
    if MARGIN + side + (wide + 2) * len(grid.across.values) > WIDTH:
        return ""
    lines = [f"Up: {axis_words(grid.up)}", f"Across: {axis_words(grid.across)}", ""]
    for j in reversed(range(len(grid.up.values))):
        row = "".join("  " + cells[i, j].ljust(wide) for i in _range(grid))
        lines.append(value_words(grid.up, j).rjust(side) + row)
    lines.append(" " * side + "".join("  " + value_words(grid.across, i).ljust(wide) for i in _range(grid)))
    return "\n".join((" " * MARGIN + ascii_only(line)).rstrip()[:WIDTH] for line in lines)


def _range(grid: Grid) -> range:
    return range(len(grid.across.values))


def _short(text: str) -> str:
    word, _, change = text.partition(" ")
    return f"{_SHORT[word]} {change}" if change else word
