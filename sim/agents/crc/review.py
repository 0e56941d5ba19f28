"""A CRC's decisions about its supply chain: budget, ranking, squeezing, ending, renewing, tendering, make or buy.

All of them see only what the CRC sees: its own money and pressure, its contracts' use and price, and the part of
unmet need it knows of. Pressure acts smoothly; nothing here has a threshold in pressure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR, MONTHS_PER_QUARTER
from sim.categories import CATEGORIES, CRC_SERVICE, N_CATEGORIES
from sim.market.contract import Contract
from sim.market.lot import Lot, describe, lot_areas, size_lot
from sim.randomness import logistic

if TYPE_CHECKING:
    from sim.agents.crc.agent import CrcAgent

NEXT_TO_NOTHING = 0.01  # a ratio below this divides as if it were this: nothing is of infinite value


def budget_gbp_per_year(agent: CrcAgent) -> float:
    """What the CRC will spend on contracts of its own: what it wants or must, less what it has pledged to a board."""
    pledged = agent.board.crc_pledge_gbp_per_year() if agent.board is not None else 0.0
    return max(0.0, unpooled_budget_gbp_per_year(agent) - pledged)


def unpooled_budget_gbp_per_year(agent: CrcAgent) -> float:
    """What the CRC wants to spend on its supply chain in all, or must where there is a duty to spend.

    B = share x bid fee x (1 - kappa p) x (income / bid fee) ^ power, the share being the CRC's own.
    """
    chain, accounts = agent.system.scenario.supply_chain, agent.accounts
    fee = accounts.fee_gbp_per_year
    income = max(accounts.income_gbp_per_year(), 0.0)
    kept = max(0.0, 1.0 - chain.pressure_on_budget_share * accounts.pressure_share)
    wanted = agent.budget_share * fee * kept * (income / fee) ** chain.budget_income_power if fee > 0.0 else 0.0
    return max(wanted, duty_gbp_per_year(agent))


def duty_gbp_per_year(agent: CrcAgent) -> float:
    """What the CRC has to spend on its supply chain where there is a duty; 0 where there is none."""
    return agent.system.rules.least_spend_share * max(agent.accounts.income_gbp_per_year(), 0.0)


def value_for_money(agent: CrcAgent, contract: Contract) -> float:
    """Need covered times quality per pound, 1 for a mean contract; the burden of the agreement counts against it."""
    chain = agent.system.scenario.supply_chain
    used = min(1.0, contract.cases_last_year / max(contract.cases_per_year, 1e-9))
    value = max(contract.value_gbp_per_year, 1.0)
    price = contract.unit_price_gbp / chain.fair_price_gbp[contract.category]
    weight_of_paper = 1.0 + contract.burden_gbp_per_year * chain.buyer_burden_share / value
    use = chain.unused_value_share + (1.0 - chain.unused_value_share) * used
    return contract.provider.body.quality * use / (max(price, NEXT_TO_NOTHING) * weight_of_paper)


def in_house_is_cheaper(agent: CrcAgent, contract: Contract) -> bool:
    """Make or buy: whether its own staff, some of them idle as paid volume fell, would do it cheaper per quality."""
    chain, accounts = agent.system.scenario.supply_chain, agent.accounts
    slack = chain.make_or_buy_weight * accounts.shortfall(agent.system.now)
    own = chain.in_house_unit_cost_ratio * max(0.0, 1.0 - slack) / max(chain.in_house_quality, NEXT_TO_NOTHING)
    return own < 1.0 / value_for_money(agent, contract)


def review_chain(agent: CrcAgent) -> None:
    """The regular review: bring spending and budget together, within a dead band."""
    system, chain = agent.system, agent.system.scenario.supply_chain
    budget, spend = budget_gbp_per_year(agent), agent.book.kept_gbp_per_year()
    system.tell(
        "supply_chain_reviewed",
        agent.code,
        f"budget_gbp={budget:.0f} spend_gbp={spend:.0f} pressure={agent.accounts.pressure_share:.4f}",
    )
    if spend > budget * (1.0 + chain.dead_band_share):
        _cut_back(agent, budget)
    elif spend < budget * (1.0 - chain.dead_band_share):
        _grow(agent, budget, spend)
    _comply(agent)


def _quarters(agent: CrcAgent) -> float:
    """Quarters from one review to the next: chances and shares are given a quarter."""
    return agent.system.scenario.supply_chain.review_months / MONTHS_PER_QUARTER


def _cut_back(agent: CrcAgent, budget: float) -> None:
    """Squeeze the worst value first, each at most once a year; then, by chance rising in the excess, end one."""
    system, chain = agent.system, agent.system.scenario.supply_chain
    ranked = sorted(agent.book.contracts, key=lambda c: (value_for_money(agent, c), c.code))
    most = budget * (1.0 + chain.dead_band_share)
    step = min(chain.squeeze_step_share, chain.squeeze_most_share)
    for contract in ranked:
        if agent.book.kept_gbp_per_year() <= most:
            return
        if system.now - contract.squeezed_day >= DAYS_PER_YEAR and step > 0.0:
            agent.book.squeeze(contract, step)
    spend = agent.book.kept_gbp_per_year()
    if spend <= most:
        return
    excess = spend / budget - 1.0 if budget > 0.0 else chain.excess_without_budget_ratio
    candidates = [c for c in ranked if not c.notice_given]
    chance = chain.end_rate * excess * _quarters(agent)
    if candidates and system.luck.happens(chance, "end", agent.code, system.clock.month):
        agent.give_notice(candidates[0], "over budget")


def _grow(agent: CrcAgent, budget: float, spend: float) -> None:
    """With room in the budget, tender for the largest gap known, sooner the more of it is known."""
    system, chain = agent.system, agent.system.scenario.supply_chain
    room = 1.0 - spend / budget if budget > 0.0 else 0.0
    known = system.rules.known_share / chain.known_reference_share
    kept = 1.0 - chain.growth_cut_at_full_pressure_share * agent.accounts.pressure_share
    drive = kept * chain.growth_room_weight * room
    expected = chain.growth_share * known * drive * _quarters(agent)
    for number in range(math.ceil(expected)):
        if system.luck.happens(expected - number, "grow", agent.code, system.clock.month, number):
            agent.tender(largest_known_gap(agent, agent.next_lot_code()), "known unmet need")


def _comply(agent: CrcAgent) -> None:
    """Below a duty to spend, tender for the largest gaps known until the lots out would meet it."""
    rules = agent.system.rules
    for _ in range(rules.least_spend_lots_per_review):
        pledged = agent.board.crc_pledge_gbp_per_year() if agent.board is not None else 0.0
        if agent.book.value_gbp_per_year() + agent.tendering_gbp + pledged >= duty_gbp_per_year(agent):
            return
        agent.tender(largest_known_gap(agent, agent.next_lot_code()), "duty to spend")


def largest_known_gap(agent: CrcAgent, code: str) -> Lot | None:
    """A lot for the largest gap the CRC knows of: unmet and unserved need, seen through what is known, by value.

    What is not known is filled in by guesswork: the less is known, the noisier the ranking.
    """
    system, chain = agent.system, agent.system.scenario.supply_chain
    known = system.rules.known_share
    areas = list(agent.book.areas)
    gap = system.seen_unplaced[areas, :, CRC_SERVICE]
    best: tuple[float, int] = (0.0, -1)
    for category in range(N_CATEGORIES):
        noise = (1.0 - known) * chain.guess_log_sd * system.luck.normal("guess", code, category)
        worth = float(gap[:, category].sum()) * chain.fair_price_gbp[category] * math.exp(noise)
        if worth > best[0]:
            best = (worth, category)
    category = best[1]
    if category < 0:
        return None
    ranked = sorted(areas, key=lambda a: (-float(system.seen_unplaced[a, category, CRC_SERVICE]), a))
    return _lot(agent, category, lot_areas(system, agent.index, code, ranked), code)


def planned_lot(agent: CrcAgent, code: str) -> Lot | None:
    """A lot of the bid's plan: a service and areas chosen before the contracts began, from expected referrals."""
    system, chain, luck = agent.system, agent.system.scenario.supply_chain, agent.system.luck
    areas = list(agent.book.areas)
    worth = system.expected_referrals[areas, :, CRC_SERVICE].sum(axis=0) * chain.fair_price_gbp
    order = [k for k in range(N_CATEGORIES) if worth[k] > 0.0]
    order.sort(key=lambda k: luck.waiting(float(worth[k]) ** chain.legacy_demand_power, "plan service", code, k))
    ranked = sorted(
        areas,
        key=lambda a: luck.waiting(system.world.areas[a].provider_density, "plan area", code, a - areas[0]),
    )
    where = lot_areas(system, agent.index, code, ranked)
    for category in order:
        lot = _lot(agent, category, where, code)
        if lot is not None:
            return lot
    return None


