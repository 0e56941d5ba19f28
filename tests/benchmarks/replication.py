"""One replication of the whole model: seconds, peak memory, referrals a second, and the ratio to the plain twin.

Each form of the model is run in a fresh process of its own: a few runs, of which the fastest counts, and the peaks
after the first and the last. All forms run the same agents on the same draws and must leave the same digests before
their times are compared. The yardsticks are measured beside the runs, in the same process.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any, Final

from tests.benchmarks.measuring import (
    HIGH_IS_GOOD,
    LOW_IS_GOOD,
    PEAK,
    RATIO,
    SECONDS,
    Bench,
    Row,
    apart,
    forms_of_the_model,
    look_up,
    peak_mb,
    yardsticks_s,
)

PART: Final = "replication"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to run the same replication.

    Attributes:
        says: its name in the table.
        options: keywords of ``run_replication``; a text ``module:name`` stands for that object.
        environment: variables set for its process; without any, the kernel is switched off.
        runs: the best is taken of so many.
        unit: of its time over the first form's.
    """

    says: str
    options: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    runs: int = 4
    unit: str = RATIO


TWIN: Final = Form("the plain twin", {"flow_class": "tests.oracle.twin:TwinFlow"}, runs=1, unit=HIGH_IS_GOOD)


def forms() -> tuple[Form, ...]:
    """The forms there are; the first is what the others are held against."""
    model, *compiled = [
        Form(says, environment=dict(environment), unit=LOW_IS_GOOD)
        for says, environment in forms_of_the_model().items()
    ]
    return (model, *compiled, TWIN)


class FormsDiffer(AssertionError):
    """Two forms of the model gave different results: their times mean nothing."""


def measure(bench: Bench) -> list[Row]:
    """Rows of every form; raises FormsDiffer when one left other digests than the first."""
    rows: list[Row] = []
    first: dict[str, Any] = {}
    for form in forms():
        if form is TWIN and not bench.twin:
            continue
        found = replicate(bench.words, form, runs=bench.times(form.runs, 2), yardsticks=bench.times(5))
        first = first or found
        if found["digests"] != first["digests"]:
            raise FormsDiffer(f"{form.says} and {forms()[0].says} left different digests: their times mean nothing")
        rows += _rows(form, found, first)
    return rows


def replicate(words: list[str], form: Form = Form("the model"), *, runs: int, yardsticks: int = 0) -> dict[str, Any]:
    """What ``run_here`` measures of a form, in a fresh process."""
    found: dict[str, Any] = apart(
        "tests.benchmarks.replication:run_here",
        environment=form.environment,
        words=words,
        options=form.options,
        runs=runs,
        yardsticks=yardsticks,
    )
    return found


def run_here(words: list[str], options: dict[str, str], runs: int, yardsticks: int) -> dict[str, Any]:
    """Run one replication a few times in this process, then the yardsticks, and say what that took."""
    from sim.model import run_replication
    from sim.settings import load

    scenario = load(words)[0][0]
    given: dict[str, Any] = {name: look_up(text) if ":" in text else text for name, text in options.items()}
    before_mb = peak_mb()
    seconds, peaks_mb = [], []
    for _ in range(runs):
        began = time.process_time()
        run = run_replication(scenario, seed=2015, replication=1, **given)
        seconds.append(time.process_time() - began)
        peaks_mb.append(peak_mb())
    return {
        "seconds": min(seconds),
        "runs": runs,
        "before_mb": before_mb,
        "first_mb": peaks_mb[0],
        "last_mb": peaks_mb[-1],
        "referrals": run.figures["referrals"],
        "digests": run.digests,
        "yardsticks_s": sum(yardsticks_s(yardsticks)) if yardsticks else None,
    }


def _rows(form: Form, found: dict[str, Any], first: dict[str, Any]) -> list[Row]:
    over = found["seconds"] / found["yardsticks_s"]
    rows = [
        Row(PART, form.says, SECONDS, found["seconds"], "s"),
        Row(PART, form.says, "time over the yardsticks'", over, RATIO if form is TWIN else LOW_IS_GOOD),
        Row(PART, form.says, "memory before the first run", found["before_mb"], "MB"),
        Row(PART, form.says, f"{PEAK}, first run", found["first_mb"], "MB"),
    ]
    if found["runs"] > 1:
        again = f"{PEAK}, {found['runs']} runs in one process"
        rows.append(Row(PART, form.says, again, found["last_mb"], "MB"))
    rows += [
        Row(PART, form.says, "referrals", found["referrals"], ""),
        Row(PART, form.says, "referrals a second", found["referrals"] / found["seconds"], "1/s"),
    ]
    if found is not first:
        ratio = found["seconds"] / first["seconds"]
        rows.append(Row(PART, form.says, "time over the model's, same digests", ratio, form.unit))
    return rows


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
