"""``assumptions [FILTER ...] [SETTINGS]``: every number behind a result, what is known told apart from what is not.

Of a plan by default; of a finished experiment when a folder (or ``latest``) is named.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from sim.categories import CATEGORIES
from sim.commands.console import shown_path
from sim.commands.opening import LATEST, find_folder
from sim.parameters.record import GRADES
from sim.parameters.register import COLUMNS, Row, Value, rows
from sim.settings.loading import load_all
from sim.settings.problems import NAME, TYPED, Problem, SettingsError, did_you_mean, listing

if TYPE_CHECKING:
    from sim.cli import Options

TABLE: Final = "assumptions.csv"
_TITLES: Final = {
    "fact": "FACTS: what was published, or arithmetic on it",
    "assumption": "ASSUMPTIONS: what is recalled or judged, the weakest first; each is a reason to doubt a result",
    "setting": "SETTINGS: what is chosen; no claim about the world",
}
_COUNTED: Final = {"fact": "facts", "assumption": "assumptions", "setting": "settings"}
_WIDTH: Final = 100
_NUMBERS: Final = ("low", "high", "plausible_low", "plausible_high", "impact_share")


def main(options: Options) -> int:
    """Print the register, whole or in part; raises SettingsError when there is nothing to print."""
    settings, filters, folder = _sorted_out(options.words)
    others: list[tuple[str, Row]] = []
    base: dict[str, Value] = {}
    if folder is not None:
        if settings:
            what = f"{folder} is a finished experiment; its settings cannot be changed ({listing(settings)})"
            raise SettingsError([Problem("assumptions", what, TYPED)])
        found, others = _of_experiment(find_folder(folder))
    else:
        found = _of_plan(settings, options.config_dir)
        base = {row.name: row.value for row in _of_plan([], None)}
    found = _kept(found, filters, options.grade)
    if options.as_json:
        print(json.dumps([asdict(row) for row in found], indent=1, default=str))
    elif options.as_csv:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in found)
    else:
        starred = {row.name for row in found if row.name in base and base[row.name] != row.value}
        _print(found, starred, folded=not filters and options.grade is None)
        _print_others([(name, row) for name, row in others if _named(row, filters)])
    return 0


def _sorted_out(words: Iterable[str]) -> tuple[list[str], list[str], str | None]:
    """The words typed as settings, filters on names, and the folder of an experiment."""
    settings: list[str] = []
    filters: list[str] = []
    folder = None
    for word in words:
        if "=" in word:
            settings.append(word)
        elif word == LATEST or "/" in word or (Path(word) / "run.json").is_file():
            folder = word
        else:
            filters.append(word)
    return settings, filters, folder


def _of_plan(settings: Sequence[str], config_dir: str | None) -> list[Row]:
    loaded = load_all(settings, config_dir=config_dir)
    return list(rows(loaded.scenarios[0], loaded.run.figures, loaded.run.impacts))


def _of_experiment(folder: Path) -> tuple[list[Row], list[tuple[str, Row]]]:
    """The rows of an experiment's first scenario, and of others where they differ from it, with their names."""
    path = folder / TABLE
    if not path.is_file():
        what = f"there is no {TABLE} in {shown_path(folder)}: its report was not finished"
        raise SettingsError([Problem("assumptions", what, TYPED)])
    first: list[Row] = []
    others: list[tuple[str, Row]] = []
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            row = _read(line)
            if line.get("scenario"):
                others.append((line["scenario"], row))
            else:
                first.append(row)
    return first, others


def _read(line: dict[str, str]) -> Row:
    numbers = {key: float(line[key]) if line.get(key) else None for key in _NUMBERS}
    words = {key: line.get(key, "") for key in COLUMNS if key not in _NUMBERS}
    row = Row(**words, **numbers)  # type: ignore[arg-type]
    text = words["value"]
    try:
        return replace(row, value=float(text))
    except ValueError:
        return replace(row, value=text == "True" if text in ("True", "False") else text)


