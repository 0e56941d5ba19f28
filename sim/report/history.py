"""The history of one CRC or one body, told from a run's event log: what happened, when, in words a reader knows.

It reads events and the names of the world; it decides nothing and draws nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.observe.results import Event
from sim.report.telling import Teller, in_words, service_words
from sim.scenario import Scenario

# What shows on a timeline, by the kind of event: the shape's name, also its word in the key.
MARKS: Final = {
    "price_squeezed": "price cut", "contract_novated": "passed on with its CRC", "contract_renewed": "renewed",
    "contract_varied": "agreement made lighter", "provider_shrank": "staff cut", "liquidity_granted": "grant",
}  # fmt: skip
_ENDS: Final = frozenset({"contract_ended", "tier3_ended"})
_STARTS: Final = frozenset({"contract_inherited", "contract_began", "tier3_began"})


@dataclass(frozen=True, slots=True)
class Told:
    """One happening in words.

    Attributes:
        contract: the contract it concerns; empty when none.
    """

    day: float
    when: date
    words: str
    kind: str
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A contract's life on a timeline, in days; ``end`` is the run's end while it lives.

    Attributes:
        label: service and partner.
        marks: day and kind of what happened to it in between.
        live: whether it still lives at the end.
    """

    contract: str
    label: str
    start: float
    end: float
    marks: tuple[tuple[float, str], ...]
    live: bool


@dataclass(frozen=True)
class History:
    """What happened to one organisation.

    Attributes:
        who: its code; ``title`` names it in words.
        bars: its contracts in order of their beginning.
        notes: day and kind of what concerns it as a whole (cards, failed tenders, grants, closure).
    """

    who: str
    title: str
    told: tuple[Told, ...]
    bars: tuple[Bar, ...]
    notes: tuple[tuple[float, str], ...]
    last_day: float

    def lines(self) -> list[str]:
        """One line a happening: ``Feb 2015  ...``; several price cuts of one day in one."""
        cuts: dict[float, list[Told]] = {}
        for t in self.told:
            if t.kind == "price_squeezed":
                cuts.setdefault(t.day, []).append(t)
        found = []
        for t in self.told:
            together = cuts.get(t.day, []) if t.kind == "price_squeezed" else []
            if len(together) < 2:
                found.append(f"{t.when:%b %Y}  {t.words}")
            elif t is together[0]:
                share = t.words.split(":")[0].removeprefix("price cut by ")
                codes = ", ".join(cut.contract for cut in together)
                found.append(f"{t.when:%b %Y}  cuts the price of {len(together)} contracts by {share}: {codes}")
        return found


def crc_history(events: Iterable[Event], scenario: Scenario, code: str) -> History:
    """What one CRC did and suffered: cards, tenders, its contracts, its owner; reviews only where pressure moved.

    Raises:
        KeyError: there is no such CRC in this world.
    """
    crc = {c.code: c for c in scenario.world.crcs}[code]

    def mine(event: Event, facts: dict[str, str]) -> bool:
        about = facts.get("contract") or facts.get("lot") or ""
        return event.who == code or about.startswith(f"{code}-") or event.who in (crc.owner, "ministry")

    title = f"{code}, {crc.name} (owner {crc.owner})"
    return _history(events, scenario, code, title, mine, of_body=False)


def body_history(events: Iterable[Event], scenario: Scenario, code: str) -> History:
    """What one third-sector body met.

    Raises:
        KeyError: the log does not know the body.
    """
    found = list(events)
    if not any(e.who == code for e in found):
        raise KeyError(code)
    area = next((a for a in scenario.world.areas if code.startswith(f"B-{a.code}-")), None)
    home = f", at home in {area.name}" if area is not None else ""
    return _history(found, scenario, code, f"body {code}{home}", lambda event, _: event.who == code, of_body=True)


def subjects(events: Sequence[Event], scenario: Scenario) -> tuple[str, str]:
    """The CRC and the body whose histories say most: the CRC with the most contracts begun and ended, then the body
    most was done to among those that held one of its contracts. Empty when there is none."""
    turns: Counter[str] = Counter()
    bodies: dict[str, Counter[str]] = {}
    for event in events:
        code = facts_of(event).get("contract", "")
        crc = next((c.code for c in scenario.world.crcs if code.startswith(f"{c.code}-")), "")
        if crc:
            turns[crc] += event.kind in _ENDS | _STARTS
            bodies.setdefault(crc, Counter())[event.who] += event.who.startswith("B-")
    if not turns:
        return (scenario.world.crcs[0].code if scenario.world.crcs else ""), ""
    crc = max(sorted(turns), key=lambda code: turns[code])
    held = {who: n for who, n in bodies[crc].items() if who.startswith("B-")}
    return crc, max(sorted(held), key=lambda who: held[who], default="")


def facts_of(event: Event) -> dict[str, str]:
    """The ``key=value`` pairs of an event."""
    return dict(part.split("=", 1) for part in event.detail.split() if "=" in part)


def _history(
    events: Iterable[Event],
    scenario: Scenario,
    who: str,
    title: str,
    mine: Callable[[Event, dict[str, str]], bool],
    *,
    of_body: bool,
) -> History:
    calendar, teller = scenario.horizon.calendar(), Teller(scenario)
    told: list[Told] = []
    spans: dict[str, list[float]] = {}
    labels: dict[str, str] = {}
    marks: dict[str, list[tuple[float, str]]] = {}
    notes: list[tuple[float, str]] = []
    pressure = 0.0
    for event in sorted(events, key=lambda e: e.day):
        facts = facts_of(event)
        teller.see(event, facts)
        if not mine(event, facts):
            continue
        code = facts.get("contract", "")
        if event.kind == "supply_chain_reviewed":
            now = float(facts["pressure"])
            if abs(now - pressure) < 0.1:
                continue
            pressure = now
        words = in_words(event, facts, teller, of_body=of_body)
        if words:
            told.append(Told(event.day, calendar.date_of(event.day), words, event.kind, code))
        key = f"{code}/3" if event.kind.startswith("tier3") else code
        if event.kind in _STARTS:
            spans[key] = [event.day, float("nan")]
            partner = teller.buyer(code) if of_body else event.who
            service = service_words(teller.contracts[code].category) if code in teller.contracts else code
            labels[key] = f"{service}{', slice' if key.endswith('/3') else ''}, {partner.split(' (')[0]}"
        elif event.kind in _ENDS and key in spans:
            spans[key][1] = event.day
        elif code in spans and event.kind in MARKS:
            marks.setdefault(code, []).append((event.day, event.kind))
        elif not code:
            notes.append((event.day, event.kind))
    end = float(calendar.n_days)
    bars = tuple(
        Bar(key, labels[key], start, end if last != last else last, tuple(marks.get(key, ())), last != last)
        for key, (start, last) in spans.items()
    )
    return History(who, title, tuple(told), bars, tuple(notes), end)
