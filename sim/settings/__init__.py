"""Settings: from what a person types and the files in ``configs/`` to checked scenarios.

``load(["world=pair"])`` gives scenarios and run settings, or raises ``SettingsError`` with every
problem at once. Names are looked up when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.settings.known import RunSettings
    from sim.settings.loading import Loaded, load, load_all
    from sim.settings.problems import Problem, SettingsError

__all__ = ["Loaded", "Problem", "RunSettings", "SettingsError", "load", "load_all"]

_HOMES = {
    "Loaded": "loading",
    "Problem": "problems",
    "RunSettings": "known",
    "SettingsError": "problems",
    "load": "loading",
    "load_all": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
