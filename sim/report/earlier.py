"""What changed since the last experiment of this name: settings, code, and how each answer moved.

Only files are read: the finished folder before this one, under the same name. It concludes nothing about why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.report.record import MANIFEST, read_json

if TYPE_CHECKING:
    import pandas as pd

UNFINISHED: Final = "PARTIAL"
NEEDED: Final = (MANIFEST, "verdicts.csv", "assumptions.csv")


@dataclass(frozen=True, slots=True)
class Change:
    """A number of the register that differs: its full name, its unit, before and now; empty where it was not there."""

    scenario: str
    name: str
    unit: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Move:
    """How an answer moved. Numbers are NaN where one of the two has none.

    Attributes:
        word, past: the words before and now, against doing nothing and against its own past.
        change: relative change against its own past, before and now.
        difference: GBP a year against doing nothing, before and now.
    """

    scenario: str
    word: tuple[str, str]
    past: tuple[str, str]
    change: tuple[float, float]
    difference: tuple[float, float]


@dataclass(frozen=True)
class Earlier:
    """The experiment before this one, under the same name.

    Attributes:
        folder: its folder's name; no link is made, for this folder may travel without it.
        run: how it was run, before and now: what differs of seed, replications and command.
        same_code: whether the model's own code is the same; None when that is not told.
        added, dropped: scenarios that are only in this one, only in that one.
    """

    folder: str
    started: str
    run: tuple[tuple[str, str, str], ...]
    same_code: bool | None
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]


def find_earlier(folder: Path) -> Path | None:
    """The last finished experiment of the same name that began before this one; None when there is none."""
    ours = read_json(folder / MANIFEST).get("started")
    if not ours or not folder.parent.is_dir():
        return None
    found = []
    for other in folder.parent.iterdir():
        if other == folder or other.name.startswith(".") or (other / UNFINISHED).exists():
            continue
        if all((other / name).is_file() for name in NEEDED):
            began = str(read_json(other / MANIFEST).get("started", ""))
            if began and began < str(ours):
                found.append((began, other.name, other))
    return max(found)[2] if found else None


def since(folder: Path, before: Path) -> Earlier:
    """What differs between a folder (with its tables written) and the one before it."""
    import pandas as pd

    then, now = read_json(before / MANIFEST), read_json(folder / MANIFEST)
    verdicts = [pd.read_csv(f / "verdicts.csv", keep_default_na=False).set_index("scenario") for f in (before, folder)]
    old, new = (list(v.index) for v in verdicts)
    both = [name for name in new if name in old]
    codes = (then.get("model_source_sha256"), now.get("model_source_sha256"))
    return Earlier(
        folder=before.name,
        started=str(then.get("started", "")).replace("T", " ")[:16],
        run=tuple(_run(then, now)),
        same_code=codes[0] == codes[1] if all(codes) else None,
        added=tuple(name for name in new if name not in old),
        dropped=tuple(name for name in old if name not in new),
        changes=tuple(_changes(_numbers(before, old), _numbers(folder, new), both)),
        moves=tuple(_move(name, *(v.loc[name] for v in verdicts)) for name in both),
    )


def _run(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    found = [("Seed", str(then.get("seed")), str(now.get("seed")))]
    counts = [str(len(run.get("replications", ()))) for run in (then, now)]
    found.append(("Replications", counts[0], counts[1]))
    found.append(("Command", str(then.get("command", "")), str(now.get("command", ""))))
    return [(name, a, b) for name, a, b in found if a != b]


def _numbers(folder: Path, scenarios: list[str]) -> dict[str, dict[str, tuple[str, str]]]:
    """Scenario -> name -> (value, unit): the first scenario's rows, and what the others have of their own."""
    import pandas as pd

    table = pd.read_csv(folder / "assumptions.csv", dtype=str, keep_default_na=False)
    found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in scenarios}
    for row in table.itertuples(index=False):
        own = str(row.scenario)
        for name in [own] if own else scenarios:
            found.setdefault(name, {})[str(row.name)] = (str(row.value), str(row.unit))
    return found


def _changes(
    old: Mapping[str, Mapping[str, tuple[str, str]]], new: Mapping[str, Mapping[str, tuple[str, str]]], both: list[str]
) -> list[Change]:
    """What differs, once where it differs alike in every scenario."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for scenario in both:
        before, now = old[scenario], new[scenario]
        for name in dict.fromkeys([*before, *now]):
            (a, unit), (b, unit_now) = before.get(name, ("", "")), now.get(name, ("", ""))
            if a != b:
                found.setdefault((name, unit_now or unit, a, b), []).append(scenario)
    return [
        Change("" if len(names) == len(both) else ", ".join(names), name, unit, a, b)
        for (name, unit, a, b), names in found.items()
    ]


def _move(name: str, before: pd.Series[Any], now: pd.Series[Any]) -> Move:
    def words(column: str) -> tuple[str, str]:
        return str(before.get(column, "")), str(now.get(column, ""))

    def numbers(column: str) -> tuple[float, float]:
        return _number(before.get(column, "")), _number(now.get(column, ""))

    return Move(
        name,
        words("against_do_nothing"),
        words("against_past"),
        numbers("change_share"),
        numbers("difference_gbp_per_year"),
    )


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
