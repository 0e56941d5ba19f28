"""``probsim assumptions``: facts, assumptions and settings told apart, whole, in part, and of a finished experiment."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from sim.cli import main
from sim.parameters.register import COLUMNS


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["assumptions", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["assumptions", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return " ".join(err.split())


def test_counts_stand_on_top_and_the_weakest_assumptions_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys)
    assert max(map(len, out.splitlines())) <= 100
    found = json.loads(printed(capsys, "--json"))
    for standing, noun in (("fact", "facts"), ("assumption", "assumptions"), ("setting", "settings")):
        assert f"{sum(row['standing'] == standing for row in found)} {noun}" in out.splitlines()[0]
    assert f"  J    {sum(row['grade'] == 'J' for row in found):>4}  judgement" in out
    assert out.index("FACTS") < out.index("ASSUMPTIONS") < out.index("SETTINGS")
    assert out.index("finance.wanted_margin_share") < out.index("demand.assessment_window_days")  # J before R-
    assert "demand.need_share.* (14)" in out
    assert "demand.need_share.women" not in out


def test_a_name_and_a_grade_narrow_it_down(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "finance", "demand.need_share", "world=pair")
    assert "finance.rescue_gbp" in out
    assert "demand.need_share.women" in out
    assert "supply_chain" not in out
    assert {row["grade"] for row in json.loads(printed(capsys, "--grade", "Q2", "--json"))} == {"Q2"}
    assert "did you mean finance ?" in refused(capsys, "finnance")
    assert "there is no evidence grade 'Z'" in refused(capsys, "--grade=Z")
    assert "nothing asked for has evidence grade D" in refused(capsys, "rate_card", "--grade", "D")


def test_as_a_table_it_has_the_columns_of_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    lines = list(csv.DictReader(io.StringIO(printed(capsys, "provider", "--csv"))))
    assert tuple(lines[0]) == COLUMNS
    (row,) = (row for row in lines if row["name"] == "provider.mission_in_bid_share")
    assert (row["value"], row["grade"], row["standing"], row["date"]) == ("0.5", "J", "assumption", "2026-11")


def test_an_experiment_folder_shows_what_it_rested_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "experiments" / "mine" / "2026-11-22_120000"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    assert "there is no assumptions.csv in experiments/mine/2026-11-22_120000" in refused(capsys, "latest")
    table = printed(capsys, "world=pair", "finance.rescue_gbp=7", "--csv").splitlines()
    (head, *lines) = table
    (margin,) = (line for line in lines if line.startswith("finance.wanted_margin_share"))
    other = re.sub(r"^(finance\.wanted_margin_share),[^,]*,", r"\1,0.05,", margin) + ",hopeful"
    folder.joinpath("assumptions.csv").write_text(
        "\n".join([f"{head},scenario", *(f"{line}," for line in lines), other]) + "\n"
    )
    out = printed(capsys, "latest")
    line = next(line for line in out.splitlines() if "finance.rescue_gbp" in line)
    assert line.split() == ["finance.rescue_gbp", "7", "Q"]
    assert "OTHER SCENARIOS" in out
    assert out.splitlines()[-1].split() == ["finance.wanted_margin_share", "0.05", "J", "hopeful"]
    assert printed(capsys, str(folder), "--json") == printed(capsys, "latest", "--json")
    assert "cannot be changed" in refused(capsys, "latest", "seed=3")
