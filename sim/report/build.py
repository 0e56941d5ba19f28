"""From replications to the folder a stranger can read: page, tables, figures, START-HERE, console text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.analysis.validation import tally
from sim.observe.results import RunResult
from sim.report import datapackage, stress
from sim.report.answer import cautions, paired_sentence, past_money, past_sentence
from sim.report.console import console
from sim.report.console_sweep import effects_lines
from sim.report.contents import page_of
from sim.report.earlier import find_earlier, since
from sim.report.figures.gallery import pictures
from sim.report.picture import write_picture
from sim.report.record import read_record
from sim.report.sections.what_was_run import File
from sim.report.story import ReportSettings, Story
from sim.report.sweep import factorials, told, untold
from sim.report.tables import all_tables
from sim.report.words import name_words
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

WORDS: Final = {
    "summary.csv": "each measure of each scenario: mean, 95% interval, replications, unit",
    "monthly_national.csv": "every national measure, month by month",
    "validation.csv": "the published patterns: target, accepted range, ours",
    "verdicts.csv": "the answer as data, one row a scenario",
    "comparison.csv": "every measure against doing nothing, pair by pair",
    "worlds.csv": "the answer in every calibrated world, and at both ends of the link that funding verdicts rest on",
    "effects.csv": "what each lever brings by itself, and two together beyond their sum",
    "assumptions.csv": "every number the model was given: unit, range, source, grade",
    "data-dictionary.csv": "every column: words, unit, when taken, over what",
    "figures": "each figure as SVG, PNG, its numbers as CSV, and words for it",
    "START-HERE.txt": "what was asked, the answer in a few sentences, how to run it again",
    "stress.md": "the STRESS-DES reporting checklist, filled from the run",
    "datapackage.json": "type, meaning and unit of every column of every table",
    "runs": "each run: its monthly measures by place, and its figures",
    "failures.csv": "runs that failed: where, why, and the full trace",
    "plan.json": "what was planned, frozen before the first run",
    "run.json": "what was run: command, seeds, versions, code, machine, checksums of runs",
    "code.patch": "what the code had changed since its last commit",
}
KINDS: Final = {".csv": "table", ".json": "data", ".txt": "text", ".patch": "text", ".md": "text"}


def write_report(
    folder: Path,
    results: Mapping[str, Sequence[RunResult]],
    settings: ReportSettings,
    scenarios: Sequence[Scenario],
    started: datetime,
    *,
    of: Path | None = None,
) -> str:
    """Write the report of an experiment into its folder and return the text for the terminal.

    Args:
        folder: the experiment folder; made if missing, files of the report in it are written anew.
        results: scenario name -> finished replications, possibly none.
        settings: how the runs were asked for.
        scenarios: every scenario that was planned.
        started: when the experiment began, in local time.
        of: the experiment's own folder, when the report is written elsewhere.

    Raises:
        ValueError: when no run finished.
    """
    story = Story.of(results, settings, scenarios, started)
    folder.mkdir(parents=True, exist_ok=True)
    tables = all_tables(story)
    for name, table in tables.items():
        write_table(table, folder / name)
    drawn = [write_picture(picture, folder / "figures") for picture in pictures(story)]
    (folder / "START-HERE.txt").write_text(start_here(story, list(tables)), encoding="utf-8", newline="\n")
    (folder / stress.NAME).write_text(stress.stress(story), encoding="utf-8", newline="\n")
    datapackage.write(folder, name=story.name, title=story.name, created=story.started.isoformat(), words=WORDS)
    home = of or folder
    before = find_earlier(home) if (home / "verdicts.csv").is_file() else None
    earlier = since(home, before) if before is not None else None
    page = page_of(story, drawn, files_of(folder), read_record(home), earlier)
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
    return console(story, str(shown_path(folder / "report.html")))


def write_table(table: pd.DataFrame, path: Path) -> None:
    """CSV in UTF-8 with six significant digits, the same bytes on every system."""
    table.to_csv(path, index=False, lineterminator="\n", float_format="%.6g", encoding="utf-8")


def shown_path(path: Path) -> Path:
    """A path as short as it can be pasted: relative to the working directory where it lies inside."""
    here = Path.cwd().resolve()
    whole = path.resolve()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole


def files_of(folder: Path, words: Mapping[str, str] = WORDS) -> list[File]:
    """The files and folders of an experiment that a reader may open, in the order of ``words`` on them."""
    there = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    return [File(name, _kind(folder / name), size_words(folder / name), words[name]) for name in words if name in there]


def _kind(path: Path) -> str:
    return "folder" if path.is_dir() else KINDS.get(path.suffix, path.suffix.lstrip("."))


def size_words(path: Path) -> str:
    """The size of a file or of all files in a folder, in KB or MB."""
    parts = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    size = sum(p.stat().st_size for p in parts)
    text = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(size / 1e3, 0.1):,.1f} KB"
    return f"{len(parts)} files, {text}" if path.is_dir() else text


def start_here(story: Story, tables: Sequence[str]) -> str:
    """What was asked, what was found, how sure, and how to do it again, for someone who was not there."""
    found = [past_sentence(story.past[story.lead]), past_money(story.past[story.lead])]
    found += [paired_sentence(story.paired[name]) for name in told(story) if name in story.paired]
    found += [*effects_lines(factorials(story)), untold(story)]
    lines = [
        f"{story.name}: a simulation of probation supply chains in England and Wales",
        "=" * 72,
        "",
        "ASKED",
        "  Do the supply chains of probation shrink or grow under:",
        *(f"    {name_words(name)}" for name in story.ensembles),
        "",
        "FOUND (a scenario, not a forecast)",
        *(f"  {sentence}" for sentence in found if sentence),
        "",
        "HOW SURE",
        *(f"  {i}. {caution}" for i, caution in enumerate(cautions(story), 1)),
        f"  Published patterns reproduced: {tally(story.scored)}.",
        "",
        "READ",
        "  report.html           the answer, pictures and limits on one page; needs no network",
        *(f"  {name:<22}{WORDS[name]}" for name in (*tables, "figures")),
        "",
        "RUN IT AGAIN",
        f"  {story.command}",
        "",
    ]
    return "\n".join(lines)
