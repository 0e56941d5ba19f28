"""All parts of the suite in one command: one table, one CSV, and what is said of the recorded ratios.

A part is a module with ``measure(bench) -> list[Row]``, and ``remarks(rows) -> list[str]`` where a table is not enough.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from datetime import date, datetime
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.benchmarks import recorded
from tests.benchmarks.measuring import ROOT, SECONDS, Bench, Row, yardsticks_s

HOME: Final = "tests.benchmarks"
PARTS: Final = {  # what is run unless parts are named, in order
    "replication": "replication",
    "phases": "phases",
    "start_up": "start_up",
    "growth": "growth",
    "engines": "engines",
    "sweep": "sweep_throughput",
    "peers": "with_peers",
}
ON_REQUEST: Final = {
    "instructions": "instructions",
    "flow": "national_flow",
    "resume": "resume",
    "parent_memory": "parent_memory",
}
ANSWERED, WORSE = 0, 1


def main(words: Sequence[str] | None = None) -> int:
    """Run the parts asked for; returns 1 when a ratio falls behind the recorded one, or a part failed."""
    parser = _parser()
    asked = parser.parse_args(words)
    if asked.record and asked.quick:
        parser.error("--record needs the whole work: leave --quick out")
    bench = Bench(quick=asked.quick, twin=not asked.no_twin)
    rows = machine(bench)
    remarks: list[str] = []
    failures: list[str] = []
    for part in asked.only or [part for part in PARTS if _here(part)]:
        began = time.perf_counter()
        print(f"{part} ...", end=" ", file=sys.stderr, flush=True)
        try:
            measured, said = run_part(part, bench)
            rows += measured
            remarks += said
        except Exception as error:  # the other parts are worth having all the same
            failures.append(f"{part} FAILED: {type(error).__name__}: {error}")
        print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(rows))
    path = asked.csv or ROOT / "experiments" / "benchmarks" / f"{datetime.now():%Y-%m-%d_%H-%M-%S}.csv"
    write_csv(rows, path)
    lines, code = conclude(rows, bench)
    if asked.record and not failures:
        recorded.write(recorded.renewed(rows, recorded.read(), date.today()))
        lines, code = [f"recorded: {len(recorded.kept(rows))} ratios in {recorded.FILE.name}"], ANSWERED
    print("\n".join(["", *remarks, *lines, *failures, f"written: {path}"]))
    return WORSE if failures else code


def run_part(part: str, bench: Bench) -> tuple[list[Row], list[str]]:
    """What one part measured, and what it has to say of it."""
    module = import_module(f"{HOME}.{(PARTS | ON_REQUEST)[part]}")
    rows: list[Row] = module.measure(bench)
    say: Callable[[Iterable[Row]], list[str]] = getattr(module, "remarks", lambda rows: [])
    return rows, say(rows)


def conclude(rows: Sequence[Row], bench: Bench, file: Path = recorded.FILE) -> tuple[list[str], int]:
    """What is said of the ratios that are recorded, and the exit code: 1 when one falls behind."""
    if bench.quick:
        return ["a quick run: its figures mean nothing, and none is held against a recorded one"], ANSWERED
    found = recorded.compare(rows, recorded.read(file))
    return [*found.strangers, *found.ahead, *found.behind], WORSE if found.behind else ANSWERED


def machine(bench: Bench) -> list[Row]:
    """What the figures were measured on and with, how busy it was, and the yardsticks."""
    from sim.experiment.manifest import code_state

    code = code_state()
    commit = f"code {code['commit'][:9]}{' and changes' * code['dirty']}" if code else "code outside a checkout"
    versions = f"Python {platform.python_version()}, numpy {version('numpy')}, simpy {version('simpy')}"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    python, with_numpy = yardsticks_s(bench.times(5))
    return [
        Row("machine", f"{platform.machine()}, {platform.system()}", "processors", os.cpu_count() or 1, ""),
        Row("machine", f"{versions}, {commit}", "load when it began", load, ""),
        Row("machine", "yardstick: plain Python", SECONDS, python, "s"),
        Row("machine", "yardstick: numpy", SECONDS, with_numpy, "s"),
    ]


def table(rows: Sequence[Row]) -> str:
    """All rows as text; part and case are written where they change."""
    lines = [("part", "case", "quantity", "value", "unit")]
    part = case = ""
    for row in rows:
        new_part, new_case = row.part != part, row.part != part or row.case != case
        part, case = row.part, row.case
        lines.append((part * new_part, case * new_case, row.quantity, _number(row.value), row.unit))
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    return "\n".join(
        f"{a:{widths[0]}}  {b:{widths[1]}}  {c:{widths[2]}}  {d:>{widths[3]}}  {e}".rstrip() for a, b, c, d, e in lines
    )


def write_csv(rows: Iterable[Row], path: Path) -> None:
    """Write the rows with all their digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([field.name for field in fields(Row)])
        lines.writerows(astuple(row) for row in rows)


def _number(value: float) -> str:
    if value >= 100.0 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10.0 else f"{value:.3g}"


def _here(part: str) -> bool:
    """Whether a part is there: the comparison with peers may be left out."""
    return part != "peers" or find_spec(f"{HOME}.peers") is not None


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS | ON_REQUEST or not _here(name):
            known = ", ".join(part for part in PARTS | ON_REQUEST if _here(part))
            raise argparse.ArgumentTypeError(f"there is no part {name!r}; the parts are {known}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Speed and memory: one table, and a CSV of it."
    )
    parts = f"parts, with commas between: {', '.join(PARTS)} (run by default), {', '.join(ON_REQUEST)}"
    parser.add_argument("--only", type=_names, metavar="PART,...", help=parts)
    parser.add_argument("--quick", action="store_true", help="a small world, to see that all works")
    parser.add_argument("--no-twin", action="store_true", help="leave the plain twin out, which takes minutes")
    parser.add_argument("--csv", type=Path, metavar="PATH", help="default: experiments/benchmarks/<time>.csv")
    parser.add_argument("--record", action="store_true", help="rewrite recorded.csv with the ratios measured now")
    return parser