def _lot(agent: CrcAgent, category: int, areas: tuple[int, ...], code: str) -> Lot | None:
    """Size and price a lot: later contracts are offered below the trusts' prices, and lower under pressure."""
    system, chain = agent.system, agent.system.scenario.supply_chain
    spread = chain.price_to_full_cost_sd * system.luck.normal("price", code)
    ratio = chain.price_to_full_cost * (1.0 - chain.new_contract_discount_share) + spread
    ratio *= 1.0 - chain.price_cut_at_full_pressure_share * agent.accounts.pressure_share
    already = system.cases_bought(category, areas)
    return size_lot(system, agent.index, category, areas, code, max(ratio, chain.price_least_ratio), already)


def open_bid_plan(agent: CrcAgent) -> None:
    """Each item of the bid's plan not yet begun is tendered with chance h (1 - p)^power, if the budget still holds."""
    system, chain = agent.system, agent.system.scenario.supply_chain
    if system.now > chain.bid_plan_months * DAYS_PER_MONTH:
        return
    hazard = chain.bid_plan_hazard_per_quarter * (1.0 - agent.accounts.pressure_share) ** chain.bid_plan_pressure_power
    hazard *= _quarters(agent)
    budget = budget_gbp_per_year(agent) * (1.0 + chain.dead_band_share)
    for item in sorted(agent.plan_open):
        if not system.luck.happens(hazard, "plan", agent.code, item, system.clock.month):
            continue
        lot = planned_lot(agent, f"{agent.code}-P{item:02d}")
        if lot is None:
            agent.plan_open.discard(item)
        elif agent.book.value_gbp_per_year() + agent.tendering_gbp + lot.value_gbp_per_year <= budget:
            agent.plan_open.discard(item)
            agent.tender(lot, "bid plan")


