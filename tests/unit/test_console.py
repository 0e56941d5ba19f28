"""The text on the terminal: an answer in words, at most 80 columns of ASCII, and never more than was found."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date

import pytest

from sim.analysis.intervals import Interval
from sim.analysis.sameness import first_change
from sim.report.answer import cautions
from sim.report.console import console, with_replications
from sim.report.story import Story
from sim.report.words import by_unit, money, money_range, percent, percent_range, plain
from sim.settings import load_all
from tests.support import stories, synthetic

LABELS = ["ANSWER", "SURE?", "CHECKS", "READ", "NEXT"]


@pytest.mark.parametrize("kind", stories.KINDS)
def test_eighty_columns_of_ascii_in_the_promised_order(kind: str) -> None:
    text = console(stories.tell(kind), "experiments/baseline/2026-11-22_1731/report.html")
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= 80
    found = re.findall(r"^([A-Z]+\??) +", text, flags=re.M)
    assert found in (LABELS, LABELS[:4])
    assert not re.search(r"\bnan\b|None|inf\b", text)


def test_a_single_run_answers_against_its_own_past() -> None:
    text = console(stories.tell("national"), "report.html")
    assert re.search(r"Doing nothing, supply chains SHRINK by \d+", text)
    assert "ower in 4 of 4 replications" in text
    assert "14 of 14 patterns" in text
    assert "MORE" not in text


def test_a_sweep_keeps_the_two_vocabularies_apart() -> None:
    text = console(stories.tell("sweep"), "report.html")
    flat = " ".join(text.split())
    assert "Stewardship: MORE than doing nothing, +GBP" in flat
    assert re.search(r"stewardship +4 of 4 +\+\d+% +more +shrinks", text)
    assert "LESS than doing nothing" in flat
    assert "ok stewardship: same as do_nothing until 2018-10" in flat


def test_one_replication_claims_no_interval() -> None:
    text = " ".join(console(stories.tell("one"), "report.html").split())
    assert "NOT DECIDED" in text
    assert "SHRINK" not in text
    assert "replications=10" in text
    assert "One replication: no interval is possible" in cautions(stories.tell("one"))[0]


def test_a_run_too_short_for_a_verdict_says_so() -> None:
    text = " ".join(console(stories.tell("pair"), "report.html").split())
    assert "no verdict against the past" in text
    assert "Feb 2015 to Jul 2017" in text


def test_an_open_verdict_names_the_command_that_would_settle_it() -> None:
    results = {
        "do_nothing": synthetic.runs(4),
        "x": [synthetic.run(r, "x", effect=e) for r, e in ((1, 0.0), (2, 0.2), (3, 0.1), (4, 0.0))],
    }
    settings = stories.Settings(command="python -m sim -m policy=do_nothing,x replications=4", planned_runs=8)
    story = Story.of(results, settings, [synthetic.scenario(), synthetic.scenario("x")], stories.STARTED)
    wanted = story.paired["x"].replications_needed
    assert wanted is not None
    text = console(story, "report.html")
    assert f"python -m sim -m policy=do_nothing,x replications={wanted}" in text
    assert f"X needs about {wanted - 4} more replications to decide against doing nothing:" in " ".join(text.split())


def _swept(lever_month: int) -> Story:
    """Stewardship, whose lever begins in October 2018, on runs that part from the baseline in some month."""
    policy = load_all(["policy=stewardship"]).scenarios[0].policy
    results = {
        "do_nothing": synthetic.runs(3),
        "stewardship": synthetic.runs(3, "stewardship", effect=0.3, lever_month=lever_month),
    }
    scenarios = [synthetic.scenario(), replace(synthetic.scenario("stewardship"), policy=policy)]
    return Story.of(results, stories.Settings(planned_runs=6), scenarios, stories.STARTED)


def test_a_history_that_differs_before_the_lever_withholds_the_comparison() -> None:
    assert _swept(44).paired["stewardship"].word == "more"
    assert "ok  stewardship: same as do_nothing until 2018-10-01" in console(_swept(44), "report.html")
    broken = _swept(40)
    assert broken.paired == {}
    text = " ".join(console(broken, "report.html").split())
    assert "NOT COMPARABLE: stewardship departs from the baseline in Jun 2018" in text
    assert "NOT OK NOT the same as do_nothing before 2018-10-01: stewardship" in text


def test_another_world_is_not_expected_to_share_the_history() -> None:
    base = synthetic.scenario()
    policy = load_all(["policy=stewardship"]).scenarios[0].policy
    assert first_change(replace(base, name="x", policy=policy), base) == date(2018, 10, 1)
    assert (
        first_change(replace(base, name="x", policy=policy, finance=replace(base.finance, rescue_gbp=0)), base) is None
    )
    assert first_change(replace(base, name="x"), base) is None


def test_the_number_of_replications_is_replaced_not_repeated() -> None:
    assert with_replications("python -m sim replications=3 seed=2", 9) == "python -m sim seed=2 replications=9"


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (4_234_567.0, 1_100_000.0, "GBP 4.2m"),
        (4_234_567.0, 21_000_000.0, "GBP 4m"),
        (-443e6, 5e6, "-GBP 443m"),
        (443_210_000.0, 50_000.0, "GBP 443m"),
        (3.15e9, math.nan, "GBP 3.1bn"),
        (310.0, 12.0, "GBP 310"),
        (0.0, math.nan, "GBP 0"),
    ],
)
def test_money_shows_no_more_digits_than_its_interval(value: float, half: float, text: str) -> None:
    assert money(value, half) == text


def test_shares_and_numbers_follow_their_interval() -> None:
    assert percent(-0.2134, 0.03) == "-21%"
    assert percent(-0.2134, 0.004) == "-21.3%"
    assert percent(-0.0001, 0.03) == "0%"
    assert percent_range(Interval(-0.21, -0.24, -0.18, 10), signed=True) == "-24 to -18%"
    assert money_range(Interval(4.2e6, 3.1e6, 5.3e6, 10)) == "3.1 to 5.3m"
    assert money_range(Interval(4.2e6, math.nan, math.nan, 1)) == ""
    assert plain(1.4032, 0.042) == "1.40"
    assert plain(61.4, 3.0) == "61"
    assert by_unit(math.nan, "share") == "no value"
