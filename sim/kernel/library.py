"""Where the compiled kernel lies, and the functions in it."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import stat
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.kernel.queues import CompiledQueues

SOURCE: Final = Path(__file__).with_name("kernel.c")
SWITCH: Final = "PROBSIM_KERNEL"
_OFF_WORDS: Final = ("off", "0", "no", "false")
# How it is compiled. No fast mathematics and no contraction: the loops must give the plain ones' last digit.
OPTIONS: Final = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-fast-math", "-shared", "-fPIC")
_MOST_CATEGORIES: Final = 64  # as kernel.c has room for
_ABI: Final = 3  # as kernel.c says
_ADDRESS: Final = ctypes.c_void_p
_COUNT: Final = ctypes.c_int64

FloatArray = NDArray[np.float64]
Uint64Array = NDArray[np.uint64]


class KernelError(RuntimeError):
    """The kernel cannot be built or loaded; the message says why."""


class Kernel:
    """The functions of a compiled kernel.

    Args:
        path: the shared library.

    Raises:
        KernelError: it cannot be loaded, or is not of this version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._library = ctypes.CDLL(str(path))
            self._library.kernel_abi.restype = _COUNT
            abi = self._library.kernel_abi()
        except (OSError, AttributeError) as error:
            raise KernelError(f"{path} cannot be loaded: {error}") from error
        if abi != _ABI:
            raise KernelError(f"{path} is of version {abi}, not {_ABI}")
        self._uniforms = self._library.kernel_uniforms
        self._uniforms.argtypes = [_COUNT, ctypes.c_uint64, _ADDRESS, _ADDRESS]
        self._uniforms.restype = None
        self._needs = self._library.kernel_needs
        people, tables, found = [_ADDRESS] * 5, [_ADDRESS] * 3, [_ADDRESS] * 4
        self._needs.argtypes = [_COUNT, *people, _COUNT, *tables, _COUNT, _COUNT, *found]
        self._needs.restype = _COUNT
        self._decide = self._library.kernel_decide
        cases, direct, card, terms = [_ADDRESS] * 4, [_ADDRESS] * 2, [_ADDRESS] * 3, [_ADDRESS] * 3
        self._decide.argtypes = [_COUNT, *cases, _COUNT, _COUNT, *direct, _COUNT, *card, _COUNT, *terms]
        self._decide.argtypes += [_ADDRESS] * 5 + [ctypes.c_int32] * 2 + [_ADDRESS] * 2
        self._decide.restype = _COUNT

    def queues(self) -> CompiledQueues:
        """New queues, none open."""
        return CompiledQueues(self._library)

    def uniforms(self, key: int, ids: Uint64Array) -> FloatArray:
        """As ``sim.randomness.uniforms``."""
        ids = np.ascontiguousarray(ids, np.uint64)
        out = np.empty(len(ids))
        self._uniforms(len(ids), key, ids.ctypes.data, out.ctypes.data)
        return out

    def needs(
        self,
        ids: Uint64Array,
        complexity: NDArray[np.uint8],
        women: NDArray[np.bool_],
        young: NDArray[np.bool_],
        group: NDArray[np.int64],
        keys: Uint64Array,
        present_below: Uint64Array,
        called_below: Uint64Array,
        only_women: int,
        only_young: int,
        counts: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Uint64Array]:
        """As ``sim.world.needs.draw_needs``, in another order: person by person.

        Raises:
            ValueError: an array is not of the kind or shape that the C function takes.
        """
        most = len(ids) * len(keys) + 1
        who, category = np.empty(most, np.int64), np.empty(most, np.int64)
        drawn = np.empty(most, np.uint64)
        columns = (ids, complexity, women, young, group)
        tables = (keys, present_below, called_below)
        _must_be(columns, (np.uint64, np.uint8, np.bool_, np.bool_, np.int64))
        _must_be((*tables, counts), (np.uint64, np.uint64, np.uint64, np.int64))
        categories = {array.shape[-1] for array in (*tables, counts)}
        if {len(array) for array in columns} != {len(ids)} or categories != {len(keys)} or len(keys) > _MOST_CATEGORIES:
            raise ValueError("needs: columns or tables do not belong together, or there are too many categories")
        n = self._needs(
            len(ids),
            *(array.ctypes.data for array in columns),
            len(keys),
            *(array.ctypes.data for array in tables),
            only_women,
            only_young,
            *(array.ctypes.data for array in (counts, who, category, drawn)),
        )
        return who[:n], category[:n], drawn[:n]

    def decide(
        self,
        cases: tuple[Uint64Array, NDArray[np.int32], FloatArray],
        keys: Uint64Array,
        direct: tuple[FloatArray, NDArray[np.int32]],
        card: tuple[FloatArray, NDArray[np.int32], FloatArray],
        terms: tuple[FloatArray, FloatArray, FloatArray],
        alternative: FloatArray,
        division: NDArray[np.int64],
        limit_gbp: FloatArray,
        exhausted: NDArray[np.bool_],
        without_desk: tuple[int, int],
    ) -> tuple[NDArray[np.int32], FloatArray, FloatArray, int]:
        """As ``sim.market.officers`` decides cases for the first time.

        Args:
            cases: names, cells and days, in order of time.
            keys: of the draws of route, purchase and alternative.
            direct: cumulative chances and desk numbers by column and cell.
            card: cumulative chances, desk numbers and willingness by column and place.
            terms: the days from which versions are in force; chances and prices by version and place.
            alternative, division: by place.
            limit_gbp, exhausted: by division; the latter is written.
            without_desk: what stands for unmet, and for an alternative found.

        Returns:
            Desk number or fate, and price, by case; money spent by division; how many purchases.

        Raises:
            ValueError: an array is not of the kind or shape that the C function takes.
        """
        ids, cell, day = cases
        _must_be((ids, cell, day, keys), (np.uint64, np.int32, np.float64, np.uint64))
        _must_be((*direct, *card), (np.float64, np.int32, np.float64, np.int32, np.float64))
        _must_be((*terms, alternative), (np.float64,) * 4)
        _must_be((division, limit_gbp, exhausted), (np.int64, np.float64, np.bool_))
        n, (width, rows), card_width, versions = len(ids), direct[0].shape, len(card[0]), len(terms[0])
        places = {array.shape[-1] for array in (*card, alternative, division)}
        by_version = {array.size for array in terms[1:]}
        if not (n == len(cell) == len(day) and places == {rows // 2} and by_version == {versions * (rows // 2)}):
            raise ValueError("decide: columns or tables do not belong together")
        number, price, spent_gbp = np.empty(n, np.int32), np.empty(n), np.zeros(len(limit_gbp))
        purchases = self._decide(
            n,
            *(array.ctypes.data for array in (ids, cell, day, keys)),
            width,
            rows,
            *(array.ctypes.data for array in direct),
            card_width,
            *(array.ctypes.data for array in card),
            versions,
            *(array.ctypes.data for array in (*terms, alternative, division, limit_gbp, exhausted, spent_gbp)),
            *without_desk,
            *(array.ctypes.data for array in (number, price)),
        )
        return number, price, spent_gbp, purchases


def _must_be(arrays: Sequence[NDArray[Any]], kinds: Sequence[type]) -> None:
    """Raise ValueError unless each array is contiguous and of its kind: the C functions believe what they are told."""
    for array, kind in zip(arrays, kinds, strict=True):
        if array.dtype != kind or not array.flags.c_contiguous:
            raise ValueError(f"the kernel takes a contiguous array of {kind.__name__}, got one of {array.dtype}")


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
    return os.environ.get(SWITCH, "").lower() in _OFF_WORDS


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