def review_legacy(agent: CrcAgent, contract: Contract) -> None:
    """The one review of an inherited contract: end it with chance base + k p - slope (value - 1) + slack."""
    system, chain = agent.system, agent.system.scenario.supply_chain
    accounts = agent.accounts
    chance = chain.legacy_end_base_share + chain.legacy_end_pressure_slope * accounts.pressure_share
    chance -= chain.legacy_end_value_slope * (value_for_money(agent, contract) - 1.0)
    chance += chain.make_or_buy_weight * accounts.shortfall(system.now)
    if system.luck.happens(chance, "legacy review", contract.code):
        agent.give_notice(contract, "legacy review")


def renew_or_let_go(agent: CrcAgent, contract: Contract) -> None:
    """At the end of a term: renew by logistic odds in pressure, value, slack staff and room in the budget."""
    system, chain, accounts = agent.system, agent.system.scenario.supply_chain, agent.accounts
    under = agent.book.kept_gbp_per_year() < budget_gbp_per_year(agent)
    odds = (
        chain.renewal_intercept
        - chain.renewal_pressure_slope * accounts.pressure_share
        + chain.renewal_value_slope * (value_for_money(agent, contract) - 1.0)
        - chain.renewal_slack_factor * chain.make_or_buy_weight * accounts.shortfall(system.now)
        + chain.renewal_under_budget * under
    )
    times = f"{contract.code}@{contract.end_day:.0f}"
    if system.luck.happens(logistic(odds), "renewal", times):
        rules = system.rules
        months = system.luck.between(rules.term_months_low, rules.term_months_high, "term", times)
        # a squeezed buyer commits for less: the term is cut with pressure
        months *= 1.0 - chain.term_cut_at_full_pressure_share * accounts.pressure_share
        contract.end_day = system.month_edge_after(system.now + months * DAYS_PER_MONTH)
        system.tell("contract_renewed", contract.provider.body.code, f"contract={contract.code} months={months:.1f}")
        return
    make = in_house_is_cheaper(agent, contract)
    places = contract.desk.places
    agent.book.end(contract, "brought in-house" if make else "not renewed")
    if make:
        agent.book.bring_in_house(contract.category, places * chain.in_house_replacement_share)
        system.tell(
            "brought_in_house",
            agent.code,
            f"category={CATEGORIES[contract.category]} contract={contract.code}",
        )


def announce(agent: CrcAgent, lot: Lot, reason: str) -> None:
    """Write the opening of a tender in the log."""
    agent.system.tell("tender_opened", agent.code, f"{describe(agent.system, lot)} reason={reason.replace(' ', '_')}")
