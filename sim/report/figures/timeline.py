"""One CRC's and one body's history as a picture: a bar for each contract, a mark for what happened to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sim.analysis.ensemble import period_words
from sim.report.figures.axis import put_months, year_fraction
from sim.report.history import MARKS, Bar, History, body_history, crc_history, subjects
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import GREY, INK, NOTE, PALETTE, TEXT_PALETTE, Layout, Sheet, Words, text_width
from sim.report.words import capital, count_words, name_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LANE: Final = 0.36  # inches a contract
MOST_LANES: Final = 14
_SHAPES: Final = {
    "price_squeezed": "v", "contract_novated": "s", "contract_renewed": "o", "contract_varied": "d",
    "provider_shrank": "P", "liquidity_granted": "^",
}  # fmt: skip
_KEY: Final = {**{kind: (_SHAPES[kind], words) for kind, words in MARKS.items()}, "end": ("x", "contract ends")}


def histories(story: Story) -> list[History]:
    """The CRC's and the body's history of the lead scenario's first replication that kept its events; else none."""
    run = next((run for run in story.ensemble.runs if run.events), None)
    if run is None:
        return []
    scenario = story.scenarios[story.lead]
    crc, body = subjects(run.events, scenario)
    found = [crc_history(run.events, scenario, crc)] if crc else []
    return found + ([body_history(run.events, scenario, body)] if body else [])


def build(story: Story) -> Picture | None:
    """The picture; None when no run kept its events (``record.events=true``)."""
    import pandas as pd

    found = [history for history in histories(story) if history.bars]
    if not found:
        return None
    replication = next(run.replication for run in story.ensemble.runs if run.events)
    ended = [sum(not bar.live for bar in history.bars) for history in found]
    counts = [
        f"{history.who}: {count_words(len(history.bars), 'contract')}, {gone} ended"
        for history, gone in zip(found, ended, strict=True)
    ]
    hidden = sum(max(0, len(history.bars) - MOST_LANES) for history in found)
    subtitle = (
        f"Contracts of one CRC and of one body that worked for it; {period_words(story.ensemble.months)};"
        " one replication, an illustration and not a finding"
        + (f"; the {MOST_LANES} that began first are drawn, the other {hidden} stand in the table" if hidden else "")
    )
    words = Words(
        story.titled("; ".join(counts)),
        subtitle,
        f"{NOTE} {story.day_words}. {capital(name_words(story.lead))}; replication {replication}, seed {story.seed}.",
    )
    rows = [
        {"who": h.who, "date": t.when.isoformat(), "what": t.words, "kind": t.kind, "contract": t.contract}
        for h in found
        for t in h.told
    ]
    said = " ".join(f"{h.title}: {'. '.join(h.lines()[:12])}." for h in found)
    return Picture(
        name="timeline",
        section="why",
        title=words.title,
        alt=f"Timeline. {words.title}. {subtitle}. {said}",
        table=pd.DataFrame(rows),
        draw=lambda layout: _draw(layout, words, story, found),
    )


def _draw(layout: Layout, words: Words, story: Story, found: list[History]) -> Figure:
    shown = [history.bars[:MOST_LANES] for history in found]
    lanes = sum(len(bars) + 1 for bars in shown)
    used = {kind for bars in shown for bar in bars for _, kind in bar.marks}
    used |= {"end"} if any(not bar.live for bars in shown for bar in bars) else set()
    key = [_KEY[kind] for kind in _KEY if kind in used]
    key_lines = _key_lines(key, layout)
    sheet = Sheet(words, layout, lanes * LANE, left=0.1, right=0.1, below=0.36 + 0.22 * len(key_lines))
    ax = sheet.plot()
    ax.grid(visible=False)
    ax.grid(axis="x", color="#D5D9DC", linewidth=0.8)
    put_months(ax, story.ensemble.months, layout)
    ax.set_ylim(lanes, 0)
    ax.set_yticks([])
    row = 0.0
    for history, bars in zip(found, shown, strict=True):
        _heading(ax, row, history, layout)
        for bar in bars:
            row += 1
            _bar(ax, row, bar, story, layout)
        row += 1
    for i, line in enumerate(key_lines):
        _key(sheet, line, sheet.bottom - 0.42 - 0.22 * i)
    return sheet.figure


def _at(story: Story, day: float) -> float:
    return year_fraction(story.horizon.start + timedelta(days=int(day)))


def _heading(ax: Axes, row: float, history: History, layout: Layout) -> None:
    low, _ = ax.get_xlim()
    ax.text(low, row + 0.7, capital(history.title), fontsize=layout.text, fontweight="bold", color=INK, va="center")


def _bar(ax: Axes, row: float, bar: Bar, story: Story, layout: Layout) -> None:
    start, end = _at(story, bar.start), _at(story, bar.end)
    level = row + 0.74
    colour = PALETTE[0] if bar.live else PALETTE[2]
    ax.plot([start, end], [level, level], color=colour, linewidth=3.2, solid_capstyle="butt")
    if not bar.live:
        ax.plot([end], [level], marker="x", color=PALETTE[2], markersize=7, markeredgewidth=2, clip_on=False)
    for day, kind in bar.marks:
        ax.plot([_at(story, day)], [level], marker=_SHAPES[kind], markersize=6, markerfacecolor="white",
                markeredgecolor=INK, linestyle="none", clip_on=False)  # fmt: skip
    low, high = ax.get_xlim()
    late = start > low + 0.6 * (high - low)
    text = TEXT_PALETTE[0] if bar.live else TEXT_PALETTE[2]
    ax.text(high if late else start, row + 0.34, bar.label, fontsize=layout.text - 1.5, color=text, va="center",
            ha="right" if late else "left")  # fmt: skip


def _key_lines(key: list[tuple[str, str]], layout: Layout) -> list[list[tuple[str, str]]]:
    """The key in lines no wider than the sheet."""
    lines: list[list[tuple[str, str]]] = [[]]
    width = 0.0
    for item in key:
        needs = text_width(item[1], layout.text - 1) + 0.4
        if lines[-1] and width + needs > layout.width - 0.5:
            lines.append([])
            width = 0.0
        lines[-1].append(item)
        width += needs
    return lines


def _key(sheet: Sheet, line: list[tuple[str, str]], y: float) -> None:
    from matplotlib.lines import Line2D

    x = sheet.left
    for shape, words in line:
        colour = PALETTE[2] if shape == "x" else INK
        sheet.figure.add_artist(
            Line2D([(x + 0.07) / sheet.layout.width], [(y - 0.07) / sheet.height], marker=shape, markersize=6,
                   markerfacecolor="white", markeredgecolor=colour, linestyle="none")
        )  # fmt: skip
        sheet.write(x + 0.2, y, words, size=sheet.layout.text - 1, colour=GREY, va="top")
        x += 0.4 + text_width(words, sheet.layout.text - 1)
