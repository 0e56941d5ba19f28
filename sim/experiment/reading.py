"""Opens an experiment folder again: finished, stopped half-way, still in the making, old, or damaged.

What can be read is read; what is missing is said in ``notes``, one sentence each. Nothing here writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.experiment import kept, manifest, store
from sim.experiment.folder import MARKER
from sim.experiment.rebuilding import Described, asked_for, kept_trees, scenario_of
from sim.observe.results import RunResult
from sim.scenario import Scenario
from sim.settings.known import RunSettings

PLAN: Final = "plan.json"
RUN: Final = "run.json"
_FILE: Final = re.compile(r"r(\d+)\.parquet")


class FolderError(ValueError):
    """A folder cannot be read as an experiment; says why in one sentence."""


@dataclass(frozen=True)
class Opened:
    """An experiment folder.

    Attributes:
        plan, run: what ``plan.json`` and ``run.json`` say; empty when missing or broken.
        described: the scenarios in the order planned.
        settings: how the runs were asked for.
        notes: what is missing or other than expected, a sentence each.
    """

    path: Path
    plan: Mapping[str, Any]
    run: Mapping[str, Any]
    described: tuple[Described, ...]
    settings: RunSettings
    notes: tuple[str, ...]

    @property
    def study(self) -> str:
        """``calibration`` or ``sensitivity`` for a folder of a study, which keeps tables and no runs; else empty."""
        return str(self.run.get("study", ""))

    @property
    def live(self) -> bool:
        """Whether its runs are still being made (or were killed while they were)."""
        return self.run.get("state") == "running"

    @property
    def partial(self) -> bool:
        """Whether runs or report are not complete."""
        return (self.path / MARKER).is_file()

    @property
    def name(self) -> str:
        """The experiment's name and the folder's."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def started(self) -> datetime:
        """When it began; by its name where ``run.json`` is missing."""
        try:
            return datetime.fromisoformat(self.run["started"])
        except (KeyError, ValueError, TypeError):
            pass
        digits = re.sub(r"\D", "", self.path.name)[:14]
        try:
            return datetime.strptime(digits, "%Y%m%d%H%M%S").astimezone()
        except ValueError:
            return datetime.fromtimestamp(self.path.stat().st_mtime).astimezone()

    @property
    def level(self) -> float | None:
        """The confidence its intervals are computed at, where that is not the usual one (``replications=auto``)."""
        rule = self.run.get("stopping")
        found = rule.get("level_each_look") if isinstance(rule, Mapping) else None
        return float(found) if isinstance(found, int | float) else None

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios that could be built again."""
        return [d.scenario for d in self.described if d.scenario is not None]

    @cached_property
    def files(self) -> dict[str, dict[int, Path]]:
        """Scenario name -> replication -> the file of its run, of those that are there."""
        return {d.name: dict(_run_files(self.path / "runs" / d.folder)) for d in self.described}

    @cached_property
    def _read(self) -> tuple[dict[str, list[RunResult]], list[str]]:
        results: dict[str, list[RunResult]] = {}
        broken = []
        for name, files in self.files.items():
            results[name] = []
            for _, path in sorted(files.items()):
                try:
                    results[name].append(store.read(path, scenario=name))
                except Exception as error:  # whatever a damaged file does to its reader
                    where = path.relative_to(self.path).as_posix()
                    why = " ".join(str(error).split()).removeprefix(f"{path} ")
                    broken.append(f"{where} cannot be read and is left out" + (f": it {why}" if why else ""))
        return results, broken

    @property
    def results(self) -> dict[str, list[RunResult]]:
        """The runs that can be read, by scenario; empty lists where there is none."""
        return self._read[0]

    @property
    def broken(self) -> list[str]:
        """Run files that cannot be read, a sentence each."""
        return self._read[1]

    @property
    def planned(self) -> int:
        """Runs planned."""
        runs = self.run.get("runs")
        if isinstance(runs, Mapping) and isinstance(runs.get("planned"), int):
            return int(runs["planned"])
        return sum(len(d.keys) for d in self.described) or sum(map(len, self.files.values()))

    @property
    def failed(self) -> int:
        """Runs that failed."""
        runs = self.run.get("runs")
        return int(runs.get("failed", 0)) if isinstance(runs, Mapping) else 0

    def missing_runs(self) -> list[str]:
        """Files of runs that should be there and are not, as paths within the folder."""
        digests = self.run.get("run_digests")
        found = []
        for d in self.described:
            made = digests.get(d.name, {}) if isinstance(digests, Mapping) else dict.fromkeys(d.keys, "")
            found += [
                f"runs/{d.folder}/r{int(r):02d}.parquet" for r in made if int(r) not in self.files.get(d.name, {})
            ]
        return found

    def missing(self) -> list[str]:
        """Everything that is missing or cannot be read, a sentence each."""
        says = list(self.notes)
        gone = self.missing_runs()
        if gone and (self.run or not self.partial):
            says.append(f"{len(gone)} of {self.planned} runs missing: {_few(gone)}")
        return says + self.broken


def open_folder(path: Path) -> Opened:
    """Read what a folder says of itself.

    Raises:
        FolderError: it is not an experiment folder, or holds nothing that can be read.
    """
    if not path.is_dir():
        raise FolderError(f"there is no folder {path}")
    notes: list[str] = []
    plan, run = _json(path / PLAN, notes), _json(path / RUN, notes)
    if not plan and not run:
        raise FolderError(f"{path} is not an experiment folder: it holds neither {PLAN} nor {RUN}")
    if run.get("study"):
        notes.clear()  # it has no plan of runs
    _check_version(PLAN, plan, notes)
    _check_version(RUN, run, notes)
    described = () if run.get("study") else tuple(_described(path, plan, run, notes))
    settings = asked_for(path, described, plan, run)
    if run.get("state") == "running":
        notes.insert(0, "its runs are still being made, or were killed: this is what is there so far")
    elif (path / MARKER).is_file():
        notes.insert(0, "it is marked partial: it was stopped, or its report failed")
    return Opened(path, plan, run, described, settings, tuple(notes))


def _json(path: Path, notes: list[str]) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        notes.append(f"{path.name} is missing")
        return {}
    except (OSError, ValueError):
        notes.append(f"{path.name} cannot be read")
        return {}
    return content if isinstance(content, Mapping) else {}


def _check_version(name: str, content: Mapping[str, Any], notes: list[str]) -> None:
    found = content.get("schema_version", manifest.SCHEMA_VERSION) if content else manifest.SCHEMA_VERSION
    if found != manifest.SCHEMA_VERSION:
        age = "a newer" if isinstance(found, int) and found > manifest.SCHEMA_VERSION else "another"
        notes.append(
            f"{name} was written by {age} version (schema {found}, this one reads {manifest.SCHEMA_VERSION}): "
            "what it says may be misread"
        )


def _described(path: Path, plan: Mapping[str, Any], run: Mapping[str, Any], notes: list[str]) -> Iterator[Described]:
    """The scenarios: from the plan, else from the folders of runs."""
    trees = kept_trees(_json(path / kept.SETTINGS, []), plan, run, notes)
    rows = plan.get("scenarios")
    if not isinstance(rows, list):
        folders = sorted(p for p in (path / "runs").glob("*") if p.is_dir())
        rows = [{"name": folder.name, "folder": folder.name} for folder in folders]
    hashes = run.get("config_sha256")
    for row in rows:
        if not isinstance(row, Mapping) or "name" not in row:
            continue
        name = str(row["name"])
        sha = str(row.get("config_sha256") or (hashes.get(name, "") if isinstance(hashes, Mapping) else ""))
        tree, options = trees.get(name, (None, {}))
        scenario, same = scenario_of(name, tree, options, sha, notes)
        keys = row.get("run_keys")
        yield Described(
            name=name,
            folder=str(row.get("folder", name)),
            overrides=tuple(map(str, row.get("overrides", ()))),
            config_sha256=sha,
            keys={int(r): str(k) for r, k in keys.items()} if isinstance(keys, Mapping) else {},
            tree=tree,
            scenario=scenario,
            same=same,
        )


def _run_files(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.glob("r*.parquet")):
        if match := _FILE.fullmatch(path.name):
            yield int(match[1]), path


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
