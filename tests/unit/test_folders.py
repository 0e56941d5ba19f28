"""Verbs on folders: they read what is there, say what is missing, and never write over anything."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.cli import main
from sim.experiment import plan as plan_module
from sim.experiment.reading import open_folder
from sim.report import build

WORDS = ["-m", "world=one_area", "policy=do_nothing,stewardship", "replications=2", "engine=serial"]


@pytest.fixture(scope="module", autouse=True)
def few_pictures() -> Iterator[None]:
    """Pages with two figures, which are drawn in seconds."""
    real = build.pictures
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "pictures", lambda story: real(story)[:2])
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished experiment of the smallest world, made by the command itself; change nothing in it."""
    output = tmp_path_factory.mktemp("experiments")
    assert main([*WORDS, f"output={output}", "--quiet"]) == 0
    (folder,) = (output / "baseline").iterdir()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to damage, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "experiments" / "baseline" / made.name
    shutil.copytree(made, copy)
    return copy


@pytest.fixture
def no_page(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Reports faked; the list holds what the page was asked to say."""
    asked: list[Any] = []

    def fake(folder: Path, results: Any, settings: Any, scenarios: Any, started: Any, of: Any = None) -> str:
        (folder / "figures").mkdir()
        (folder / "figures/01.csv").write_text("a\n")
        (folder / "summary.csv").write_text("a\n")
        (folder / "report.html").write_text('<a href="figures/01.csv"></a><a href="#answer"></a>')
        asked.append((results, settings))
        return "ANSWER  It shrinks.\n"

    monkeypatch.setitem(__import__("sys").modules, "sim.report.build", SimpleNamespace(write_report=fake))
    return asked


def contents(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()
    }


def change(path: Path, edit: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


# --- verify ----------------------------------------------------------------------------------------------------


def test_an_untouched_folder_is_equal_and_stays_untouched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(folder)
    assert main(["verify", "latest", "--tables"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("equal: ")
    for part in ("files unchanged", "the same code", "the same settings", "4 of 4 runs made again", "bytes equal"):
        assert part in line
    assert contents(folder) == before


def test_a_changed_byte_is_found_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray((folder / "summary.csv").read_bytes())
    data[100] ^= 1
    (folder / "summary.csv").write_bytes(bytes(data))
    assert main(["verify", str(folder), "--runs", "0"]) == 1
    assert capsys.readouterr().out == "changed: summary.csv\n"


def test_a_table_that_does_not_follow_from_the_runs_is_found_even_without_checksums(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = folder / "verdicts.csv"
    table.write_text(table.read_text().replace("do_nothing,2", "do_nothing,9"))
    assert main(["verify", str(folder), "--runs", "0", "--tables"]) == 1
    assert "changed: verdicts.csv (made again from the runs it is another)" in capsys.readouterr().out


def test_a_changed_setting_kept_in_the_folder_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder / "settings.json", lambda c: c["common"]["finance"].update(pressure_scale=0.7))
    assert main(["verify", str(folder), "--runs", "1"]) == 1
    out = capsys.readouterr().out
    assert "changed: settings.json" in out
    assert "changed: the settings of do_nothing are not those of its plan" in out
    assert "comes out different from" in out


def test_a_config_changed_since_the_run_is_found_with_before_and_after(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from sim.settings import loading
    from sim.settings.sources import shipped_configs

    moved = tmp_path / "configs"
    shutil.copytree(shipped_configs(), moved)
    finance = moved / "finance" / "tr_2015.yaml"
    finance.write_text(finance.read_text().replace("pressure_scale: 1.0", "pressure_scale: 0.9"))
    monkeypatch.setattr(loading, "shipped_configs", lambda: moved)
    assert main(["verify", str(folder), "--runs", "0"]) == 1
    assert capsys.readouterr().out == "other settings: finance.pressure_scale was 1.0, is 0.9\n"


def test_other_model_code_is_named_file_by_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = plan_module.source_files()
    changed = {**real, "agents/crc/review.py": "0" * 64}
    monkeypatch.setattr("sim.experiment.verifying.source_files", lambda: changed)
    assert main(["verify", str(folder)]) == 1
    assert capsys.readouterr().out == "other code: sim/agents/crc/review.py\n"


def test_a_run_swapped_for_another_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = folder / "runs" / "do_nothing"
    (runs / "r01.parquet").unlink()
    shutil.copy(folder / "runs/stewardship/r01.parquet", runs / "r01.parquet")
    (folder / "SHA256SUMS").unlink()
    assert main(["verify", str(folder), "--runs", "4"]) == 1
    assert "changed: runs/do_nothing/r01.parquet is not the run that run.json notes" in capsys.readouterr().out


def test_a_missing_run_is_named_and_the_rest_is_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "runs/stewardship/r02.parquet").unlink()
    assert main(["verify", str(folder), "--runs", "1", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["found"] == ["missing: runs/stewardship/r02.parquet"]
    assert "1 of 3 runs made again, digests and tables equal" in found["checked"]


def test_pages_made_again_do_not_break_a_folder(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(folder)]) == 0
    assert main(["verify", str(folder), "--runs", "0"]) == 0


# --- report ----------------------------------------------------------------------------------------------------


def test_report_writes_a_page_beside_and_never_over(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(folder)
    assert main(["report", "latest"]) == 0
    assert main(["report", "baseline"]) == 0
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert {"report-2.html", "report-3.html", "report-2/figures/01.csv", "report-3/summary.csv"} <= set(after)
    assert 'href="report-2/figures/01.csv"' in (folder / "report-2.html").read_text()
    assert 'href="#answer"' in (folder / "report-2.html").read_text()
    assert "report-3.html" in capsys.readouterr().out


def test_report_rebuilds_the_same_tables_and_says_that_it_did(folder: Path) -> None:
    assert main(["report", str(folder)]) == 0
    for name in ("summary.csv", "verdicts.csv", "assumptions.csv", "monthly_national.csv"):
        assert (folder / "report-2" / name).read_bytes() == (folder / name).read_bytes()
    assert "This page was made again on" in (folder / "report-2.html").read_text()


def test_a_folder_in_the_making_is_reported_as_far_as_it_is(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "PARTIAL").write_text("Runs are being made.")
    change(folder / "run.json", lambda c: c.update(state="running", run_digests={}))
    for name in ("SHA256SUMS", "report.html", "runs/stewardship/r02.parquet"):
        (folder / name).unlink()
    assert main(["report", str(folder)]) == 0
    results, settings = no_page[0]
    assert {name: len(runs) for name, runs in results.items()} == {"do_nothing": 2, "stewardship": 1}
    assert settings.planned_runs == 4
    assert "still being made" in settings.notes[0]
    assert (folder / "report-2.html").is_file()
    assert not (folder / "report.html").exists()


def test_a_read_only_folder_gets_its_page_in_the_working_directory(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.mkdir

    def refuse(self: Path, *args: Any, **how: Any) -> None:
        if self.parent == folder or folder.name in self.parts[:-1]:
            raise PermissionError(13, "Permission denied")
        real(self, *args, **how)

    before = contents(folder)
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(["report", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert "cannot be written, so the page stands in the working directory" in " ".join(err.split())
    assert (Path.cwd() / f"baseline-{folder.name}-report-2.html").is_file()
    assert f"baseline-{folder.name}-report-2.html" in out
    assert contents(folder) == before


def test_settings_of_an_older_folder_are_read_again_from_what_was_typed(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "settings.json").unlink()
    opened = open_folder(folder)
    assert all(d.same for d in opened.described)
    assert main(["report", str(folder)]) == 0
    assert "settings.json is missing or broken: its settings are read again from what was typed" in " ".join(
        capsys.readouterr().err.split()
    )


def test_settings_that_lack_a_number_of_today_are_brought_up_to_date_aloud(folder: Path) -> None:
    change(folder / "settings.json", lambda c: c["common"]["finance"].pop("pressure_scale"))
    change(folder / "settings.json", lambda c: c["common"]["finance"].update(no_longer_known=1))
    opened = open_folder(folder)
    assert len(opened.scenarios) == 2
    assert any("what it lacks has today's value" in note for note in opened.notes)


# --- what is no experiment, or a damaged one -------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["report", "verify", "explain"])
def test_a_folder_that_is_no_experiment_is_refused_in_one_sentence(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    assert main([verb, "photos"]) == 2
    assert main([verb, "nowhere"]) == 2
    assert main([verb, "latest"]) == 2
    err = capsys.readouterr().err
    assert "photos is not an experiment folder" in err
    assert "nowhere is not an experiment folder" in err
    assert "there is no finished experiment in experiments yet" in err
    assert err.count("Nothing was written.") == 3
    assert [p.name for p in tmp_path.rglob("*")] == ["photos"]


def test_a_broken_run_json_is_said_and_the_plan_is_enough(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "run.json").write_text('{"half')
    assert main(["report", str(folder)]) == 0
    assert "run.json cannot be read" in capsys.readouterr().err
    assert sum(map(len, no_page[0][0].values())) == 4


def test_a_folder_of_another_schema_is_read_with_a_warning(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / "plan.json", lambda c: c.update(schema_version=9))
    assert main(["report", str(folder)]) == 0
    assert "plan.json was written by a newer version (schema 9, this one reads 1)" in " ".join(
        capsys.readouterr().err.split()
    )


def test_runs_of_another_schema_or_half_written_are_left_out_by_name(
    folder: Path, no_page: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (folder / f"runs/do_nothing/r0{r}.parquet" for r in (1, 2))
    table = pq.read_table(first)
    meta = json.loads(table.schema.metadata[b"probation_supply_chains"]) | {"schema_version": 99}
    first.unlink()
    pq.write_table(table.replace_schema_metadata({b"probation_supply_chains": json.dumps(meta).encode()}), first)
    data = second.read_bytes()
    second.unlink()
    second.write_bytes(data[: len(data) // 2])
    assert main(["report", str(folder)]) == 0
    err = " ".join(capsys.readouterr().err.split())
    assert "runs/do_nothing/r01.parquet cannot be read and is left out: it is not a run of this version" in err
    assert "runs/do_nothing/r02.parquet cannot be read and is left out: it is cut short" in err
    assert list(no_page[0][0]) == ["stewardship"]


def test_a_folder_without_a_readable_run_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder / "runs")
    assert main(["report", str(folder)]) == 2
    assert "holds no run that can be read" in capsys.readouterr().err
    assert not (folder / "report-2").exists()


def test_runs_without_the_settings_they_were_made_with_are_not_guessed_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("plan.json", "settings.json"):
        (folder / name).unlink()
    assert main(["report", str(folder)]) == 2
    assert "not the settings they were made with" in " ".join(capsys.readouterr().err.split())
    assert main(["verify", str(folder), "--runs", "1"]) == 1
    assert "missing: plan.json" in capsys.readouterr().out


def test_a_study_is_known_for_what_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("plan.json", "settings.json", "SHA256SUMS"):
        (folder / name).unlink()
    shutil.rmtree(folder / "runs")
    (folder / "run.json").write_text(json.dumps({"schema_version": 1, "study": "calibration", "runs": 12}))
    assert main(["report", str(folder)]) == 2
    assert "is a calibration study, which keeps tables and no runs to report" in " ".join(
        capsys.readouterr().err.split()
    )
    (folder / "SHA256SUMS").write_text(f"{sha256((folder / 'run.json').read_bytes()).hexdigest()}  run.json\n")
    assert main(["verify", str(folder)]) == 0
    assert "a calibration study keeps no runs to make again" in capsys.readouterr().out


# --- compare and explain ---------------------------------------------------------------------------------------


def test_compare_of_a_folder_with_itself_finds_nothing_moved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "latest", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "every setting is the same" in out
    assert out.count("exactly the same; 2 pairs.") == 2


def test_compare_names_changed_settings_and_unpaired_seeds(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], no_page: list[Any]
) -> None:
    words = ["world=one_area", "replications=2", "engine=serial", "seed=7", "finance.pressure_scale=0.5", "name=other"]
    assert main([*words, "--quiet"]) == 0
    capsys.readouterr()
    assert main(["compare", "baseline", "other"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "finance.pressure_scale: 1.0 -> 0.5" in out
    assert "not paired: the seed was 2015, is 7" in out
    assert "stewardship is only in baseline/" in out
    assert main(["compare", "baseline"]) == 2


def test_compare_claims_nothing_of_settings_where_no_scenario_is_in_both(
    folder: Path, capsys: pytest.CaptureFixture[str], no_page: list[Any]
) -> None:
    words = ["-m", "world=one_area", "replications=2", "engine=serial", "finance=tr_2015,severe", "name=other"]
    assert main([*words, "--quiet"]) == 0
    capsys.readouterr()
    assert main(["compare", "baseline", "other"]) == 0
    out = capsys.readouterr().out
    assert "not compared: no scenario is in both" in out
    assert "every setting is the same" not in out


def test_explain_makes_the_run_again_and_proves_it_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(folder)
    assert main(["explain", "latest", "--scenario", "stewardship", "--crc", "C09"]) in (0, 2)
    capsys.readouterr()
    assert main(["explain", "latest"]) == 0
    out, err = capsys.readouterr()
    assert "with the same digests" in " ".join(err.split())
    assert "holds from the trusts" in out
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--crc", "C99"], 'there is no CRC called "C99" in this world'),
        (["--provider", "nobody"], 'nothing happened to a body called "nobody"'),
        (["--scenario", "magic"], 'there is no scenario called "magic" in this folder'),
        (["--replication", "9"], "there is no replication 9 of do_nothing"),
    ],
)
def test_explain_refuses_who_is_not_there(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(folder), *words]) == 2
    assert said in capsys.readouterr().err
