"""Which figures a report has, in reading order."""

from __future__ import annotations

from dataclasses import replace

from sim.report.figures import (
    bodies,
    headline,
    links,
    money,
    needs,
    nps,
    options,
    paths,
    people,
    pressure,
    waits,
)
from sim.report.picture import Picture
from sim.report.story import Story


def pictures(story: Story) -> list[Picture]:
    """All pictures of a story, numbered as they are read; the comparisons only for several scenarios."""
    compared = [options.build(story), paths.build(story)] if story.swept else []
    single = [module.build(story) for module in (headline, links, needs, waits, people, bodies, money, nps, pressure)]
    found = [picture for picture in [*compared, *single] if picture is not None]
    return [replace(picture, name=f"{i:02d}-{picture.name}") for i, picture in enumerate(found, 1)]
