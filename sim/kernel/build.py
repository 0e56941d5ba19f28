"""Compiles the kernel with the system's C compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sim.kernel.library import SOURCE, Kernel, KernelError, library_path

# No fast mathematics and no contraction: the compiled loops must give the plain ones' last digit.
_OPTIONS: Final = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-fast-math", "-shared", "-fPIC")
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
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        done = subprocess.run(
            [cc, *_OPTIONS, "-o", str(partial), str(SOURCE)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise KernelError(f"{cc} failed: {' '.join(done.stderr.split())}")
        Kernel(partial)
        os.replace(partial, path)
    except OSError as error:
        raise KernelError(f"{cc} cannot be run: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return Kernel(path)
