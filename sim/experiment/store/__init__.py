"""One replication as one parquet file: tidy, complete, never half-written, and able to tell that it was damaged.

A row is a month of a place at a level; a column is a measure, named with its unit (``sim.observe.measures``),
empty at levels that do not carry it. Months, figures and digests stand in the file's metadata, so that a file
gives back the whole ``RunResult`` except its cases and its wall-clock time, which would make equal runs differ.

The scenario's name is not in the file: scenarios of the same content share one file whatever they are called.
The metadata holds a checksum over every byte of the file (the checksum itself counted as zeros) and over the
files of events and cases beside it.
"""

from __future__ import annotations

from sim.experiment.store.layout import (
    BESIDE,
    NATIONAL,
    PART,
    SCHEMA_VERSION,
    DamagedFile,
    Head,
    Shape,
    beside,
    host_word,
    part_path,
    replace_bytes,
    resummed,
    run_path,
)
from sim.experiment.store.reading import checked, columns, panels_of, part, read, read_key, scenario_of
from sim.experiment.store.writing import write

__all__ = [
    "BESIDE",
    "NATIONAL",
    "PART",
    "SCHEMA_VERSION",
    "DamagedFile",
    "Head",
    "Shape",
    "beside",
    "checked",
    "columns",
    "host_word",
    "panels_of",
    "part",
    "part_path",
    "read",
    "read_key",
    "replace_bytes",
    "resummed",
    "run_path",
    "scenario_of",
    "write",
]
