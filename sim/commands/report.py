"""``report FOLDER``: a new page from the runs a folder holds, beside the old one and never over it.

It works on what is there: a finished folder, one stopped half-way, one whose runs are still being made. A folder that
cannot be written gets its page in the working directory.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from sim.commands.folders import opened, refusal, short, the_word, warn

if TYPE_CHECKING:
    from sim.cli import Options
    from sim.experiment.reading import Opened
    from sim.parameters.places import Figure

_LINK: Final = re.compile(r'(href|src)="(?![#/]|[a-z]+:)([^"]+)"')


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How the runs of a folder were asked for, and what a reader of its new page must know."""

    name: str
    seed: int
    replications: int
    margin_share: float
    command: str
    planned_runs: int
    failed_runs: int
    figures: tuple[Figure, ...]
    stopping: str
    patterns_file: str
    impacts: Mapping[str, float]
    notes: tuple[str, ...]


def main(options: Options) -> int:
    """Write the page and say where; raises SettingsError when there is nothing to report."""
    folder = opened(the_word(options.words, "report"), "report")
    described = {scenario.name for scenario in folder.scenarios}
    results = {name: runs for name, runs in folder.results.items() if runs and name in described}
    missing = folder.missing()
    warn(missing)
    if not results:
        runs = any(folder.results.values())
        why = (
            "its runs are there, but not the settings they were made with" if runs else "holds no run that can be read"
        )
        raise refusal("report", f"{short(folder.path)}: {why}: there is nothing to report")

    from sim.analysis.intervals import LEVEL, computed_at
    from sim.report.build import write_report

    with TemporaryDirectory() as made, computed_at(folder.level or LEVEL):
        here = Path(made)
        asked = _settings(folder, missing)
        text = write_report(here, results, asked, folder.scenarios, folder.started, of=folder.path)
        page = _place(here, folder)
    print(_answer(text))
    print(f"READ    {short(page)}")
    return 0


def _settings(folder: Opened, missing: list[str]) -> Rebuilt:
    from sim.experiment.manifest import own_version

    asked, now = folder.settings, datetime.now()
    rebuilt = f"This page was made again on {now.day} {now:%b %Y} by version {own_version()}, from runs made before."
    notes = [f"{note[:1].upper()}{note[1:]}." for note in missing]
    return Rebuilt(
        name=asked.name,
        seed=asked.seed,
        replications=asked.replications,
        margin_share=asked.margin_share,
        command=asked.command,
        planned_runs=folder.planned,
        failed_runs=folder.failed,
        figures=asked.figures,
        stopping=asked.stopping,
        patterns_file=asked.patterns_file,
        impacts=asked.impacts,
        notes=(*notes, rebuilt),
    )


def _place(made: Path, folder: Opened) -> Path:
    """Put page and files in the folder, or where it cannot be written in the working directory."""
    try:
        return _put(made, folder.path, "report")
    except OSError:
        stem = "-".join(part.strip(".") for part in folder.path.parts[-2:])
        try:
            page = _put(made, Path.cwd(), f"{stem}-report")
        except OSError as error:
            words = error.strerror or str(error)
            raise refusal("report", f"neither {short(folder.path)} nor this folder can be written: {words}") from error
        warn([f"{short(folder.path)} cannot be written, so the page stands in the working directory"])
        return page


def _put(made: Path, home: Path, stem: str) -> Path:
    """``report-2.html`` and, beside it, ``report-2/`` with its tables and figures; the first number that is free."""
    number = 2
    while (home / f"{stem}-{number}.html").exists() or (home / f"{stem}-{number}").exists():
        number += 1
    name = f"{stem}-{number}"
    files = home / name
    files.mkdir()
    try:
        for path in sorted(made.iterdir()):
            if path.is_dir():
                shutil.copytree(path, files / path.name)
            elif path.name != "report.html":
                shutil.copy(path, files / path.name)
        text = (made / "report.html").read_text(encoding="utf-8")
        partial = files / ".page"
        partial.write_text(_LINK.sub(rf'\1="{name}/\2"', text), encoding="utf-8", newline="\n")
        page = home / f"{name}.html"
        os.replace(partial, page)
    except OSError:
        shutil.rmtree(files, ignore_errors=True)
        raise
    return page


def _answer(text: str) -> str:
    """The terminal's text without where to read on, which is not where it was written."""
    from sim.commands import console

    return console.sections(text, ("ANSWER", "SURE?", "CHECKS")).rstrip("\n") + "\n"
