"""Whether an experiment folder still is what it was, and whether its runs come out the same when made again.

Four questions, each with its own answer: are the files those that were sealed, is the model's code the same, do the
typed settings still mean the same, and do some of the runs, made again, give the same digests and the same tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.experiment import kept
from sim.experiment.engines import Engine, open_engine, worker_count
from sim.experiment.folder import MARKER, SUMS, sha256
from sim.experiment.manifest import run_digest
from sim.experiment.plan import source_digest, source_files
from sim.experiment.reading import Opened
from sim.experiment.rebuilding import Described, retyped
from sim.observe.results import RunResult
from sim.settings.problems import SettingsError
from sim.settings.worlds import split_name

SAMPLE: Final = 5
_LATER: Final = re.compile(r"report-\d+(\.html|/.*)")  # pages made again, which stand beside what was sealed


@dataclass(frozen=True, slots=True)
class Sums:
    """What the checksums say: files changed, gone and added since they were noted.

    Attributes:
        counted: files noted; 0 when the folder has no checksums.
    """

    counted: int
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether every file noted is there and as it was."""
        return not self.changed and not self.gone


def check_sums(folder: Opened) -> Sums:
    """Compare every file with the checksum noted when the folder was sealed."""
    path = folder.path
    try:
        lines = (path / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return Sums(0)
    except UnicodeDecodeError:
        return Sums(0, changed=(SUMS,))
    noted = {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}
    changed, gone = [], []
    for name, digest in noted.items():
        file = path / name
        if not file.is_file():
            gone.append(name)
        elif sha256(file) != digest:
            changed.append(name)
    there = (p.relative_to(path).as_posix() for p in sorted(path.rglob("*")) if p.is_file())
    added = [name for name in there if name not in noted and name not in (SUMS, MARKER) and not _LATER.fullmatch(name)]
    return Sums(len(noted), tuple(changed), tuple(gone), tuple(added))


def other_code(folder: Opened) -> list[str] | None:
    """The files of the model that are not those it was run with; None when the folder does not tell."""
    then = folder.plan.get("model_source_files") or folder.run.get("model_source_files")
    if isinstance(then, Mapping):
        now = source_files()
        return sorted(f"sim/{name}" for name in {*then, *now} if then.get(name) != now.get(name))
    digest = folder.plan.get("model_source_sha256") or folder.run.get("model_source_sha256")
    if not isinstance(digest, str):
        return None
    return [] if digest == source_digest() else ["sim (this older folder does not say which file)"]


def other_settings(folder: Opened) -> list[str]:
    """What the typed settings mean today where that is not what was run: one line a setting."""
    found: dict[str, list[str]] = {}
    for d in folder.described:
        if d.tree is None or not d.overrides:
            continue
        try:
            again = retyped(d.overrides, str(folder.run.get("command", "")), split_name(d.name)[1])
        except SettingsError as error:
            found.setdefault(error.problems[0].sentence, []).append(d.name)
            continue
        if again is None:
            continue
        for key, (before, after) in kept.changes(_of_model(d.tree), _of_model(again[0])).items():
            found.setdefault(f"{key} was {_shown(before)}, is {_shown(after)}", []).append(d.name)
    every = len(folder.described)
    return [line if len(names) == every else f"{line} ({', '.join(names)})" for line, names in found.items()]


def _of_model(tree: kept.Tree) -> kept.Tree:
    """The groups that a replication depends on."""
    return {
        key: value
        for key, value in tree.items()
        if isinstance(value, Mapping) and key not in ("engine", "record", "ensemble")
    }


def _shown(value: Any) -> str:
    return "absent" if value is None else str(value)


def sample(folder: Opened, runs: int) -> list[tuple[Described, int]]:
    """The runs to make again: the first so many in the order of their keys, which is the same every time."""
    there = [
        (d.keys.get(r, ""), d.name, r, d)
        for d in folder.described
        if d.scenario is not None
        for r in folder.files.get(d.name, {})
    ]
    return [(d, r) for _, _, r, d in sorted(there, key=lambda row: row[:3])[:runs]]


def compared(folder: Opened, d: Described, made: RunResult) -> list[str]:
    """In what a run made again differs from the one kept, in words; empty when in nothing."""
    replication = made.replication
    kept_run = next((run for run in folder.results[d.name] if run.replication == replication), None)
    where = f"runs/{d.folder}/r{replication:02d}.parquet"
    if kept_run is None:
        return []  # it cannot be read, which is said elsewhere
    noted = folder.run.get("run_digests", {}).get(d.name, {}).get(str(replication))
    says = []
    if noted is not None and run_digest(kept_run) != noted:
        says.append(f"{where} is not the run that run.json notes")
    if made.digests != kept_run.digests:
        pairs = zip(made.months, made.digests, kept_run.digests, strict=False)
        month = next((m for m, a, b in pairs if a != b), "its length")
        says.append(f"{where} comes out different from {month} on")
    elif found := table_differences(kept_run, made):
        says.append(f"{where} has other tables: {', '.join(found[:3])}")
    return says


def make_again(
    folder: Opened, chosen: list[tuple[Described, int]], *, workers: int | None = None
) -> Iterator[tuple[Described, RunResult]]:
    """Make runs again, several at once; nothing is written. Raises whatever a run raises."""
    from sim.model import run_replication

    kind = "serial" if folder.settings.engine == "serial" else "local"
    with open_engine(Engine(kind), worker_count(kind, workers, len(chosen))) as executor:
        waiting = [
            (d, executor.submit(run_replication, d.scenario, seed=folder.settings.seed, replication=r))
            for d, r in chosen
            if d.scenario is not None
        ]
        for d, future in waiting:
            yield d, future.result()


def table_differences(a: RunResult, b: RunResult) -> list[str]:
    """Measures and figures in which two runs differ, to the last digit."""
    found = [f"figure {name}" for name in {**a.figures, **b.figures} if not _same(a.figures, b.figures, name)]
    for level in {**a.panels, **b.panels}:
        one, other = a.panels.get(level), b.panels.get(level)
        if one is None or other is None or one.places != other.places:
            found.append(level)
            continue
        found += [
            f"{level} {name}"
            for name in {**one.values, **other.values}
            if name not in one.values
            or name not in other.values
            or not np.array_equal(one.values[name], other.values[name], equal_nan=True)
        ]
    return found


def _same(a: Mapping[str, float], b: Mapping[str, float], name: str) -> bool:
    return name in a and name in b and np.array_equal(a[name], b[name], equal_nan=True)
