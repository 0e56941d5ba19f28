"""Keyed luck: the same person meets the same luck under every policy.

Every draw is a pure function of (seed, replication, purpose, entity, occurrence). Nothing is drawn "next": asking
for one more draw, or asking in another order, cannot move any other. The generator is SplitMix64 (Steele, Lea and
Flood 2014, "Fast splittable pseudorandom number generators", with Stafford's mix 13): the stream of a key is
``mix(key + (i + 1) * GOLDEN)``, which can be read at any i without reading those before it. The key of a stream is
a BLAKE2b hash of the seed, the replication and the purpose, so streams do not overlap by arithmetic accident.

People are read in vectors (``uniforms``); organisations one at a time (``Luck.uniform``). There is no state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Uint64Array = NDArray[np.uint64]
FloatArray = NDArray[np.float64]
Uniforms = Callable[[int, Uint64Array], FloatArray]

_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB
_MASK = 0xFFFFFFFFFFFFFFFF
SEPARATOR = "\x1f"  # between the words of a purpose
# the words of a purpose as text, by how many they are
_JOINED = tuple(SEPARATOR.join(["%s"] * words) for words in range(17))
_NEVER = 1e-300  # a rate at which nothing comes before anything that has one
_TO_UNIT = 2.0**-53
_HALF_STEP = 2.0**-54


def entity_id(*names: object) -> int:
    """A 64-bit identity of an entity from its names, the same in every world that contains it."""
    text = (_JOINED[len(names)] % names).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def positions(ids: Uint64Array) -> Uint64Array:
    """Where ids lie along every stream; worked out once for ids read from several streams."""
    at = ids + np.uint64(1)
    at *= np.uint64(_GOLDEN)
    return at


def draws(key: int, at: Uint64Array) -> Uint64Array:
    """Whole numbers below 2^53, one a position, from the stream of a key: what the uniforms are made from."""
    x = at + np.uint64(key & _MASK)
    shifted = x >> np.uint64(30)
    x ^= shifted
    x *= np.uint64(_MIX_1)
    np.right_shift(x, np.uint64(27), out=shifted)
    x ^= shifted
    x *= np.uint64(_MIX_2)
    np.right_shift(x, np.uint64(31), out=shifted)
    x ^= shifted
    x >>= np.uint64(11)
    return x


def as_uniforms(drawn: Uint64Array) -> FloatArray:
    """The uniforms in (0, 1) of whole draws."""
    u = drawn.view(np.int64).astype(np.float64)  # below 2^53: made faster with a sign
    u *= _TO_UNIT
    u += _HALF_STEP
    return u


def draws_below(chance: FloatArray) -> Uint64Array:
    """How many whole draws have a uniform below each chance: ``draw < draws_below(c)`` says ``uniform < c``.

    Exact, rounding of the uniforms included: found by trying the draws about c * 2^53.
    """
    low = np.clip(np.floor(np.asarray(chance) / _TO_UNIT) - 2.0, 0.0, 2.0**53).astype(np.uint64)
    steps = np.arange(5, dtype=np.uint64)
    below = as_uniforms(low[..., None] + steps) < np.asarray(chance)[..., None]
    return np.asarray(np.minimum(low + below.sum(axis=-1, dtype=np.uint64), np.uint64(2**53)))


def uniforms(key: int, ids: Uint64Array) -> FloatArray:
    """Uniform draws in (0, 1), one an id, from the stream of a key; shape that of ``ids``."""
    return as_uniforms(draws(key, positions(ids)))


def normals(key_1: int, key_2: int, ids: Uint64Array, uniforms: Uniforms = uniforms) -> FloatArray:
    """Standard normal draws, one an id, by Box and Muller (1958) from the streams of two keys.

    Args:
        uniforms: what reads a stream, the plain way or compiled.
    """
    radius = uniforms(key_1, ids)
    np.log(radius, out=radius)
    radius *= -2.0
    np.sqrt(radius, out=radius)
    angle = uniforms(key_2, ids)
    angle *= 2.0 * np.pi
    np.cos(angle, out=angle)
    radius *= angle
    return radius


class Luck:
    """The draws of one replication.

    Args:
        seed: the experiment's seed.
        replication: which replication; another number is other luck.
    """

    __slots__ = ("_begun", "replication", "seed")

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication
        self._begun = blake2b(f"{seed}\x1f{replication}\x1f".encode(), digest_size=8)

    def key(self, *purpose: object) -> int:
        """The key of the stream of a purpose, to be read at ids with ``uniforms``."""
        hashed = self._begun.copy()
        hashed.update((_JOINED[len(purpose)] % purpose).encode())
        return int.from_bytes(hashed.digest(), "little")

    def uniform(self, *purpose: object) -> float:
        """One uniform draw in (0, 1) for a purpose, an entity and an occurrence."""
        hashed = self._begun.copy()  # as in ``key``, without a call of it: asked for by the ten thousand
        hashed.update((_JOINED[len(purpose)] % purpose).encode())
        return (int.from_bytes(hashed.digest(), "little") >> 11) * _TO_UNIT + _HALF_STEP

    def uniforms_of(self, purposes: Iterable[str]) -> FloatArray:
        """The uniform draws of many purposes, each given as text: its words joined by SEPARATOR; shape (purposes,)."""
        copy, digests = self._begun.copy, []
        for purpose in purposes:
            hashed = copy()
            hashed.update(purpose.encode())
            digests.append(hashed.digest())
        return as_uniforms(np.frombuffer(b"".join(digests), "<u8") >> np.uint64(11))

    def normal(self, *purpose: object) -> float:
        """One standard normal draw."""
        return _normal(self.uniform(*purpose, "radius"), self.uniform(*purpose, "angle"))

    def normals_of(self, purposes: Sequence[str]) -> list[float]:
        """The standard normal draws of many purposes, each given as text: its words joined by SEPARATOR."""
        parts = [f"{purpose}{SEPARATOR}{part}" for purpose in purposes for part in ("radius", "angle")]
        drawn = self.uniforms_of(parts).tolist()
        return list(map(_normal, drawn[::2], drawn[1::2]))

    def lognormal(self, median: float, log_sd: float, *purpose: object) -> float:
        """One lognormal draw with a median and a standard deviation of the logarithm."""
        return median * math.exp(log_sd * self.normal(*purpose))

    def between(self, low: float, high: float, *purpose: object) -> float:
        """One uniform draw between two numbers."""
        return low + (high - low) * self.uniform(*purpose)

    def happens(self, probability: float, *purpose: object) -> bool:
        """Whether an event of this probability happens; the higher the probability, the more surely it does."""
        return self.uniform(*purpose) < probability

    def waiting(self, rate: float, *purpose: object) -> float:
        """An exponential waiting time; sorting items by theirs draws them without replacement in proportion to rate."""
        return waiting(self.uniform(*purpose), rate)


def _normal(u_radius: float, u_angle: float) -> float:
    """A standard normal from two uniforms, by Box and Muller."""
    return math.sqrt(-2.0 * math.log(u_radius)) * math.cos(2.0 * math.pi * u_angle)


def waiting(uniform: float, rate: float) -> float:
    """The exponential waiting time of a uniform draw."""
    return -math.log(uniform) / max(rate, _NEVER)


def turns(drawn: FloatArray, rates: FloatArray) -> list[list[int]]:
    """The order in which items come up when drawn without replacement in proportion to their rates.

    Args:
        drawn: uniforms, shape (orders, items).
        rates: of the items, shape (items,).
    """
    order: list[list[int]] = (-np.log(drawn) / np.maximum(rates, _NEVER)).argsort(axis=1, kind="stable").tolist()
    return order


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), safe for large |x|."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-min(x, 700.0)))
    e = math.exp(max(x, -700.0))
    return e / (1.0 + e)
