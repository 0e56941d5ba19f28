"""Experiment folders: whole or marked, never written twice, indexed in one line each."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import datetime
from pathlib import Path

from sim.experiment.folder import ExperimentFolder, index_rows, latest
from sim.experiment.manifest import code_state, own_version, packages
from sim.experiment.run import Failure

NOW = datetime(2026, 11, 22, 17, 31, 5, 123456)


def test_a_folder_is_marked_until_it_is_whole(tmp_path: Path) -> None:
    folder = ExperimentFolder.make(tmp_path, "baseline", NOW)
    assert folder.path == tmp_path / "baseline" / "2026-11-22_173105"
    folder.write_json("plan.json", {"a": 1})
    assert "are being made by process" in (folder.path / "PARTIAL").read_text()
    folder.settle()
    assert "not complete" in (folder.path / "PARTIAL").read_text()
    folder.seal()
    assert sorted(p.name for p in folder.path.iterdir()) == ["SHA256SUMS", "plan.json"]


def test_no_folder_is_written_twice_or_named_before_an_earlier_one(tmp_path: Path) -> None:
    clocks = [NOW, NOW, NOW.replace(hour=3), NOW.replace(year=2025), NOW.replace(second=6), NOW]
    made = [ExperimentFolder.make(tmp_path, name, clock).path for name, clock in zip("aababa", clocks, strict=True)]
    assert [path.name for path in made] == [
        "2026-11-22_173105", "2026-11-22_173105_000001", "2026-11-22_173105_000002", "2026-11-22_173105_000003",
        "2026-11-22_173106", "2026-11-22_173106_000001",
    ]  # fmt: skip


def test_half_written_files_are_removed_when_runs_end(tmp_path: Path) -> None:
    folder = ExperimentFolder.make(tmp_path, "baseline", NOW)
    folder.write_text("runs/do_nothing/.r01.parquet.99.part", "half")
    folder.write_text("runs/do_nothing/r02.parquet", "whole")
    folder.settle()
    assert [p.name for p in (folder.path / "runs/do_nothing").iterdir()] == ["r02.parquet"]


def test_checksums_cover_every_file(tmp_path: Path) -> None:
    folder = ExperimentFolder.make(tmp_path, "baseline", NOW)
    folder.write_text("runs/do_nothing/r01.parquet", "data")
    folder.write_text("run.json", "{}")
    folder.settle()
    folder.seal()
    lines = (folder.path / "SHA256SUMS").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == ["run.json", "runs/do_nothing/r01.parquet"]
    assert lines[0].split("  ")[0] == hashlib.sha256(b"{}").hexdigest()


def test_a_discarded_folder_leaves_nothing(tmp_path: Path) -> None:
    output = tmp_path / "experiments"
    folder = ExperimentFolder.make(output, "baseline", NOW)
    folder.write_text("runs/x", "data")
    folder.discard()
    assert not output.exists()


def test_a_discarded_folder_leaves_its_neighbours(tmp_path: Path) -> None:
    kept = ExperimentFolder.make(tmp_path, "baseline", NOW)
    ExperimentFolder.make(tmp_path, "baseline", NOW).discard()
    assert kept.path.is_dir()


def test_failures_are_a_table_and_only_if_there_are_any(tmp_path: Path) -> None:
    folder = ExperimentFolder.make(tmp_path, "baseline", NOW)
    folder.write_failures([])
    assert not (folder.path / "failures.csv").exists()
    folder.write_failures([Failure("do_nothing", 7, "run", 'money, "lost"', "Traceback\nline 2")])
    with (folder.path / "failures.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["replication"], row["cause"], row["trace"]) == ("7", 'money, "lost"', "Traceback\nline 2")


def test_the_index_has_one_line_an_experiment(tmp_path: Path) -> None:
    for name in ("baseline", "three-policies"):
        folder = ExperimentFolder.make(tmp_path, name, NOW)
        folder.settle()
        if name == "baseline":
            folder.write_text("report.html", "<p>page</p>")
        folder.index(question="pair: a | b", runs="4 of 4", answer="Chains\nSHRINK.")
    assert index_rows(tmp_path) == [
        ["2026-11-22", name, "pair: a / b", "4 of 4", "Chains SHRINK.",
         f"[2026-11-22_173105]({name}/2026-11-22_173105{page})"]
        for name, page in (("baseline", "/report.html"), ("three-policies", ""))
    ]  # fmt: skip
    assert (tmp_path / "INDEX.md").read_text().count("# Experiments") == 1


def test_latest_is_the_experiment_begun_last_whatever_its_name(tmp_path: Path) -> None:
    for name, hour in (("zebra", 9), ("aardvark", 12)):
        folder = ExperimentFolder.make(tmp_path, name, NOW.replace(hour=hour))
        folder.write_json("run.json", {})
        folder.settle()
    found = latest(tmp_path)
    assert found is not None
    assert found.parent.name == "aardvark"


def test_json_has_the_same_bytes_for_the_same_content(tmp_path: Path) -> None:
    folder = ExperimentFolder.make(tmp_path, "baseline", NOW)
    folder.write_json("a.json", {"x": "£", "y": [1]})
    folder.write_json("b.json", {"x": "£", "y": [1]})
    assert (folder.path / "a.json").read_bytes() == (folder.path / "b.json").read_bytes()
    assert json.loads((folder.path / "a.json").read_text(encoding="utf-8")) == {"x": "£", "y": [1]}


def test_the_manifest_knows_versions_and_code() -> None:
    assert own_version() != "unknown"
    assert {"simpy", "numpy", "hydra-core"} <= set(packages())
    state = code_state()
    assert state == {} or (len(state["commit"]) == 40 and isinstance(state["dirty"], bool))
