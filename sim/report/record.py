"""What the experiment folder itself says of its runs: how, where and with what they were made, and which failed.

Read from ``run.json`` and ``failures.csv``, so that a page made again from a folder tells the same as the first one.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "run.json"
FAILURES: Final = "failures.csv"
PACKAGES: Final = ("probation-supply-chains", "simpy", "numpy", "scipy", "matplotlib", "hydra-core", "pandas")
LONGEST: Final = 200  # letters of a cause that the page shows


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that failed: which, at what stage, and why, in one line."""

    scenario: str
    replication: str
    stage: str
    cause: str


@dataclass(frozen=True)
class Record:
    """The folder's own account of its runs; empty where it has none.

    Attributes:
        run: the content of ``run.json``.
        failures: the rows of ``failures.csv``.
    """

    run: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[FailedRun, ...] = ()

    @property
    def model(self) -> str:
        """The version of this project that made the runs; empty when not told."""
        return str(self.run.get("packages", {}).get(PACKAGES[0], ""))

    @property
    def code(self) -> str:
        """The state of the code in words; empty when not told."""
        code = self.run.get("code") or {}
        if not code.get("commit"):
            return ""
        changed = ", changed since (see code.patch)" if code.get("dirty") else ", unchanged"
        return f"commit {str(code['commit'])[:10]}{changed}"

    @property
    def digest(self) -> str:
        """The first letters of the model's own checksum; empty when not told."""
        return str(self.run.get("model_source_sha256", ""))[:12]

    @property
    def machine(self) -> str:
        """The machine in general terms; empty when not told."""
        m = self.run.get("machine") or {}
        if not m:
            return ""
        engine = self.run.get("engine") or {}
        workers = f", {engine['workers']} worker processes" if engine.get("workers") else ""
        kernel = ", compiled kernel" if m.get("compiled_kernel") else ""
        python = f"Python {m.get('python')}{kernel}{workers}"
        python += ", shared history" if engine.get("shared_history") else ""
        return f"{m.get('system')} {m.get('processor')}, {m.get('cores')} cores, {python}"

    @property
    def versions(self) -> str:
        """Versions of what computed; empty when not told."""
        found = self.run.get("packages") or {}
        return ", ".join(f"{name} {found[name]}" for name in PACKAGES if name in found)

    @property
    def seconds(self) -> float | None:
        """How long the runs took by the clock; None when not told."""
        value = self.run.get("seconds")
        return float(value) if value is not None else None


def read_record(folder: Path) -> Record:
    """What a folder says of its runs; a file that is missing or cannot be read says nothing."""
    return Record(read_json(folder / MANIFEST), tuple(_failures(folder / FAILURES)))


def read_json(path: Path) -> dict[str, Any]:
    """The mapping in a JSON file; empty when there is none to be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _failures(path: Path) -> list[FailedRun]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            FailedRun(row.get("scenario", ""), row.get("replication", ""), row.get("stage", ""), _line(row["cause"]))
            for row in csv.DictReader(file)
        ]


def _line(text: str) -> str:
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
