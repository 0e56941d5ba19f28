"""A real dask scheduler on loopback with worker processes, for tests and for trying ``engine=dask``.

Run:  python -m tests.cluster.start_dask [workers]        prints the address; Ctrl-C ends all of it
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
_START_S = 60


@contextmanager
def running_dask(workers: int = 2) -> Iterator[str]:
    """The address of a scheduler with that many workers of one thread each; all of it ends on leaving."""
    with tempfile.TemporaryDirectory(prefix="dask-") as home:
        file = Path(home) / "scheduler.json"
        environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}
        environment["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"  # workers one run may kill
        log = (Path(home) / "log").open("w")
        common = ["--scheduler-file", str(file)]
        scheduler = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        crew = ["-m", "distributed.cli.dask_worker", "--host", "127.0.0.1", "--nworkers", str(workers)]
        crew += ["--nthreads", "1", "--no-dashboard", "--local-directory", home]
        started = [
            subprocess.Popen([sys.executable, *words, *common], env=environment, stdout=log, stderr=log, cwd=home)
            for words in (scheduler, crew)
        ]
        try:
            yield _address(file, workers, started[0])
        finally:
            for process in reversed(started):
                process.terminate()
            for process in reversed(started):
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            log.close()


def _address(file: Path, workers: int, scheduler: subprocess.Popen[bytes]) -> str:
    """Where it listens, once all its workers are there."""
    from distributed import Client

    until = time.monotonic() + _START_S
    while not file.is_file():
        if scheduler.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the dask scheduler did not start")
        time.sleep(0.05)
    address = str(json.loads(file.read_text())["address"])
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=_START_S)
    return address


if __name__ == "__main__":
    with running_dask(int(sys.argv[1]) if len(sys.argv) > 1 else 2) as where:
        print(where, flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass
