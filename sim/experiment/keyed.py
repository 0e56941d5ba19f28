"""Finished runs by their key, shared by all experiments of an output folder: look up what is there, make what is not.

``<output>/.store/<two letters>/<key>.parquet``. A file is verified to the last byte before it is used; one that is
damaged counts as missing and is made again. An experiment's own files are hard links to these (copies where the
file system has none), so its folder is whole without the store and the store may be deleted at any time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from sim.experiment import store
from sim.experiment.plan import Task
from sim.experiment.store import DamagedFile, Head, Shape

STORE: Final = ".store"
_READERS: Final = 4  # threads: a look-up waits for the disk and for checksums, not for Python


class KeyedStore:
    """The finished runs below an output folder.

    Attributes:
        home: the folder of the store; made when the first run is written.
        damaged: files that were found damaged, in words.
    """

    def __init__(self, output: Path) -> None:
        self.home = output.absolute() / STORE
        self.damaged: list[str] = []
        self._known: dict[str, Head] = {}
        self._shapes: dict[object, Shape] = {}

    def path(self, key: str) -> Path:
        """Where the run of a key is, or will be."""
        return self.home / key[:2] / f"{key}.parquet"

    def find(self, key: str) -> Head | None:
        """What the run of a key says of itself when it is there and sound, else None."""
        if key in self._known:
            return self._known[key]
        try:
            head, _ = store.checked(self.path(key), key)
        except FileNotFoundError:
            return None
        except (DamagedFile, OSError) as error:
            says = f"{error}; it is made again"
            if says not in self.damaged:
                self.damaged.append(says)
            return None
        # The shapes of runs of one world are equal: one copy serves thousands of them.
        shape = self._shapes.setdefault((head.shape.months, *head.shape.panels.items()), head.shape)
        self._known[key] = replace(head, shape=shape)
        return self._known[key]

    def forget(self, key: str) -> None:
        """The run of a key is among the results: what its file said need not be remembered here too."""
        self._known.pop(key, None)

    def find_all(self, tasks: Sequence[Task]) -> dict[str, Head]:
        """The runs that need not be made, by key."""
        wanted = list(dict.fromkeys(task.key for task in tasks))
        if not self.home.is_dir():
            return {}
        with ThreadPoolExecutor(_READERS) as readers:
            heads = list(readers.map(self.find, wanted))
        return {key: head for key, head in zip(wanted, heads, strict=True) if head is not None}

    def sweep_up(self) -> None:
        """Remove what processes of this machine that are no more left half-written."""
        if not self.home.is_dir():
            return
        for path in self.home.glob(f"??/.*{store.PART}"):
            if is_abandoned(path):
                path.unlink(missing_ok=True)


def place(found: Path, wanted: Path, head: Head) -> None:
    """Give a finished run, and what belongs to it, a second name in an experiment's folder."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for kind in head.beside:
        _link(store.beside(found, kind), store.beside(wanted, kind))
    _link(found, wanted)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        target.unlink()
        _link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or a file system without links
        partial = store.part_path(target)
        try:
            shutil.copyfile(source, partial)
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)


def is_abandoned(part: Path) -> bool:
    """Whether a half-written file belongs to a process of this machine that has ended."""
    words = part.name.split(".")
    host, pid = words[-4:-2]
    return host == store.host_word() and pid.isdigit() and not is_alive(int(pid))


def is_alive(pid: int) -> bool:
    """Whether a process of this machine is there."""
    if os.name == "nt":
        return True  # asking would end it; leave its files alone
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
