"""What a stranger needs to trust an experiment and to redo it: plan, command, seeds, versions, code, digests."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sim.experiment.plan import Plan
    from sim.experiment.run import Outcome
    from sim.observe.results import RunResult

SCHEMA_VERSION: Final = 1
DISTRIBUTION: Final = "probation-supply-chains"
_PACKAGES: Final = ("simpy", "numpy", "scipy", "pandas", "pyarrow", "hydra-core", "omegaconf", "matplotlib", "jinja2")


def plan_content(
    plan: Plan, overrides: Sequence[Sequence[str]], *, stopping: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The frozen plan: what each scenario was given and the key of every run.

    With a ``stopping`` rule the plan holds the runs up to its cap, of which not all need be made.
    """
    from sim.experiment.plan import source_files

    keys: dict[str, dict[str, str]] = {scenario.name: {} for scenario in plan.scenarios}
    for task in plan.tasks:
        keys[task.scenario.name][str(task.replication)] = task.key
    rule = {} if stopping is None else {"stopping": stopping}
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": plan.seed,
        **rule,
        "replications": list(plan.replications),
        "model_source_sha256": plan.source_digest,
        "model_source_files": source_files(),
        "scenarios": [
            {
                "name": scenario.name,
                "folder": folder,
                "overrides": list(typed),
                "config_sha256": digest,
                "world": scenario.world.name,
                "run_keys": keys[scenario.name],
            }
            for scenario, folder, digest, typed in zip(
                plan.scenarios, plan.folders, plan.hashes, overrides, strict=True
            )
        ],
    }


def run_content(
    plan: Plan,
    outcome: Outcome,
    *,
    name: str,
    command: str,
    started: datetime,
    engine: str,
    workers: int,
    shared_history: bool = False,
    running: bool = False,
) -> dict[str, Any]:
    """What was run, when, where and with what; the digests tell whether a repetition gave the same.

    Args:
        shared_history: whether some of the runs were to be made as one until their first lever date.
        running: whether runs are still being made; the counts are then those of the start.
    """
    from sim.experiment.plan import source_files

    return {
        "schema_version": SCHEMA_VERSION,
        "name": name,
        "state": "running" if running else "stopped" if outcome.interrupted or outcome.halted else "ended",
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(started.tzinfo).isoformat(timespec="seconds"),
        "seconds": round(outcome.seconds, 2),
        "seed": plan.seed,
        "replications": list(plan.replications),
        "runs": {
            "planned": outcome.planned,
            "finished": outcome.finished,
            "reused": outcome.reused,
            "failed": len(outcome.failures),
            "interrupted": outcome.interrupted,
            "halted": outcome.halted,
        },
        "config_sha256": dict(zip([s.name for s in plan.scenarios], plan.hashes, strict=True)),
        "model_source_sha256": plan.source_digest,
        "model_source_files": source_files(),
        "code": code_state(),
        "engine": {"kind": engine, "workers": workers, "shared_history": shared_history},
        "machine": machine(),
        "packages": packages(),
        "run_digests": {
            scenario: {str(r.replication): run_digest(r) for r in results}
            for scenario, results in outcome.results.items()
        },
        "run_seconds": {
            scenario: {str(r.replication): round(r.seconds, 3) for r in results if r.seconds}
            for scenario, results in outcome.results.items()
        },
    }


def run_digest(result: RunResult) -> str:
    """One digest of a run from its monthly ones."""
    return hashlib.sha256("".join(result.digests).encode()).hexdigest()[:32]


def machine() -> dict[str, Any]:
    """The machine in general terms; neither its name nor its user's."""
    from sim.kernel import find

    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "compiled_kernel": find() is not None,
    }


def packages() -> dict[str, str]:
    """Versions of this project and of what it computes with."""
    found = {DISTRIBUTION: own_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def own_version() -> str:
    """The version of this project, from its metadata or the checkout's ``pyproject.toml``."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        project = Path(__file__).resolve().parents[2] / "pyproject.toml"
        content = tomllib.loads(project.read_text(encoding="utf-8")) if project.is_file() else {}
        return str(content.get("project", {}).get("version", "unknown"))


@cache
def code_state() -> dict[str, Any]:
    """The commit of the checkout this runs from and whether it was changed since; empty outside a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "pyproject.toml").is_file():
        return {}
    commit = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain", "--", "sim", "configs", "pyproject.toml")
    if commit is None or status is None:
        return {}
    return {"commit": commit.strip(), "dirty": bool(status.strip())}


def code_patch() -> str:
    """What the checkout changed since its commit, as a patch of the files that git follows."""
    root = Path(__file__).resolve().parents[2]
    if not code_state().get("dirty"):
        return ""
    return _git(root, "diff", "HEAD", "--", "sim", "configs", "pyproject.toml") or ""


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            encoding="utf-8",
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout
