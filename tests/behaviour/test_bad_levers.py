"""Levers asked for wrongly: every problem of the whole sweep in one message, exit code 2, nothing run or written.

Each case names lever, rule, value and where it stands: what was typed, or file and line of the user's own policy.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.cli import main

TYPED = "typed on the command line"
LEVER = "policy.levers.stewardship"
OPENING = "name: mine\nrecommendation: mine\nrationale: to see\nlevers:\n"
STEWARDSHIP = (
    "  stewardship:\n    start: 2018-10-01\n    end: null\n    active: true\n    amount_gbp_per_year: 5_000_000\n"
    "    grants_share: 0.7\n    grant_least_gbp: 8_000\n    grant_most_gbp: 250_000\n    grant_months: 36\n"
    "    grant_round_months: 3\n    grant_price_ratio: 1.0\n    grant_guaranteed_share: 1.0\n"
    "    grant_burden_gbp_per_year: 2_000\n    thin_area_links: 1\n    weak_reserves_months: 0.5\n"
    "    top_up_to_months: 1.0\n"
)


@pytest.fixture(autouse=True)
def nothing_may_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never(*args: Any, **how: Any) -> None:
        raise AssertionError("a run was made")

    monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(run_replication=never))
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    """The message of a command that must be refused, on one line."""
    before = set(Path.cwd().rglob("*"))
    assert main(list(typed)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.rstrip().endswith("Nothing was run, no folder was made.")
    assert set(Path.cwd().rglob("*")) == before, "something was written"
    return " ".join(err.split())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("start=2023-04-01", f"{LEVER}.start 2023-04-01 lies after the end, 2022-01-31"),
        ("start=2014-12-31", f"{LEVER}.start 2014-12-31 lies before the start, 2015-02-01"),
        ("start=2018-02-30", f"{LEVER}.start must be a date of the calendar, got 2018-02-30"),
        ("start=soon", f'{LEVER}.start must be a date written like 2018-10-01, got "soon"'),
        ("start=null", f"{LEVER}.start must be a date written like 2018-10-01, got null"),
        ("end=2018-10-01", f"{LEVER}.end 2018-10-01 must lie after {LEVER}.start 2018-10-01"),
        ("end=2017-01-01", f"{LEVER}.end 2017-01-01 must lie after {LEVER}.start 2018-10-01"),
        ("active=maybe", f'{LEVER}.active must be true or false, got "maybe"'),
        ("amount_gbp_per_year=-5", f"{LEVER}.amount_gbp_per_year must be between 0 and 200,000,000, got -5"),
        ("amount_gbp_per_year=201_000_000", "must be between 0 and 200,000,000, got 201000000"),
        ("amount_gbp_per_year=5 million", "write 5_000_000"),
        ("amount_gbp_per_year=5 million", "unit GBP a year"),
        ("amount_gbp_per_year=nan", f"{LEVER}.amount_gbp_per_year must be a number between 0 and 200,000,000, got nan"),
        ("amount_gbp_per_year=0", f"{LEVER} changes nothing: amount_gbp_per_year is 0, so it equals do_nothing"),
        ("grants_share=1.2", f"{LEVER}.grants_share must be between 0 and 1, got 1.2"),
        ("grants_share=70", "write 0.7 for 70%"),
        ("grants_share=-0.1", f"{LEVER}.grants_share must be between 0 and 1, got -0.1"),
        ("grant_months=6.5", f"{LEVER}.grant_months must be a whole number between 1 and 120, got 6.5"),
        ("grant_months=0", f"{LEVER}.grant_months must be between 1 and 120, got 0"),
        ("amount=5", f"did you mean {LEVER}.amount_gbp_per_year ?"),
        ("grant_share=0.5", f"did you mean {LEVER}.grants_share ?"),
    ],
)
def test_a_wrong_size_is_answered_with_lever_rule_and_value(
    typed: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, "policy=stewardship", f"{LEVER}.{typed}")
    assert words in message
    assert TYPED in message


@pytest.mark.parametrize("plus", ["", "+", "++"])
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("policy.levers.stewardhip.amount_gbp_per_year=1", 'policy stewardship has no lever called "stewardhip"'),
        ("policy.levers.needs_data.known_share=0.5", 'policy stewardship has no lever called "needs_data"'),
        ("policy.levers.stewardship.amuont_gbp_per_year=1", f"did you mean {LEVER}.amount_gbp_per_year ?"),
        ("policy.lever.stewardship.active=false", f"did you mean {LEVER}.active ?"),
    ],
)
def test_a_lever_or_size_that_does_not_exist_is_never_added(
    plus: str, typed: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, "policy=stewardship", plus + typed)


CARD = "policy.levers.rate_card_reform"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["abolish=true"], f"{CARD}: abolish and markup_cap_share contradict; keep one"),
        (["successor=block"], f"{CARD}: successor is block but the card is not abolished"),
        (["regulated_price_ratio=1"], "markup_cap_share and regulated_price_ratio contradict; keep one"),
        (["successor=pool"], "did you mean pooled ?"),
        (["markup_cap_share=null", "extra_range_share=0"], f"{CARD} changes nothing: no cap, no regulated price"),
    ],
)
def test_settings_of_a_lever_that_contradict_or_do_nothing_are_refused(
    typed: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, "policy=rate_card_reform", *(f"{CARD}.{word}" for word in typed))


def test_two_levers_that_contradict_are_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    pooled = ["abolish=true", "successor=pooled", "markup_cap_share=null", "extra_range_share=0"]
    message = refused(capsys, "policy=all_recommendations", *(f"{CARD}.{word}" for word in pooled))
    assert f"{CARD} and policy.levers.joint_commissioning contradict" in message


def test_a_policy_listed_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, "-m", "policy=do_nothing,stewardship,stewardship")
    assert "policy=stewardship is listed twice" in message


def test_one_bad_point_among_many_refuses_the_whole_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(
        capsys,
        "-m",
        "policy=stewardship",
        f"{LEVER}.amount_gbp_per_year=1e6,2e6,0,5e6",
        f"{LEVER}.grants_share=0.2,0.7",
    )
    assert f"{LEVER} changes nothing: amount_gbp_per_year is 0" in message
    assert "[2 of 8 scenarios]" in message


def test_everything_wrong_with_a_sweep_is_listed_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(
        capsys,
        "-m",
        "policy=stewardship,stewardhip",
        f"{LEVER}.start=2018-10-01,2030-01-01",
        f"{LEVER}.grants_share=0.5,2",
        f"{LEVER}.amonut_gbp_per_year=1",
    )
    assert message.startswith("4 problems in 4 planned scenarios:")
    for words in ('no policy called "stewardhip"', "amount_gbp_per_year ?", "must be between 0 and 1, got 2"):
        assert words in message


@pytest.mark.parametrize(
    ("old", "new", "words", "line"),
    [
        ("start: 2018-10-01", "start: 2023-04-01", "start 2023-04-01 lies after the end, 2022-01-31", 6),
        ("grants_share: 0.7", "grants_share: 1.7", "grants_share must be between 0 and 1, got 1.7", 10),
        ("amount_gbp_per_year: 5_000_000", "amount_gbp_per_year: -1", "must be between 0 and 200,000,000, got -1", 9),
        ("amount_gbp_per_year: 5_000_000", "amount_gbp_per_year: 5 million", "write 5_000_000", 9),
        ("amount_gbp_per_year: 5_000_000", "amount_gbp_per_year: 0", f"{LEVER} changes nothing", 5),
        ("grant_months: 36", "grant_month: 36", f"did you mean {LEVER}.grant_months ?", 13),
        ("  stewardship:", "  stewardhip:", 'there is no lever called "stewardhip"', 5),
        ("name: mine", "name: yours", 'policy.name must be the name of its file, "mine", got "yours"', 1),
        ("rationale: to see", "rationale:", "policy.rationale must be a few words, got null", 3),
        ("rationale: to see", "reason: to see", '"policy.reason" is not a setting', 3),
    ],
)
def test_a_wrong_policy_file_is_named_with_its_line(
    old: str, new: str, words: str, line: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "own" / "policy"
    folder.mkdir(parents=True)
    text = OPENING + STEWARDSHIP
    assert old in text
    (folder / "mine.yaml").write_text(text.replace(old, new))
    message = refused(capsys, "-m", "--config-dir", "own", "policy=do_nothing,mine")
    assert words in message
    assert f"own/policy/mine.yaml, line {line})" in message


def test_a_size_missing_from_a_policy_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "own" / "policy"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(OPENING + STEWARDSHIP.replace("    grant_months: 36\n", ""))
    message = refused(capsys, "--config-dir", "own", "policy=mine")
    assert f"{LEVER}.grant_months is not set; it must be a whole number between 1 and 120" in message
    assert "own/policy/mine.yaml, line 5" in message


@pytest.mark.parametrize(
    ("block", "words", "line"),
    [
        ("sweep:\n  policy: [do_nothing, stewardhip]", 'There is no policy called "stewardhip"', 5),
        ("sweep:\n  finance.presure_scale: [1, 2]", "did you mean finance.pressure_scale ?", 5),
        ("sweep:\n  finance.pressure_scale: [1, -2]", "finance.pressure_scale must be between 0 and", 5),
        ("sweep:\n  finance.pressure_scale: 2", "finance.pressure_scale must have a list of values, got 2", 5),
        ("sweep:\n  finance.pressure_scale: []", "finance.pressure_scale must have a list of values", 5),
        ("sweep:\n  nps.ban_share: [0.1, 0.1]", "nps.ban_share=0.1 is listed twice", 5),
        ("sweep:\n  seed: [1, 2]", "seed belongs to the whole experiment and cannot vary within a sweep", 5),
        ("sweep: policy", 'sweep must name settings, each with a list of values, got "policy"', 4),
        ("fraction: third", 'fraction must be full or half, got "third"', 4),
        ("replicatons: 5", '"replicatons" is not a setting', 4),
        ("finance:\n  presure_scale: 2", "did you mean finance.pressure_scale ?", 5),
    ],
)
def test_a_wrong_experiment_file_is_named_with_its_line(
    block: str, words: str, line: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "own" / "experiment"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(f"# @package _global_\n# Mine.\nname: mine\n{block}\n")
    message = refused(capsys, "--config-dir", "own", "+experiment=mine")
    assert words in message
    assert f"own/experiment/mine.yaml, line {line}" in message


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["+experiment=recomendations"], "did you mean recommendations ?"),
        (["-m", "+experiment=recommendations,factorial"], "one experiment at a time"),
        (["+experiment=recommendations", "policy.levers.stewardship.active=false"], "has no lever called"),
        (["replications=atuo"], 'replications must be a whole number between 1 and 100,000, got "atuo"'),
        (["replications=auto", "replications_cap=5"], "replications_cap 5 must not be below replications_batch 10"),
        (["replications=auto", "replications_batch=1"], "replications_batch must be between 2 and 10,000, got 1"),
    ],
)
def test_a_wrong_experiment_or_stopping_rule_is_refused(
    typed: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, *typed)
