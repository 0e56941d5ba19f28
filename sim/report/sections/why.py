"""Why: the chain of events in a few sentences with counts, and one CRC and one body told as a story."""

from __future__ import annotations

from collections.abc import Sequence

from sim.report.figures.timeline import histories
from sim.report.happenings import sentences
from sim.report.html import fill
from sim.report.page import Section
from sim.report.picture import Drawn
from sim.report.sections.pictures import figures
from sim.report.story import Story
from sim.report.words import capital, name_words


def build(story: Story, drawn: Sequence[Drawn]) -> Section:
    """From the lead scenario's means; the histories only when a run kept its events."""
    who = f", {name_words(story.lead)}" if story.swept else ""
    told = [(capital(history.title), history.lines()) for history in histories(story)]
    html = fill(
        "sections/why.html.j2", who=who, sentences=sentences(story), figures=figures(drawn, "why"), histories=told
    )
    return Section("why", "Why", html)
