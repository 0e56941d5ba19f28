"""Third-sector bodies as they stand when a run begins, and those that may enter later.

A body's traits are keyed by its area and its label there, so the same body exists under every policy. Size is
heavy-tailed: most bodies are tiny, a few work everywhere. What bodies decide is in ``sim.agents.provider``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.categories import N_CATEGORIES
from sim.parameters.provider import Provider as ProviderParameters
from sim.randomness import SEPARATOR, Luck, turns
from sim.world.places import World

LOCAL, REGIONAL, NATIONAL = "local", "regional", "national"
BODY_SIZES = ("small", "medium", "large")

# what comes before and after a body's code in the purposes of its draws
_TRAITS = tuple([trait + SEPARATOR for trait in ("turnover", "quality", "cost", "reserves")])
_NUMBERS = tuple([f"{SEPARATOR}{number}" for number in range(N_CATEGORIES)])


@dataclass(frozen=True, slots=True)
class Body:
    """A third-sector body's traits.

    Attributes:
        code: for instance ``B-C07-3-04``.
        home_area: index of its home area.
        turnover_gbp_per_year: income from all other sources.
        reach: local, regional or national.
        areas: indices of areas it would work in of its own accord.
        categories: indices of the services it offers.
        quality: relative to a mean specialist.
        cost_factor: its cost per case relative to the usual one.
        reserves_months: reserves it means to hold, in months of turnover.
        size: index into BODY_SIZES.
    """

    code: str
    home_area: int
    turnover_gbp_per_year: float
    reach: str
    areas: frozenset[int]
    categories: tuple[int, ...]
    quality: float
    cost_factor: float
    reserves_months: float
    size: int


def bodies_at_start(world: World, parameters: ProviderParameters, luck: Luck) -> list[Body]:
    """The bodies of every area, as many as its provider density suggests."""
    homes: list[int] = []
    labels: list[str] = []
    for index, area in enumerate(world.areas):
        expected = parameters.bodies_per_area * area.provider_density
        n = math.floor(expected) + luck.happens(expected % 1.0, "bodies", area.code)
        homes += [index] * n
        labels += [f"{number:02d}" for number in range(n)]
    return draw_bodies(world, homes, labels, parameters, luck)


def draw_bodies(
    world: World, homes: Sequence[int], labels: Sequence[str], parameters: ProviderParameters, luck: Luck
) -> list[Body]:
    """The bodies with these labels in these areas, given as many; each the same whenever and with whom it is drawn."""
    codes = [f"B-{world.areas[home].code}-{label}" for home, label in zip(homes, labels, strict=True)]
    traits = luck.normals_of([trait + code for code in codes for trait in _TRAITS])
    ranked = _ranked_categories(codes, parameters, luck)
    bodies = []
    for code, home, order, z_turnover, z_quality, z_cost, z_reserves in zip(
        codes, homes, ranked, traits[::4], traits[1::4], traits[2::4], traits[3::4], strict=True
    ):
        turnover = parameters.turnover_gbp_per_year * math.exp(parameters.turnover_log_sd * z_turnover)
        reach = LOCAL
        if turnover >= parameters.national_turnover_gbp:
            reach = NATIONAL
        elif turnover >= parameters.regional_turnover_gbp:
            reach = REGIONAL
        body = Body(
            code=code,
            home_area=home,
            turnover_gbp_per_year=turnover,
            reach=reach,
            areas=_areas(world, home, reach, code, parameters, luck),
            categories=tuple(sorted(order[: 1 + _more_categories(reach, code, parameters, luck)])),
            quality=max(parameters.quality_least, 1.0 + parameters.quality_sd * z_quality),
            cost_factor=math.exp(parameters.cost_log_sd * z_cost),
            reserves_months=parameters.reserves_months * math.exp(parameters.reserves_log_sd * z_reserves),
            size=(turnover >= parameters.small_turnover_gbp) + (turnover >= parameters.large_turnover_gbp),
        )
        bodies.append(body)
    return bodies


def neighbours(world: World, area_index: int) -> tuple[int, ...]:
    """The areas on either side in the world's order, which crosses CRC borders; no map is published."""
    return tuple([i for i in (area_index - 1, area_index + 1) if 0 <= i < len(world.areas)])


def _areas(
    world: World, home: int, reach: str, code: str, parameters: ProviderParameters, luck: Luck
) -> frozenset[int]:
    if reach == NATIONAL:
        return frozenset(range(len(world.areas)))
    if reach == REGIONAL:
        division = world.division_of_area[home]
        return frozenset(i for i, d in enumerate(world.division_of_area) if d == division)
    near = [
        i
        for i in neighbours(world, home)
        if luck.happens(parameters.neighbour_reach_share, "reach", code, world.areas[i].code)
    ]
    return frozenset((home, *near))


def _ranked_categories(codes: Sequence[str], parameters: ProviderParameters, luck: Luck) -> list[list[int]]:
    """For each body all categories in the order in which it would take them up, the commonest most likely first."""
    drawn = luck.uniforms_of([f"category{SEPARATOR}{code}{number}" for code in codes for number in _NUMBERS])
    return turns(drawn.reshape(len(codes), N_CATEGORIES), np.array(parameters.category_weights))


def _more_categories(reach: str, code: str, parameters: ProviderParameters, luck: Luck) -> int:
    """How many categories a body offers beyond its first: few, more for larger bodies."""
    mean = parameters.categories_mean - 1.0
    if reach == REGIONAL:
        mean += parameters.categories_more_regional
    elif reach == NATIONAL:
        mean += parameters.categories_more_national
    more = 0
    # geometric number: each one more with the same chance
    chance = mean / (1.0 + mean)
    while more < N_CATEGORIES - 1 and luck.happens(chance, "more categories", code, more):
        more += 1
    return more
