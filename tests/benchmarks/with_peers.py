"""The comparison with other simulators as rows of the suite's table; ``tests.benchmarks.peers`` makes it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from tests.benchmarks.measuring import HIGH_IS_GOOD, LOW_IS_GOOD, SECONDS, Bench, Row

PART: Final = "peers"


def measure(bench: Bench) -> list[Row]:
    """Rows of every form on every work; one that was not timed says why."""
    peers = import_module("tests.benchmarks.peers")
    found: list[Any] = peers.measure(customers=200, turns=1) if bench.quick else peers.measure()
    rows = []
    for form in found:
        case = f"{form.work}: {form.form}"
        rows.append(Row(PART, case, form.checked, form.customers, "cases"))
        if form.seconds is not None:
            rows.append(Row(PART, case, SECONDS, form.seconds, "s"))
        if form.times_ours is not None:
            unit = LOW_IS_GOOD if form.form.startswith("our ") else HIGH_IS_GOOD
            rows.append(Row(PART, case, "time over ours", form.times_ours, unit))
    return rows
