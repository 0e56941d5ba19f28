"""Where the compiled kernel lies, and whether it is to be used: only where it is whole, and the user's own."""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from functools import cache
from pathlib import Path
from typing import Final

from sim.kernel.functions import Kernel, KernelError

SOURCE: Final = Path(__file__).with_name("kernel.c")
SWITCH: Final = "PROBSIM_KERNEL"
OFF_WORDS: Final = ("off", "0", "no", "false")
ON_WORDS: Final = ("on", "1", "yes", "true")  # as without it
# How it is compiled. No fast mathematics and no contraction: the loops must give the plain ones' last digit.
OPTIONS: Final = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-fast-math", "-shared", "-fPIC")


def library_path() -> Path:
    """Where the kernel of this source belongs: in the user's cache, one file a version of it and kind of machine."""
    kind = f"{sys.platform}-{platform.machine()}"
    made_from = SOURCE.read_bytes().replace(b"\r\n", b"\n") + " ".join(OPTIONS).encode()
    digest = hashlib.sha256(made_from).hexdigest()[:16]
    cache_home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(cache_home):  # as the standard of these folders asks
        cache_home = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cache_home) / "probation-supply-chains" / f"kernel-{kind}-{digest}.so"


def switched_off() -> bool:
    """Whether the environment says to do without the kernel."""
    return os.environ.get(SWITCH, "").lower() in OFF_WORDS


def understood() -> bool:
    """Whether what the environment says is a word for on or off, or nothing."""
    return os.environ.get(SWITCH, "").lower() in ("", *OFF_WORDS, *ON_WORDS)


def find() -> Kernel | None:
    """The kernel, where it has been built and is not switched off; None where it is not, or is not the user's own."""
    return None if switched_off() else loaded(library_path())


@cache
def loaded(path: Path) -> Kernel | None:
    """The kernel in a file that is this user's, that nobody else can have changed, and that is whole; else None."""
    try:
        return Kernel(path) if path.is_absolute() and path.is_file() and _is_ours(path) and _is_whole(path) else None
    except (KernelError, OSError):
        return None


def checksum_path(path: Path) -> Path:
    """The file beside a library that holds its checksum: one cut short would end the process that loads it."""
    return path.with_suffix(".sha256")


def checksum(path: Path) -> str:
    """The checksum of a library."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_whole(path: Path) -> bool:
    return checksum_path(path).read_text(encoding="ascii") == checksum(path)


def _is_ours(path: Path) -> bool:
    if not hasattr(os, "geteuid"):
        return True
    found = path.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
