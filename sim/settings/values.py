"""One value against its meaning: the checked value, or what is wrong with it in words.

Knows the kinds of ``sim.parameters.record`` and nothing of groups, files or the model.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sim.categories import CATEGORIES
from sim.parameters.record import Spec
from sim.settings.problems import did_you_mean, listing, nearest, plain, shown

MISSING: Final = "???"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is refused.

    Attributes:
        rule: what it must be, to follow the setting's name ("must be between 0 and 2, got -0.3").
        advice: what to type instead.
        part: the part of the setting concerned (a category of a table), or empty.
    """

    rule: str
    advice: tuple[str, ...] = ()
    part: str = ""


def check(spec: Spec, value: Any, *, whole: bool = False) -> tuple[Any, list[Fault]]:
    """The value as the model wants it and no fault, or None and the faults."""
    if value is None:
        return (None, []) if spec.optional else (None, [Fault(f"must be {rule(spec, whole=whole)}, got null")])
    if value == MISSING:
        return None, [Fault(f"is not set; it must be {rule(spec, whole=whole)}")]
    if spec.kind == "table":
        return _table(spec, value)
    checked, fault = _CHECKS[spec.kind](spec, value, whole or spec.kind == "count")
    return (None, [fault]) if fault else (checked, [])


def rule(spec: Spec, *, whole: bool = False) -> str:
    """What a value must be, in words."""
    if spec.kind == "flag":
        words = "true or false"
    elif spec.kind == "choice":
        words = f"one of {listing(spec.options)}"
    elif spec.kind == "day":
        words = "a date written like 2018-10-01"
    elif spec.kind == "table":
        words = f"one number for each of the {len(CATEGORIES)} service categories"
    else:
        kind = "a whole number" if whole or spec.kind == "count" else "a number"
        words = f"{kind} between {plain(spec.low)} and {plain(spec.high)}"
    return f"{words}, or null" if spec.optional else words


def _number(spec: Spec, value: Any, whole: bool) -> tuple[Any, Fault | None]:
    words = rule(spec, whole=whole)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, Fault(f"must be {words}, got {shown(value)}", _reading(value, spec))
    if not math.isfinite(value):
        return None, Fault(f"must be {words}, got {value}")
    if not spec.low <= value <= spec.high:
        return None, Fault(
            f"must be between {plain(spec.low)} and {plain(spec.high)}, got {value}", _percent(value, spec)
        )
    if whole and not float(value).is_integer():
        return None, Fault(f"must be {words}, got {value}")
    return (int(value) if whole else float(value)), None


def _flag(spec: Spec, value: Any, whole: bool) -> tuple[Any, Fault | None]:
    if isinstance(value, bool):
        return value, None
    return None, Fault(f"must be true or false, got {shown(value)}")


def _choice(spec: Spec, value: Any, whole: bool) -> tuple[Any, Fault | None]:
    if isinstance(value, str) and value in spec.options:
        return value, None
    return None, Fault(f"must be {rule(spec)}, got {shown(value)}", did_you_mean(str(value), spec.options))


def _day(spec: Spec, value: Any, whole: bool) -> tuple[Any, Fault | None]:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            when = date.fromisoformat(value)
        except ValueError:
            return None, Fault(f"must be a date of the calendar, got {value}")
        if not 1990 <= when.year <= 2100:
            return None, Fault(f"must be a date between 1990 and 2100, got {value}")
        return when, None
    return None, Fault(f"must be {rule(spec)}, got {shown(value)}")


_CHECKS = {"number": _number, "count": _number, "flag": _flag, "choice": _choice, "day": _day}


def _table(spec: Spec, value: Any) -> tuple[Any, list[Fault]]:
    if not isinstance(value, dict):
        return None, [Fault(f"must be {rule(spec)}, got {shown(value)}")]
    faults = [
        Fault("is not a service category", did_you_mean(str(key), CATEGORIES), str(key))
        for key in value
        if key not in CATEGORIES
    ]
    guessed = {nearest(str(key), CATEGORIES) for key in value if key not in CATEGORIES}
    faults += [
        Fault(f"is missing; {rule(spec)} is needed", part=key)
        for key in CATEGORIES
        if key not in value and key not in guessed
    ]
    numbers = []
    for key in CATEGORIES:
        checked, fault = _number(spec, value.get(key), False) if key in value else (0.0, None)
        if fault:
            faults.append(Fault(fault.rule, fault.advice, key))
        numbers.append(checked)
    return (None, faults) if faults else (tuple(numbers), [])


_SIZES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}


def _reading(value: Any, spec: Spec) -> tuple[str, ...]:
    """What a number in words probably means: ``5 million`` is 5_000_000, ``30%`` is 0.3."""
    match = re.fullmatch(r"(?:GBP|£)?\s*(-?[\d,]*\.?\d+)\s*(%|[a-z]*)", str(value).strip(), re.IGNORECASE)
    if match is None:
        return ()
    amount, size = float(match[1].replace(",", "")), match[2].lower()
    if size == "%":
        amount = round(amount / 100, 10)
    elif size in _SIZES:
        amount *= _SIZES[size]
    elif size:
        return ()
    if not spec.low <= amount <= spec.high:
        return ()
    return (f"write {int(amount):_}" if amount.is_integer() else f"write {amount:g}",)


def _percent(value: float, spec: Spec) -> tuple[str, ...]:
    if "share" in spec.unit and 2 <= value <= 100 and spec.low <= value / 100 <= spec.high:
        return (f"a share is a part of 1: write {value / 100:g} for {value:g}%",)
    return ()
