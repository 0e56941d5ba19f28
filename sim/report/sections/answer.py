"""The answer: a sentence a scenario with its two verdict words, and the cautions that go with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from sim.analysis.paired import PairedVerdict
from sim.report.answer import (
    cautions,
    chance_words,
    paired_sentence,
    past_count,
    past_money,
    past_sentence,
    short_past,
    stretch_sentences,
)
from sim.report.html import fill
from sim.report.page import Section
from sim.report.story import Story
from sim.report.sweep import not_recommended, told, untold
from sim.report.words import capital, join_words, money_between, name_words, percent

SHAPES: Final = {
    "grows": "\u25b2", "more": "\u25b2", "shrinks": "\u25bc", "less": "\u25bc", "holds": "\u25a0",
    "no different": "\u25a0", "undecided": "\u25c7", "no verdict": "\u25cb",
}  # fmt: skip
FULL: Final = 4  # so many answers are told at length; more would push the cautions off the first screen
MOST: Final = 7  # so many answers are told at all before the table


def chip(word: str) -> dict[str, str]:
    """A verdict word with its shape and the class of its colour."""
    return {"word": word, "shape": SHAPES[word], "kind": word.replace(" ", "-")}


def build(story: Story) -> Section:
    """The first section of a run or a sweep."""
    names = [story.lead, *told(story)]
    brief = len(names) > FULL
    shown = names if len(names) <= MOST + 1 else [story.lead, *_furthest(story, names[1:])]
    html = fill(
        "sections/answer.html.j2",
        answers=[_answer(story, name, brief and name != story.lead) for name in shown],
        brief=brief,
        compared=bool(story.paired),
        cautions=cautions(story),
        levers=_what_would_change(story),
        left=len(names) - len(shown),
        untold=untold(story),
        missing=join_words([name_words(name) for name in story.missing]),
        margin=percent(story.margin_share),
        crossed=story.crossed,
    )
    return Section("answer", "The answer", html)


def _furthest(story: Story, names: Sequence[str]) -> list[str]:
    """Those that move supply chains furthest, in the order they were asked for."""

    def reach(name: str) -> float:
        verdict = story.paired.get(name)
        return abs(verdict.headline.difference.mean) if verdict else 0.0

    chosen = sorted(names, key=reach, reverse=True)[:MOST]
    return [name for name in names if name in chosen]


def _answer(story: Story, name: str, brief: bool) -> dict[str, Any]:
    """A chip for each vocabulary, a sentence, and the details."""
    past, verdict = story.past[name], story.paired.get(name)
    if verdict is None:
        count = past_count(past)
        sentence = past_sentence(past)
        details = [f"{capital(count)}. {past_money(past)}"] if count else []
        details += stretch_sentences(past) if not story.paired else []
    elif brief:
        sentence, details = _brief(story, verdict), []
    else:
        sentence = paired_sentence(verdict)
        chance = "-" if story.withheld else chance_words(verdict.headline.chance_above)
        details = [f"{capital(short_past(past))}." + (f" Chance it is above zero: {chance}." if chance != "-" else "")]
        if not_recommended(story, [name]):
            details.append("Not among the inspectorate's recommendations.")
    return {
        "paired": chip(verdict.word) if verdict else None,
        "past": chip(past.word),
        "sentence": sentence,
        "details": details,
    }


def _brief(story: Story, verdict: PairedVerdict) -> str:
    """One line: the name, the interval, the share, and the own path."""
    h = verdict.headline
    share, whose = "", " (not the inspectorate's)" if not_recommended(story, [h.scenario]) else ""
    if math.isfinite(h.relative.mean):
        share = f" ({percent(h.relative.mean, h.relative.half_width, signed=True)})"
    words = f"{money_between(h.difference)} a year{share}" if h.difference.known else paired_sentence(verdict)
    name, past = capital(name_words(h.scenario)), short_past(story.past[h.scenario])
    return f"{name}{whose}: {words}, {h.pairs_up} of {h.n} up; {past}."


def _what_would_change(story: Story) -> str:
    """The input that moves the answer most, where that was measured."""
    if not story.impacts:
        return ""
    from sim.report.sections.assumptions import setting_words

    name = max(story.impacts, key=lambda key: abs(story.impacts[key]))
    swing = percent(abs(story.impacts[name]))
    return f"What would change this most: {setting_words(name)}, which moves the headline by {swing} over its range."
