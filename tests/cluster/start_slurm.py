"""A real Slurm of one node (slurmctld, slurmd, munge; no accounting), for tests and for trying ``engine=slurm``.

Run:  python -m tests.cluster.start_slurm        prints  export SLURM_CONF=...  for another terminal; Ctrl-C ends it

Needs Debian's slurmctld, slurmd, slurm-client and munge. Everything lives in a temporary folder, on loopback.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scancel", "sinfo")
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
_START_S = 60


class NoSlurm(RuntimeError):
    """Slurm cannot be had here, and why."""


def missing() -> str:
    """Why there can be no Slurm here, in words; empty when it can be tried."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]
    return f"Debian's slurmctld, slurmd, slurm-client and munge are not all installed: no {', '.join(absent)}" * bool(
        absent
    )


@contextmanager
def running_slurm(cpus: int = 2) -> Iterator[Path]:
    """The slurm.conf of a cluster of one node; raises NoSlurm when it does not come up."""
    if why := missing():
        raise NoSlurm(why)
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        home = Path(name)
        home.chmod(0o755)  # munge refuses a folder that others could write to, and needs to enter it
        conf = _configure(home, cpus)
        environment = os.environ | {"SLURM_CONF": str(conf), "PATH": _PATH}
        commands = [
            ["munged", "--foreground", f"--key-file={home / 'munge.key'}", f"--socket={home / 'munge.socket'}",
             f"--pid-file={home / 'munged.pid'}", f"--log-file={home / 'munged.log'}",
             f"--seed-file={home / 'munge.seed'}"],
            ["slurmctld", "-D", "-f", str(conf)],
            ["slurmd", "-D", "-f", str(conf), "-N", _node()],
        ]  # fmt: skip
        log = (home / "out.log").open("w")
        started: list[subprocess.Popen[bytes]] = []
        try:
            for command in commands:
                started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
                if command[0] == "munged":
                    _wait_for(lambda: (home / "munge.socket").exists(), "munged", home)
            _wait_for(lambda: _state(environment) in ("idle", "mixed"), "the node", home)
            yield conf
        finally:
            subprocess.run(["scancel", "--full", "-u", _user()], env=environment, check=False, capture_output=True)
            _until(lambda: not _jobs(environment), 10)
            for process in reversed(started):
                process.terminate()
                try:
                    process.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            log.close()


def _configure(home: Path, cpus: int) -> Path:
    key = home / "munge.key"
    key.write_bytes(secrets.token_bytes(64))
    key.chmod(0o600)
    for folder in ("state", "spool"):
        (home / folder).mkdir()
    controller, node = _free_ports(2)
    lines = {
        "ClusterName": "one-node", "SlurmctldHost": f"{_node()}(127.0.0.1)", "SlurmUser": _user(),
        "SlurmdUser": _user(), "AuthType": "auth/munge", "AuthInfo": f"socket={home / 'munge.socket'}",
        "CredType": "cred/munge", "SlurmctldPort": controller, "SlurmdPort": node,
        "StateSaveLocation": home / "state", "SlurmdSpoolDir": home / "spool",
        "SlurmctldPidFile": home / "slurmctld.pid", "SlurmdPidFile": home / "slurmd.pid",
        "SlurmctldLogFile": home / "slurmctld.log", "SlurmdLogFile": home / "slurmd.log",
        "ProctrackType": "proctrack/linuxproc", "TaskPlugin": "task/none", "MpiDefault": "none",
        "SelectType": "select/cons_tres", "SelectTypeParameters": "CR_CPU", "ReturnToService": 2,
        "SlurmdParameters": "config_overrides", "AccountingStorageType": "accounting_storage/none",
        "JobAcctGatherType": "jobacct_gather/none", "SchedulerParameters": "batch_sched_delay=0,sched_interval=1",
        "KillWait": 2, "MinJobAge": 2,
    }  # fmt: skip
    text = "".join(f"{key}={value}\n" for key, value in lines.items())
    text += f"NodeName={_node()} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=8000 State=UNKNOWN\n"
    text += f"PartitionName=main Nodes={_node()} Default=YES MaxTime=INFINITE State=UP\n"
    conf = home / "slurm.conf"
    conf.write_text(text)
    return conf


def _node() -> str:
    return socket.gethostname().split(".")[0]


def _user() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _asked(command: list[str], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip()


def _state(environment: dict[str, str]) -> str:
    return _asked(["sinfo", "-h", "-o", "%T"], environment)


def _jobs(environment: dict[str, str]) -> str:
    return _asked(["squeue", "-h"], environment)


def _wait_for(there: object, what: str, home: Path) -> None:
    if not _until(there, _START_S):
        logs = "\n".join(f"{p.name}: {p.read_text(errors='replace')[-500:]}" for p in sorted(home.glob("*.log")))
        raise NoSlurm(f"{what} did not come up within {_START_S} s\n{logs}")


def _until(there: object, seconds: float) -> bool:
    assert callable(there)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if there():
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    with running_slurm() as conf_file:
        print(f"export SLURM_CONF={conf_file}", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass
