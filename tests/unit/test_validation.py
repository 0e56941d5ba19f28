"""The published patterns are taken where they were published, and what cannot be scored is never counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis.ensemble import Ensemble
from sim.analysis.patterns import Pattern, load_patterns, named_patterns
from sim.analysis.validation import Scored, score, tally, validation_table
from sim.settings.loading import find_sources
from sim.settings.problems import SettingsError
from sim.settings.sources import Sources
from tests.support import synthetic
from tests.support.results import bare_run

PATTERNS = load_patterns()
WORLD = synthetic.scenario().world


def by_id(scored: list[Scored], name: str) -> Scored:
    return next(s for s in scored if s.pattern.id == name)


def pattern(name: str) -> Pattern:
    return next(p for p in PATTERNS if p.id == name)


def spike(iso: str, value: float, otherwise: float) -> np.ndarray:
    months = synthetic.month_list(84)
    return np.where(np.array(months) == iso, value, otherwise)


def test_there_are_fourteen_patterns_and_ten_real_tests() -> None:
    assert [p.id for p in PATTERNS] == [f"C{i}" for i in range(1, 15)]
    kinds = [p.kind for p in PATTERNS]
    assert {k: kinds.count(k) for k in set(kinds)} == {"test": 10, "input": 3, "easy": 1}


@pytest.mark.parametrize(
    ("name", "measure", "month", "inside", "outside"),
    [
        ("C1", "tier2_links_per_area", "2017-11", 3.0, 1.8),
        ("C2", "services_per_crc", "2017-11", 6.0, 7.2),
        ("C4", "areas_without_tier2_share", "2017-11", 0.1, 0.01),
        ("C5", "tier3_links_per_area", "2017-11", 0.0, 0.3),
        ("C6", "under_two_staff_share", "2017-11", 0.5, 0.51),
        ("C10", "cut_in_year_share", "2017-03", 0.3, 0.5),
        ("C14", "legacy_ended_share", "2017-11", 0.25, 0.2),
    ],
)
def test_a_pattern_looks_only_at_its_month(name: str, measure: str, month: str, inside: float, outside: float) -> None:
    for value, otherwise, expected in ((inside, outside, True), (outside, inside, False)):
        runs = [bare_run(1, {measure: spike(month, value, otherwise)})]
        scored = score([pattern(name)], Ensemble.of("x", runs), WORLD)[0]
        assert scored.reproduced is expected
        assert scored.parts[0].simulated.mean == pytest.approx(value)


def test_means_over_replications_are_scored_not_single_runs() -> None:
    # One run far too low and one far too high: the mean is inside.
    runs = [bare_run(i, {"tier2_links_per_area": np.full(84, v)}) for i, v in enumerate((1.0, 5.0))]
    scored = score([pattern("C1")], Ensemble.of("x", runs), WORLD)[0]
    assert scored.reproduced
    assert scored.parts[0].simulated.mean == pytest.approx(3.0)
    assert scored.parts[0].simulated.low < 1.0


def test_the_forecast_is_scored_before_and_after_the_rescue() -> None:
    forecast = spike("2017-03", -443e6, 0.0) + spike("2018-03", -294e6, 0.0)
    assert score([pattern("C8")], Ensemble.of("x", [bare_run(1, {"crc_forecast_gbp": forecast})]), WORLD)[0].reproduced
    only_before = spike("2017-03", -443e6, -100e6)
    scored = score([pattern("C8")], Ensemble.of("x", [bare_run(1, {"crc_forecast_gbp": only_before})]), WORLD)[0]
    assert [part.reproduced for part in scored.parts] == [True, False]
    assert not scored.reproduced


def test_shrinking_must_go_on_after_december_2017() -> None:
    t = np.arange(84)
    falls = 100.0 - t
    recovers = np.where(t < 34, 100.0 - t, 66.0 + (t - 33))
    for path, expected in ((falls, [True, True]), (recovers, [True, False])):
        runs = [bare_run(1, {"chain_value_gbp_per_year": path})]
        scored = score([pattern("C13")], Ensemble.of("x", runs), WORLD)[0]
        assert [part.reproduced for part in scored.parts] == expected


def test_some_areas_without_purchases_means_more_than_none() -> None:
    for none, expected in ((0.0, False), (0.01, True)):
        values = {
            "nps_purchases_of_plan_share": np.full(84, 0.3),
            "areas_without_purchases_share": np.full(84, none),
        }
        assert score([pattern("C11")], Ensemble.of("x", [bare_run(1, values)]), WORLD)[0].reproduced is expected


def test_the_last_card_may_be_as_late_as_it_likes() -> None:
    for last, expected in ((11.0, False), (40.0, True)):
        figures = {"card_publication_months_median": 8.0, "card_publication_months_most": last}
        run = bare_run(1, {"chain_paid_gbp": np.ones(84)}, figures=figures)
        assert score([pattern("C12")], Ensemble.of("x", [run]), WORLD)[0].reproduced is expected


def test_a_short_run_says_what_it_does_not_hold() -> None:
    ensemble = Ensemble.of("do_nothing", synthetic.runs(3, months=30))
    scored = score(PATTERNS, ensemble, synthetic.scenario(months=30).world)
    assert by_id(scored, "C1").reason == "the run does not hold Nov 2017"
    assert not by_id(scored, "C1").reproduced
    assert by_id(scored, "C10").scored


def test_a_smaller_world_cannot_speak_for_all_crcs() -> None:
    ensemble = Ensemble.of("do_nothing", synthetic.runs(3, n_crcs=2, n_areas=6))
    scored = score(PATTERNS, ensemble, synthetic.scenario(n_crcs=2, n_areas=6).world)
    unscored = [s.pattern.id for s in scored if not s.scored]
    assert unscored == ["C3", "C7", "C8", "C12"]
    assert "this world has 2" in by_id(scored, "C8").reason
    assert "cannot be scored on this run: C3, C7, C8, C12" in tally(scored)


def test_the_tally_names_what_is_missed() -> None:
    ensemble = Ensemble.of("do_nothing", synthetic.runs(6))
    scored = score(PATTERNS, ensemble, WORLD)
    assert tally(scored) == "14 of 14 patterns"
    runs = synthetic.runs(6)
    for run in runs:
        run.panels["national"].values["unsustainable_share"][:] = 0.9
    missed = score(PATTERNS, Ensemble.of("do_nothing", runs), WORLD)
    assert tally(missed) == "13 of 14 patterns (not C9)"


def test_the_table_has_a_row_a_part_and_repeats_the_pattern_s_score() -> None:
    scored = score(PATTERNS, Ensemble.of("do_nothing", synthetic.runs(6)), WORLD)
    table = validation_table(scored)
    assert set(table.id) == {f"C{i}" for i in range(1, 15)}
    assert list(table[table.id == "C9"].part) == ["a", "b"]
    wanted = {"id", "pattern", "target", "low", "high", "simulated", "reproduced", "grade", "kind"}
    assert wanted <= set(table.columns)
    assert set(table.reproduced) == {"yes"}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{measure: tier2_linkz, how: at, month: 2017-11, low: 1}", "no national measure is called 'tier2_linkz'"),
        ("{measure: tier2_links, how: about, month: 2017-11, low: 1}", "how must be one of"),
        ("{measure: tier2_links, how: at, month: Nov 2017, low: 1}", "a month is written 2017-11"),
        ("{measure: tier2_links, how: at, month: 2017-11}", "no bound"),
        ("{measure: tier2_links, how: at, month: 2017-11, lo: 1}", "unknown key 'lo'"),
        ("{figure: nothing, how: figure, low: 1}", "no figure of a run is called 'nothing'"),
    ],
)
def test_a_misspelt_pattern_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"patterns:\n  - {{id: X, words: w, kind: test, grade: J, source: s, parts: [{line}]}}\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match=complaint):
        load_patterns(path)


OWN = """
include: published
patterns:
  - id: U1
    words: People under supervision at the end of 2016
    kind: test
    grade: J
    source: made up
    parts:
      - {measure: caseload_people, how: at, month: 2016-12, target: "many", low: 1, high: 1.0e+9}
