"""The page is one file that needs no network, escapes what it is given, and holds every section it promises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from sim.observe.measures import MEASURES
from sim.report import build
from sim.report.build import write_report
from sim.report.contents import page_of
from sim.report.earlier import find_earlier
from sim.report.record import Record
from sim.report.rungs import Worlds
from sim.report.story import Story
from tests.support import stories, synthetic

SINGLE = ["answer", "path", "people", "money", "why", "sure", "assumptions", "limits", "run"]
SWEPT = ("sweep", "crossed", "partial")


class Reader(HTMLParser):
    """Collects what a test asks of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.sections: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "section":
            self.sections.append(str(given.get("id")))
        if tag in ("a", "link", "img", "script") and (given.get("href") or given.get("src")):
            self.links.append(str(given.get("href") or given.get("src")))
        self._skip += tag in ("style", "details", "svg", "script")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("style", "details", "svg", "script")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)


Made = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The folder of a kind of experiment, written once."""
    return stories.written(tmp_path_factory)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the figures out, where a test is about words."""
    monkeypatch.setattr(build, "pictures", lambda story: [])


def read(folder: Path) -> tuple[str, Reader]:
    text = (folder / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    return text, reader


@pytest.mark.parametrize("kind", stories.KINDS)
def test_the_page_stands_alone_and_is_whole(kind: str, made: Made) -> None:
    folder = made(kind)
    text, reader = read(folder)
    assert len(text.encode()) < 3_000_000
    assert not re.search(r"https?:|//[a-z]+\.|@import|<script [^>]*src=", text)
    assert reader.sections == ([*SINGLE[:1], "options", *SINGLE[1:]] if kind in SWEPT else SINGLE)
    assert len(reader.ids) == len(set(reader.ids))
    references = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))
    assert references <= set(reader.ids)
    files = [link for link in reader.links if not link.startswith(("#", "data:"))]
    assert all((folder / link).exists() for link in files)
    assert len(files) > 20


@pytest.mark.parametrize("kind", stories.KINDS)
def test_no_variable_name_or_p_value_stands_in_the_text(kind: str, made: Made) -> None:
    _, reader = read(made(kind))
    words = " ".join(reader.words)
    named = [m.name for m in MEASURES if "_" in m.name and re.search(rf"\b{m.name}\b", words)]
    assert named == []
    assert not re.search(r"\bp\s*[=<]\s*0", words)
    assert not re.search(r"\d[eE][+-]?\d", words)
    assert not re.search(r"built-in|object at|0x", words)
    assert not re.search(r"\bnan\b|None", words)


def test_names_are_escaped(tmp_path: Path) -> None:
    name = "<script>alert('x')</script> & <b>"
    results = {name: synthetic.runs(2, name)}
    settings = replace(stories.Settings(name=name, planned_runs=2), command=f"python -m sim {name}")
    write_report(tmp_path, results, settings, [synthetic.scenario(name)], stories.STARTED)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_the_verdict_is_a_word_with_a_shape(made: Made) -> None:
    text, _ = read(made("sweep"))
    chips = re.findall(r'class="chip [^"]+"><span class="shape" aria-hidden="true">(.)</span> ([a-z ]+)<', text)
    assert ("▼", "shrinks") in chips
    assert ("▲", "more") in chips
    assert ("▼", "less") in chips


@pytest.mark.usefixtures("undrawn")
def test_a_missed_pattern_and_a_failed_run_are_told(tmp_path: Path) -> None:
    results, settings, scenarios = stories.plan("national")
    for run in results["do_nothing"]:
        run.panels["national"].values["unsustainable_share"][:] = 0.9
    partial = replace(settings, planned_runs=6, failed_runs=2)
    write_report(tmp_path, results, partial, scenarios, stories.STARTED)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "13 of 14 patterns (not C9)" in text
    assert "2 of 6 runs failed; the answer below is from the other 4." in text
    assert "1 published pattern missed (C9" in text


@pytest.mark.usefixtures("undrawn")
def test_a_scenario_without_a_finished_run_is_named(tmp_path: Path) -> None:
    results, settings, scenarios = stories.plan("national")
    results["broken"] = []
    text = write_report(tmp_path, results, settings, [*scenarios, synthetic.scenario("broken")], stories.STARTED)
    assert "No run finished of: broken." in text
    assert "No run finished of: broken." in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_no_finished_run_at_all_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no run finished"):
        write_report(tmp_path / "x", {"do_nothing": []}, stories.Settings(), [], stories.STARTED)
    assert not (tmp_path / "x").exists()


def test_the_tables_are_complete_and_agree(made: Made) -> None:
    tmp_path = made("sweep")
    summary = pd.read_csv(tmp_path / "summary.csv")
    monthly = pd.read_csv(tmp_path / "monthly_national.csv")
    verdicts = pd.read_csv(tmp_path / "verdicts.csv").set_index("scenario")
    comparison = pd.read_csv(tmp_path / "comparison.csv")
    assumptions = pd.read_csv(tmp_path / "assumptions.csv")
    assert {"name", "value", "unit", "source", "grade", "drives"} <= set(assumptions.columns)
    assert len(assumptions) > 50
    assert {m.name for m in MEASURES} <= set(pd.read_csv(tmp_path / "data-dictionary.csv").name)
    head = summary[(summary.scenario == "stewardship") & (summary.measure == "chain_value_gbp_per_year")].iloc[0]
    last = monthly[
        (monthly.scenario == "stewardship")
        & (monthly.measure == "chain_value_gbp_per_year")
        & (monthly.month == "2022-01")
    ].iloc[0]
    assert head["mean"] == pytest.approx(last["mean"])
    assert head.unit == "GBP a year"
    row = comparison[(comparison.scenario == "stewardship") & (comparison.measure == head.measure)].iloc[0]
    assert verdicts.loc["stewardship", "against_do_nothing"] == "more"
    assert verdicts.loc["stewardship", "difference_gbp_per_year"] == pytest.approx(row.difference)
    assert row.value == pytest.approx(head["mean"], rel=1e-5)


