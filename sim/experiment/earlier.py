"""Finished runs of the same settings that other code made: told of, never mixed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sim.experiment import store
from sim.experiment.plan import Plan, source_files


@dataclass(frozen=True, slots=True)
class Earlier:
    """Runs that would have been reused had the code not changed.

    Attributes:
        runs: how many.
        changed: which file of the model changed, and when, in words.
    """

    runs: int
    changed: str


def made_by_other_code(home: Path, plan: Plan) -> Earlier | None:
    """Runs of these scenarios in the newest experiment of this name that had them, if its code was another.

    Args:
        home: the folder of the experiments of this name.
    """
    for folder in sorted((p for p in home.glob("*") if p.is_dir()), reverse=True):
        try:
            before = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
            runs = _runs_of(folder, before, plan)
            if runs:
                same = before["model_source_sha256"] == plan.source_digest
                return None if same else Earlier(runs, _changed(before.get("model_source_files", {})))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # no plan, or one of another version
    return None


def _runs_of(folder: Path, before: dict[str, Any], plan: Plan) -> int:
    if before["seed"] != plan.seed:
        return 0
    hashes = set(plan.hashes)
    return sum(
        store.run_path(folder / "runs", Path(str(scenario["folder"])).name, number).is_file()
        for scenario in before["scenarios"]
        if scenario["config_sha256"] in hashes
        for number in plan.replications
    )


def _changed(before: dict[str, str]) -> str:
    """The file that changed last, and how many others did."""
    package = Path(__file__).resolve().parents[1]
    now = source_files(package)
    different = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    there = [(package / name).stat().st_mtime for name in different if (package / name).is_file()]
    if not before or not different:
        return "of another version"
    if not there:
        return f"{package.name}/{different[0]} is gone"
    newest = max((n for n in different if (package / n).is_file()), key=lambda n: (package / n).stat().st_mtime)
    when = datetime.fromtimestamp(max(there))
    clock = f"{when:%H:%M}" if when.date() == datetime.now().date() else f"{when:%Y-%m-%d %H:%M}"
    others = f" and {len(different) - 1} more" if len(different) > 1 else ""
    return f"{package.name}/{newest}{others} changed {clock}"
