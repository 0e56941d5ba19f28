"""What the pages of all studies share: the answer's section, tables, how it was run, the files, START-HERE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.report.build import WORDS, files_of, write_table
from sim.report.html import fill
from sim.report.page import Head, Section, compose
from sim.report.picture import Drawn, Picture, write_picture
from sim.report.record import Record, read_record
from sim.report.studies.dictionary import study_dictionary

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE: Final = "report.html"


@dataclass(frozen=True)
class Told:
    """What the page and START-HERE say of a study.

    Attributes:
        asked: the question, a sentence.
        sentences: the answer; the first is the weightiest.
        cautions: the weightiest first.
        facts: day, place and size, for the line under the title.
        run: name and value of what was run, for the table.
        words: file -> what it holds, those a reader opens first.
    """

    title: str
    asked: str
    sentences: Sequence[str]
    cautions: Sequence[str]
    facts: Sequence[str]
    banners: Sequence[str]
    run: Sequence[tuple[str, str]]
    words: Mapping[str, str]
    command: str


def answer(told: Told) -> Section:
    """The first section: sentences, then cautions."""
    html = fill("sections/study_answer.html.j2", sentences=told.sentences, cautions=told.cautions)
    return Section("answer", "The answer", html)


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> Markup:
    """A table whose first column names the row."""
    return fill(
        "sections/study_table.html.j2", caption=caption, header=list(header), rows=list(rows), notes=list(notes)
    )


def folded(summary: str, html: Markup) -> Markup:
    """HTML behind a fold."""
    from markupsafe import Markup

    return Markup("<details><summary>{}</summary>{}</details>").format(summary, html)


def limits(sentences: Sequence[str]) -> Section:
    """What the study cannot say."""
    return Section("limits", "Limits", fill("sections/limits.html.j2", limits=sentences))


def write_pictures(pictures: Sequence[Picture | None], folder: Path) -> list[Drawn]:
    """Number pictures in reading order and write them below ``figures``."""
    there = [picture for picture in pictures if picture is not None]
    return [
        write_picture(replace(picture, name=f"{k:02d}-{picture.name}"), folder / "figures")
        for k, picture in enumerate(there, 1)
    ]


def write_page(folder: Path, told: Told, sections: Sequence[Section | None]) -> Path:
    """Write the data dictionary, START-HERE and, last, the page; ``run.json`` and the tables are there."""
    write_table(study_dictionary(folder), folder / "data-dictionary.csv")
    words = {**told.words, **{name: text for name, text in WORDS.items() if name not in told.words}}
    (folder / "START-HERE.txt").write_text(_start_here(told, folder), encoding="utf-8", newline="\n")
    record = read_record(folder)
    facts = [*told.facts, *([f"model {record.model}"] if record.model else [])]
    run = fill(
        "sections/what_was_run.html.j2",
        run=[*told.run, *_versions(record)],
        failures=[],
        failed=0,
        files=files_of(folder, words),
        quote=f"{told.title}. {', '.join(facts)}. A scenario, not a forecast: quote the cautions with the answer.",
    )
    whole = [answer(told), *sections, Section("run", "What was run", run)]
    head = Head(told.title, facts, told.banners)
    page = compose(head, [section for section in whole if section is not None])
    (folder / PAGE).write_text(page, encoding="utf-8", newline="\n")
    return folder / PAGE


def _versions(record: Record) -> list[tuple[str, str]]:
    """How long, where and with what, from the folder's own account."""
    rows = [("Time", _time(record)), ("Machine", record.machine), ("Versions", record.versions), ("Code", record.code)]
    return [(name, value) for name, value in rows if value]


def _time(record: Record) -> str:
    try:
        began, ended = (datetime.fromisoformat(str(record.run[key])) for key in ("started", "finished"))
    except (KeyError, ValueError):
        return ""
    minutes = (ended - began).total_seconds() / 60
    took = f"{minutes:.0f} minutes" if minutes >= 2 else f"{60 * minutes:.0f} seconds"
    return f"started {began:%Y-%m-%d %H:%M}; {took} by the clock, runs kept from before not counted"


def _start_here(told: Told, folder: Path) -> str:
    there = {path.name for path in folder.iterdir()}
    lines = [
        told.title,
        "=" * 72,
        "",
        "ASKED",
        f"  {told.asked}",
        "",
        "FOUND (a scenario, not a forecast)",
        *(f"  {sentence}" for sentence in told.sentences),
        "",
        "HOW SURE",
        *(f"  {k}. {caution}" for k, caution in enumerate(told.cautions, 1)),
        "",
        "READ",
        f"  {PAGE:<22}the answer, pictures and limits on one page; needs no network",
        *(f"  {name:<22}{words}" for name, words in told.words.items() if name in there),
        f"  {'figures':<22}{WORDS['figures']}",
        f"  {'data-dictionary.csv':<22}{WORDS['data-dictionary.csv']}",
        "",
        "RUN IT AGAIN (the same command goes on from what is kept)",
        f"  {told.command}",
        "",
    ]
    return "\n".join(lines)