def test_every_column_of_every_table_is_in_the_dictionary(made: Made) -> None:
    words = pd.read_csv(made("sweep") / "data-dictionary.csv", keep_default_na=False)
    described = set(zip(words.file, words.name, strict=True))
    assert words.label.str.len().gt(3).all()
    for table in made("sweep").glob("*.csv"):
        if table.name != "data-dictionary.csv":
            for column in pd.read_csv(table, nrows=1).columns:
                assert (table.name, column) in described


def test_a_policy_under_other_settings_is_told_against_its_own_do_nothing(made: Made) -> None:
    text, reader = read(made("crossed"))
    words = " ".join(" ".join(reader.words).split())
    assert "Stewardship, finance as in 2015, would add GBP" in words
    assert "Stewardship, finance severe, would add GBP" in words
    assert "tr_2015" not in words.replace("finance=tr_2015,severe", "")
    rows = pd.read_csv(made("crossed") / "verdicts.csv").set_index("scenario")
    assert rows.loc["stewardship,finance=severe", "against_do_nothing"] == "more"
    assert rows.loc["stewardship,finance=severe", "compared_with"] == "do_nothing,finance=severe"
    assert "01-options" in text


def test_verdicts_are_withheld_while_runs_are_missing(made: Made) -> None:
    text, reader = read(made("partial"))
    assert "6 of 8 runs (1 failed); verdicts withheld" in text
    chips = set(re.findall(r'class="chip [^"]+"><span class="shape" aria-hidden="true">.</span> ([a-z ]+)<', text))
    assert chips == {"no verdict"}
    words = " ".join(reader.words)
    assert not re.search(r"would (grow|shrink|hold|add|take away|make no)", words)
    table = pd.read_csv(made("partial") / "verdicts.csv")
    assert set(table.against_past) == {"no verdict"}


@pytest.mark.usefixtures("undrawn")
def test_a_failed_run_is_named_with_its_cause(tmp_path: Path) -> None:
    results, settings, scenarios = stories.plan("national")
    row = 'do_nothing,5,run,"ValueError: owed <GBP> -3",trace\n'
    (tmp_path / "failures.csv").write_text("scenario,replication,stage,cause,trace\n" + row, encoding="utf-8")
    write_report(tmp_path, results, replace(settings, planned_runs=5, failed_runs=1), scenarios, stories.STARTED)
    text, _ = read(tmp_path)
    assert "1 of 5 runs failed" in text
    assert "ValueError: owed &lt;GBP&gt; -3" in text


def test_the_page_is_the_same_when_it_is_made_again(tmp_path: Path, made: Made) -> None:
    write_report(tmp_path, *stories.plan("pair"), stories.STARTED)
    assert (tmp_path / "report.html").read_bytes() == (made("pair") / "report.html").read_bytes()


def test_measured_impacts_rank_the_assumptions_and_worlds_fill_the_second_rung() -> None:
    def told(story: Story) -> tuple[str, str]:
        text = page_of(story, [], [], Record(), None)
        reader = Reader()
        reader.feed(text)
        return text, " ".join(" ".join(reader.words).split())

    story = replace(stories.tell("pair"), impacts={}, worlds=None)
    _, words = told(story)
    assert "not measured yet" in words
    assert "add ensemble=calibrated" in words
    worlds = Worlds(50, "drawn near", {"do_nothing": {"shrinks": 46}})
    text, words = told(replace(story, impacts={"rate_card.markup_share": 0.31}, worlds=worlds))
    assert "What would change this most: rate card: markup, which moves the headline by 31%" in words
    assert "50 calibrated worlds: drawn near." in words
    assert "shrinks in 46 of 50" in words
    assert text.index("Rate card: markup</th>") < text.index("not measured")


@pytest.mark.usefixtures("undrawn")
def test_an_earlier_experiment_of_the_name_is_compared(tmp_path: Path) -> None:
    results, settings, scenarios = stories.plan("pair")
    first, second = tmp_path / "2026-11-21_100000", tmp_path / "2026-11-22_173100"
    for folder, day, markup in ((first, 21, 0.14), (second, 22, 0.05)):
        folder.mkdir()
        run = {"started": f"2026-11-{day}T10:00:00+00:00", "seed": 1, "replications": [1, 2, 3]}
        (folder / "run.json").write_text(json.dumps({**run, "model_source_sha256": str(day)}), encoding="utf-8")
        card = replace(scenarios[0].rate_card, markup_share=markup)
        write_report(folder, results, settings, [replace(scenarios[0], rate_card=card)], stories.STARTED)
    assert "since" not in read(first)[1].sections
    text, reader = read(second)
    words = " ".join(" ".join(reader.words).split())
    assert "since" in reader.sections
    assert "Rate card: markup 14% 5% unit cost" in words
    assert "The model's code has changed" in words
    assert "2026-11-21_100000" in words
    assert 'href="..' not in text
    (first / "PARTIAL").touch()
    assert find_earlier(second) is None
