"""The page: one self-contained HTML file, from the story and its pictures. It concludes nothing of its own."""

from __future__ import annotations

import math
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.analysis.patterns import KINDS
from sim.analysis.validation import Scored, ScoredPart, tally
from sim.report.answer import (
    cautions,
    paired_sentence,
    pairing_words,
    past_count,
    past_money,
    past_sentence,
    short_past,
    stretch_sentences,
)
from sim.report.console_sweep import effects_lines
from sim.report.costs import cost_of
from sim.report.figures.timeline import histories
from sim.report.happenings import sentences
from sim.report.picture import Drawn
from sim.report.story import Story
from sim.report.sweep import factorials, told, untold
from sim.report.words import (
    by_unit,
    capital,
    count_words,
    money,
    money_range,
    name_words,
    percent,
)

if TYPE_CHECKING:
    import pandas as pd

FOLD_ROWS: Final = 24
SHAPES: Final = {
    "grows": "\u25b2", "more": "\u25b2", "shrinks": "\u25bc", "less": "\u25bc", "holds": "\u25a0",
    "no different": "\u25a0", "undecided": "\u25c7", "no verdict": "\u25cb",
}  # fmt: skip
PACKAGES: Final = ("probation-supply-chains", "simpy", "numpy", "scipy", "matplotlib", "hydra-core", "pandas")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder, for the list at the end of the page."""

    name: str
    size: str
    words: str


def render(story: Story, drawn: Sequence[Drawn], files: Sequence[File], minutes: str) -> str:
    """The page as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minus"] = minus
    return environment.get_template("page.html.j2").render(
        title=f"{capital(story.name.replace('-', ' ').replace('_', ' '))}: probation supply chains",
        story=story,
        facts=_facts(story),
        answers=_answers(story),
        cautions=cautions(story),
        options=_options(story),
        pictures=_pictures(drawn),
        happenings=sentences(story),
        histories=[(capital(h.title), h.lines()) for h in histories(story)],
        scored=[_scored(s) for s in story.scored],
        tally=tally(story.scored),
        luck=_luck(story),
        run=_run(story, minutes),
        files=files,
        margin=percent(story.margin_share),
        untold=untold(story),
        effects=effects_lines(factorials(story)),
    )


def minus(text: str) -> str:
    """True minus signs, which a line never breaks after."""
    return re.sub(r"(?<![\w.])-(?=GBP|\d)", "\u2212", text)


def _facts(story: Story) -> list[str]:
    return [
        f"Run {story.day_words}",
        story.place,
        count_words(story.ensemble.n, "replication"),
        *([f"model {model}"] if (model := _version("probation-supply-chains")) else []),
    ]


def _chip(word: str) -> dict[str, str]:
    return {"word": word, "shape": SHAPES[word], "kind": word.replace(" ", "-")}


def _answers(story: Story) -> list[dict[str, Any]]:
    """One answer a scenario, the lead first: a chip for each vocabulary, a sentence, and the details."""
    found = []
    for name in (story.lead, *told(story)):
        past = story.past[name]
        verdict = story.paired.get(name)
        if verdict is None:
            sentence = past_sentence(past)
            count = past_count(past)
            details = [f"{capital(count)}. {past_money(past)}"] if count else []
            details += stretch_sentences(past) if not story.paired else []
        else:
            sentence = paired_sentence(verdict)
            details = [f"{capital(short_past(past))}."]
        found.append(
            {
                "name": name_words(name),
                "paired": _chip(verdict.word) if verdict else None,
                "past": _chip(past.word),
                "sentence": sentence,
                "details": details,
            }
        )
    return found


def _options(story: Story) -> list[dict[str, str]]:
    """The verdict table of a sweep."""
    rows = []
    shown = [v for name, v in story.paired.items() if name in told(story)]
    for v in sorted(shown, key=lambda v: -v.headline.difference.mean):
        h, cost = v.headline, cost_of(story, v.headline.scenario)
        known = h.difference.known
        rows.append(
            {
                "name": name_words(h.scenario),
                "word": v.word,
                "shape": SHAPES[v.word],
                "past": story.past[h.scenario].word,
                "change": money(h.difference.mean, h.difference.half_width, signed=True),
                "range": money_range(h.difference, signed=True) if known else "no interval",
                "share": percent(h.relative.mean, h.relative.half_width, True)
                if math.isfinite(h.relative.mean)
                else "-",
                "pairs": f"{h.pairs_up} of {h.n}",
                "chance": _chance(h.chance_above),
                "cost": cost.public_words,
                "per_need": cost.per_need_words,
                "corrected": "-" if not math.isfinite(h.p_holm) else ("yes" if h.p_holm < 0.05 else "no"),
            }
        )
    return rows


def _chance(chance: float) -> str:
    """A probability in words that never claim certainty."""
    if not math.isfinite(chance):
        return "-"
    if chance > 0.99:
        return "over 99%"
    return "under 1%" if chance < 0.01 else percent(chance)


def _pictures(drawn: Sequence[Drawn]) -> dict[str, list[dict[str, Any]]]:
    """Section -> pictures, SVG marked as safe (its texts were escaped when it was drawn)."""
    from markupsafe import Markup

    sections: dict[str, list[dict[str, Any]]] = {"options": [], "path": [], "people": [], "money": [], "why": []}
    for d in drawn:
        header, rows, more = _fold(d.picture.table)
        sections[d.picture.section].append(
            {
                "name": d.picture.name,
                "alt": d.picture.alt,
                "wide": Markup(d.wide_svg),
                "narrow": Markup(d.narrow_svg),
                "header": header,
                "rows": rows,
                "more": more,
            }
        )
    return sections


def _fold(table: pd.DataFrame) -> tuple[list[str], list[list[str]], str]:
    """A table short enough to read: of a long one every so many rows, saying so."""
    step = max(1, -(-len(table) // FOLD_ROWS))
    part = table.iloc[::-1].iloc[::step].iloc[::-1]
    more = f"every {step} rows of {len(table)}; all in the CSV" if step > 1 else ""
    rows = [[_cell(value) for value in row] for row in part.itertuples(index=False)]
    return [str(c).replace("_", " ").replace("gbp", "GBP").replace("low95", "low").replace("high95", "high")
            for c in table.columns], rows, more  # fmt: skip


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if not math.isfinite(value) else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value).replace("_", " ")


def _scored(s: Scored) -> dict[str, Any]:
    state = "not scored" if not s.scored else "met" if s.reproduced else "missed"
    return {
        "id": s.pattern.id,
        "words": s.pattern.words,
        "kind": KINDS[s.pattern.kind],
        "grade": s.pattern.grade,
        "state": state,
        "shape": {"met": "\u25cf", "missed": "\u25cb", "not scored": "\u2013"}[state],
        "reason": s.reason,
        "parts": [_part(part) for part in s.parts],
    }


def _part(p: ScoredPart) -> dict[str, str]:
    unit = p.part.unit
    low, high = (_bound(end, unit) for end in (p.part.low, p.part.high))
    accept = f"{low} to {high}" if low and high else f"{low} or more" if low else f"below {high}"
    if low and not p.part.low_included:
        accept = f"above {low}"
    half = math.nan if unit == "share" else p.simulated.half_width
    return {
        "target": p.part.target,
        "accept": accept,
        "ours": "-" if p.reason else by_unit(p.simulated.mean, unit, half),
    }


def _bound(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return ""
    return by_unit(value, unit) if unit == "share" or unit.startswith("GBP") else f"{value:g}"


def _luck(story: Story) -> list[str]:
    n = story.ensemble.n
    if n == 1:
        return ["One replication: no interval is possible."]
    says = [f"{count_words(n, 'replication')}; intervals are Student's t at 95% of the mean over replications."]
    says += [worth] if (worth := pairing_words(story)) else []
    says += [
        f"{s.scenario.replace('_', ' ')}: {s.words.replace('do_nothing', 'doing nothing')}"
        f"{', checked' if s.ok and s.before else ''}."
        for s in story.sameness
    ]
    return says


def _run(story: Story, minutes: str) -> list[tuple[str, str]]:
    done = sum(e.n for e in story.ensembles.values())
    scenarios = ", ".join(name_words(name) for name in story.ensembles)
    seconds = sum(run.seconds for e in story.ensembles.values() for run in e.runs)
    return [
        ("Command", story.command),
        ("Scenarios", scenarios),
        ("Runs", f"{done} of {story.planned_runs} planned, {story.failed_runs} failed"),
        (
            "Seed",
            f"{story.seed}; replications {story.ensemble.runs[0].replication} to {story.ensemble.runs[-1].replication}",
        ),
        ("World and time", f"{story.place}, {story.horizon.start} to {story.horizon.end}"),
        ("Started", f"{story.started:%Y-%m-%d %H:%M}; {minutes}; {seconds:.0f} seconds of simulation in all"),
        ("Machine", f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"),
        ("Versions", ", ".join(f"{name} {v}" for name in PACKAGES if (v := _version(name)))),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
