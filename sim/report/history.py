"""The history of one CRC or one body, told from a run's event log: what happened, when, in words a reader knows.

It reads events and the names of the world; it decides nothing and draws nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sim.observe.results import Event
from sim.report.words import money, percent
from sim.scenario import Scenario

# What shows on a timeline, by the kind of event: the shape's name, also its word in the key.
MARKS: Final = {
    "price_squeezed": "price cut", "contract_novated": "passed on with its CRC", "contract_renewed": "renewed",
    "contract_varied": "agreement made lighter", "provider_shrank": "staff cut", "liquidity_granted": "grant",
}  # fmt: skip
_ENDS: Final = frozenset({"contract_ended", "tier3_ended"})
_STARTS: Final = frozenset({"contract_inherited", "contract_began", "tier3_began"})
_REASONS: Final = {
    "over_budget": "the CRC was over its budget", "legacy_review": "the CRC reviewed what it inherited",
    "not_renewed": "it was not renewed", "brought_in-house": "the CRC brought the work in-house",
    "handed_back": "the body handed it back", "provider_closed": "the body closed",
    "owner_failed": "the CRC's owner failed", "tier_3_body_closed": "the tier 3 body closed",
    "bid_plan": "planned in its bid", "known_unmet_need": "for unmet need it knows of",
    "duty_to_spend": "to meet its duty to spend", "known_need": "for known need",
    "thin_area": "for an area with few bodies",
}  # fmt: skip


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


@dataclass
class _Contract:
    body: str
    category: str
    value: float
    sliced: float = 0.0


@dataclass
class _Teller:
    """Knows what every contract is while the events go by."""

    scenario: Scenario
    contracts: dict[str, _Contract] = field(default_factory=dict)

    def buyer(self, code: str) -> str:
        """Who buys under a contract code."""
        crc = next((c for c in self.scenario.world.crcs if code.startswith(f"{c.code}-")), None)
        if crc is not None:
            return f"{crc.code} ({crc.name})"
        if code.startswith("board-"):
            return f"the joint board of {code.split('-')[1]}"
        return "the stewardship fund" if code.startswith("steward") else "the national framework"

    def contract(self, code: str) -> str:
        """A contract in words."""
        known = self.contracts.get(code)
        return f"{_service(known.category)} ({code})" if known else code

    def see(self, event: Event, facts: dict[str, str]) -> None:
        """Keep what an event says of a contract."""
        code = facts.get("contract", "")
        if event.kind in ("contract_inherited", "contract_began"):
            self.contracts[code] = _Contract(event.who, facts["category"], float(facts["value_gbp"]))
        elif event.kind == "price_squeezed" and code in self.contracts:
            self.contracts[code].value *= 1.0 - float(facts["share"])


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
    calendar, teller = scenario.horizon.calendar(), _Teller(scenario)
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
        words = _words(event, facts, teller, of_body=of_body)
        if words:
            told.append(Told(event.day, calendar.date_of(event.day), words, event.kind, code))
        key = f"{code}/3" if event.kind.startswith("tier3") else code
        if event.kind in _STARTS:
            spans[key] = [event.day, float("nan")]
            partner = teller.buyer(code) if of_body else event.who
            service = _service(teller.contracts[code].category) if code in teller.contracts else code
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


def _words(event: Event, facts: dict[str, str], teller: _Teller, *, of_body: bool) -> str:
    """An event as a sentence without its date; empty for what needs no telling."""
    code = facts.get("contract", "")
    what = teller.contract(code)
    partner = f"for {teller.buyer(code)}" if of_body else f"with {event.who}"
    worth = money(float(facts["value_gbp"])) + " a year" if "value_gbp" in facts else ""
    reason = _REASONS.get(facts.get("reason", ""), facts.get("reason", "").replace("_", " "))
    lot = f"{facts.get('lot', '')}"
    match event.kind:
        case "contract_inherited":
            return f"holds from the trusts: {what} {partner}, {worth}"
        case "contract_began":
            return f"contract begins: {what} {partner}, {worth}, {facts['staff_fte']} staff"
        case "contract_ended":
            return f"contract ends: {what} {partner}; {reason}"
        case "contract_handed_back":
            return f"handed back: {what} {partner}, at a loss and with reserves nearly gone"
        case "contract_novated":
            return f"passed to the caretaker with the CRC: {what} {partner}"
        case "contract_renewed":
            return f"renewed: {what} {partner}, for {float(facts['months']):.0f} months"
        case "contract_varied":
            return f"agreement made lighter: {what} {partner}"
        case "price_squeezed":
            value = teller.contracts[code].value if code in teller.contracts else 0.0
            return f"price cut by {percent(float(facts['share']))}: {what} {partner}, now {money(value)} a year"
        case "provider_shrank":
            return f"staff cut to {facts['staff_fte']} on {what} {partner}, which loses money"
        case "notice_given":
            return f"gives notice: {what}; {reason}"
        case "brought_in_house":
            return f"does the work with its own staff: {_service(facts['category'])}"
        case "tender_opened":
            return f"opens a tender: {_service(facts['category'])} in {_places(facts['areas'])}, {worth}; {reason}"
        case "tender_failed":
            return f"tender {lot} draws no taker"
        case "tender_awarded":
            return f"wins the tender {lot}" if of_body else f"tender {lot} goes to {event.who}"
        case "award_fell_through":
            return f"tender {lot}: {'it' if of_body else event.who} could not start after all"
        case "tier3_began":
            return f"{'takes' if of_body else event.who + ' takes'} a tier 3 slice of {code}, {worth}"
        case "tier3_ended":
            return f"tier 3 slice of {code} {'' if of_body else 'with ' + event.who + ' '}ends; {reason}"
        case "rate_card_published":
            price = percent(float(facts["mean_price_ratio"]) - 1.0, signed=True)
            first = "first rate card" if facts["version"] == "1" else f"rate card, version {facts['version']}"
            return f"publishes its {first}: {facts['services']} services, {price} against a fair price"
        case "supply_chain_reviewed":
            budget, spend = (money(float(facts[key])) for key in ("budget_gbp", "spend_gbp"))
            pressure = percent(float(facts["pressure"]))
            return f"review: financial pressure {pressure}; supply-chain budget {budget}, spent {spend} a year"
        case "contracts_varied":
            return "the ministry varies all CRC contracts and pays more"
        case "owner_failed":
            return f"its owner {event.who} fails, with {money(float(facts['pooled_gbp']))} in the pool"
        case "provider_entered":
            return "enters the sector"
        case "provider_closed":
            return f"closes for good, with {money(float(facts['reserves_gbp']))} in the bank"
        case "liquidity_granted":
            return f"gets {money(float(facts['gbp']))} from the stewardship fund"
        case _:
            return event.kind.replace("_", " ")


def _service(category: str) -> str:
    return category.replace("_", " ")


def _places(codes: str) -> str:
    areas = codes.split("+")
    return areas[0] if len(areas) == 1 else f"{len(areas)} areas"
