"""Which figures a report has, in reading order."""

from __future__ import annotations

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
    """All pictures of a story; the comparisons only for several scenarios."""
    compared = [options.build(story), paths.build(story)] if story.swept else []
    single = [module.build(story) for module in (headline, links, money, nps, pressure, needs, waits, people, bodies)]
    return [picture for picture in [*compared, *single] if picture is not None]
