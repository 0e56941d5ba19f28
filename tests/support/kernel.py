"""The compiled kernel for tests: built anew from the source at hand, or the test is skipped and says why."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from sim.kernel import Kernel
from sim.kernel.build import build, compiler
from sim.market.queues import AllQueues, Queues

KINDS = ("plain", "compiled")


@cache
def _built() -> Kernel:
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder) / "kernel.so")  # stays loaded when its file is gone


def compiled() -> Kernel:
    """The kernel; the test is skipped where there is no C compiler."""
    if compiler() is None:
        pytest.skip("no C compiler for the kernel")
    return _built()


def queues(kind: str) -> AllQueues:
    """Queues of a kind, none open."""
    return compiled().queues() if kind == "compiled" else Queues()
