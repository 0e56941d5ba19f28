"""Nothing wrong ever runs: one message with every problem, exit code 2, nothing written.

Each case names the setting, the rule, the value typed and where it was typed, and never shows a trace.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim import cli
from sim.cli import main
from sim.settings import overrides

TYPED = "typed on the command line"


@pytest.fixture(autouse=True)
def nothing_may_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never(*args: Any, **how: Any) -> None:
        raise AssertionError("a run was made")

    monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(run_replication=never))
    monkeypatch.setattr("sim.experiment.run.execute", never)  # nor in the processes of a pool
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    """The message of a command that must be refused, on one line."""
    before = set(Path.cwd().rglob("*"))
    assert main(list(typed)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.rstrip().endswith("Nothing was run, no folder was made.")
    assert max(len(line) for line in err.splitlines() if " " in line.strip()) <= 110
    assert set(Path.cwd().rglob("*")) == before, "something was written"
    return " ".join(err.split())


MISSPELT = [
    ("rate_card.markup_shre=0.1", "rate_card.markup_share"),
    ("rate_card.mark_up_share=0.1", "rate_card.markup_share"),
    ("ratecard.markup_share=0.1", "rate_card.markup_share"),
    ("rate-card.markup_share=0.1", "rate_card.markup_share"),
    ("markup_share=0.1", "rate_card.markup_share"),
    ("finance.rescue=0", "finance.rescue_gbp"),
    ("finance.rescue_gpb=0", "finance.rescue_gbp"),
    ("finance.presure_scale=2", "finance.pressure_scale"),
    ("finance.pressure_scal=2", "finance.pressure_scale"),
    ("Finance.pressure_scale=2", "finance.pressure_scale"),
    ("demand.people_scales=2", "demand.people_scale"),
    ("demand.need_share.acommodation=0.2", "demand.need_share.accommodation"),
    ("demand.need_share.woman=0.2", "demand.need_share.women"),
    ("supply_chain.budget_shares=0.1", "supply_chain.budget_share"),
    ("supplychain.budget_share=0.1", "supply_chain.budget_share"),
    ("nps.plan_shre=0.1", "nps.plan_share"),
    ("nps.reluctence=1", "nps.reluctance"),
    ("provider.bodies_per_aera=3", "provider.bodies_per_area"),
    ("horizon.ends=2020-01-31", "horizon.end"),
    ("replication=5", "replications"),
    ("sed=1", "seed"),
    ("margin=0.1", "margin_share"),
    ("engine.worker=2", "engine.workers"),
    ("record.event=true", "record.events"),
    ("world.crcs.C01.caseload=3000", "world.crcs.C01.caseload_people"),
    ("world.crc.C01.owner=Sodexo", "world.crcs.C01.owner"),
    ("polcy=do_nothing", "policy"),
]


@pytest.mark.parametrize(("typed", "meant"), MISSPELT)
def test_a_misspelt_setting_is_answered_with_the_nearest(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, typed)
    assert f'"{typed.partition("=")[0]}" is not a setting' in message
    assert f"did you mean {meant} ?" in message
    assert TYPED in message


@pytest.mark.parametrize("plus", ["+", "++"])
@pytest.mark.parametrize(("typed", "meant"), MISSPELT[:6])
def test_a_leading_plus_adds_nothing_the_model_does_not_know(
    plus: str, typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, plus + typed)
    assert "is not a setting (typed with a leading +)" in message
    assert f"did you mean {meant} ?" in message
    assert "A leading + cannot add settings the model does not know" in message


@pytest.mark.parametrize("typed", ["+policy.server=3", "+server.port=80", "zzzz=1", "finance.qqqqqq=1"])
def test_a_setting_like_no_other_is_refused_all_the_same(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not a setting" in refused(capsys, typed)


WRONG = [
    ("rate_card.markup_share=-0.3", "rate_card.markup_share must be between 0 and 2, got -0.3"),
    ("rate_card.markup_share=2.5", "rate_card.markup_share must be between 0 and 2, got 2.5"),
    ("rate_card.markup_share=nan", "rate_card.markup_share must be a number between 0 and 2, got nan"),
    ("rate_card.markup_share=inf", "rate_card.markup_share must be a number between 0 and 2, got inf"),
    ("rate_card.markup_share=null", "rate_card.markup_share must be a number between 0 and 2, got null"),
    ("rate_card.markup_share=true", "rate_card.markup_share must be a number between 0 and 2, got true"),
    ("rate_card.markup_share=lots", 'rate_card.markup_share must be a number between 0 and 2, got "lots"'),
    ("rate_card.markup_share=[0.1]", "rate_card.markup_share must be a number between 0 and 2, got [0.1]"),
    ("rate_card.markup_share=15%", "write 0.15"),
    ("finance.rescue_gbp=5 million", "write 5_000_000"),
    ("finance.rescue_gbp=-1", "finance.rescue_gbp must be between 0 and 5,000,000,000, got -1"),
    ("nps.ban_share=40", "nps.ban_share must be between 0 and 1, got 40"),
    ("nps.ban_share=40", "write 0.4 for 40%"),
    ("rate_card.pricing=markup", "rate_card.pricing must be one of mark_up, at_cost, regulated, got \"markup\""),
    ("rate_card.pricing=markup", "did you mean mark_up ?"),
    ("rate_card.published=maybe", 'rate_card.published must be true or false, got "maybe"'),
    ("rate_card.revision_months=6.5", "rate_card.revision_months must be a whole number between 1 and 120, got 6.5"),
    ("supply_chain.term_months_low=0", "supply_chain.term_months_low must be between 1 and 240, got 0"),
    ("supply_chain.term_months_low=48",
     "supply_chain.term_months_low must not exceed supply_chain.term_months_high, got 48 and 36"),
    ("supply_chain.legacy_review_last_month=1", "must not exceed supply_chain.legacy_review_last_month, got 3 and 1"),
    ("provider.national_turnover_gbp=1000", "must not exceed provider.national_turnover_gbp"),
    ("provider.close_reserves_months=1", "must not exceed provider.hand_back_reserves_months"),
    ("demand.young_adult_share=0.9", "add up to 1.37, more than 1"),
    ("demand.need_share.accommodation=1.2", "demand.need_share.accommodation must be between 0 and 1, got 1.2"),
    ("demand.need_share.accommodation=-0.1", "demand.need_share.accommodation must be between 0 and 1, got -0.1"),
    ("demand.need_share=0.5", "must be one number for each of the 14 service categories, got 0.5"),
    ("demand.need_share={homes:0.4}", "demand.need_share.homes is not a service category"),
    ("horizon.end=2014-12-31", "horizon.end 2014-12-31 lies before horizon.start 2015-02-01"),
    ("horizon.start=2023-01-01", "lies before horizon.start 2023-01-01"),
    ("horizon.end=2030-01-01", "horizon.end 2030-01-01 lies after horizon.contract_end 2022-01-31"),
    ("horizon.start=1990-01-01", "horizon.start to horizon.end must be at most 30 years"),
    ("horizon.end=31/01/2020", 'horizon.end must be a date written like 2018-10-01, got "31/01/2020"'),
    ("horizon.end=2020-02-30", "horizon.end must be a date of the calendar, got 2020-02-30"),
    ("horizon.end=null", "horizon.end must be a date written like 2018-10-01, got null"),
    ("finance.rescue_date=soon", 'finance.rescue_date must be a date written like 2018-10-01, or null, got "soon"'),
    ("replications=0", "replications must be between 1 and 100,000, got 0"),
    ("replications=2.5", "replications must be a whole number between 1 and 100,000, got 2.5"),
    ("replications=many", 'replications must be a whole number between 1 and 100,000, got "many"'),
    ("seed=-1", "seed must be between 0 and 9,007,199,254,740,992, got -1"),
    ("seed=null", "seed must be a whole number"),
    ("margin_share=0.9", "margin_share must be between 0 and 0.5, got 0.9"),
    ("only_replication=0", "only_replication must be between 1 and 100,000, got 0"),
    ("engine.workers=0", "engine.workers must be between 1 and 1024, got 0"),
    ("engine.kind=cloud", 'engine.kind must be one of serial, local, dask, slurm, got "cloud"'),
    ("engine.address=tcp://127.0.0.1:8786", "engine.address is for engine=dask only: it would change nothing"),
    ("engine.run_timeout_s=0", "engine.run_timeout_s must be between 0.1 and 1,000,000, got 0"),
    ("engine.shared_history=maybe", 'engine.shared_history must be one of auto, on, off, got "maybe"'),
    ("on_failure=explode", 'on_failure must be one of go_on, stop, got "explode"'),
    ("record.cases=2", "record.cases must be true or false, got 2"),
    ("world.keep=[C99]", 'there is no CRC "C99" in this world'),
    ("world.crcs.C01.owner=Sodexho", "did you mean Sodexo ?"),
    ("world.crcs.C01.areas.shares=[0.6,0.6]", "world.crcs.C01.areas.shares must sum to 1, got 1.2"),
    ("world.crcs.C01.caseload_people=-3700", "caseload_people must be between 1 and 1,000,000, got -3700"),
    ("policy.levers=[stewardship]", "policy.levers must be a group of levers by name"),
    ("policy.levers={stewardhip:{}}", 'there is no lever called "stewardhip"'),
    ("policy.name=other", 'policy.name must be the name of its file, "do_nothing", got "other"'),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "words"), WRONG)
def test_a_wrong_value_is_answered_with_setting_rule_and_value(
    typed: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, typed)
    assert words in message
    assert TYPED in message


@pytest.mark.parametrize("name", ["../evil", "a/b", "..", ".hidden", "a b", "", "x" * 65, "C:\\x", "-rf", "a\u0301"])
def test_an_experiments_name_cannot_leave_its_folder(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "name must be letters, digits, - and _" in refused(capsys, f"name='{name}'")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("policy=stewardhip", 'There is no policy called "stewardhip" you typed policy=stewardhip'),
        ("rate_card=costplus", "did you mean cost_plus ?"),
        ("rate_card=costplus", "there are cost_plus, prompt, regulated, tr_2015"),
        ("world=pear", "did you mean pair ?"),
        ("finance=Severe", "did you mean severe ?"),
        ("finance=null", 'There is no finance called "null"'),
        ("experiment=factorail", "did you mean factorial ?"),
        ("+experiment=factorail", "There is no experiment called"),
        ("stewardship", '"stewardship" is neither a command nor a setting=value'),
        ("severe", "did you mean finance=severe ?"),
        ("chek", "did you mean check ?"),
        ("kernle", "did you mean kernel ?"),
        ("~finance.rescue_gbp", "cannot be removed"),
        ("~policy", "cannot be removed"),
        ("finance=tr_2015,severe", "type python -m sim -m finance=tr_2015,severe"),
        ("hydra.run.dir=/tmp/x", "is not a setting"),
        ("hydra.sweep.dir=x", "is not a setting"),
        ("policy@other=do_nothing", "is not a setting"),
        ("rate_card.markup_share=[0.1", "cannot read"),
        ("rate_card.markup_share=${nowhere.to_be_found}", "a reference between settings cannot be followed"),
        ("--quite", "did you mean --quiet ?"),
        ("--config-dir=nowhere", 'there is no folder "nowhere"'),
    ],
)
def test_a_wrong_option_or_word_is_answered_with_what_to_type(
    typed: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, typed)


def test_every_command_can_be_proposed_for_a_misspelt_one() -> None:
    assert set(overrides.COMMANDS) == {*cli._COMMANDS, *cli._READY}


def test_sizing_a_lever_that_the_policy_does_not_hold_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    size = "policy.levers.stewardship.amount_gbp_per_year=1000000"
    message = refused(capsys, "-m", "policy=do_nothing,stewardship", size)
    assert 'policy do_nothing has no lever called "stewardship"' in message
    assert "[1 of 2 scenarios]" in message
    assert main(["check", "policy=stewardship", size]) == 0


def test_one_setting_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "seed is given twice: seed=1 and seed=2" in refused(capsys, "seed=1", "seed=2")


def test_every_problem_is_listed_at_once_the_likeliest_first(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, "rate_card.markup_share=-1", "nps.plan_shre=1", "policy=nothing", "replications=0")
    assert message.startswith("4 problems:")
    order = ["There is no policy", '"nps.plan_shre"', "rate_card.markup_share must", "replications must"]
    places = [message.index(words) for words in order]
    assert places[:2] == sorted(places[:2])
    assert max(places[:2]) < min(places[2:])


def test_one_bad_point_refuses_the_whole_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, "-m", "world=pair", "nps.ban_share=0.1,0.2,1.3", "finance=tr_2015,severe")
    assert "nps.ban_share must be between 0 and 1, got 1.3 (typed on the command line) [2 of 6 scenarios]" in message


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("policy=do_nothing,do_nothing", "policy=do_nothing is listed twice"),
        ("seed=1,2", "seed belongs to the whole experiment and cannot vary within a sweep"),
        ("replications=5,10", "cannot vary within a sweep"),
        ("engine=local,serial", "cannot vary within a sweep"),
        ("policy=do_nothing,stewardhip,nothing", 'There is no policy called "nothing"'),
        ("nps.ban_share=interval(0,1)", "does not name its values one by one"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(typed: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in refused(capsys, "-m", typed)


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("markup_share: -0.3", "rate_card.markup_share must be between 0 and 2, got -0.3", 4),
        ("markup_shre: 0.3", '"rate_card.markup_shre" is not a setting', 4),
        ("markup_share: 1 in 7", 'rate_card.markup_share must be a number between 0 and 2, got "1 in 7"', 4),
        ("pricing: [mark_up]", "rate_card.pricing must be one of", 4),
        ("published: 1", "rate_card.published must be true or false, got 1", 4),
        ("markup_share: .nan", "got nan", 4),
        ("markup_share: [", "a settings file cannot be read", None),
        ("published: true\npublished: false", "a settings file cannot be read", None),
    ],
)
def test_a_wrong_file_is_named_with_its_line(
    text: str, words: str, line: int | None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "mine" / "rate_card"
    folder.mkdir(parents=True)
    (folder / "late.yaml").write_text(f"# late cards\ndefaults: [tr_2015, _self_]\n\n{text}\n")
    message = refused(capsys, "--config-dir", "mine", "rate_card=late")
    assert words in message
    assert "mine/rate_card/late.yaml, line" in message
    if line is not None:
        assert f"(mine/rate_card/late.yaml, line {line})" in message


def test_a_file_that_is_no_text_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "rate_card"
    folder.mkdir(parents=True)
    (folder / "late.yaml").write_bytes(b"# \xff\xfe late cards\ndefaults: [tr_2015, _self_]\n")
    message = refused(capsys, "--config-dir", "mine", "rate_card=late")
    assert "a settings file cannot be read: it is not text in UTF-8" in message
    assert "mine/rate_card/late.yaml" in message


def test_a_value_missing_from_a_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "horizon"
    folder.mkdir(parents=True)
    (folder / "short.yaml").write_text("start: 2015-02-01\nend: 2016-01-31\ncontract_end: 2022-01-31\n")
    message = refused(capsys, "--config-dir=mine", "horizon=short")
    assert "horizon.snapshot is not set; it must be a date written like 2018-10-01 (mine/horizon/short.yaml)" in message
    assert "horizon.verdict_from is not set" in message


def test_an_output_that_cannot_be_written_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    assert "output must be a folder that can be written, got taken" in refused(capsys, "world=pair", "output=taken")


def test_problems_can_be_read_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert main(["rate_card.markup_share=-1", "--json"]) == 2
    content = json.loads(capsys.readouterr().out)
    assert content["refused"]
    assert content["problems"][0]["setting"] == "rate_card.markup_share"


@pytest.mark.parametrize(
    "typed",
    [
        ["horizon.end=2015-02-01"],
        ["provider.bodies_per_area=0"],
        ["demand.people_scale=0"],
        ["rate_card.published=false"],
        ["finance.owner_tolerance_share=0", "finance.owner_failure_rate_per_year=10"],
        ["world=one_area", "horizon.end=2015-02-01"],
        ["world=pair", "supply_chain.budget_share=0", "finance.rescue_date=null"],
        ["nps.ban_lifted=null", "rate_card.markup_cap_share=0"],
    ],
)
def test_extreme_but_legal_settings_are_let_through(typed: list[str]) -> None:
    assert main(["check", *typed]) == 0
