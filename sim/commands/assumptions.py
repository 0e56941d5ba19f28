"""``assumptions``: the register, facts and assumptions told apart."""

from __future__ import annotations

import json
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING

from sim.parameters.record import GRADES
from sim.parameters.register import Row, rows
from sim.settings.loading import load_all

if TYPE_CHECKING:
    from sim.cli import Options

_TITLES = {
    "fact": "FACTS: read in a published source, or arithmetic on such figures",
    "assumption": "ASSUMPTIONS: recalled or judged; each is a reason to doubt a result",
    "setting": "SETTINGS of the experiment: no claim about the world",
}


def main(options: Options) -> int:
    """Print every number the model would be given, with unit, plausible range, grade and source."""
    loaded = load_all(options.words, config_dir=options.config_dir)
    found = rows(loaded.scenarios[0], loaded.run.figures)
    if options.as_json:
        print(json.dumps([asdict(row) for row in found], indent=1, default=str))
        return 0
    base_run = load_all([])
    base = {row.name: row.value for row in rows(base_run.scenarios[0], base_run.run.figures)}
    counts = {standing: sum(row.standing == standing for row in found) for standing in _TITLES}
    print(f"{counts['fact']} facts, {counts['assumption']} assumptions, {counts['setting']} settings.")
    print("Grades: " + "; ".join(f"{grade} {words}" for grade, words in GRADES.items() if grade != "set"))
    print("A star marks a value that differs from the baseline: its source is the baseline's.")
    for standing, title in _TITLES.items():
        print(f"\n{title}")
        for row in found:
            if row.standing == standing:
                print(_lines(row, starred=row.name in base and base[row.name] != row.value))
    return 0


def _lines(row: Row, *, starred: bool) -> str:
    value = f"{_shown(row.value)}{' *' if starred else ''}"
    first = f"  {row.name:<46} {value:>16}  {row.grade}"
    parts = [row.unit]
    if row.plausible_low is not None and row.plausible_high is not None:
        parts.append(f"plausible {_shown(row.plausible_low)} to {_shown(row.plausible_high)}")
    elif row.low is not None and row.high is not None:
        parts.append(f"allowed {_shown(row.low)} to {_shown(row.high)}")
    parts.append(f"{row.source}, {row.date}" if row.date else row.source)
    words = "; ".join(part for part in parts if part)
    return "\n".join([first, *wrap(words, 80, initial_indent=" " * 6, subsequent_indent=" " * 6)])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:g}"
    return str(value)
