"""The words of the engine group: addresses and names that reach a scheduler or a job script, so each has a rule.

Asked of the settings alone, before anything runs: a cluster that needs what is not installed is refused here too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Final

from sim.settings.known import ENGINE_WORDS
from sim.settings.problems import CROSS, Problem, shown

INSTALL: Final = 'pip install "probation-supply-chains[cluster]"'
_PACKAGES: Final = {"dask": ("distributed",), "slurm": ("distributed", "dask_jobqueue")}
_OF: Final = {"address": "dask", "host": "slurm", "queue": "slurm", "account": "slurm"}
_LOOPBACK: Final = "127.0.0.1"
_RULES: Final = {
    "address": (
        re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}"),
        "the address of a running dask scheduler, like tcp://127.0.0.1:8786",
    ),
    "host": (re.compile(r"[A-Za-z0-9.:_-]{1,253}"), "an address or name of this machine"),
    "queue": (re.compile(r"[A-Za-z0-9._,-]{1,100}"), "the name of a partition, or null"),
    "account": (re.compile(r"[A-Za-z0-9._-]{1,100}"), "the name of an account, or null"),
}


def words(engine: Mapping[str, Any]) -> tuple[dict[str, str], list[Problem]]:
    """The words of the engine group, empty where null, and what is wrong with them."""
    kind = engine.get("kind")
    problems = [*_missing(kind)]
    values = {}
    for key in ENGINE_WORDS:
        value, name = engine.get(key), f"engine.{key}"
        pattern, rule = _RULES[key]
        needed = key == "address" and kind == "dask"
        if value is None and not needed:
            values[key] = ""
        elif not isinstance(value, str) or not pattern.fullmatch(value):
            advice = ("start one   dask scheduler --host 127.0.0.1   (see docs/engines.md)",) if needed else ()
            problems.append(Problem(name, f"{name} must be {rule}, got {shown(value)}", advice=advice))
        elif kind != _OF[key] and value != _LOOPBACK:
            problems.append(Problem(name, f"{name} is for engine={_OF[key]} only: it would change nothing", rank=CROSS))
        else:
            values[key] = value
    return values, problems


def read(key: str, value: object) -> object:
    """A value of the engine group as it was meant: YAML takes the words on and off for truth values."""
    if key == "shared_history" and isinstance(value, bool):
        return "on" if value else "off"
    return value


def cannot_share(engine: Mapping[str, Any]) -> list[Problem]:
    """Why histories cannot be shared although that is asked for; nothing when they can, or need not be."""
    kind, name = engine.get("kind"), "engine.shared_history"
    if read("shared_history", engine.get("shared_history")) != "on":
        return []
    if kind in _PACKAGES:
        why = f"runs are forked from one another on this machine, and engine={kind} makes them elsewhere"
    elif not hasattr(os, "fork"):
        why = "this system cannot fork a process"
    else:
        return []
    return [Problem(name, f"{name} cannot be on: {why}", advice=(f"leave it to the engine   {name}=auto",), rank=CROSS)]


def _missing(kind: object) -> list[Problem]:
    absent = [name for name in _PACKAGES.get(str(kind), ()) if find_spec(name) is None]
    if not absent:
        return []
    what = f"engine={kind} needs packages that are not installed: {', '.join(absent)}"
    return [Problem("engine.kind", what, advice=(f"install them   {INSTALL}",))]
