"""The page of a study gives the answer in words, hides no caution, and stands alone like the page of a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from sim.commands import calibrate as calibrate_command
from sim.commands import sensitivity as sensitivity_command
from sim.experiment.folder import ExperimentFolder
from sim.report import calibration as calibration_tables
from sim.report import sensitivity as sensitivity_tables
from sim.report.figures import study_informed, study_patterns
from sim.report.figures.tornado import screen, tornado
from sim.report.picture import Picture
from sim.report.studies import calibration_page, sensitivity_page
from sim.report.style import NARROW, NOTE, WIDE, Layout
from sim.uncertainty.sensitivity import ANSWERS
from tests.support import studies
from tests.support.drawings import boxes, texts_that_can_be_read
from tests.unit.test_page import read

KINDS = ("calibration", "sensitivity")
Made = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The folder that the command writes for a kind of study, made once."""

    @cache
    def make(kind: str) -> Path:
        folder = ExperimentFolder.make(tmp_path_factory.mktemp(kind), kind, studies.STARTED)
        if kind == "calibration":
            calibrate_command.write(folder, studies.calibration(), studies.loaded(), studies.STARTED)
        else:
            sensitivity_command._write(folder, studies.sensitivity(), studies.loaded())
        folder.index(question="which", runs="1", answer="so")
        return folder.path

    return make


def all_pictures() -> list[Picture]:
    story, other = studies.calibration(), studies.sensitivity()
    first = [study_patterns.build(story), study_informed.informed(story), study_informed.not_informed(story)]
    single = tornado(studies.sensitivity(replications=1), ANSWERS[0])
    rest = [build(other, answer) for build in (tornado, screen) for answer in ANSWERS]
    return [picture for picture in [*first, single, *rest] if picture is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_stands_alone_and_its_links_lead_somewhere(kind: str, made: Made) -> None:
    folder = made(kind)
    text, reader = read(folder)
    assert len(text.encode()) < 3_000_000
    assert not re.search(r"https?:|//[a-z]+\.|@import|<script", text)
    assert reader.sections[0] == "answer"
    assert reader.sections[-2:] == ["limits", "run"]
    assert len(reader.ids) == len(set(reader.ids))
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', text)) <= set(reader.ids)
    files = [link for link in reader.links if not link.startswith(("#", "data:"))]
    assert all((folder / link).exists() for link in files)
    assert any(link.startswith("figures/") for link in files)
    assert NOTE[2:-1] in text


@pytest.mark.parametrize("kind", KINDS)
def test_no_variable_name_or_p_value_stands_on_the_page(kind: str, made: Made) -> None:
    text, reader = read(made(kind))
    words = " ".join(
        [*reader.words, *re.findall(r'aria-label="([^"]+)"', text), *re.findall(r"<text[^>]*>([^<]+)", text)]
    )
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", words) == []
    assert re.findall(r"\b(?:finance|supply_chain|provider|nps|world)\.[a-z]+", words) == []
    assert not re.search(r"\bp\s*[=<]\s*0|\d[eE][+-]\d|\bnan\b|\binf\b|None", words)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_a_study_is_in_its_dictionary(kind: str, made: Made) -> None:
    folder = made(kind)
    known = pd.read_csv(folder / "data-dictionary.csv", keep_default_na=False)
    for path in folder.glob("*.csv"):
        if path.name != "data-dictionary.csv":
            columns = list(pd.read_csv(path, comment="#", nrows=1).columns)
            assert list(known.name[known.file == path.name]) == columns, path.name
    assert (known.label != "").all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_s_folder_is_sealed_with_its_page_and_the_index_links_it(kind: str, made: Made) -> None:
    folder = made(kind)
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert all(f"  {name}\n" in sums for name in ("report.html", "START-HERE.txt", "data-dictionary.csv", "run.json"))
    assert not (folder / "PARTIAL").exists()
    assert f"{folder.name}/report.html" in (folder.parent.parent / "INDEX.md").read_text(encoding="utf-8")
    start = (folder / "START-HERE.txt").read_text(encoding="utf-8")
    assert "python -m sim +experiment=" in start
    assert "HOW SURE" in start


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_no_text_of_a_study_s_figures_is_clipped_or_written_over_another(layout: Layout) -> None:
    for picture in all_pictures():
        texts_that_can_be_read(picture, layout)


def test_every_study_picture_tells_condition_date_place_and_interval() -> None:
    for picture in all_pictures():
        words = " ".join(text for text, _ in boxes(picture.draw, WIDE)[0])
        assert NOTE in words
        assert "22 Nov 2026" in words
        assert "England and Wales" in words
        assert "90%" in words or "95% interval" in words or "no interval" in words
        assert picture.title in picture.alt


def test_a_calibration_says_what_is_missed_and_what_was_not_informed() -> None:
    story = studies.calibration(wanted=50)
    says = " ".join(calibration_page.sentences(story))
    assert "30 worlds are not ruled out by the published findings, of 40 tried in 1 wave." in says
    assert "fewer than the 50 wanted" in says
    assert "13 of 14 published patterns" in says
    assert "all but C9" in says
    assert "10 (from 9 to 12)" in says
    assert "1 strongly" in says
    cautions = calibration_page.cautions(story)
    assert len(cautions) == 3
    assert "C3, C7 and C12 lie close to inputs and C5 is easy to meet" in cautions[0]
    assert "supply-chain budget is narrowed by the findings" in cautions[1]


def test_a_calibration_that_meets_everything_names_nothing_missed() -> None:
    story = studies.calibration(missed="")
    assert "all but" not in " ".join(calibration_page.sentences(story))
    assert study_patterns.build(story).title == "The median of the ensemble reproduces 14 of 14 patterns"


def test_a_calibration_without_members_says_so_and_still_has_a_page(tmp_path: Path) -> None:
    story = studies.calibration(cutoff=0.001)
    calibration_page.write(tmp_path, story)
    _, reader = read(tmp_path)
    assert reader.sections == ["answer", "waves", "limits", "run"]
    words = " ".join(reader.words)
    assert "No worlds are not ruled out" not in words
    assert "No world of 40 tried" in words
    assert calibration_tables.console_lines(story)[0].startswith("0 worlds")


def test_a_sensitivity_study_names_inputs_in_words_and_money_with_its_digits() -> None:
    story = studies.sensitivity()
    console = " ".join(sensitivity_tables.console_lines(story))
    assert "supply chain: pressure on budget (by GBP 4.5m)" in console
    assert "GBP 37.4m a year (37.1 to 37.7m)" in console
    assert "_" not in console
    assert "GBP 0.0m" not in console
    says = " ".join(sensitivity_page.sentences(story))
    assert (
        "At no end of any one input's range does the mean of what all recommendations would add change its sign."
        in says
    )
    assert "moved together, 1 bends or depends on the others" in says


def test_an_input_that_turns_the_policy_s_effect_round_is_named() -> None:
    says = " ".join(sensitivity_page.sentences(studies.sensitivity(turning=True)))
    assert "changes its sign at an end of: supply chain: pressure on budget." in says
