"""Which sections the page of a run or a sweep has, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.report.earlier import Earlier
from sim.report.page import Head, Section, compose
from sim.report.picture import Drawn
from sim.report.record import Record
from sim.report.sections import answer, assumptions, limits, options, people, since, sure, what_was_run, why
from sim.report.sections.pictures import plain_section
from sim.report.sections.what_was_run import File
from sim.report.story import Story
from sim.report.words import capital, count_words, name_words

PLAIN: Final = {"path": "The path", "money": "The money"}


def page_of(
    story: Story, drawn: Sequence[Drawn], files: Sequence[File], record: Record, earlier: Earlier | None
) -> str:
    """The page of a single run or a sweep, as text."""
    head = head_of(story, record)
    found = [
        answer.build(story),
        options.build(story, drawn),
        plain_section(drawn, "path", PLAIN["path"]),
        people.build(story, drawn),
        plain_section(drawn, "money", PLAIN["money"]),
        why.build(story, drawn),
        sure.build(story),
        assumptions.build(story),
        since.build(earlier),
        limits.build(),
        what_was_run.build(story, record, files, head.title, head.facts),
    ]
    sections: list[Section] = [section for section in found if section is not None]
    moves = any("data-figure=" in section.html for section in sections)
    return compose(head, sections, [people.SCRIPT] if moves else [])


def head_of(story: Story, record: Record) -> Head:
    """Title, facts and what must be known first."""
    title = f"{capital(story.name.replace('-', ' ').replace('_', ' '))}: probation supply chains"
    facts = [f"Run {story.day_words}", story.place, count_words(story.ensemble.n, "replication")]
    facts += [f"model {record.model}"] if record.model else []
    return Head(title, facts, banners(story))


def banners(story: Story) -> list[str]:
    """What the folder lacks, comparisons withheld, runs to come, runs that failed."""
    says = list(story.notes)
    for s in story.broken:
        words = s.words.replace(s.scenario, name_words(s.scenario)).replace("do_nothing", "doing nothing")
        says.append(f"Not comparable: {words}. Its comparison is withheld.")
    done, planned, failed = story.finished, story.planned_runs, story.failed_runs
    if story.withheld:
        also = f" ({failed} failed)" if failed else ""
        says.append(f"{done} of {planned} runs{also}; verdicts withheld. The same command goes on with the rest.")
    elif failed:
        says.append(
            f"{failed} of {planned} runs failed; the answer below is from the other {done}."
            " What failed stands under What was run."
        )
    elif done < planned:
        says.append(f"{done} of {planned} runs finished; the answer below is from those.")
    return says
