"""One replication as one parquet file: tidy, complete, never half-written, and able to tell that it was damaged.

A row is a month of a place at a level; a column is a measure, named with its unit (``sim.observe.measures``),
empty at levels that do not carry it. Months, figures and digests stand in the file's metadata, so that a file
gives back the whole ``RunResult`` except its cases and its wall-clock time, which would make equal runs differ.

The scenario's name is not in the file: scenarios of the same content share one file whatever they are called.
The metadata holds a checksum over every byte of the file (the checksum itself counted as zeros) and over the
files of events and cases beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.experiment.columns import numbers, strings, words
from sim.observe.measures import HEADLINE, MEASURES
from sim.observe.results import Event, FloatArray, Panel, RunResult

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

SCHEMA_VERSION: Final = 2
PART: Final = ".part"
BESIDE: Final = ("events", "cases")
_META: Final = b"probation_supply_chains"
_SUM: Final = b"content_sha256"
_ZEROS: Final = b"0" * 64
NATIONAL: Final = "national"


class DamagedFile(ValueError):
    """A file that is cut short, altered, or not what its name says."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the rows of a table fall into panels.

    Attributes:
        months: how many; every place has one row a month.
        panels: level -> (places, measures), in the order of the rows.
    """

    months: int
    panels: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]

    @property
    def measures(self) -> tuple[str, ...]:
        """All measures that occur at some level."""
        return tuple(dict.fromkeys(name for _, measures in self.panels.values() for name in measures))

    @property
    def nation_apart(self) -> bool:
        """Whether the nation's rows come first and are packed by themselves, to be read without the others."""
        return len(self.panels) > 1 and next(iter(self.panels)) == NATIONAL and self.months > 0


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself, without its table.

    Attributes:
        headline: the last value of the headline measure, in GBP a year; NaN when there is none.
        beside: kind of the files beside it (events, cases) -> their checksum.
    """

    key: str
    seed: int
    replication: int
    months: tuple[str, ...]
    figures: dict[str, float]
    digests: tuple[str, ...]
    headline: float
    shape: Shape
    beside: dict[str, str]


def run_path(runs: Path, folder: str, replication: int) -> Path:
    """The file of a run: ``runs/<scenario>/r01.parquet``."""
    return runs / folder / f"r{replication:02d}.parquet"


def beside(path: Path, kind: str) -> Path:
    """The file of events or cases that belongs to a run's file."""
    return path.with_name(f"{path.stem}-{kind}.parquet")


# --- writing -----------------------------------------------------------------------------------------------------


def write(result: RunResult, path: Path, *, key: str) -> None:
    """Write a run, and before it its events and cases if it kept any; each under a temporary name first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sums = {}
    for kind, table in (("events", _events(result)), ("cases", _cases(result))):
        if table is not None:
            data = _bytes(table)
            sums[kind] = hashlib.sha256(data).hexdigest()
            replace_bytes(data, beside(path, kind))
    apart = len(result.months) if _shape(result).nation_apart else 0
    replace_bytes(_summed(_bytes(_table(result, key, sums), apart)), path)


def replace_bytes(data: bytes, path: Path) -> None:
    """Write under a temporary name in the same folder, then put it in place in one step."""
    partial = part_path(path)
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def part_path(path: Path) -> Path:
    """A temporary name that tells which process of which machine is writing."""
    return path.with_name(f".{path.name}.{host_word()}.{os.getpid()}.{threading.get_ident()}{PART}")


def host_word() -> str:
    """This machine's name as one word without dots."""
    return "".join(c if c.isalnum() else "-" for c in socket.gethostname()) or "here"


def _summed(data: bytes) -> bytes:
    """The bytes with their checksum in its place."""
    start, end = _place_of_sum(data)
    if data[start:end] != _ZEROS:
        raise AssertionError("the checksum's place was not found")
    return data[:start] + hashlib.sha256(data).hexdigest().encode() + data[end:]


def resummed(data: bytes) -> bytes:
    """The bytes of a file that was changed on purpose, with a checksum of what it now holds."""
    start, end = _place_of_sum(data)
    return _summed(data[:start] + _ZEROS + data[end:])


def _place_of_sum(data: bytes) -> tuple[int, int]:
    """Where the checksum stands in a file: after its name, the value's tag and the value's length."""
    start = data.rfind(_SUM) + len(_SUM) + 2
    return start, start + len(_ZEROS)


