"""The code of a sweep, copied at launch: workers import the copy, so that editing while it runs changes nothing.

A worker process is started whenever one is needed, perhaps an hour after the launch, and would otherwise import
whatever the checkout then holds. Compiled files are copied along, so that the copy starts as fast.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sim.experiment.plan import source_digest

FROZEN: Final = ".code"
_NOT_NEEDED: Final = ("_configs", "templates")


class CodeChanged(RuntimeError):
    """The model's source was edited between the planning of a sweep and its launch."""


def freeze(folder: Path, planned_digest: str) -> Path:
    """Copy the package into a folder of its own below ``folder``; raises CodeChanged when it is not what was planned.

    Returns:
        The folder to put on the path.
    """
    package = Path(__file__).resolve().parents[1]
    copy = folder / FROZEN
    for source in sorted(package.rglob("*")):
        inside = source.relative_to(package)
        if source.is_file() and not any(part in _NOT_NEEDED or part.startswith(".") for part in inside.parts):
            target = copy / package.name / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    if source_digest(copy / package.name) != planned_digest:
        raise CodeChanged("the model's source changed while the sweep was being planned; type the command again")
    return copy


def thaw(folder: Path) -> None:
    """Remove the copy: the runs are made."""
    shutil.rmtree(folder / FROZEN, ignore_errors=True)
