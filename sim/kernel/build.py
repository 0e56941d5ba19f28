"""Compiles the kernel with the system's C compiler."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sim.kernel.functions import Kernel, KernelError
from sim.kernel.library import OPTIONS, SOURCE, checksum, checksum_path, library_path, loaded

_COMPILERS: Final = ("cc", "gcc", "clang")


def compiler() -> str | None:
    """The C compiler: that of the environment variable CC, else the first found."""
    named = os.environ.get("CC", "")
    return named or next((found for name in _COMPILERS if (found := shutil.which(name))), None)


def build(path: Path | None = None) -> Kernel:
    """Compile the kernel, put it in its place in one step, and load it.

    Args:
        path: where to put it; None for where runs look for it.

    Raises:
        KernelError: there is no compiler, or it fails.
    """
    path = path or library_path()
    cc = compiler()
    if cc is None:
        raise KernelError("no C compiler was found (cc, gcc or clang); set CC to one, or do without the kernel")
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        done = subprocess.run(
            [*shlex.split(cc), *OPTIONS, "-o", str(partial), str(SOURCE)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise KernelError(f"{cc} failed: {' '.join(done.stderr.split())}")
        Kernel(partial)
        partial.chmod(0o700)
        checksum_path(path).write_text(checksum(partial), encoding="ascii")
        os.replace(partial, path)
    except OSError as error:
        raise KernelError(f"{error} (compiler {cc}, folder {path.parent})") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    loaded.cache_clear()
    return Kernel(path)


def remove() -> bool:
    """Remove the kernel that runs would find, and say whether there was one; raises KernelError when it cannot be."""
    there = library_path().is_file()
    try:
        library_path().unlink(missing_ok=True)
        checksum_path(library_path()).unlink(missing_ok=True)
    except OSError as error:
        raise KernelError(str(error)) from error
    loaded.cache_clear()
    return there
