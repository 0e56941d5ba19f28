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
    lever.name: lever
    for lever in (
        Stewardship,
        JointCommissioning,
        RateCardReform,
        NeedsData,
        ContractAccountability,
        ProportionateContracts,
        FundingRebalance,
        DirectNationalFramework,
    )
}

__all__ = ["LEVERS", "Lever", "Policy"]
