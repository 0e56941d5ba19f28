"""The plan of an experiment: every run it will make, frozen before the first one starts.

A run's key is a hash of the resolved scenario, the model's source and data files, the versions of what it computes
with, the seed and the replication: the same key means the same result, so finished runs can be found again and runs
of other code are never mixed in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sim.experiment.store import SCHEMA_VERSION
from sim.scenario import Scenario

# Parts of the package a run's result does not depend on.
_NOT_MODEL: Final = frozenset(
    {
        "_configs",
        "settings",
        "experiment",
        "analysis",
        "uncertainty",
        "report",
        "commands",
        "cli.py",
        "__main__.py",
        "api.py",
        "register.py",
    }
)
_COMPUTES: Final = ("numpy", "simpy")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._=,+-]+")


@dataclass(frozen=True, slots=True)
class Task:
    """One run to make.

    Attributes:
        folder: the scenario's folder under ``runs/``.
        replication: its number, from 1.
        key: the hash that identifies the result.
        code: the hash of the model's source that must make it.
    """

    scenario: Scenario
    folder: str
    replication: int
    seed: int
    key: str
    code: str


@dataclass(frozen=True)
class Plan:
    """Scenarios times replications.

    Attributes:
        fewer: scenario name -> the last replication it is run with, where not with all.
        folders: the folder under ``runs/`` of each scenario.
        hashes: the hash of each scenario, without its name.
        source_digest: the hash of the model's source.
    """

    seed: int
    scenarios: tuple[Scenario, ...]
    replications: tuple[int, ...]
    folders: tuple[str, ...]
    hashes: tuple[str, ...]
    source_digest: str
    fewer: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        scenarios: Sequence[Scenario],
        *,
        seed: int,
        replications: Sequence[int],
        fewer: Mapping[str, int] | None = None,
    ) -> Plan:
        """The plan of these scenarios; raises ValueError when two share a name."""
        names = [scenario.name for scenario in scenarios]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"two scenarios are called {twice!r}")
        return cls(
            seed=seed,
            scenarios=tuple(scenarios),
            replications=tuple(replications),
            folders=folder_names(names),
            hashes=tuple(scenario_hash(scenario) for scenario in scenarios),
            source_digest=source_digest(),
            fewer=dict(fewer or {}),
        )

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Every run, replication by replication, so that pairs of scenarios complete early."""
        return tuple(
            Task(scenario, folder, r, self.seed, run_key(digest, self.source_digest, self.seed, r), self.source_digest)
            for r in self.replications
            for scenario, folder, digest in zip(self.scenarios, self.folders, self.hashes, strict=True)
            if r <= self.fewer.get(scenario.name, r)
        )


def folder_names(names: Sequence[str]) -> tuple[str, ...]:
    """A readable folder name for each scenario, safe on every system and unique whatever its case."""
    found: list[str] = []
    for name in names:
        base = _UNSAFE.sub("-", name).strip(".-")[:100] or "scenario"
        folder, k = base, 2
        while folder.lower() in {other.lower() for other in found}:
            folder, k = f"{base}-{k}", k + 1
        found.append(folder)
    return tuple(found)


def scenario_hash(scenario: Scenario) -> str:
    """A hash of everything a scenario says, apart from its name."""
    content = asdict(scenario)
    del content["name"]
    levers = scenario.policy.levers if scenario.policy else ()
    content["policy"] = [[type(lever).__name__, asdict(lever)] for lever in levers]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def source_digest(package: Path | None = None) -> str:
    """A hash over the source and data files of the model's layers, whatever the line endings."""
    digest = hashlib.sha256()
    for name, found in source_files(package).items():
        digest.update(f"{name}\0{found}\0".encode())
    return digest.hexdigest()


def source_files(package: Path | None = None) -> dict[str, str]:
    """The hash of every file of the model's layers, by its path inside the package."""
    root = package or Path(__file__).resolve().parents[1]
    found = {}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        outside = parts[0] in _NOT_MODEL or parts[-1] in _NOT_MODEL or "__pycache__" in parts
        if outside or not path.is_file() or path.name.startswith("."):
            continue
        data = path.read_bytes()
        text = data.replace(b"\r\n", b"\n") if path.suffix in (".py", ".c") else data
        found["/".join(parts)] = hashlib.sha256(text).hexdigest()
    return found


@cache
def computed_with() -> str:
    """The versions of the libraries that the model computes with."""
    return ",".join(f"{name} {version(name)}" for name in _COMPUTES)


def run_key(scenario: str, source: str, seed: int, replication: int) -> str:
    """The key of a run: hash of the scenario, the model and what it computes with, the seed and the replication."""
    content = f"{scenario}|{source}|{computed_with()}|{SCHEMA_VERSION}|{seed}|{replication}"
    return hashlib.sha256(content.encode()).hexdigest()[:32]