"""


def _own_folder(tmp_path: Path, text: str) -> Sources:
    (tmp_path / "patterns").mkdir()
    (tmp_path / "patterns" / "mine.yaml").write_text(text)
    return find_sources(tmp_path)


def test_a_user_adds_a_pattern_to_the_published_ones_in_yaml(tmp_path: Path) -> None:
    found = named_patterns("mine", _own_folder(tmp_path, OWN))
    assert [p.id for p in found] == [*(p.id for p in PATTERNS), "U1"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("caseload_people", "caseload_poeple", "caseload_poeple"),
        ("low: 1, high: 1.0e+9", "low: 9, high: 1", "empty"),
        ("low: 1, high: 1.0e+9", "low: lots", "must be a number"),
        ("kind: test", "kind: tst", "kind of U1"),
        ("include: published", "include: publshed", "publshed"),
        ("    words: People under supervision at the end of 2016\n", "", "lacks 'words'"),
        ("patterns:", "patterns: [", "cannot be read"),
    ],
)
def test_a_mistake_in_a_users_pattern_is_named_with_its_file(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        named_patterns("mine", _own_folder(tmp_path, OWN.replace(old, new)))
    assert "mine.yaml" in str(error.value).replace("\n", "").replace(" ", "") or "publ" in words


def test_patterns_that_do_not_exist_are_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean   mine"):
        named_patterns("mime", _own_folder(tmp_path, OWN))
