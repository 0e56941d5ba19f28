"""Which figures a report has, in reading order."""

from __future__ import annotations

from dataclasses import replace

from sim.report.figures import (
    bodies,
    cost_effect,
    effects,
    gains,
    gains_areas,
    headline,
    interactions,
    links,
    money,
    needs,
    nps,
    options,
    paths,
    people,
    pressure,
    pressure_map,
    timeline,
    waits,
)
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.sweep import factorials, grid_of


def pictures(story: Story) -> list[Picture]:
    """All pictures of a story, numbered as they are read; the comparisons only for several scenarios."""
    compared = _compared(story) if story.swept else []
    single = [module.build(story) for module in (headline, links, needs, waits, people, bodies, money, nps, pressure)]
    found = [picture for picture in [*compared, *single, timeline.build(story)] if picture is not None]
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
