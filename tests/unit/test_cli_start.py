"""The front door: light to open, clear in what it prints, exact in its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.cli import Options, main, parse
from sim.commands import console
from sim.settings import SettingsError
from tests.support import made_up_model as model

HEAVY = ("numpy", "hydra", "omegaconf", "yaml", "pandas", "scipy", "matplotlib", "pyarrow", "simpy", "tqdm")
ANSWER = """\
ANSWER  Doing nothing, supply chains SHRINK by 21.5% (GBP 1.2 to 1.9m). Lower in
        4 of 4 replications.

SURE?   Intervals cover luck only.

READ    experiments/x/report.html

NEXT    python -m sim replications=30
"""


@pytest.mark.parametrize("flag", ["--help", "-h", "--version"])
def test_help_and_version_import_nothing_heavy(flag: str) -> None:
    code = (
        "import sys\nfrom sim.cli import main\n"
        f"code = main([{flag!r}])\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "HEAVY []"
    assert done.stdout


def test_help_groups_settings_with_unit_and_range(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    order = [text.index(f"\n{title}\n") for title in ("POLICY", "WORLD", "MONEY", "HOW TO RUN")]
    assert order == sorted(order)
    assert "rate_card.markup_share=" in text
    assert "0 to 2; share of unit cost" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Any], None]:
    """Runs made up and reports faked, in an empty working directory; call it to change the model."""

    def fake_report(folder: Path, results: Any, settings: Any, scenarios: Any, started: Any) -> str:
        (folder / "report.html").write_text("<p>page</p>")
        assert settings.planned_runs >= sum(map(len, results.values()))
        return ANSWER

    def use(simulate: Any) -> None:
        monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(run_replication=simulate))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "sim.report.build", SimpleNamespace(write_report=fake_report))
    use(model.quick)
    return use


RUN = ["world=pair", "engine=serial", "replications=4"]


def only_folder(tmp_path: Path, name: str = "baseline") -> Path:
    (folder,) = (tmp_path / "experiments" / name).iterdir()
    return folder


def test_a_run_writes_its_folder_and_prints_the_answer(
    quick: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(RUN) == 0
    out, err = capsys.readouterr()
    assert out.startswith("PLAN    1 policy x 4 replications = 4 runs. Pair world, 2015 to 2022.")
    assert ANSWER in out
    assert "RUN     4/4" in err
    assert "\r" not in err
    assert max(len(line) for line in err.splitlines()) <= 80
    assert "so far: GBP" in err
    assert "a year to tiers 2 and 3 at the end" in err  # what is shown of the runs is not cut
    folder = only_folder(tmp_path)
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    assert [n for n in names if n != "code.patch"] == [
        ".hydra/config.yaml", ".hydra/overrides.yaml", "SHA256SUMS", "patterns.yaml", "plan.json", "report.html",
        "run.json",
        *(f"runs/do_nothing/r0{r}.parquet" for r in range(1, 5)), "settings.json",
    ]  # fmt: skip
    assert max(map(len, (out + err).splitlines())) <= 80
    index = (tmp_path / "experiments" / "INDEX.md").read_text()
    assert "| 4 of 4 | Doing nothing, supply chains SHRINK by 21.5% (GBP 1.2 to 1.9m) |" in index


def test_the_record_of_a_run_is_enough_to_redo_it(quick: Callable[[Any], None], tmp_path: Path) -> None:
    main([*RUN, "rate_card.markup_share=0.1", "seed=7", "--quiet"])
    folder = only_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    plan = json.loads((folder / "plan.json").read_text())
    assert (
        record["command"] == "python -m sim world=pair engine=serial replications=4 rate_card.markup_share=0.1 seed=7"
    )
    assert (record["seed"], record["replications"], record["schema_version"]) == (7, [1, 2, 3, 4], 1)
    assert record["runs"] == {
        "planned": 4, "finished": 4, "reused": 0, "failed": 0, "interrupted": False, "halted": "",
    }  # fmt: skip
    assert set(record["run_digests"]["do_nothing"]) == {"1", "2", "3", "4"}
    assert record["engine"]["kind"] == "serial"
    assert record["engine"]["shared_history"] is False  # one scenario has nobody to share with
    assert {"packages", "machine", "code", "config_sha256", "model_source_sha256", "started"} <= set(record)
    assert plan["scenarios"][0]["overrides"] == [*RUN, "rate_card.markup_share=0.1", "seed=7"]
    assert set(plan["scenarios"][0]["run_keys"]) == {"1", "2", "3", "4"}
    assert "markup_share: 0.1" in (folder / ".hydra" / "config.yaml").read_text()


def test_a_sweep_writes_one_folder_with_named_scenarios(
    quick: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-m", *RUN, "rate_card=tr_2015,cost_plus", "name=cards"]) == 0
    assert "2 scenarios x 4 replications = 8 runs." in capsys.readouterr().out
    runs = only_folder(tmp_path, "cards") / "runs"
    assert sorted(p.name for p in runs.iterdir()) == ["rate_card=cost_plus", "rate_card=tr_2015"]


def test_one_replication_alone_keeps_its_number(quick: Callable[[Any], None], tmp_path: Path) -> None:
    assert main([*RUN, "only_replication=7"]) == 0
    assert [p.name for p in only_folder(tmp_path).rglob("*.parquet")] == ["r07.parquet"]


def test_quiet_prints_the_answer_and_where_to_read(
    quick: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RUN, "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("ANSWER")
    assert "READ    experiments/x/report.html" in out
    assert "NEXT" not in out
    assert "SURE?" not in out
    assert err == ""


def test_json_prints_the_answer_as_data(quick: Callable[[Any], None], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["runs"] == {"planned": 4, "finished": 4, "failed": 0}
    assert content["answer"].startswith("Doing nothing, supply chains SHRINK")
    assert Path(content["report"]).is_file()


def test_a_failed_run_is_told_kept_as_a_row_and_costs_exit_code_1(
    quick: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(model.third_fails)
    assert main(RUN) == 1
    out, err = capsys.readouterr()
    assert ANSWER in out
    assert "Run 3 of do_nothing failed (run): ArithmeticError" in err
    assert "The other 3 of 4 are kept." in err
    assert "python -m sim world=pair engine=serial replications=4 only_replication=3" in " ".join(err.split())
    assert "third_fails" in (only_folder(tmp_path) / "failures.csv").read_text()
    assert "Traceback" not in out + err


def test_when_every_run_fails_there_is_no_answer(
    quick: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(model.third_fails)
    assert main([*RUN, "only_replication=3"]) == 1
    assert "ANSWER" not in capsys.readouterr().out
    assert (only_folder(tmp_path) / "failures.csv").is_file()
    assert (only_folder(tmp_path) / "PARTIAL").is_file()


def test_ctrl_c_keeps_finished_runs_and_costs_exit_code_130(
    quick: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(model.interrupted_at_third)
    assert main(RUN) == 130
    out, err = capsys.readouterr()
    assert "STOPPED by you. 2 of 4 runs kept" in err
    assert "ANSWER" not in out
    folder = only_folder(tmp_path)
    assert (folder / "PARTIAL").is_file()
    assert len(list(folder.rglob("*.parquet"))) == 2


def test_ctrl_c_before_the_first_run_leaves_nothing(quick: Callable[[Any], None], tmp_path: Path) -> None:
    quick(model.interrupted_at_third)
    assert main([*RUN, "only_replication=3"]) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_fails_loses_no_run(
    quick: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> str:
        raise ValueError("no ink")

    monkeypatch.setitem(sys.modules, "sim.report.build", SimpleNamespace(write_report=broken))
    assert main(RUN) == 1
    assert "their report could not be written: ValueError: no ink" in " ".join(capsys.readouterr().err.split())
    assert len(list(only_folder(tmp_path).rglob("*.parquet"))) == 4


def test_the_same_command_again_never_writes_the_same_folder(quick: Callable[[Any], None], tmp_path: Path) -> None:
    assert main([*RUN, "--quiet"]) == main([*RUN, "--quiet"]) == 0
    assert len(list((tmp_path / "experiments" / "baseline").iterdir())) == 2
    main(["list"])


def test_check_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "-m", "world=pair", "rate_card=tr_2015,cost_plus"]) == 0
    assert "It would make 20 runs. Nothing was run." in capsys.readouterr().out
    assert main(["check", "rate_card.markup_share=-1"]) == 2
    assert list(tmp_path.iterdir()) == []


def test_check_lists_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--list", "policy"]) == 0
    assert "do_nothing" in capsys.readouterr().out
    assert main(["check", "--list", "polcy"]) == 2
    assert "did you mean   policy ?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["settings"], ["finance"], ["experiments"]])
def test_list_fits_the_terminal(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["list", *words]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "finance" in out or words == ["experiments"]


def test_assumptions_tell_facts_from_judgement(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assumptions", "world=pair", "finance.rescue_gbp=0"]) == 0
    out = capsys.readouterr().out
    facts, assumed = out.index("FACTS"), out.index("ASSUMPTIONS")
    assert facts < out.index("finance.rescue_gbp") < assumed < out.index("finance.wanted_margin_share")
    line = next(line for line in out.splitlines() if "finance.rescue_gbp" in line)
    assert line.split() == ["finance.rescue_gbp", "0", "*", "Q"]
    assert main(["assumptions", "world=pair", "--json"]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["world.C03.shortfall_share"]["standing"] == "assumption"
    assert found["demand.need_share.women"]["plausible_high"] <= 1


def test_open_shows_the_latest_page(
    quick: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda uri: bool(opened.append(uri)) or True)
    assert main(["open", "latest"]) == 2
    assert "no finished experiment" in capsys.readouterr().err
    main([*RUN, "--quiet"])
    assert main(["open", "latest"]) == 0
    assert opened[0].startswith("file://")
    assert opened[0].endswith("report.html")


def test_flags_may_stand_anywhere() -> None:
    options = parse(["world=pair", "-m", "--config-dir", "mine", "policy=a,b", "--quiet"])
    assert options == Options(
        "run", ["world=pair", "policy=a,b"], ("world=pair", "-m", "--config-dir", "mine", "policy=a,b", "--quiet"),
        sweep=True, quiet=True, config_dir="mine",
    )  # fmt: skip
    assert parse(["check", "--config-dir=mine"]).config_dir == "mine"
    with pytest.raises(SettingsError, match="did you mean   --quiet"):
        parse(["--quite"])


def test_an_error_of_the_program_is_one_line_unless_debugging(
    quick: Callable[[Any], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **how: Any) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr("sim.experiment.plan.Plan.of", broken)
    assert main(RUN) == 1
    err = capsys.readouterr().err
    assert "RuntimeError: surprise" in err
    assert "Traceback" not in err
    with pytest.raises(RuntimeError):
        main([*RUN, "--debug"])


def test_the_first_sentence_of_an_answer_survives_decimals() -> None:
    assert console.first_sentence(ANSWER) == "Doing nothing, supply chains SHRINK by 21.5% (GBP 1.2 to 1.9m)"
    assert console.first_sentence("") == ""
