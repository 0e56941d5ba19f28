"""The pictures and the terminal text of a sweep say what its numbers say, in both layouts, without clipping."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.intervals import Interval
from sim.report.build import write_report
from sim.report.console import console
from sim.report.console_sweep import LONGEST, options_picture
from sim.report.figures import cost_effect, effects, gains, gains_areas, interactions, pressure, pressure_map
from sim.report.figures.gallery import pictures
from sim.report.figures.places import Box, place_label
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import NARROW, WIDE, Layout
from sim.report.sweep import factorials, grid_of, told
from tests.support import stories, sweeps
from tests.support.drawings import boxes, texts_that_can_be_read


@cache
def tell(kind: str) -> Story:
    make = {"factorial": sweeps.factorial_story, "grid": sweeps.grid_story, "single": lambda: sweeps.factorial_story(1)}
    return make[kind]() if kind in make else stories.tell(kind)


def new_pictures(story: Story) -> list[Picture]:
    found = factorials(story)
    drawn = [
        effects.build(story, found[0] if found else None),
        interactions.build(story, found[0] if found else None),
        pressure_map.build(story, grid_of(story)),
        cost_effect.build(story, found),
        gains_areas.build(story),
        gains.people(story),
        gains.bodies(story),
    ]
    return [picture for picture in drawn if picture is not None]


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
@pytest.mark.parametrize("kind", ["factorial", "single", "grid", "sweep"])
def test_no_text_is_clipped_or_written_over_another(kind: str, layout: Layout) -> None:
    for picture in new_pictures(tell(kind)):
        texts_that_can_be_read(picture, layout)


def test_each_kind_of_sweep_has_its_own_pictures() -> None:
    names = {kind: [p.name for p in new_pictures(tell(kind))] for kind in ("factorial", "grid", "sweep")}
    people = ["gains-areas", "gains-people", "gains-bodies"]
    assert names["factorial"] == ["effects", "interactions", "cost-effect", *people]
    assert names["grid"] == ["pressure-map"]
    assert names["sweep"] == ["cost-effect", *people]
    assert new_pictures(tell("national")) == []
    assert pictures(tell("grid"))[0].name == "01-pressure-map"


def test_the_effects_title_names_the_strongest_lever() -> None:
    picture = effects.build(tell("factorial"), factorials(tell("factorial"))[0])
    assert picture is not None
    assert picture.title.startswith("Stewardship adds most, GBP ")
    table = picture.table.set_index(["lever", "second_lever"])
    paid = tell("factorial").ensemble.national("chain_value_gbp_per_year")[:, -1].mean()
    assert table.loc[("stewardship", ""), "effect"] == pytest.approx(0.3 * paid, rel=0.15)
    assert table.loc[("rate_card_reform", ""), "effect"] < 0


def test_without_a_certain_effect_the_title_claims_none() -> None:
    picture = effects.build(tell("single"), factorials(tell("single"))[0])
    assert picture is not None
    assert picture.title == "No single lever has an effect on supply chains that is clear of luck"


def test_the_map_has_a_word_in_each_cell_and_a_line_where_growth_turns() -> None:
    story = tell("grid")
    picture = pressure_map.build(story, grid_of(story))
    assert picture is not None
    assert re.match(r"Of 6 combinations, supply chains grow in 2 and shrink in 4", picture.title)
    texts = [text for text, _ in boxes(picture.draw, WIDE)[0]]
    assert sum(text.endswith(" grows") for text in texts) == 2
    assert sum(text.endswith(" shrinks") for text in texts) == 4
    assert "thick line: where the mean change crosses zero" in picture.alt
    assert picture.table["against_past"].tolist().count("grows") == 2
    assert {"finance.pressure_scale", "rate_card.markup_share"} <= set(picture.table.columns)


def test_cost_stands_across_and_effect_up() -> None:
    picture = cost_effect.build(tell("sweep"))
    assert picture is not None
    row = picture.table.set_index("option").loc["stewardship"]
    story = tell("sweep")
    assert row.paid_to_chains_gbp_per_year == pytest.approx(story.paired["stewardship"].headline.difference.mean)
    assert row.public_cost_gbp_per_year == pytest.approx(
        next(
            d for d in story.differences if (d.scenario, d.measure) == ("stewardship", "public_cost_gbp")
        ).difference.mean
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1e6, 3e6, "for GBP 2.0m of public money"),
        (-3e6, -1e6, "while saving GBP 2.0m"),
        (-1e6, 5e6, "no clear public cost"),
    ],
)
def test_a_cost_without_a_clear_sign_is_given_none(low: float, high: float, words: str) -> None:
    dot = cost_effect.Dot("x", Interval((low + high) / 2, low, high, 4), Interval(2e6, 1e6, 3e6, 4), "-")
    assert words in cost_effect._title([dot])


def test_areas_with_nothing_are_named() -> None:
    results, settings, scenarios = stories.plan("sweep")
    for run in results["stewardship"]:
        run.panels["area"].values["chain_paid_gbp"][:, :2] = 0.0
    story = Story.of(results, settings, scenarios, stories.STARTED)
    picture = gains_areas.build(story)
    assert picture is not None
    first = [area.name for crc in scenarios[0].world.crcs for area in crc.areas if area.code in ("C01-1", "C02-1")]
    table = picture.table
    empty = table[(table.option == "stewardship") & table.nothing_paid]
    assert sorted(empty.area) == sorted(first)
    assert " 2 with none" in picture.alt


def test_pressure_is_drawn_on_the_whole_index() -> None:
    picture = pressure.build(tell("sweep"))
    texts = [text for text, _ in boxes(picture.draw, WIDE)[0]]
    assert {"0%", "100%"} <= set(texts)
    assert not any(text.startswith("-") and text.endswith("%") for text in texts)
    assert picture.table[["low95", "high95"]].stack().between(0, 1).all()


def test_labels_find_room_beside_their_dots() -> None:
    inside, taken = Box(0, 0, 5, 3), [Box(0.9, 0.9, 1.1, 1.1)]
    for _ in range(6):
        taken.append(place_label((1, 1), 1.0, 0.2, taken, [], inside))
    assert all(a.covers(b) < 1e-9 for a, b in itertools.combinations(taken, 2))
    assert all(inside.holds(box) for box in taken)


@pytest.mark.parametrize("kind", ["factorial", "single", "grid", "sweep"])
def test_the_terminal_text_of_a_sweep_fits(kind: str) -> None:
    text = console(tell(kind), "report.html")
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert not re.search(r"\bnan\b|None|inf\b", text)


def test_the_drawn_interval_lies_where_its_numbers_say() -> None:
    story = tell("sweep")
    ranked = sorted(story.paired.values(), key=lambda v: -v.headline.difference.mean)
    lines = options_picture(story, ranked).splitlines()
    names = 2 + LONGEST
    rows = {line.split()[0]: line for line in lines if line.startswith("  ") and "o" in line[names:] and "|" in line}
    up, down = rows["stewardship"], rows[f"{stories.LONG[: LONGEST - 2]}.."]
    assert up.index("o", names) > up.index("|", names)
    assert down.index("o", names) < down.rindex("|")
    assert "within 5%: no difference" in lines[-1]


def test_a_factorial_and_a_grid_tell_few_scenarios_one_by_one() -> None:
    assert sorted(told(tell("factorial"))) == [
        "needs_data", "rate_card_reform", "stewardship", "stewardship+needs_data+rate_card_reform",
    ]  # fmt: skip
    assert told(tell("grid")) == []
    assert told(tell("sweep")) == tell("sweep").others
    text = " ".join(console(tell("grid"), "report.html").split())
    assert "5 more scenarios in verdicts.csv; the map below sums them up." in text
    assert "grows +" in text
    flat = " ".join(console(tell("factorial"), "report.html").split())
    assert "EFFECTS Effects over all 8 combinations of 3 levers" in flat


def test_the_folder_of_a_factorial_holds_its_effects(tmp_path: Path) -> None:
    story = tell("factorial")
    results = {name: list(e.runs) for name, e in story.ensembles.items()}
    settings = replace(stories.Settings("factorial"), planned_runs=32)
    write_report(tmp_path, results, settings, list(story.scenarios.values()), stories.STARTED)
    table = pd.read_csv(tmp_path / "effects.csv")
    assert table.measure.nunique() == 3
    assert len(table) == 3 * 6
    assert np.isfinite(table.effect).all()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Effects over all 8 combinations of 3 levers" in page
    assert "01-effects" in page
