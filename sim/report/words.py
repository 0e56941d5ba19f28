"""Numbers and names in plain words, with no more digits than the interval supports.

Digits never go past the first two of the interval's half-width. Plain ASCII, so that the console can print
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from sim.analysis.intervals import Interval
from sim.analysis.paired import BASELINE

_STEPS: Final = ((1e9, "bn"), (1e6, "m"), (1.0, ""))
_FROM: Final = {"bn": 0.995, "m": 0.0995, "": 0.0}  # 0.4m reads better than 400,000; 440m than 0.44bn


def decimals(half_width: float, most: int = 1) -> int:
    """Decimals that show at most the first two digits of a half-width, between 0 and ``most``."""
    if not math.isfinite(half_width) or half_width <= 0:
        return most
    return min(most, max(0, 1 - math.floor(math.log10(half_width))))


def fixed(value: float, places: int, signed: bool = False) -> str:
    """A number with thousands separators and no negative zero."""
    rounded = round(value, places) + 0.0
    return f"{rounded:{'+' if signed and rounded else ''},.{places}f}"


def percent(share: float, half_width: float = math.nan, signed: bool = False) -> str:
    """A share as ``-21%``; one decimal only where the interval (or, without one, the share) is under a point."""
    if not math.isfinite(share):
        return "no value"
    half = half_width * 100
    fine = half < 1 if math.isfinite(half) else abs(share) < 0.01
    places = 1 if fine and 0.0005 <= abs(share) < 0.995 else 0
    return fixed(share * 100, places, signed) + "%"


def percent_range(interval: Interval, signed: bool = False) -> str:
    """``-24 to -18%``; empty when there is no interval."""
    if not interval.known:
        return ""
    half = interval.half_width
    low, high = percent(interval.low, half, signed), percent(interval.high, half, signed)
    return f"{low.removesuffix('%')} to {high}"


def _step(size: float) -> tuple[float, str]:
    return next((step, word) for step, word in _STEPS if size >= _FROM[word] * step)


def money(value: float, half_width: float = math.nan, signed: bool = False) -> str:
    """``GBP 4.2m``; signed puts the sign in front: ``+GBP 4.2m``."""
    if not math.isfinite(value):
        return "no value"
    step, word = _step(abs(value))
    if step == 1.0:
        text = fixed(_round_to(abs(value), half_width), 0)
    else:
        text = fixed(abs(value) / step, decimals(half_width / step, _most(abs(value) / step)))
    sign = "-" if value < 0 and text.strip("0.,") else ("+" if signed and text.strip("0.,") else "")
    return f"{sign}GBP {text}{word}"


def money_range(interval: Interval, signed: bool = False) -> str:
    """``3.1 to 5.3m``, both ends in one unit; empty when there is no interval."""
    if not interval.known:
        return ""
    step, word = _step(max(abs(interval.low), abs(interval.high)))
    if step == 1.0:
        low, high = (_round_to(end, interval.half_width) for end in (interval.low, interval.high))
        return f"{fixed(low, 0, signed)} to {fixed(high, 0, signed)}"
    size = max(abs(interval.low), abs(interval.high)) / step
    places = decimals(interval.half_width / step, _most(size))
    return f"{fixed(interval.low / step, places, signed)} to {fixed(interval.high / step, places, signed)}{word}"


def money_between(interval: Interval) -> str:
    """``GBP 3.1m to 5.3m``; the single value when there is no interval."""
    return f"GBP {money_range(interval)}" if interval.known else money(interval.mean)


def _most(size: float) -> int:
    """Decimals a value may show: two below one, none from a hundred on, else one."""
    return 2 if size < 0.995 else 1 if size < 99.5 else 0


def _round_to(value: float, half_width: float) -> float:
    """Round so that at most two digits of the half-width show; two significant digits without one."""
    if not math.isfinite(half_width) or half_width <= 0:
        half_width = abs(value) if value else 1.0
    return round(value, 1 - math.floor(math.log10(half_width)))


def plain(value: float, half_width: float = math.nan) -> str:
    """A bare number with as many digits as its interval supports."""
    if not math.isfinite(value):
        return "no value"
    known = math.isfinite(half_width) and half_width > 0
    size = half_width if known else abs(value)
    if size == 0:
        return "0"
    places = (0 if known else 1) - math.floor(math.log10(size))
    return fixed(round(value, places), min(2, max(0, places)))


def by_unit(value: float, unit: str, half_width: float = math.nan) -> str:
    """A value in the words of its unit: money, share as percent, else a number with its unit."""
    if unit.startswith("GBP"):
        return money(value, half_width)
    if unit == "share":
        return percent(value, half_width)
    return plain(value, half_width)


def name_words(scenario: str) -> str:
    """A scenario's name within a sentence.

    ``do_nothing`` -> ``doing nothing``; ``stewardship,finance=tr_2015`` -> ``stewardship, finance as in 2015``;
    ``stewardship+needs_data`` -> ``stewardship + needs data``; ``markup_share=0.1`` -> ``markup 10%``.
    """
    return ", ".join(_part_words(part) for part in scenario.split(","))


def _part_words(part: str) -> str:
    key, given, value = part.partition("=")
    if not given:
        return "doing nothing" if part == BASELINE else part.replace("+", " + ").replace("_", " ")
    setting = key.rpartition(".")[2]
    try:
        number = float(value)
    except ValueError:
        option = _OPTIONS.get(value, value.replace("_", " "))
        return f"{setting.replace('_', ' ')} {option}"
    for ending, words in _UNITS:
        if setting.endswith(ending):
            return f"{setting.removesuffix(ending).replace('_', ' ')} {words(number)}"
    return f"{setting.replace('_', ' ')} {number:,g}"


_OPTIONS: Final = {
    "tr_2015": "as in 2015",
    "sector_2015": "as in 2015",
    "null": "not in force",
    "true": "on",
    "false": "off",
}
_UNITS: Final[tuple[tuple[str, Callable[[float], str]], ...]] = (
    ("_gbp_per_year", lambda value: f"{money(value)} a year"),
    ("_gbp", money),
    ("_share", lambda value: f"{100 * value:,g}%"),
    ("_days", lambda value: f"{value:,g} days"),
    ("_months", lambda value: f"{value:,g} months"),
    ("_years", lambda value: f"{value:,g} years"),
)


def capital(text: str) -> str:
    """The first letter as a capital, the rest untouched."""
    return text[:1].upper() + text[1:]


def count_words(n: int, noun: str) -> str:
    """``1 replication``, ``10 replications``."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def join_words(items: list[str]) -> str:
    """``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def ascii_only(text: str) -> str:
    """For a terminal that may know nothing else."""
    return text.encode("ascii", "replace").decode("ascii")
