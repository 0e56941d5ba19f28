"""The folder of one experiment: marked PARTIAL until it is whole, never written twice.

``experiments/<name>/<date_time>/`` holds ``plan.json`` (frozen before the first run), ``run.json``, ``runs/`` and, when
the report has been written, ``SHA256SUMS``. Until then a file ``PARTIAL`` stands in it; what is there by then can be
read at any time. ``experiments/INDEX.md`` has one line an experiment that has ended.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sim.experiment.frozen import thaw
from sim.experiment.store import PART, host_word, replace_bytes
from sim.experiment.work import Failure

INDEX: Final = "INDEX.md"
SUMS: Final = "SHA256SUMS"
MARKER: Final = "PARTIAL"
_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}_\d{6}(_\d{6})?")
_INDEX_HEAD: Final = (
    "# Experiments\n\nOne line each, oldest first. A finished folder is never written again.\n\n"
    "| date | experiment | question | runs | answer | page |\n|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True, slots=True)
class ExperimentFolder:
    """A folder in the making.

    Attributes:
        path: where it is.
        output: the folder of all experiments.
    """

    path: Path
    output: Path

    @classmethod
    def make(cls, output: Path, name: str, now: datetime) -> ExperimentFolder:
        """Reserve a folder for an experiment that starts now.

        Two in one second get two names, and none is named before an earlier one, whatever the clock says.
        """
        home = output / name
        home.mkdir(parents=True, exist_ok=True)
        while True:
            path = home / _stamp(output, name, now)
            try:
                path.mkdir()
            except FileExistsError:  # another one took it just now
                continue
            folder = cls(path, output)
            try:
                folder.write_text(MARKER, f"Runs are being made by process {os.getpid()} on {host_word()}.\n")
            except OSError:
                folder.discard()
                raise
            return folder

    @property
    def runs(self) -> Path:
        """Where runs are written."""
        return self.path / "runs"

    def write_json(self, name: str, content: Any) -> None:
        """Write a JSON file, readable and with the same bytes for the same content."""
        text = json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"
        self.write_text(name, text)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file under the folder, whole or not at all, with the same line ends on every system."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(text.encode(), path)

    def write_failures(self, failures: Sequence[Failure]) -> None:
        """One row a failed run; no file when there is none."""
        if not failures:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["scenario", "replication", "stage", "cause", "trace"])
        writer.writerows([f.scenario, f.replication, f.stage, f.cause, f.trace] for f in failures)
        self.write_text("failures.csv", text.getvalue())

    def settle(self) -> None:
        """The runs have ended: take away what only served to make them. It stays marked until it is sealed."""
        thaw(self.path)
        for half_written in self.path.rglob(f".*{PART}"):
            half_written.unlink()
        self.write_text(MARKER, "Runs or report are not complete. See run.json for what is here.\n")

    def seal(self) -> None:
        """Note the checksum of every file and take the mark of a partial folder away."""
        (self.path / MARKER).unlink(missing_ok=True)
        files = sorted(p for p in self.path.rglob("*") if p.is_file() and p.name != SUMS)
        lines = [f"{sha256(p)}  {p.relative_to(self.path).as_posix()}\n" for p in files]
        self.write_text(SUMS, "".join(lines))

    def discard(self) -> None:
        """Remove the folder, and its parents if they are empty: nothing was kept."""
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in (self.path.parent, self.output):
            try:
                parent.rmdir()
            except OSError:
                return

    def index(self, *, question: str, runs: str, answer: str) -> None:
        """Add the line of this experiment to the index of all."""
        self.output.mkdir(parents=True, exist_ok=True)
        page = self.path.relative_to(self.output).as_posix()
        when = self.path.name[:10]
        target = f"{page}/report.html" if (self.path / "report.html").is_file() else page
        cells = [when, self.path.parent.name, question, runs, answer, f"[{self.path.name}]({target})"]
        line = "| " + " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells) + " |\n"
        path = self.output / INDEX
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(_INDEX_HEAD + line)
        except FileExistsError:
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(line)


def _stamp(output: Path, name: str, now: datetime) -> str:
    """A name of date and time that is new and comes before no other below the output folder."""
    stamp = f"{now:%Y-%m-%d_%H%M%S}"
    latest_yet = max((p.name for p in output.glob("*/*") if _STAMP.fullmatch(p.name)), default="")
    if stamp >= latest_yet and not (output / name / stamp).exists():
        return stamp
    second, count = latest_yet[: len(stamp)], latest_yet[len(stamp) + 1 :]
    return f"{second}_{int(count or 0) + 1:06d}"


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def index_rows(output: Path) -> list[list[str]]:
    """The lines of the index, oldest first, as cells; empty when nothing has been run yet."""
    path = output / INDEX
    if not path.is_file():
        return []
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def latest(output: Path) -> Path | None:
    """The experiment folder made last, or None; folders still in the making do not count."""
    folders = [
        p for p in output.glob("*/*") if p.is_dir() and not p.name.startswith(".") and (p / "run.json").is_file()
    ]
    return max(folders, key=lambda p: (p.name, p.stat().st_mtime), default=None)
