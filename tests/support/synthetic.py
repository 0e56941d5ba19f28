"""Plausible made-up replications, to test what reads results without running the model.

Every panel carries every column that ``measures.names_at`` asks of it. Nothing here claims to be true.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from sim.categories import CATEGORIES
from sim.observe.measures import names_at
from sim.observe.results import FloatArray, Panel, RunResult
from sim.scenario import Horizon, Scenario
from sim.settings import load_all
from sim.world.places import Area, Crc, World

OWNERS = ("Sodexo", "ARCC", "Interserve", "Reducing Reoffending Partnership", "Working Links", "PeoplePlus",
          "MTCnovo", "Seetec")  # fmt: skip
HORIZON = Horizon(
    start=date(2015, 2, 1),
    end=date(2022, 1, 31),
    contract_end=date(2022, 1, 31),
    snapshot=date(2017, 12, 1),
    verdict_from=date(2018, 10, 1),
)
FIGURES = {
    "card_publication_months_median": 8.0,
    "card_publication_months_most": 19.0,
    "shortfall_least_share": 0.16,
    "shortfall_most_share": 0.47,
    "referrals": 900_000.0,
    "transfers": 120_000.0,
}


def places(n_crcs: int = 21, n_areas: int = 108) -> dict[str, tuple[str, ...]]:
    """The units of every level."""
    crcs = tuple(f"C{i + 1:02d}" for i in range(n_crcs))
    return {
        "national": ("England and Wales",),
        "owner": OWNERS[: min(8, max(1, n_crcs))],
        "crc": crcs,
        "area": tuple(f"{crcs[i % n_crcs]}-{i // n_crcs + 1}" for i in range(n_areas)),
        "category": CATEGORIES,
        "sex": ("men", "women"),
        "service": ("crc", "nps"),
        "body_size": ("small", "medium", "large"),
    }


def month_list(months: int) -> tuple[str, ...]:
    """ISO months from February 2015."""
    return tuple(f"{2015 + (i + 1) // 12:04d}-{(i + 1) % 12 + 1:02d}" for i in range(months))


def horizon(months: int = 84) -> Horizon:
    """The standard horizon, cut after some months."""
    year, month = 2015 + (months + 1) // 12, (months + 1) % 12 + 1
    end = date.fromordinal(date(year, month, 1).toordinal() - 1)
    return replace(HORIZON, end=end)


def scenario(name: str = "do_nothing", months: int = 84, n_crcs: int = 21, n_areas: int = 108) -> Scenario:
    """The shipped parameters on the places of the synthetic runs."""
    units = places(n_crcs, n_areas)
    crcs = tuple(
        Crc(
            code=code,
            name=f"Company {code}",
            owner=OWNERS[i % 8],
            division="North East",
            caseload_people=6000.0,
            shortfall_share=0.3,
            bid_discount_share=0.1,
            bid_fee_gbp_per_year=2e7,
            book_ratio=1.0,
            areas=tuple(Area(a, a, code, 1.0, 1.0) for a in units["area"] if a.startswith(code)),
        )
        for i, code in enumerate(units["crc"])
    )
    world = World("national" if n_crcs == 21 else "pair", crcs, 4.5e8, 6000.0)
    return replace(_shipped(), name=name, world=world, horizon=horizon(months))


@cache
def _shipped() -> Scenario:
    """The shipped baseline, for its parameters."""
    return load_all([]).scenarios[0]


def _trailing(paid: FloatArray) -> FloatArray:
    out = np.empty_like(paid)
    for i in range(paid.shape[0]):
        part = paid[max(0, i - 11) : i + 1]
        out[i] = part.mean(axis=0) * 12
    return out


def _base(name: str, t: FloatArray, n: int, rng: np.random.Generator, total: float) -> FloatArray:
    """A path of shape (months, places) for a measure, from the kind of quantity its name tells."""
    wobble = rng.normal(1.0, 0.04, (t.size, n)) * rng.lognormal(0.0, 0.25 if n > 1 else 0.03, (1, n))
    decay = np.exp(-0.16 * t)[:, None]
    if name.endswith(("_gini", "_hhi")):
        return np.clip(0.15 * wobble, 0, 1)
    if name == "unsustainable_share" or name == "under_two_staff_share":
        return np.clip(0.47 * wobble, 0, 1)
    if name == "pressure_share":
        return np.clip((1 - np.exp(-1.0 * t))[:, None] * 0.6 * wobble, 0, 1)
    if name == "needs_met_share":
        return np.clip((0.62 - 0.02 * t)[:, None] * wobble, 0, 1)
    if name == "awareness_share":
        return np.clip((0.75 / (1 + np.exp(-1.3 * (t - 2.8))))[:, None] * wobble, 0, 1)
    if name == "legacy_ended_share":
        return np.clip((0.55 * (1 - np.exp(-0.5 * t)))[:, None] * wobble, 0, 1)
    if name.startswith("areas_without_tier2"):
        return np.clip((0.03 + 0.025 * t)[:, None] * wobble, 0, 1)
    if name == "nps_purchases_of_plan_share":
        return np.clip((0.5 / (1 + np.exp(-1.5 * (t - 3))))[:, None] * wobble, 0, 1)
    if name.endswith("_share"):
        return np.clip(0.3 * wobble, 0, 1)
    if name.startswith("wait_"):
        return (18.0 if "median" in name else 60.0) * (1 + 0.05 * t)[:, None] * wobble
    if "ratio" in name:
        return 2.4 * wobble
    if any(word in name for word in ("entered", "closed", "hand_backs", "failed", "opened", "hit_by")):
        return np.floor(np.cumsum(np.abs(wobble), axis=0) * 0.3)
    return total / n * decay * wobble


TOTALS = {
    "chain_paid_gbp": 2.0e6, "contracts_live": 210, "legacy_contracts_live": 120, "tier2_links": 450,
    "tier2_links_per_area": 4.2, "services_per_crc": 8.0, "tier3_links": 3, "tier3_links_per_area": 0.03,
    "nps_purchases": 400, "nps_spend_gbp": 2e5, "caseload_people": 250_000, "starts": 12_500,
    "needs_present": 58_000, "needs_identified": 9_500, "needs_tier2": 2_600, "needs_tier3": 60,
    "needs_in_house": 3_900,
    "needs_alternative": 700, "needs_left_queue": 800, "needs_supervision_ended": 300, "needs_unmet": 1_900,
    "needs_open": 2_500, "bodies_living": 900, "crc_income_gbp": 3.3e7, "crc_cost_gbp": 3.5e7,
    "nps_money_to_bodies_gbp": 6e4, "tier3_paid_gbp": 4e3,
    "chain_paid_commissioned_gbp": 1.95e6, "chain_paid_joint_gbp": 0,
    "chain_paid_granted_gbp": 0, "chain_paid_national_gbp": 0, "national_leads": 0, "national_partners": 0,
    "public_cost_gbp": 3.3e7, "cards_published": 21,
}  # fmt: skip


def run(
    replication: int,
    name: str = "do_nothing",
    months: int = 84,
    effect: float = 0.0,
    zero: bool = False,
    n_crcs: int = 21,
    n_areas: int = 108,
    lever_month: int = 44,
    seed: int = 1,
) -> RunResult:
    """One made-up replication; ``effect`` raises supply-chain payments after the lever month by that
    share."""
    units = places(n_crcs, n_areas)
    t = np.arange(months) / 12
    panels: dict[str, Panel] = {}
    for k, (level, names) in enumerate(units.items()):
        rng = np.random.default_rng([seed, replication, k])
        values: dict[str, FloatArray] = {}
        for measure in names_at(level):
            path = _base(measure, t, len(names), rng, TOTALS.get(measure, 100.0))
            if zero:
                nothing_to_average = measure.startswith("wait_") or measure == "needs_met_share"
                path = np.full_like(path, np.nan if nothing_to_average else 0.0)
            values[measure] = path
        if "chain_paid_gbp" in values and not zero:
            after = (np.arange(months) >= lever_month)[:, None]
            own = np.random.default_rng([seed, replication, k, 99]).normal(0, 0.02) if effect else 0.0
            values["chain_paid_gbp"] = values["chain_paid_gbp"] * np.where(after, 1 + effect + own, 1.0)
        if "chain_value_gbp_per_year" in values:
            paid = values.get("chain_paid_gbp", np.zeros((months, len(names))))
            values["chain_value_gbp_per_year"] = _trailing(paid)
        if "crc_forecast_gbp" in values and not zero:
            path = np.where(t < 2.6, -4.4e8, -2.9e8)[:, None] * np.minimum(1.0, t / 1.5)[:, None]
            values["crc_forecast_gbp"] = path / len(names) * (values["crc_forecast_gbp"] * 0 + 1)
        if "largest_chain_is_c07" in values:
            values["largest_chain_is_c07"] = np.ones((months, 1)) * (not zero)
        panels[level] = Panel(level, names, values)
    tag = f"{seed}:{replication}"
    digests = tuple(
        hashlib.sha256(f"{tag}:{i}:{name if effect and i >= lever_month else ''}".encode()).hexdigest()
        for i in range(months)
    )
    figures = dict.fromkeys(FIGURES, 0.0) if zero else dict(FIGURES)
    return RunResult(name, seed, replication, month_list(months), panels, figures, digests, seconds=2.5)


def runs(replications: int = 10, name: str = "do_nothing", **how: Any) -> list[RunResult]:
    """Several replications of one scenario."""
    return [run(r, name, **how) for r in range(1, replications + 1)]
