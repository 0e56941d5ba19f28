"""Why: the chain of events in a few sentences with counts."""

from __future__ import annotations

from sim.report.happenings import sentences
from sim.report.html import fill
from sim.report.page import Section
from sim.report.story import Story
from sim.report.words import name_words


def build(story: Story) -> Section:
    """From the lead scenario's means."""
    who = f", {name_words(story.lead)}" if story.swept else ""
    return Section("why", "Why", fill("sections/why.html.j2", who=who, sentences=sentences(story)))
