"""``datapackage.json``: every CSV of a folder with the type, the meaning and the unit of each field.

After the Data Package specification (https://datapackage.org), so that a validator can check the tables and a stranger
can read them. The runs are parquet, whose own metadata name their columns; they are named here, not described twice.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sim.report.columns import column

NAME: Final = "datapackage.json"
_TYPES: Final = (
    ("integer", re.compile(r"[+-]?\d+")),
    ("number", re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")),
    ("boolean", re.compile(r"True|False")),
    ("yearmonth", re.compile(r"\d{4}-(0[1-9]|1[0-2])")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
)


def package(folder: Path, *, name: str, title: str, created: str, words: Mapping[str, str]) -> dict[str, Any]:
    """The description of a folder's tables.

    Args:
        name: the experiment's name.
        created: when it began, ISO.
        words: what each file holds, by its name.

    Returns:
        The content of ``datapackage.json``; resources in the order of their paths, tables before figures.
    """
    tables = [*sorted(folder.glob("*.csv")), *sorted((folder / "figures").glob("*.csv"))]
    return {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "experiment",
        "title": title,
        "description": (
            "Tables of one experiment. Runs are parquet files below runs/, one a replication, with one row a month and"
            " place and one column a measure; their columns are in data-dictionary.csv. A scenario, not a forecast."
        ),
        "created": created,
        "licenses": [{"name": "MIT", "title": "MIT License", "path": "https://opensource.org/license/mit"}],
        "resources": [_resource(path, path.relative_to(folder).as_posix(), words) for path in tables],
    }


def write(folder: Path, **about: Any) -> None:
    """Write ``datapackage.json`` into a folder; see ``package``."""
    text = json.dumps(package(folder, **about), indent=1, ensure_ascii=False) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def _resource(path: Path, where: str, words: Mapping[str, str]) -> dict[str, Any]:
    data = path.read_bytes()
    rows = csv.reader(data.decode("utf-8").splitlines(keepends=True))
    header = next(rows, [])
    return {
        "profile": "tabular-data-resource",
        "name": re.sub(r"[^a-z0-9._-]+", "-", where.lower().removesuffix(".csv")),
        "path": where,
        "title": words.get(where, words.get("figures", "") if where.startswith("figures/") else ""),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{sha256(data).hexdigest()}",
        "schema": {"fields": _fields(where, header, rows), "missingValues": [""]},
    }


def _fields(table: str, header: list[str], rows: Iterable[list[str]]) -> list[dict[str, Any]]:
    values: list[set[str]] = [set() for _ in header]
    for row in rows:
        for seen, value in zip(values, row, strict=False):
            seen.add(value)
    return [_field(table, name, seen - {""}) for name, seen in zip(header, values, strict=True)]


def _field(table: str, name: str, values: set[str]) -> dict[str, Any]:
    known = column(name, table)
    kind = next((kind for kind, form in _TYPES if values and all(map(form.fullmatch, values))), "string")
    field: dict[str, Any] = {"name": name, "type": kind, "title": known.title}
    if kind == "boolean":
        field |= {"trueValues": ["True"], "falseValues": ["False"]}
    return field | ({"unit": known.unit} if known.unit else {})
