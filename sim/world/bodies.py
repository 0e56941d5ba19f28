"""Third-sector bodies as they stand when a run begins, and those that may enter later.

A body's traits are keyed by its area and its label there, so the same body exists under every policy. Size is
heavy-tailed: most bodies are tiny, a few work everywhere. What bodies decide is in ``sim.agents.provider``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.categories import N_CATEGORIES
from sim.parameters.provider import Provider as ProviderParameters
from sim.randomness import SEPARATOR, Luck, waiting
from sim.world.places import World

LOCAL, REGIONAL, NATIONAL = "local", "regional", "national"
BODY_SIZES = ("small", "medium", "large")

_NUMBERS = tuple(map(str, range(N_CATEGORIES)))


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
    bodies = []
    for index, area in enumerate(world.areas):
        expected = parameters.bodies_per_area * area.provider_density
        n = math.floor(expected) + luck.happens(expected % 1.0, "bodies", area.code)
        bodies += [draw_body(world, index, f"{number:02d}", parameters, luck) for number in range(n)]
    return bodies


def draw_body(world: World, area_index: int, label: str, parameters: ProviderParameters, luck: Luck) -> Body:
    """The body of an area with this label; the same whenever it is asked for."""
    area = world.areas[area_index]
    code = f"B-{area.code}-{label}"
    z_turnover, z_quality, z_cost, z_reserves = luck.normals_of(
        [f"{trait}{SEPARATOR}{code}" for trait in ("turnover", "quality", "cost", "reserves")]
    )
    turnover = parameters.turnover_gbp_per_year * math.exp(parameters.turnover_log_sd * z_turnover)
    reach = LOCAL
    if turnover >= parameters.national_turnover_gbp:
        reach = NATIONAL
    elif turnover >= parameters.regional_turnover_gbp:
        reach = REGIONAL
    return Body(
        code=code,
        home_area=area_index,
        turnover_gbp_per_year=turnover,
        reach=reach,
        areas=_areas(world, area_index, reach, code, parameters, luck),
        categories=_categories(reach, code, parameters, luck),
        quality=max(parameters.quality_least, 1.0 + parameters.quality_sd * z_quality),
        cost_factor=math.exp(parameters.cost_log_sd * z_cost),
        reserves_months=parameters.reserves_months * math.exp(parameters.reserves_log_sd * z_reserves),
        size=(turnover >= parameters.small_turnover_gbp) + (turnover >= parameters.large_turnover_gbp),
    )


def neighbours(world: World, area_index: int) -> tuple[int, ...]:
    """The areas on either side in the world's order, which crosses CRC borders; no map is published."""
    return tuple(i for i in (area_index - 1, area_index + 1) if 0 <= i < len(world.areas))


def _areas(
    world: World, home: int, reach: str, code: str, parameters: ProviderParameters, luck: Luck
) -> frozenset[int]:
    if reach == NATIONAL:
        return frozenset(range(len(world.areas)))
    if reach == REGIONAL:
        division = world.division_of_area[home]
        return frozenset(i for i, d in enumerate(world.division_of_area) if d == division)
    near = (
        i
        for i in neighbours(world, home)
        if luck.happens(parameters.neighbour_reach_share, "reach", code, world.areas[i].code)
    )
    return frozenset((home, *near))


def _categories(reach: str, code: str, parameters: ProviderParameters, luck: Luck) -> tuple[int, ...]:
    """Narrow: a first category by how common its work is, then a few more; larger bodies offer more."""
    beyond_local = {
        LOCAL: 0.0, REGIONAL: parameters.categories_more_regional, NATIONAL: parameters.categories_more_national
    }  # fmt: skip
    mean_more = parameters.categories_mean - 1.0 + beyond_local[reach]
    drawn = luck.uniforms_of([f"category{SEPARATOR}{code}{SEPARATOR}{number}" for number in _NUMBERS]).tolist()
    first = list(map(waiting, drawn, parameters.category_weights))
    order = sorted(range(N_CATEGORIES), key=first.__getitem__)
    more = 0
    # geometric number of further categories: each one more with the same chance
    chance = mean_more / (1.0 + mean_more)
    while more < N_CATEGORIES - 1 and luck.happens(chance, "more categories", code, more):
        more += 1
    return tuple(sorted(order[: 1 + more]))
