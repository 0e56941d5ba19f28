"""Columns of a table from plain bytes: ``pa.array`` and its like would import pandas, which no worker may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]


def numbers(values: NDArray[Any], absent: NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of numbers or truth values; empty where ``absent``."""
    import pyarrow as pa

    data = _bits(values) if values.dtype == np.bool_ else values.tobytes()
    there = None if absent is None else pa.py_buffer(_bits(~absent))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [there, pa.py_buffer(data)])


def words(distinct: Sequence[str], codes: NDArray[Any]) -> pa.DictionaryArray:
    """A column of words from a few distinct ones."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes.astype(np.int32)), strings(distinct or [""]))


def strings(texts: Sequence[str]) -> pa.StringArray:
    """A column of texts."""
    import pyarrow as pa

    coded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, coded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(coded), pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(coded)))


def _bits(values: NDArray[np.bool_]) -> bytes:
    return np.packbits(values, bitorder="little").tobytes()
