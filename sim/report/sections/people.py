"""Who gains and who loses: the map with its slider, then people and bodies."""

from __future__ import annotations

from collections.abc import Sequence

from sim.analysis.ensemble import month_words
from sim.report.figures import tile_map
from sim.report.html import fill
from sim.report.page import Section
from sim.report.picture import Drawn
from sim.report.sections.pictures import figures
from sim.report.story import Story

SCRIPT = "map.js"


def build(story: Story, drawn: Sequence[Drawn]) -> Section | None:
    """None when there is no figure to show."""
    html = figures(drawn, "people", controls(story, drawn), tile_map.NAME)
    return Section("people", "Who gains and who loses", html) if html else None


def controls(story: Story, drawn: Sequence[Drawn]) -> str:
    """The slider of the map with its data; nothing when there is no map or but one month."""
    from markupsafe import Markup

    figure = next((d.picture.name for d in drawn if d.picture.name.endswith(f"-{tile_map.NAME}")), "")
    data = tile_map.script_data(story) if figure else ""
    months = story.ensemble.months
    if not data or len(months) < 2:
        return ""
    return fill(
        "sections/map.html.j2",
        figure=figure,
        data=Markup(data),
        names=tile_map.shown_names(story),
        last=len(months) - 1,
        month=month_words(months[-1]),
    )
