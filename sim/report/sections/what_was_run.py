"""What was run: the command, versions, seeds, time and machine; failed runs; files; how to quote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.report.html import fill
from sim.report.page import Section
from sim.report.record import Record
from sim.report.story import Story
from sim.report.words import count_words, join_words, name_words

FAILURES_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder (or a folder in it): its name, kind, size and what it holds."""

    name: str
    kind: str
    size: str
    words: str


def build(story: Story, record: Record, files: Sequence[File], title: str, facts: Sequence[str]) -> Section:
    """The section of a run or a sweep."""
    failures = [(name_words(f.scenario), f.replication, f.stage, f.cause) for f in record.failures[:FAILURES_SHOWN]]
    html = fill(
        "sections/what_was_run.html.j2",
        run=_run(story, record),
        failures=failures,
        failed=len(record.failures),
        files=list(files),
        quote=_quote(story, record, title, facts),
    )
    return Section("run", "What was run", html)


def _run(story: Story, record: Record) -> list[tuple[str, str]]:
    spent = sum(run.seconds for e in story.ensembles.values() for run in e.runs)
    clock = f"{record.seconds:.0f} seconds by the clock; " if record.seconds is not None else ""
    numbers = sorted({run.replication for e in story.ensembles.values() for run in e.runs})
    rows = [
        ("Command", story.command),
        ("Scenarios", join_words([name_words(name) for name in story.ensembles])),
        ("Runs", f"{story.finished} of {story.planned_runs} planned, {story.failed_runs} failed"),
        ("Seed", f"{story.seed}; {_numbers(numbers)}"),
        ("World and time", f"{story.place}, {story.horizon.start} to {story.horizon.end}"),
        ("Started", f"{story.started:%Y-%m-%d %H:%M}; {clock}{spent:.0f} seconds of simulation in all"),
        ("Machine", record.machine),
        ("Versions", record.versions),
        (
            "Code",
            ", ".join(part for part in (record.code, record.digest and f"model checksum {record.digest}") if part),
        ),
    ]
    return [(name, value) for name, value in rows if value]


def _numbers(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"replication {numbers[0]}"
    whole = list(numbers) == list(range(numbers[0], numbers[-1] + 1))
    missing = "" if whole else f" ({count_words(numbers[-1] - numbers[0] + 1 - len(numbers), 'number')} missing)"
    return f"replications {numbers[0]} to {numbers[-1]}{missing}"


def _quote(story: Story, record: Record, title: str, facts: Sequence[str]) -> str:
    code = f", {record.code}" if record.code else ""
    return (
        f"{title}. {', '.join(facts)}, seed {story.seed}{code}. A scenario, not a forecast: quote the interval with the"
        " number, and that it covers luck only."
    )
