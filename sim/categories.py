"""The fixed vocabularies of the model: service categories, services, sexes, age bands and fates of a need.

The 14 categories are those of the national framework of 2020 (count published; names recalled, grade R).
"""

from __future__ import annotations

from typing import Final

CATEGORIES: Final[tuple[str, ...]] = (
    "accommodation",
    "employment",
    "finance_debt",
    "dependency",
    "family",
    "lifestyle",
    "wellbeing",
    "social_inclusion",
    "thinking_behaviour",
    "women",
    "young_adults",
    "minority_ethnic",
    "restorative_justice",
    "service_user_involvement",
)
N_CATEGORIES: Final = len(CATEGORIES)
CATEGORY_INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(CATEGORIES)}

CRC_SERVICE: Final = 0
NPS_SERVICE: Final = 1
SERVICES: Final[tuple[str, ...]] = ("crc", "nps")

SEXES: Final[tuple[str, ...]] = ("men", "women")
AGE_BANDS: Final[tuple[str, ...]] = ("18_to_24", "25_to_39", "40_and_over")

# The fate of an identified need. "open" is no fate: it is what has none yet.
FATES: Final[tuple[str, ...]] = (
    "tier2",
    "tier3",
    "in_house",
    "alternative",
    "left_queue",
    "supervision_ended",
    "unmet",
)
TIER2, TIER3, IN_HOUSE, ALTERNATIVE, LEFT_QUEUE, SUPERVISION_ENDED, UNMET = range(7)
N_FATES: Final = len(FATES)
SERVED_FATES: Final[tuple[int, ...]] = (TIER2, TIER3, IN_HOUSE, ALTERNATIVE)
