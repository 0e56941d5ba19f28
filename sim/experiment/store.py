"""One replication as one parquet file: tidy, complete, and never half-written.

A row is a month of a place at a level; a column is a measure, named with its unit (``sim.observe.measures``),
empty at levels that do not carry it. Months, figures and digests stand in the file's metadata, so that a file
gives back the whole ``RunResult`` except its cases and its wall-clock time, which would make equal runs differ.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.observe.measures import MEASURES
from sim.observe.results import Event, Panel, RunResult

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

SCHEMA_VERSION: Final = 1
_META: Final = b"probation_supply_chains"


def run_path(runs: Path, folder: str, replication: int) -> Path:
    """The file of a run: ``runs/<scenario>/r01.parquet``."""
    return runs / folder / f"r{replication:02d}.parquet"


def write(result: RunResult, path: Path, *, key: str) -> None:
    """Write a run, and beside it its events and cases if it kept any; each under a temporary name first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if result.events:
        _replace(_events(result), path.with_name(f"{path.stem}-events.parquet"))
    if result.cases:
        _replace(_cases(result), path.with_name(f"{path.stem}-cases.parquet"))
    _replace(_table(result, path, key), path)


def read(path: Path) -> RunResult:
    """The run a file holds, events included, cases not; raises ValueError when it is of another schema."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    table = pq.read_table(path)
    meta = _meta(table.schema.metadata, path)
    panels, row = {}, 0
    months = tuple(meta["months"])
    for level, content in meta["panels"].items():
        places = tuple(content["places"])
        size = len(months) * len(places)
        part = table.slice(row, size)
        values = {
            name: part.column(name).to_numpy().reshape(len(months), len(places)).copy() for name in content["measures"]
        }
        panels[level] = Panel(level, places, values)
        row += size
    return RunResult(
        scenario=meta["scenario"],
        seed=meta["seed"],
        replication=meta["replication"],
        months=months,
        panels=panels,
        figures=meta["figures"],
        digests=tuple(meta["digests"]),
        events=_read_events(path.with_name(f"{path.stem}-events.parquet")),
    )


def read_key(path: Path) -> str:
    """The key of the run a file holds, read without its data."""
    import pyarrow.parquet as pq

    return str(_meta(pq.read_schema(path).metadata, path)["key"])


def _meta(found: dict[bytes, bytes] | None, path: Path) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((found or {}).get(_META, b"{}"))
    if meta.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"{path} is not a run of this version (schema {meta.get('schema_version')})")
    return meta


def _table(result: RunResult, path: Path, key: str) -> pa.Table:
    import pyarrow as pa

    panels = list(result.panels.values())
    sizes = [len(result.months) * len(panel.places) for panel in panels]
    total = sum(sizes)
    columns: dict[str, pa.Array] = {
        "run": _words([f"{path.parent.name}/{path.stem}"], np.zeros(total, np.int32)),
        "scenario": _words([result.scenario], np.zeros(total, np.int32)),
        "replication": _numbers(np.full(total, result.replication, np.int32)),
        "month": _words(
            list(result.months),
            _joined([np.repeat(np.arange(len(result.months)), len(panel.places)) for panel in panels]),
        ),
        "level": _words([panel.level for panel in panels], np.repeat(np.arange(len(panels)), sizes)),
        "place": _places(panels, len(result.months)),
    }
    for name in _measure_names(panels):
        values, absent = np.zeros(total), np.ones(total, dtype=bool)
        row = 0
        for panel, size in zip(panels, sizes, strict=True):
            if name in panel.values:
                values[row : row + size] = panel.values[name].ravel()
                absent[row : row + size] = False
            row += size
        columns[name] = _numbers(values, absent)
    meta = {
        "schema_version": SCHEMA_VERSION,
        "key": key,
        "scenario": result.scenario,
        "seed": result.seed,
        "replication": result.replication,
        "months": result.months,
        "figures": result.figures,
        "digests": result.digests,
        "panels": {p.level: {"places": p.places, "measures": list(p.values)} for p in panels},
    }
    return pa.Table.from_arrays(list(columns.values()), list(columns)).replace_schema_metadata(
        {_META: json.dumps(meta).encode()}
    )


def _measure_names(panels: list[Panel]) -> list[str]:
    """The measures that occur, in the order of their definitions, then any other."""
    found = dict.fromkeys(name for panel in panels for name in panel.values)
    known = [measure.name for measure in MEASURES if measure.name in found]
    return known + [name for name in found if name not in set(known)]


def _places(panels: list[Panel], months: int) -> pa.DictionaryArray:
    places = list(dict.fromkeys(place for panel in panels for place in panel.places))
    index = {place: i for i, place in enumerate(places)}
    return _words(places, _joined([np.tile([index[p] for p in panel.places], months) for panel in panels]))


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _words(words: list[str], codes: NDArray[Any]) -> pa.DictionaryArray:
    """A column of words from a few distinct ones."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(_numbers(codes.astype(np.int32)), _strings(words or [""]))


def _numbers(values: NDArray[Any], absent: NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of numbers from their bytes: ``pa.array`` would import pandas, which no worker may."""
    import pyarrow as pa

    data = _bits(values) if values.dtype == np.bool_ else values.tobytes()
    there = None if absent is None else pa.py_buffer(_bits(~absent))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [there, pa.py_buffer(data)])


def _bits(values: NDArray[np.bool_]) -> bytes:
    return np.packbits(values, bitorder="little").tobytes()


def _strings(words: Sequence[str]) -> pa.StringArray:
    """A column of words, from their bytes for the same reason."""
    import pyarrow as pa

    coded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, coded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(coded), pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(coded)))


def _events(result: RunResult) -> pa.Table:
    import pyarrow as pa

    days = _numbers(np.array([event.day for event in result.events], dtype=np.float64))
    words = {name: _strings([getattr(event, name) for event in result.events]) for name in ("kind", "who", "detail")}
    return pa.Table.from_arrays([days, *words.values()], ["day", *words])


def _read_events(path: Path) -> tuple[Event, ...]:
    if not path.is_file():
        return ()
    import pyarrow.parquet as pq

    columns = pq.read_table(path).to_pydict()
    rows = zip(columns["day"], columns["kind"], columns["who"], columns["detail"], strict=True)
    return tuple(Event(day, kind, who, detail) for day, kind, who, detail in rows)


def _cases(result: RunResult) -> pa.Table:
    import pyarrow as pa

    columns = [_strings(list(map(str, v))) if v.dtype.kind in "OU" else _numbers(v) for v in result.cases.values()]
    return pa.Table.from_arrays(columns, list(result.cases))


def _replace(table: pa.Table, path: Path) -> None:
    """Write under a temporary name in the same folder, then put it in place in one step."""
    import pyarrow.parquet as pq

    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        words = [field.name for field in table.schema if str(field.type).startswith("dictionary")]
        pq.write_table(table, partial, compression="zstd", compression_level=9, use_dictionary=words)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