def _kept(found: list[Row], filters: Sequence[str], grade: str | None) -> list[Row]:
    """The rows asked for; raises SettingsError when a filter or a grade fits none."""
    if grade is not None and grade not in GRADES:
        raise SettingsError(
            [Problem("--grade", f"there is no evidence grade {grade!r}; they are {listing(GRADES)}", TYPED, rank=NAME)]
        )
    for word in filters:
        if not any(_named(row, [word]) for row in found):
            names = sorted({row.name.partition(".")[0] for row in found} | {row.name for row in found})
            what = f'no number is called "{word}" or stands under it'
            raise SettingsError([Problem("assumptions", what, TYPED, did_you_mean(word, names), NAME)])
    kept = [row for row in found if _named(row, filters) and grade in (None, row.grade)]
    if not kept:
        raise SettingsError([Problem("--grade", f"nothing asked for has evidence grade {grade}", TYPED)])
    return kept


def _named(row: Row, filters: Sequence[str]) -> bool:
    return not filters or any(f"{row.name}.".startswith(f"{word}.") for word in filters)


def _print(found: list[Row], starred: set[str], *, folded: bool) -> None:
    print(_counts(found))
    for grade, words in GRADES.items():
        n = sum(row.grade == grade for row in found)
        if n:
            print(f"  {grade:<4}{n:>5}  {words}")
    if folded:
        print("Tables and places are folded, with * for what they run over; a name or a grade shows all of it:")
        print("  probsim assumptions demand.need_share    assumptions --grade R-    (levers: policy=NAME policy)")
    if starred:
        print("A star after a value marks one that differs from the baseline: its source is the baseline's.")
    weakest = list(GRADES)[::-1]
    for standing, title in _TITLES.items():
        of_standing = [row for row in found if row.standing == standing]
        if standing == "assumption":
            of_standing.sort(key=lambda row: weakest.index(row.grade))
        if of_standing:
            print(f"\n{title}")
        for group in _groups(of_standing, folded=folded):
            print(_lines(group, starred=any(row.name in starred for row in group)))


def _counts(found: list[Row]) -> str:
    parts = []
    for standing, noun in _COUNTED.items():
        n = sum(row.standing == standing for row in found)
        parts.append(f"{n} {noun.removesuffix('s') if n == 1 else noun}")
    return ", ".join(parts) + "."


def _print_others(others: list[tuple[str, Row]]) -> None:
    if others:
        print("\nOTHER SCENARIOS of the experiment, where they differ from the first")
    for scenario, row in others:
        print(f"  {row.name:<56} {_shown(row.value):>16}  {row.grade:<3} {scenario}"[:_WIDTH])


def _groups(found: list[Row], *, folded: bool) -> list[list[Row]]:
    """Rows that are printed as one: the categories of a table, and one figure of all places with one source."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in found:
        key = (_pattern(row.name), row.grade, row.source) if folded else (row.name,)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _pattern(name: str) -> str:
    parts = name.split(".")
    if parts[0] == "world" and len(parts) > 2:
        return f"world.{'C*-*' if '-' in parts[1] else 'C*'}.{parts[2]}"
    return name.rpartition(".")[0] + ".*" if parts[-1] in CATEGORIES else name


def _lines(group: list[Row], *, starred: bool) -> str:
    row, alone = group[0], len(group) == 1
    values = sorted({r.value for r in group if isinstance(r.value, int | float)})
    if alone or len(values) == 1:
        value = _shown(row.value)
    else:
        value = f"{_shown(values[0])} to {_shown(values[-1])}" if values else f"{len({r.value for r in group})} names"
    name = row.name if alone else f"{_pattern(row.name)} ({len(group)})"
    first = f"  {name:<62} {value + (' *' if starred else ''):>22}  {row.grade}"
    parts = [row.unit]
    if row.plausible_low is not None and row.plausible_high is not None:
        low = min(r.plausible_low for r in group if r.plausible_low is not None)
        high = max(r.plausible_high for r in group if r.plausible_high is not None)
        parts.append(f"plausible {_shown(low)} to {_shown(high)}")
    elif row.low is not None and row.high is not None:
        parts.append(f"allowed {_shown(row.low)} to {_shown(row.high)}")
    if row.drives:
        parts.append(f"drives {row.drives}")
    if row.impact_share is not None:
        parts.append(f"measured: moves the headline by {100 * row.impact_share:.2g}% over that range")
    dates = sorted({r.date for r in group if r.date})
    when = " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else ""
    parts.append(f"{row.source} ({when})" if row.source and when else row.source or when)
    words = "; ".join(part for part in parts if part)
    return "\n".join([first, *wrap(words, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:g}"
    return str(value)
