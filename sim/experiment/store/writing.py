"""Writing a run: its events and cases first, each file under a temporary name, then put in place in one step."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.columns import numbers, strings, words
from sim.experiment.store.layout import META, SCHEMA_VERSION, SUM, ZEROS, Shape, beside, replace_bytes, summed
from sim.observe.measures import HEADLINE, MEASURES
from sim.observe.results import Panel, RunResult

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]


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
    replace_bytes(summed(_bytes(_table(result, key, sums), apart)), path)


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
        {META: json.dumps(meta, separators=(",", ":")).encode(), SUM: ZEROS}
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
