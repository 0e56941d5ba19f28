"""Every figure says what its data say, fits its canvas in both layouts, and stands beside its words and numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.report.figures import headline, money, needs, paths
from sim.report.figures.gallery import pictures
from sim.report.figures.lines import Line, bounded
from sim.report.picture import inline, write_picture
from sim.report.story import Story
from sim.report.style import NARROW, NOTE, WIDE, Layout, Sheet, Words, spread, text_width, wrap
from tests.support import stories, synthetic
from tests.support.drawings import boxes, texts_that_can_be_read

NAMES = ["01-headline", "02-tier2-links", "03-map", "04-needs", "05-waits", "06-needs-met", "07-body-size", "08-money",
         "09-rate-card-market", "10-pressure"]  # fmt: skip


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
@pytest.mark.parametrize("kind", stories.KINDS)
def test_no_text_is_clipped_or_written_over_another(kind: str, layout: Layout) -> None:
    for picture in pictures(stories.tell(kind)):
        texts = texts_that_can_be_read(picture, layout)
        assert len(texts) > 3, picture.name


def test_the_clipping_check_would_notice_a_label_that_does_not_fit() -> None:
    def too_long(layout: Layout) -> Figure:
        sheet = Sheet(Words("Title", "What, where, when", NOTE), layout, 1.0)
        sheet.write(layout.width - 0.5, 1.0, "a label that runs out of the canvas")
        return sheet.figure

    texts, width, _ = boxes(too_long, WIDE)
    assert max(box.x1 for _, box in texts) > width + 1


@pytest.mark.parametrize("kind", stories.KINDS)
def test_every_picture_tells_condition_place_and_interval(kind: str) -> None:
    story = stories.tell(kind)
    for picture in pictures(story):
        texts, _, _ = boxes(picture.draw, WIDE)
        words = " ".join(text for text, _ in texts)
        assert NOTE in words
        assert "22 Nov 2026" in words
        small = len(story.scenarios[story.lead].world.crcs) == 2
        assert ("pair world" if small else "England and Wales") in words
        assert "replication" in words
        assert picture.title in picture.alt


def test_files_are_written_with_alt_text_and_numbers(tmp_path: Path) -> None:
    story = stories.tell("national")
    found = pictures(story)
    assert [picture.name for picture in found] == NAMES
    for picture in found:
        write_picture(picture, tmp_path)
        assert (tmp_path / f"{picture.name}.png").read_bytes().startswith(b"\x89PNG")
        svg = (tmp_path / f"{picture.name}.svg").read_text(encoding="utf-8")
        assert "<text" in svg
        alt = (tmp_path / f"{picture.name}.txt").read_text(encoding="utf-8")
        assert picture.title in alt
        table = pd.read_csv(tmp_path / f"{picture.name}.csv")
        assert len(table) > 0
        assert table.select_dtypes("number").notna().any().any()


def test_the_same_story_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        for picture in pictures(stories.tell("pair")):
            write_picture(picture, tmp_path / folder)
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert len(files) == 4 * len(NAMES)
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def _with_paid(factor: np.ndarray) -> Story:
    results, settings, scenarios = stories.plan("national")
    for run in results["do_nothing"]:
        values = run.panels["national"].values
        for name in ("chain_paid_gbp", "chain_value_gbp_per_year"):
            values[name] = np.full((84, 1), 2e6) * factor.reshape(-1, 1) * (1 + 0.001 * run.replication)
    return Story.of(results, settings, scenarios, stories.STARTED)


def test_the_headline_s_title_follows_the_data() -> None:
    t = np.arange(84)
    assert "Supply chains shrink: " in headline.build(_with_paid(np.where(t < 44, 1.0, 0.5))).title
    assert "Supply chains grow: 50.0% more" in headline.build(_with_paid(np.where(t < 44, 1.0, 1.5))).title
    assert "Supply chains hold" in headline.build(_with_paid(np.ones(84))).title
    assert "No money reaches" in headline.build(stories.tell("zero")).title


def test_the_headline_s_numbers_are_quantiles_over_replications() -> None:
    story = stories.tell("national")
    table = headline.build(story).table
    values = story.ensemble.national("chain_value_gbp_per_year")
    assert table.median_gbp_per_year.iloc[-1] == pytest.approx(np.median(values[:, -1]))
    assert table.low50_gbp_per_year.iloc[-1] == pytest.approx(np.quantile(values[:, -1], 0.25))


def test_needs_and_their_fates_add_up() -> None:
    story = stories.tell("national")
    table = needs.build(story).table
    total = sum(
        float(story.ensemble.national(f"needs_{fate}").sum()) / story.ensemble.n
        for fate in ("tier2", "tier3", "in_house", "alternative", "left_queue", "supervision_ended", "unmet")
    )
    assert table.needs.sum() == pytest.approx(total)
    assert table.year.nunique() == 7


def test_one_scenario_has_no_comparison_and_several_have() -> None:
    assert paths.build(stories.tell("national")) is None
    names = [picture.name for picture in pictures(stories.tell("sweep"))]
    assert names[:3] == ["01-options", "02-cost-effect", "03-paths"]


def test_names_with_markup_and_mathematics_are_drawn_as_they_are(tmp_path: Path) -> None:
    name = "a <b> & $x_1$"
    results = {"do_nothing": synthetic.runs(2), name: synthetic.runs(2, name, effect=0.2)}
    scenarios = [synthetic.scenario(), synthetic.scenario(name)]
    story = Story.of(results, replace(stories.Settings(), planned_runs=4), scenarios, stories.STARTED)
    drawn = [write_picture(p, tmp_path) for p in pictures(story)[:2]]
    for d in drawn:
        assert "<b>" not in d.wide_svg
        assert "a &lt;b&gt; &amp; $x 1$" in d.wide_svg


def test_inline_drawings_keep_their_references() -> None:
    svg = '<?xml version="1.0"?><svg xmlns="x" width="9pt" height="8pt" viewBox="0 0 9 8"><clipPath id="p1"/>'
    svg += '<g clip-path="url(#p1)"><use xlink:href="#m2"/></g></svg>'
    body = inline(svg, "f")
    assert 'id="f-p1"' in body
    assert "url(#f-p1)" in body
    assert 'href="#f-m2"' in body
    assert "xml" not in body
    assert "pt" not in re.sub("clipPath", "", body).replace("aria", "")


def test_labels_are_moved_apart_but_stay_in_order() -> None:
    places = spread([1.0, 1.05, 0.0], [0.3, 0.3, 0.3], 0.0, 2.0)
    assert places[1] - places[0] >= 0.3 - 1e-9
    assert places[0] > places[2] >= 0.15 - 1e-9


def test_a_band_is_not_drawn_where_the_quantity_cannot_go() -> None:
    middle = np.array([0.1, 0.9])
    line = Line("x", middle, ((middle - 0.3, middle + 0.3),))
    ((low, high),) = bounded(line, "share").bands
    assert low.tolist() == pytest.approx([0.0, 0.6])
    assert high.tolist() == pytest.approx([0.4, 1.0])
    ((_, days),) = bounded(line, "days").bands
    assert days.tolist() == pytest.approx([0.4, 1.2])
    below = Line("x", middle - 0.5, ((middle - 0.8, middle),))
    assert bounded(below, "share").bands[0][0].tolist() == pytest.approx([-0.7, 0.1])


def test_the_money_steps_follow_the_accounts() -> None:
    story = stories.tell("national")
    table = money.build(story).table.set_index("step").gbp_per_100_last_year
    assert table["CRCs spend in-house"] + table["CRCs pay tier 2 and tier 3"] + table[
        "CRCs keep (below zero: owners pay in)"
    ] == pytest.approx(table["Paid to CRCs"])


def test_wrapped_lines_fit() -> None:
    text = "one unreasonablyLongWordThatFitsNowhereAtAll and others"
    lines = wrap(text, 10, 1.0)
    assert all(text_width(line, 10) <= 1.0 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
