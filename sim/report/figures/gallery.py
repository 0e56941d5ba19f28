"""Which figures a report has, in reading order."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sim.report.figures import (
    bodies,
    cost_effect,
    effects,
    gains,
    gains_areas,
    headline,
    interactions,
    links,
    market,
    money,
    needs,
    options,
    paths,
    people,
    pressure,
    pressure_map,
    tile_map,
    timeline,
    waits,
)
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.sweep import factorials, grid_of

SECTIONS: Final = ("options", "path", "people", "money", "why")  # as they are read


def pictures(story: Story) -> list[Picture]:
    """All pictures of a story, numbered as they are read; the comparisons only for several scenarios."""
    first = [headline.build(story), links.build(story), tile_map.build(story)]
    rest = [module.build(story) for module in (needs, waits, people, bodies, money, market, pressure, timeline)]
    found = [picture for picture in [*first, *(_compared(story) if story.swept else []), *rest] if picture is not None]
    found.sort(key=lambda picture: (SECTIONS.index(picture.section), picture.name != "paths"))
    return [replace(picture, name=f"{i:02d}-{picture.name}") for i, picture in enumerate(found, 1)]


def _compared(story: Story) -> list[Picture | None]:
    """The pictures of a sweep: what its design asks first, then options, path, and who gains."""
    found = factorials(story)
    effect = found[0] if found else None  # on the headline
    return [
        pressure_map.build(story, grid_of(story)),
        effects.build(story, effect),
        interactions.build(story, effect),
        options.build(story),
        cost_effect.build(story, found),
        paths.build(story),
        gains_areas.build(story),
        gains.people(story),
        gains.bodies(story),
    ]
