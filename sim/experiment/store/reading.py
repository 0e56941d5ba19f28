"""Reading a run: every byte verified first, then its table, or only the columns and rows that are asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sim.experiment.store.layout import (
    BESIDE,
    META,
    SCHEMA_VERSION,
    SUM,
    ZEROS,
    DamagedFile,
    Head,
    Shape,
    beside,
    place_of_sum,
)
from sim.observe.results import Event, FloatArray, Panel, RunResult


def read(path: Path, *, scenario: str | None = None) -> RunResult:
    """The run a file holds, events included, cases not.

    Args:
        scenario: the scenario's name; if not given, what the experiment's plan calls the folder of the file.

    Raises:
        DamagedFile: it is cut short, altered, or of another kind (a ValueError).
    """
    head, data = checked(path)
    return RunResult(
        scenario=scenario or scenario_of(path),
        seed=head.seed,
        replication=head.replication,
        months=head.months,
        panels=panels_of(head.shape, columns(head.shape, data)),
        figures=head.figures,
        digests=head.digests,
        events=_read_events(beside(path, "events")) if "events" in head.beside else (),
    )


def checked(path: Path, key: str | None = None) -> tuple[Head, bytes]:
    """What a file says of itself and its bytes, every byte verified; raises DamagedFile, FileNotFoundError."""
    data = path.read_bytes()
    if data[-4:] != b"PAR1":
        raise DamagedFile(f"{path} is cut short")
    if SUM not in data:
        raise DamagedFile(f"{path} is not a run of this version")
    start, end = place_of_sum(data)
    if hashlib.sha256(data[:start] + ZEROS + data[end:]).hexdigest().encode() != data[start:end]:
        raise DamagedFile(f"{path} was altered since it was written")
    head = _head(data, path)
    if key is not None and head.key != key:
        raise DamagedFile(f"{path} holds another run than its name says")
    for kind, wanted in head.beside.items():
        there = beside(path, kind)
        if not there.is_file() or _file_sum(there) != wanted:
            raise DamagedFile(f"{there} is missing or was altered")
    return head, data


def read_key(path: Path) -> str:
    """The key of the run a file holds."""
    return checked(path)[0].key


def columns(
    shape: Shape, source: bytes | Path, only: Sequence[str] = (), *, nation: bool = False
) -> dict[str, FloatArray]:
    """The columns of all measures or ``only`` some, over all rows or those of the ``nation``; NaN where empty."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    names = list(only) or list(shape.measures)
    file = pq.ParquetFile(pa.BufferReader(source) if isinstance(source, bytes) else source)
    with file:
        if nation and shape.nation_apart:
            table = file.read_row_group(0, columns=names, use_threads=False)
        else:
            table = file.read(columns=names, use_threads=False)
        return {name: table.column(name).to_numpy() for name in names}


def panels_of(shape: Shape, found: dict[str, FloatArray]) -> dict[str, Panel]:
    """The panels that some columns give, each array of shape (months, places)."""
    panels = {}
    for level, (places, measures) in shape.panels.items():
        values = {name: part(shape, level, found[name]) for name in measures if name in found}
        panels[level] = Panel(level, places, values)
    return panels


def part(shape: Shape, level: str, column: FloatArray) -> FloatArray:
    """The rows of a level as an array of shape (months, places) of its own."""
    first = 0
    for other, (places, _) in shape.panels.items():
        size = shape.months * len(places)
        if other == level:
            return column[first : first + size].reshape(len(places), shape.months).T.copy()
        first += size
    raise KeyError(level)


def scenario_of(path: Path) -> str:
    """What the experiment's plan calls the scenario of a file in its ``runs/``; else the name of its folder."""
    folder = path.parent.name
    plan = path.parent.parent.parent / "plan.json"
    try:
        scenarios = json.loads(plan.read_text(encoding="utf-8"))["scenarios"]
        return next((str(s["name"]) for s in scenarios if s["folder"] == folder), folder)
    except (OSError, ValueError, KeyError, TypeError):
        return folder


def _head(data: bytes, path: Path) -> Head:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_metadata(pa.BufferReader(data)).metadata or {}
        meta: dict[str, Any] = json.loads(found.get(META, b"{}"))
        if meta["schema_version"] != SCHEMA_VERSION:
            raise DamagedFile(f"{path} is not a run of this version (schema {meta['schema_version']})")
        return Head(
            key=str(meta["key"]),
            seed=int(meta["seed"]),
            replication=int(meta["replication"]),
            months=tuple(meta["months"]),
            figures=dict(meta["figures"]),
            digests=tuple(meta["digests"]),
            headline=float(meta["headline"]),
            shape=Shape(
                len(meta["months"]),
                {level: (tuple(p["places"]), tuple(p["measures"])) for level, p in meta["panels"].items()},
            ),
            beside={str(kind): str(value) for kind, value in meta["beside"].items() if kind in BESIDE},
        )
    except (pa.ArrowException, KeyError, TypeError, AttributeError) as error:
        raise DamagedFile(f"{path} is not a run of this version: {error}") from error


def _file_sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_events(path: Path) -> tuple[Event, ...]:
    import pyarrow.parquet as pq

    found = pq.ParquetFile(path).read().to_pydict()
    rows: Iterable[tuple[float, str, str, str]] = zip(
        found["day"], found["kind"], found["who"], found["detail"], strict=True
    )
    return tuple(Event(day, kind, who, detail) for day, kind, who, detail in rows)
