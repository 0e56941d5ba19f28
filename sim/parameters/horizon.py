"""What the dates of a run mean. The dates live in ``configs/horizon``."""

from __future__ import annotations

from typing import Final

from sim.parameters.record import Spec

_CONTRACTS: Final = "Public Accounts Committee HC1747"


def _day(drives: str, grade: str = "set", source: str = "a setting of the experiment", date: str = "") -> Spec:
    return Spec("day", "date", grade=grade, source=source, drives=drives, date=date)


HORIZON: Final[dict[str, Spec]] = {
    "start": _day("day 0, when owners took over the CRCs", "Q", _CONTRACTS, "2015-02"),
    "end": _day("last day simulated"),
    "contract_end": _day("what every forecast looks to", "Q", _CONTRACTS, "2015-02"),
    "snapshot": _day("when most published patterns are scored"),
    "verdict_from": _day("the last 12 months are compared with the 12 before this day"),
}
