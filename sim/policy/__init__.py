"""Policies are dated levers. One file a lever; this is their list."""

from __future__ import annotations

from typing import Final

from sim.policy.base import Lever, Policy
from sim.policy.contract_accountability import ContractAccountability
from sim.policy.direct_national_framework import DirectNationalFramework
from sim.policy.funding_rebalance import FundingRebalance
from sim.policy.joint_commissioning import JointCommissioning
from sim.policy.needs_data import NeedsData
from sim.policy.proportionate_contracts import ProportionateContracts
from sim.policy.rate_card_reform import RateCardReform
from sim.policy.stewardship import Stewardship

LEVERS: Final[dict[str, type[Lever]]] = {
    "stewardship": Stewardship,
    "joint_commissioning": JointCommissioning,
    "rate_card_reform": RateCardReform,
    "needs_data": NeedsData,
    "contract_accountability": ContractAccountability,
    "proportionate_contracts": ProportionateContracts,
    "funding_rebalance": FundingRebalance,
    "direct_national_framework": DirectNationalFramework,
}

DO_NOTHING: Final = Policy("do_nothing", "none", "the world as it was, carried on to the planned end of the contracts")

__all__ = ["DO_NOTHING", "LEVERS", "Lever", "Policy"]
