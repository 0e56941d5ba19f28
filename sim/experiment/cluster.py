"""Clusters behind the ``concurrent.futures`` interface: a running dask scheduler, and Slurm through dask-jobqueue.

Workers must see the output folder under the same path, because they write the runs there. What is sent to them is
pickled: connect only to schedulers that you trust. What this module starts listens on loopback unless a host is set.
"""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from sim.experiment.engines import Engine

T = TypeVar("T")
_CONNECT_S: Final = 10
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
LOOPBACK: Final = "127.0.0.1"


class ClusterError(RuntimeError):
    """A scheduler cannot be reached or started; the message says what to do."""


class ClusterExecutor(Executor):
    """Calls handed to a dask scheduler.

    Args:
        client: a connected ``distributed.Client``.
        hands: how many runs to have in hand; enough to keep every worker busy.
    """

    def __init__(self, client: Any, hands: int) -> None:
        self._client = client
        self.hands = hands

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Queue a call on the scheduler."""
        there = self._client.submit(fn, *args, **kwargs, pure=False)
        here: Future[T] = _Linked(there)
        here.set_running_or_notify_cancel()
        there.add_done_callback(lambda done: _pass_on(done, here))
        return here


class _Linked(Future[T]):
    """A future whose cancelling reaches the scheduler."""

    def __init__(self, there: Any) -> None:
        super().__init__()
        self._there = there

    def drop(self) -> None:
        """Tell the scheduler that nobody waits for this call any more."""
        self._there.cancel()


def _pass_on(done: Any, here: Future[Any]) -> None:
    """What a call gave, from dask's future to ours. Called in dask's own thread."""
    try:
        if done.cancelled() or done.status == "lost":
            here.set_exception(CancelledError("the scheduler lost the run"))
        elif done.status == "error":
            here.set_exception(done.exception())
        else:
            here.set_result(done.result())
    except Exception as error:
        here.set_exception(error)


@contextmanager
def dask_executor(engine: Engine) -> Iterator[ClusterExecutor]:
    """The workers of a running scheduler; raises ClusterError when there is none at the address."""
    from distributed import Client

    with _quiet():
        try:
            client = Client(engine.address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"no dask scheduler answers at {engine.address}. Start one (dask scheduler --host 127.0.0.1, then"
                f" dask worker {engine.address} --nthreads 1) or correct engine.address"
            ) from error
        with client:
            threads = sum(client.nthreads().values())
            yield ClusterExecutor(client, engine.workers or max(2, 2 * threads))


@contextmanager
def slurm_executor(engine: Engine, workers: int) -> Iterator[ClusterExecutor]:
    """Jobs of a Slurm cluster, one worker each, ended on leaving; raises ClusterError when none can be asked for."""
    from dask_jobqueue import SLURMCluster
    from distributed import Client

    host = engine.host or LOOPBACK
    logs = (engine.code or Path()) / "slurm"
    with _quiet():
        try:
            cluster = SLURMCluster(
                cores=1,
                processes=1,
                memory=f"{engine.memory_gb:g}GB",
                walltime=_walltime(engine.walltime_hours),
                queue=engine.queue or None,
                account=engine.account or None,
                python=sys.executable,
                nanny=True,
                local_directory=str(logs),
                log_directory=str(logs),
                shared_temp_directory=str(logs),
                job_script_prologue=list(_environment(engine.code)),
                scheduler_options={"host": host, "dashboard": False},
                worker_extra_args=["--no-dashboard", *(["--host", host] if host == LOOPBACK else [])],
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterError(f"no Slurm workers can be started: {error}") from error
        with cluster:
            _would_be_taken(cluster.job_script())
            cluster.scale(jobs=workers)
            with Client(cluster, timeout=_CONNECT_S, set_as_default=False) as client:
                yield ClusterExecutor(client, 2 * workers)


def _would_be_taken(job_script: str) -> None:
    """Ask Slurm before the first job: dask would wait for ever for workers of a job that was refused."""
    try:
        asked = subprocess.run(
            ["sbatch", "--test-only"], input=job_script, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClusterError(f"Slurm does not answer: {error}") from error
    if asked.returncode:
        raise ClusterError(f"Slurm refuses the job of a worker: {' '.join(asked.stderr.split())}")


def _environment(code: Path | None) -> Iterator[str]:
    """Lines of a job script: the frozen code first on the path, one thread a worker."""
    path = [str(code)] if code is not None else []
    path += [entry for entry in (os.environ.get("PYTHONPATH", ""), os.getcwd()) if entry]
    yield f"export PYTHONPATH={shlex.quote(os.pathsep.join(path))}"
    for name in _ONE_THREAD:
        yield f"export {name}=1"


def _walltime(hours: float) -> str:
    seconds = round(hours * 3600)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's own words about workers come and go are kept from the terminal; failures are told by us."""
    names = ("distributed", "distributed.client", "distributed.scheduler", "distributed.core", "distributed.nanny")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
