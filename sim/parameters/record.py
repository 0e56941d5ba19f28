"""How a number is described: its meaning stands beside it, its value lives in ``configs/``.

A parameter record is a frozen dataclass whose fields are made by ``number``, ``count``, ``table``, ``choice``,
``flag`` or ``day``, of a class that inherits ``Described``. Each carries a ``Spec``: unit, allowed range, plausible
range, source, grade, date, what it drives. A description that contradicts itself fails when the class is made.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
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
WEAK: Final = ("R", "R-", "J")  # assumptions: a number so graded must say how far it may lie from its value

# The date of an entry that gives none: the inspectorate's report, or when we recalled, judged or chose the value. A
# published figure has no default: it must say what date it refers to.
_JUDGED: Final = "2026-11"
_DATES: Final[dict[str, str]] = {"S": "2018-04", "R": _JUDGED, "R-": _JUDGED, "J": _JUDGED, "set": _JUDGED}


def dated(grade: str, date: str = "") -> str:
    """The date an entry refers to (``2017-08``): the one given, else its grade's; empty when there is neither."""
    return date or _DATES.get(grade, "")


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
        date: the date the value refers to, or when it was judged; by the grade when not given.
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
    date: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "date", dated(self.grade, self.date))


class Described:
    """What every parameter record inherits: making the class checks what its fields say of themselves."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, described in vars(cls).items():
            if isinstance(described, Field) and "spec" in described.metadata:
                fault = fault_in(described.metadata["spec"])
                if fault:
                    raise ValueError(f"{cls.__name__}.{name}: {fault}")


def fault_in(spec: Spec) -> str:
    """How a description contradicts itself, in words; empty when it does not."""
    if spec.grade not in GRADES:
        return f"unknown evidence grade {spec.grade!r}"
    if not spec.date:
        return f"grade {spec.grade} is a published figure: give the date it refers to"
    if spec.kind not in ("number", "count", "table"):
        return ""
    if spec.low > spec.high:
        return f"the allowed range {spec.low:g} to {spec.high:g} is upside down"
    if spec.plausible is None:
        return f"grade {spec.grade} is an assumption: give a plausible range" if spec.grade in WEAK else ""
    low, high = spec.plausible
    if low > high:
        return f"the plausible range {low:g} to {high:g} is upside down"
    if spec.kind != "table" and not spec.low <= low <= high <= spec.high:
        return f"the plausible range {low:g} to {high:g} leaves the allowed one, {spec.low:g} to {spec.high:g}"
    return ""


def _field(spec: Spec) -> Any:
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
    date: str = "",
) -> Any:
    """A real number with its range, plausible range, grade, source, what it drives, and its date."""
    return _field(Spec("number", unit, low, high, plausible, grade, source, drives, optional=optional, date=date))


def count(
    unit: str,
    low: int,
    high: int,
    plausible: tuple[float, float] | None,
    grade: str,
    source: str,
    drives: str,
    *,
    date: str = "",
) -> Any:
    """A whole number."""
    return _field(Spec("count", unit, low, high, plausible, grade, source, drives, date=date))


def table(unit: str, low: float, high: float, grade: str, source: str, drives: str) -> Any:
    """One number for each of the 14 service categories; it may plausibly lie 30% to either side."""
    return _field(Spec("table", unit, low, high, (0.7, 1.3), grade, source, drives))


def choice(options: tuple[str, ...], grade: str, source: str, drives: str) -> Any:
    """One word out of a list."""
    return _field(Spec("choice", "", grade=grade, source=source, drives=drives, options=options))


def flag(grade: str, source: str, drives: str, *, date: str = "") -> Any:
    """True or false."""
    return _field(Spec("flag", "", grade=grade, source=source, drives=drives, date=date))


def day(grade: str, source: str, drives: str, *, optional: bool = False, date: str = "") -> Any:
    """A date, written ``2018-10-01``."""
    return _field(Spec("day", "date", grade=grade, source=source, drives=drives, optional=optional, date=date))


def specs(record: type) -> dict[str, Spec]:
    """The specification of every field of a record, in order."""
    return {f.name: f.metadata["spec"] for f in fields(record) if "spec" in f.metadata}
