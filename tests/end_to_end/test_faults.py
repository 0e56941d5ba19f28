"""What can befall a sweep, done to real processes: nothing finished is lost, nothing half-written is ever read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.experiment import store
from sim.experiment.keyed import STORE

CHECKOUT = Path(__file__).resolve().parents[2]
CLI = ["-m", "sim", "world=one_area", "engine.workers=2", "--quiet"]
_PATIENCE_S = 120

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")


def start(*words: str) -> subprocess.Popen[str]:
    """A process in a session of its own, as in a terminal of its own."""
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def sweep(output: Path, model: str, replications: int, folder: str = "a") -> subprocess.Popen[str]:
    return start("-m", "tests.support.made_up_sweep", str(output), folder, model, str(replications))


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=_PATIENCE_S)
    return process.returncode, out, err


def outcome_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    code, out, err = end_of(process)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def wait_until(there: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not there():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def stored(output: Path) -> list[Path]:
    return sorted((output / STORE).glob("??/[0-9a-f]*.parquet"))


def session_of(leader: int) -> list[int]:
    """The processes of a session that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(session) == leader and state != "Z":
                found.append(int(entry.name))
    return found


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a sweep and what they forked, oldest first, not the tracker of its resources."""
    found = []
    for pid in sorted(session_of(process.pid)):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if pid != process.pid and b"spawn_main" in command:
            found.append(pid)
    return found


def all_sound(output: Path) -> int:
    """How many runs the store holds, each verified; no half-written file may be left."""
    assert not list(output.rglob(f".*{store.PART}"))
    for path in stored(output):
        store.checked(path, path.stem)
    return len(stored(output))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a disk of some size; called again, changes it. Skipped where nothing may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()

    def disk(options: str, *, again: bool = False) -> Path:
        how = ["-o", f"remount,{options}"] if again else ["-t", "tmpfs", "-o", options, "tmpfs"]
        done = subprocess.run(["mount", *how, str(place)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
        return place

    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def test_a_worker_killed_in_mid_run_costs_nothing(tmp_path: Path) -> None:
    process = sweep(tmp_path, "takes_a_moment", 10)
    wait_until(lambda: len(stored(tmp_path)) >= 2)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    outcome = outcome_of(process)
    assert outcome["made"] == list(range(1, 11))
    assert outcome["failed"] == []
    assert all_sound(tmp_path) == 10


def test_a_killed_sweep_leaves_no_process_and_goes_on_where_it_was(tmp_path: Path) -> None:
    process = sweep(tmp_path, "takes_a_moment", 12)
    wait_until(lambda: len(stored(tmp_path)) >= 3)
    process.kill()
    end_of(process)
    wait_until(lambda: not session_of(process.pid))
    kept = len(stored(tmp_path))
    outcome = outcome_of(sweep(tmp_path, "takes_a_moment", 12, "b"))
    assert 3 <= kept < 12
    assert outcome["reused"] == kept
    assert outcome["made"] == list(range(1, 13))
    assert all_sound(tmp_path) == 12


@pytest.mark.parametrize(("what", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_keeps_what_is_finished_and_says_how_to_go_on(what: signal.Signals, code: int, tmp_path: Path) -> None:
    words = [*CLI, f"output={tmp_path}", "replications=40"]
    process = start(*words)
    wait_until(lambda: len(stored(tmp_path)) >= 3)
    # Ctrl-C reaches every process of a terminal, a batch system's request the one it knows.
    os.killpg(process.pid, what) if what == signal.SIGINT else process.send_signal(what)
    found, _, err = end_of(process)
    assert found == code, err
    said = " ".join(err.split())
    assert "STOPPED by you." in said if what == signal.SIGINT else "STOPPED: it was asked to end (SIGTERM)." in said
    assert "Same command again goes on." in said
    assert "Traceback" not in err
    wait_until(lambda: not session_of(process.pid))
    kept = all_sound(tmp_path)
    assert f"{kept} of 40 runs kept, none half-written" in said
    (folder,) = (tmp_path / "baseline").iterdir()
    assert (folder / "PARTIAL").is_file()
    assert len(list((folder / "runs/do_nothing").iterdir())) == kept


@pytest.mark.parametrize("whose", [0, -1], ids=["worker", "newest"])
def test_whatever_process_of_policies_that_share_is_killed_all_runs_are_made(tmp_path: Path, whose: int) -> None:
    process = sweep(tmp_path, "policies", 4)
    wait_until(lambda: len(stored(tmp_path)) >= 2)
    wait_until(lambda: len(workers_of(process)) > 2)
    os.kill(workers_of(process)[whose], signal.SIGKILL)
    outcome = outcome_of(process)
    assert outcome["finished"] == 20
    assert outcome["failed"] == []
    assert all_sound(tmp_path) == 20


@pytest.mark.parametrize("how", ["killed", "Ctrl-C twice"])
def test_a_sweep_of_policies_that_share_leaves_no_child_behind(tmp_path: Path, how: str) -> None:
    process = sweep(tmp_path, "policies", 8)
    wait_until(lambda: len(stored(tmp_path)) >= 3)
    wait_until(lambda: len(workers_of(process)) > 2)
    if how == "killed":
        process.kill()
        end_of(process)
    else:
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.2)  # two at once would be taken for one
        outcome = outcome_of(process)
        assert outcome["interrupted"]
        assert outcome["failed"] == []
        assert outcome["finished"] == len(stored(tmp_path)) < 40
    wait_until(lambda: not session_of(process.pid))
    for path in stored(tmp_path):
        store.checked(path, path.stem)


def test_a_full_disk_stops_the_sweep_and_room_lets_it_go_on(small_disk: Callable[..., Path]) -> None:
    output = small_disk("size=400k")
    outcome = outcome_of(sweep(output, "quick", 30))
    kept = len(stored(output))
    assert outcome["halted"] == "the disk is full"
    assert 0 < len(outcome["made"]) <= kept < 30
    assert len(outcome["failed"]) <= 3, "it did not stop"
    small_disk("size=40m", again=True)
    outcome = outcome_of(sweep(output, "quick", 30, "b"))
    assert outcome["made"] == list(range(1, 31))
    assert outcome["reused"] == kept
    assert all_sound(output) == 30


def test_a_disk_too_small_for_the_folder_is_said_in_words(small_disk: Callable[..., Path]) -> None:
    code, _, err = end_of(start(*CLI, f"output={small_disk('size=400k')}", "replications=2"))
    assert code == 1
    assert "STOPPED: the disk is full." in " ".join(err.split())
    assert "Traceback" not in err


def test_a_read_only_output_is_refused_before_anything_runs(small_disk: Callable[..., Path]) -> None:
    code, out, err = end_of(start(*CLI, f"output={small_disk('size=4m,ro')}/mine", "replications=2"))
    assert code == 2
    assert "output must be a folder that can be written" in " ".join(err.split())
    assert "Traceback" not in err + out


def test_two_sweeps_into_one_store_at_once_agree(tmp_path: Path) -> None:
    both = [sweep(tmp_path, "takes_a_moment", 8, folder) for folder in "ab"]
    for process in both:
        outcome = outcome_of(process)
        assert outcome["made"] == list(range(1, 9))
        assert outcome["failed"] == []
    assert all_sound(tmp_path) == 8
    for one in (tmp_path / "a").rglob("*.parquet"):
        assert one.read_bytes() == (tmp_path / "b" / one.relative_to(tmp_path / "a")).read_bytes()
