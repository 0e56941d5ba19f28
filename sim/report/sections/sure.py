"""How sure: three rungs that are never merged, and whether the model resembles the past."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.analysis.patterns import KINDS
from sim.analysis.validation import Scored, ScoredPart, tally
from sim.report.answer import pairing_words
from sim.report.html import fill
from sim.report.page import Section
from sim.report.rungs import worlds_sentences
from sim.report.story import Story
from sim.report.words import by_unit, capital, count_words, name_words

NOT_RUN = (
    "Not run: the inputs are held at one set of values, and how much the answer moves when they move is in no"
    " interval above. To run it over calibrated worlds add ensemble=calibrated to the command.",
)
LEFT_OUT = (
    "What is left out is listed under limits: no interval covers it. Rules of thumb stand for people's decisions, and"
    " other rules that fit the same published patterns could answer otherwise."
)


def build(story: Story) -> Section:
    """The section of a run or a sweep."""
    return Section(
        "sure",
        "How sure",
        fill("sections/sure.html.j2", luck=_luck(story), inputs=_inputs(story), form=[LEFT_OUT, _resembles(story)])
        + patterns(story.scored),
    )


def patterns(scored: Sequence[Scored]) -> Any:
    """The published patterns, met or missed, as a heading and a table."""
    return fill("sections/patterns.html.j2", scored=[_scored(s) for s in scored], tally=tally(scored))


def _luck(story: Story) -> list[str]:
    n = story.ensemble.n
    if n == 1:
        return ["One replication: no interval is possible."]
    says = [f"{count_words(n, 'replication')}; intervals are Student's t at 95% of the mean over replications."]
    says += [worth] if (worth := pairing_words(story)) else []
    sameness = [*story.sameness, *(s for group in story.within for s in group.sameness)]
    says += [
        f"{capital(name_words(s.scenario))}: {s.words.replace('do_nothing', 'doing nothing')}"
        f"{', checked' if s.ok and s.before else ''}."
        for s in sameness
    ]
    return says


def _inputs(story: Story) -> list[str]:
    """The second rung: the answer over calibrated worlds, or how to get it."""
    worlds = story.worlds
    if worlds is None:
        return list(NOT_RUN)
    return [*(NOT_RUN if not worlds.n else ()), *worlds_sentences(worlds, list(story.ensembles))]


def _resembles(story: Story) -> str:
    tests = [s for s in story.scored if s.scored and s.pattern.kind == "test"]
    if not tests:
        return "No published pattern that is a real test can be scored on this run."
    hit = sum(s.reproduced for s in tests)
    return (
        f"Of {count_words(len(tests), 'published pattern')} that are real tests, {hit} {'is' if hit == 1 else 'are'}"
        " reproduced; the rest of the published patterns are close to inputs or easy to meet."
    )


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
