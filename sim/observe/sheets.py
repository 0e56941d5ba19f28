"""The sheets of a run: for every level, its measures month by month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.observe.measures import names_at
from sim.observe.results import FloatArray, Panel


class Sheets:
    """What has been measured so far, by level; nan where nothing was.

    The national figures of a month are collected one by one and written together when the month closes.

    Args:
        places: the units of each level; ``national`` has one.
        n_months: months of the run.
    """

    def __init__(self, places: dict[str, tuple[str, ...]], n_months: int) -> None:
        self._places = places
        self._names = {level: names_at(level) for level in places}
        self._values = {
            level: np.full((len(names), n_months, len(places[level])), np.nan)  # (measures, months, places)
            for level, names in self._names.items()
        }
        self._at = {level: {name: i for i, name in enumerate(names)} for level, names in self._names.items()}
        self._month = 0
        self._national: dict[str, float] = {}

    def open_month(self, month: int) -> None:
        """Turn to a month."""
        self._month = month
        self._national = dict.fromkeys(self._names["national"], np.nan)

    def nation(self, figures: Mapping[str, float]) -> None:
        """Note figures of the whole world."""
        self._national.update(figures)

    def set(self, level: str, name: str, values: ArrayLike) -> None:
        """Write a measure of a level; shape (places,)."""
        self._values[level][self._at[level][name], self._month] = values

    def set_from(self, level: str, first: str, values: NDArray[np.generic]) -> None:
        """Write measures that stand next to one another in the list, from one on; shape (measures, places)."""
        row = self._at[level][first]
        self._values[level][row : row + len(values), self._month] = values

    def close_month(self) -> None:
        """Write the figures of the whole world."""
        if strangers := self._national.keys() - self._at["national"].keys():
            raise KeyError(f"sim.observe.measures knows no national {min(strangers)}")
        self._values["national"][:, self._month, 0] = [*self._national.values()]

    def national(self, name: str) -> FloatArray:
        """The whole world's figures of a measure so far, shape (months,)."""
        return self._values["national"][self._at["national"][name], :, 0]

    def panels(self) -> dict[str, Panel]:
        """The panels filled so far."""
        return {
            level: Panel(level, self._places[level], dict(zip(names, self._values[level], strict=True)))
            for level, names in self._names.items()
        }
