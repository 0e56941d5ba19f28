"""Results that stay on the disk: a ``RunResult`` whose panels are read from its file when somebody looks at them.

A sweep of 10,000 runs must not sit in memory. A run keeps its national panel once it was read; its other panels
too, as long as all runs together stay below a budget; past that one measure at a time. Events and cases are not
part of it: read the run's file with ``store.read`` for those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from sim.experiment import store
from sim.experiment.store import NATIONAL, Head, Shape
from sim.observe.results import FloatArray, Panel, RunResult

BUDGET_BYTES: Final = 600_000_000


class Shelf:
    """What the runs of one experiment hold in memory between them.

    Args:
        budget: bytes of panels below the national level that may be kept.
    """

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._left = budget
        self._same: dict[object, object] = {}

    def result(self, path: Path, head: Head, scenario: str, seconds: float = 0.0) -> RunResult:
        """A run that reads its panels from its file when asked."""
        months, shape = self._shared(head.months), self._shape(head.shape)
        book = _Book(path, shape, self)
        lazy = {
            level: Panel(level, places, _Values(book, level, names)) for level, (places, names) in shape.panels.items()
        }
        digests = tuple(str(self._same.setdefault(digest, digest)) for digest in head.digests)
        return RunResult(scenario, head.seed, head.replication, months, lazy, head.figures, digests, seconds=seconds)

    def take(self, size: int) -> bool:
        """Whether there is room for that many bytes more; if so it is taken."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def _shared(self, words: tuple[str, ...]) -> tuple[str, ...]:
        found = self._same.setdefault(words, words)
        assert isinstance(found, tuple)
        return found

    def _shape(self, shape: Shape) -> Shape:
        """The one copy of a shape that all runs of the same places and measures share."""
        known = (shape.months, *shape.panels.items())
        found = self._same.setdefault(known, shape)
        assert isinstance(found, Shape)
        return found


class _Book:
    """The file of one run and what was read of it."""

    __slots__ = ("_kept", "_last", "_nation", "_path", "_shape", "_shelf")

    def __init__(self, path: Path, shape: Shape, shelf: Shelf) -> None:
        self._path, self._shape, self._shelf = path, shape, shelf
        self._nation: FloatArray | None = None
        self._kept: dict[str, Panel] | None = None
        self._last: tuple[str, dict[str, Panel]] | None = None

    def values(self, level: str, name: str) -> FloatArray:
        """A measure at a level, shape (months, places)."""
        if level == NATIONAL:
            return self._of_nation(name)
        if self._kept is None and self._shelf.take(_bytes_below_nation(self._shape)):
            self._kept = store.panels_of(self._shape, store.columns(self._shape, self._path))
        if self._kept is not None:
            return self._kept[level].values[name]
        if self._last is None or self._last[0] != name:
            self._last = name, store.panels_of(self._shape, store.columns(self._shape, self._path, [name]))
        return self._last[1][level].values[name]

    def _of_nation(self, name: str) -> FloatArray:
        names = self._shape.panels[NATIONAL][1]
        if self._nation is None:
            found = store.columns(self._shape, self._path, names, nation=True)
            self._nation = np.stack([store.part(self._shape, NATIONAL, found[n]) for n in names])
        found_here: FloatArray = self._nation[names.index(name)]
        return found_here


def _bytes_below_nation(shape: Shape) -> int:
    panels = ((places, names) for level, (places, names) in shape.panels.items() if level != NATIONAL)
    return sum(8 * shape.months * len(places) * len(names) for places, names in panels)


class _Values(Mapping[str, FloatArray]):
    """The measures of a panel, each read when it is asked for."""

    __slots__ = ("_book", "_level", "_names")

    def __init__(self, book: _Book, level: str, names: tuple[str, ...]) -> None:
        self._book, self._level, self._names = book, level, names

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self._names:
            raise KeyError(name)
        return self._book.values(self._level, name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
