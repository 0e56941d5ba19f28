"""Runs made from a few numbers, where a test must know what the answer is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.observe.results import FloatArray, Panel, RunResult
from tests.support.synthetic import month_list


def bare_run(
    replication: int,
    national: dict[str, Sequence[float] | FloatArray],
    *,
    name: str = "do_nothing",
    seed: int = 1,
    figures: dict[str, float] | None = None,
    digests: tuple[str, ...] | None = None,
) -> RunResult:
    """A run with nothing but the national measures given."""
    values = {key: np.asarray(value, dtype=float).reshape(-1, 1) for key, value in national.items()}
    months = len(next(iter(values.values())))
    panels = {"national": Panel("national", ("England and Wales",), values)}
    marks = digests if digests is not None else tuple(f"d{i}" for i in range(months))
    return RunResult(name, seed, replication, month_list(months), panels, figures or {}, marks)


def paying(levels: Sequence[tuple[float, float]], months: int = 84, name: str = "do_nothing") -> Ensemble:
    """One replication for each (before, after): paid a month before October 2018, and from then on."""
    before_october_2018 = np.arange(months) < 44
    runs = [
        bare_run(
            i + 1,
            {
                "chain_paid_gbp": np.where(before_october_2018, before, after),
                "chain_value_gbp_per_year": np.where(before_october_2018, before, after) * 12,
            },
            name=name,
        )
        for i, (before, after) in enumerate(levels)
    ]
    return Ensemble.of(name, runs)


def valued(levels: Sequence[float], name: str = "do_nothing") -> Ensemble:
    """One replication for each level of what the supply chain is paid a year, the same in every month."""
    runs = [
        bare_run(i + 1, {"chain_value_gbp_per_year": np.full(84, level), "chain_paid_gbp": np.full(84, level / 12)})
        for i, level in enumerate(levels)
    ]
    return Ensemble.of(name, runs)
