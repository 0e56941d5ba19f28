"""What a run's file is called, what it says of itself, and where its checksum stands."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCHEMA_VERSION: Final = 2
PART: Final = ".part"
BESIDE: Final = ("events", "cases")
META: Final = b"probation_supply_chains"
SUM: Final = b"content_sha256"
ZEROS: Final = b"0" * 64
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


def summed(data: bytes) -> bytes:
    """The bytes with their checksum in its place."""
    start, end = place_of_sum(data)
    if data[start:end] != ZEROS:
        raise AssertionError("the checksum's place was not found")
    return data[:start] + hashlib.sha256(data).hexdigest().encode() + data[end:]


def resummed(data: bytes) -> bytes:
    """The bytes of a file that was changed on purpose, with a checksum of what it now holds."""
    start, end = place_of_sum(data)
    return summed(data[:start] + ZEROS + data[end:])


def place_of_sum(data: bytes) -> tuple[int, int]:
    """Where the checksum stands in a file: after its name, the value's tag and the value's length."""
    start = data.rfind(SUM) + len(SUM) + 2
    return start, start + len(ZEROS)
