"""An open discrete-event simulation of probation supply chains in England and Wales, 2015 to 2022.

In a notebook: ``sim.load``, ``sim.run`` and ``sim.compare`` (see ``docs/api.md``). They are looked up when first
used, so that importing a part of the package, as workers do, costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import Experiment, compare, load, run

__all__ = ["Experiment", "compare", "load", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sim import api

    return getattr(api, name)
