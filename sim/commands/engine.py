"""The engine that the settings of a run ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.experiment.engines import Engine
    from sim.settings.known import RunSettings


def engine_of(run: RunSettings, code: Path | None = None) -> Engine:
    """Where and how runs are made; ``code`` is the folder of a frozen copy of the package."""
    from sim.experiment.engines import Engine

    return Engine(
        kind=run.engine,
        workers=run.workers,
        run_timeout_s=run.run_timeout_s,
        shared_history=run.shared_history,
        code=code,
        address=run.address,
        host=run.host,
        queue=run.queue,
        account=run.account,
        memory_gb=run.memory_gb,
        walltime_hours=run.walltime_hours,
    )
