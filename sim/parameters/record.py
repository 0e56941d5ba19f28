"""How a number is described: its meaning stands beside it, its value lives in ``configs/``.

A parameter record is a frozen dataclass whose fields are made by ``number``, ``count``, ``table``, ``choice``,
``flag`` or ``day``. Each carries a ``Spec``: unit, allowed range, plausible range, source, grade, what it drives.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final

# Evidence grades, strongest first.
GRADES: Final[dict[str, str]] = {
    "S": "stated in the inspectorate's thematic report of 17 April 2018",
    "Q": "figure read on a published page",
    "Q2": "read in a secondary account of the primary source",
    "D": "arithmetic on published figures",
    "R": "recalled, plausible, not verified",
    "R-": "recalled, weak",
    "J": "judgement: no figure exists",
    "set": "a setting of the experiment, not a claim about the world",
}


@dataclass(frozen=True, slots=True)
class Spec:
    """What a number means.

    Attributes:
        kind: ``number``, ``count``, ``table`` (one number a service category), ``choice``, ``flag`` or ``day``.
        unit: the unit in words.
        low, high: the allowed range; a value outside is refused.
        plausible: the range (or, for a table, the factor range) within which calibration and sensitivity may move it.
        grade: the evidence grade of the shipped value.
        source: where the value comes from.
        drives: what it moves in the model.
        options: the allowed words of a choice.
        optional: whether ``null`` is allowed, and then means "not in force".
    """

    kind: str
    unit: str
    low: float = 0.0
    high: float = 0.0
    plausible: tuple[float, float] | None = None
    grade: str = "J"
    source: str = ""
    drives: str = ""
    options: tuple[str, ...] = ()
    optional: bool = False


def _field(spec: Spec) -> Any:
    if spec.grade not in GRADES:
        raise ValueError(f"unknown evidence grade {spec.grade!r}")
    return field(metadata={"spec": spec})


def number(
    unit: str,
    low: float,
    high: float,
    plausible: tuple[float, float] | None,
    grade: str,
    source: str,
    drives: str,
    *,
    optional: bool = False,
) -> Any:
    """A real number with its range, plausible range, grade, source and what it drives."""
    return _field(Spec("number", unit, low, high, plausible, grade, source, drives, optional=optional))


def count(
    unit: str,
    low: int,
    high: int,
    plausible: tuple[float, float] | None,
    grade: str,
    source: str,
    drives: str,
) -> Any:
    """A whole number."""
    return _field(Spec("count", unit, low, high, plausible, grade, source, drives))


def table(unit: str, low: float, high: float, grade: str, source: str, drives: str) -> Any:
    """One number for each of the 14 service categories."""
    return _field(Spec("table", unit, low, high, (0.7, 1.3), grade, source, drives))


def choice(options: tuple[str, ...], grade: str, source: str, drives: str) -> Any:
    """One word out of a list."""
    return _field(Spec("choice", "", grade=grade, source=source, drives=drives, options=options))


def flag(grade: str, source: str, drives: str) -> Any:
    """True or false."""
    return _field(Spec("flag", "", grade=grade, source=source, drives=drives))


def day(grade: str, source: str, drives: str, *, optional: bool = False) -> Any:
    """A date, written ``2018-10-01``."""
    return _field(Spec("day", "date", grade=grade, source=source, drives=drives, optional=optional))


def specs(record: type) -> dict[str, Spec]:
    """The specification of every field of a record, in order."""
    return {f.name: f.metadata["spec"] for f in fields(record) if "spec" in f.metadata}