def _table(result: RunResult, key: str, sums: dict[str, str]) -> pa.Table:
    import pyarrow as pa

    panels = list(result.panels.values())
    months = len(result.months)
    sizes = [months * len(panel.places) for panel in panels]
    total = sum(sizes)
    columns: dict[str, pa.Array] = {
        "replication": numbers(np.full(total, result.replication, np.int32)),
        "month": words(result.months, _joined([np.tile(np.arange(months), len(panel.places)) for panel in panels])),
        "level": words([panel.level for panel in panels], np.repeat(np.arange(len(panels)), sizes)),
        "place": _places(panels, months),
    }
    for name in _measure_names(panels):
        values, absent = np.zeros(total), np.ones(total, dtype=bool)
        row = 0
        for panel, size in zip(panels, sizes, strict=True):
            if name in panel.values:
                values[row : row + size] = panel.values[name].T.ravel()
                absent[row : row + size] = False
            row += size
        columns[name] = numbers(values, absent)
    meta = {
        "schema_version": SCHEMA_VERSION,
        "key": key,
        "seed": result.seed,
        "replication": result.replication,
        "months": result.months,
        "figures": result.figures,
        "digests": result.digests,
        "headline": _headline(result),
        "panels": {p.level: {"places": p.places, "measures": list(p.values)} for p in panels},
        "beside": sums,
    }
    return pa.Table.from_arrays(list(columns.values()), list(columns)).replace_schema_metadata(
        {_META: json.dumps(meta, separators=(",", ":")).encode(), _SUM: _ZEROS}
    )


def _shape(result: RunResult) -> Shape:
    return Shape(len(result.months), {p.level: (p.places, tuple(p.values)) for p in result.panels.values()})


def _headline(result: RunResult) -> float:
    panel = result.panels.get("national")
    if panel is None or HEADLINE not in panel.values or not result.months:
        return float("nan")
    return float(panel.values[HEADLINE][-1].sum())


def _measure_names(panels: list[Panel]) -> list[str]:
    """The measures that occur, in the order of their definitions, then any other."""
    found = dict.fromkeys(name for panel in panels for name in panel.values)
    known = [measure.name for measure in MEASURES if measure.name in found]
    return known + [name for name in found if name not in set(known)]


def _places(panels: list[Panel], months: int) -> pa.DictionaryArray:
    places = list(dict.fromkeys(place for panel in panels for place in panel.places))
    index = {place: i for i, place in enumerate(places)}
    return words(places, _joined([np.repeat([index[p] for p in panel.places], months) for panel in panels]))


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _events(result: RunResult) -> pa.Table | None:
    import pyarrow as pa

    if not result.events:
        return None
    days = numbers(np.array([event.day for event in result.events], dtype=np.float64))
    texts = {name: strings([getattr(event, name) for event in result.events]) for name in ("kind", "who", "detail")}
    return pa.Table.from_arrays([days, *texts.values()], ["day", *texts])


def _cases(result: RunResult) -> pa.Table | None:
    import pyarrow as pa

    if not result.cases:
        return None
    columns = [strings(list(map(str, v))) if v.dtype.kind in "OU" else numbers(v) for v in result.cases.values()]
    return pa.Table.from_arrays(columns, list(result.cases))


def _bytes(table: pa.Table, apart: int = 0) -> bytes:
    """The table as a file, its first rows packed ``apart``.

    Counts and shares pack best with their bytes split; money, which repeats, as it is.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    real = [field.name for field in table.schema if str(field.type) == "double"]
    how: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": 9,
        "use_dictionary": [name for name in table.column_names if name not in real],
        "column_encoding": {name: "BYTE_STREAM_SPLIT" for name in real if "gbp" not in name},
        "store_schema": False,
        "write_statistics": False,
    }
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, **how) as writer:
        for rows in (table.slice(0, apart), table.slice(apart)) if apart else (table,):
            writer.write_table(rows)
        if table.schema.metadata:
            writer.add_key_value_metadata(table.schema.metadata)
    return bytes(sink.getvalue().to_pybytes())


# --- reading -----------------------------------------------------------------------------------------------------


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
    if _SUM not in data:
        raise DamagedFile(f"{path} is not a run of this version")
    start, end = _place_of_sum(data)
    if hashlib.sha256(data[:start] + _ZEROS + data[end:]).hexdigest().encode() != data[start:end]:
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
    import pyarrow as pa
    import pyarrow.parquet as pq

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
        meta: dict[str, Any] = json.loads(found.get(_META, b"{}"))
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
