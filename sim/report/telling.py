"""Events of a run in words: each a sentence without its date, told by one who knows what every contract is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sim.observe.results import Event
from sim.report.words import money, percent
from sim.scenario import Scenario

_REASONS: Final = {
    "over_budget": "the CRC was over its budget", "legacy_review": "the CRC reviewed what it inherited",
    "not_renewed": "it was not renewed", "brought_in-house": "the CRC brought the work in-house",
    "handed_back": "the body handed it back", "provider_closed": "the body closed",
    "owner_failed": "the CRC's owner failed", "tier_3_body_closed": "the tier 3 body closed",
    "bid_plan": "planned in its bid", "known_unmet_need": "for unmet need it knows of",
    "duty_to_spend": "to meet its duty to spend", "known_need": "for known need",
    "thin_area": "for an area with few bodies",
}  # fmt: skip


@dataclass
class _Contract:
    category: str
    value: float


@dataclass
class Teller:
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
        return f"{service_words(known.category)} ({code})" if known else code

    def see(self, event: Event, facts: dict[str, str]) -> None:
        """Keep what an event says of a contract."""
        code = facts.get("contract", "")
        if event.kind in ("contract_inherited", "contract_began"):
            self.contracts[code] = _Contract(facts["category"], float(facts["value_gbp"]))
        elif event.kind == "price_squeezed" and code in self.contracts:
            self.contracts[code].value *= 1.0 - float(facts["share"])


def in_words(event: Event, facts: dict[str, str], teller: Teller, *, of_body: bool) -> str:
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
            return f"does the work with its own staff: {service_words(facts['category'])}"
        case "tender_opened":
            return f"opens a tender: {service_words(facts['category'])} in {_places(facts['areas'])}, {worth}; {reason}"
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


def service_words(category: str) -> str:
    return category.replace("_", " ")


def _places(codes: str) -> str:
    areas = codes.split("+")
    return areas[0] if len(areas) == 1 else f"{len(areas)} areas"
