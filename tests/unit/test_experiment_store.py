"""One run, one file: nothing lost on the way, never half-written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.experiment import store
from sim.observe.measures import BY_NAME, names_at
from sim.observe.results import Event, Panel, RunResult
from tests.support.synthetic import run


@pytest.fixture
def result() -> RunResult:
    made = run(3, months=14, n_crcs=2, n_areas=5)
    made.panels["national"].values["wait_median_days"][0, 0] = np.nan
    return made


def assert_equal(a: RunResult, b: RunResult) -> None:
    assert (a.scenario, a.seed, a.replication, a.months) == (b.scenario, b.seed, b.replication, b.months)
    assert (a.figures, a.digests, a.events) == (b.figures, b.digests, b.events)
    assert list(a.panels) == list(b.panels)
    for level, panel in a.panels.items():
        other = b.panels[level]
        assert (panel.level, panel.places, list(panel.values)) == (other.level, other.places, list(other.values))
        for name, values in panel.values.items():
            np.testing.assert_array_equal(values, other.values[name])
            assert other.values[name].dtype == np.float64


def test_a_run_comes_back_as_it_was(tmp_path: Path, result: RunResult) -> None:
    path = store.run_path(tmp_path, "do_nothing", 3)
    assert path == tmp_path / "do_nothing" / "r03.parquet"
    store.write(result, path, key="abc")
    assert_equal(result, store.read(path))
    assert store.read_key(path) == "abc"


def test_the_table_is_tidy_with_units_in_the_names(tmp_path: Path, result: RunResult) -> None:
    path = tmp_path / "do_nothing" / "r03.parquet"
    store.write(result, path, key="abc")
    table = pq.read_table(path)
    assert table.column_names[:4] == ["replication", "month", "level", "place"]
    assert set(table.column_names[4:]) <= set(BY_NAME)
    assert table.num_rows == 14 * sum(len(panel.places) for panel in result.panels.values())
    rows = table.filter(
        (np.array(table["level"].to_pylist()) == "area") & (np.array(table["month"].to_pylist()) == "2015-03")
    )
    assert rows["place"].to_pylist() == list(result.panels["area"].places)
    assert rows["tier2_links"].to_pylist() == result.panels["area"].values["tier2_links"][1].tolist()


def test_a_measure_a_level_does_not_carry_is_empty_and_a_value_unknown_is_not(
    tmp_path: Path, result: RunResult
) -> None:
    path = tmp_path / "r03.parquet"
    store.write(result, path, key="abc")
    table = pq.read_table(path)
    levels = np.array(table["level"].to_pylist())
    waits = table["wait_median_days"]
    empty = np.array([value.as_py() is None for value in waits])
    assert empty[levels == "area"].all()
    assert not empty[levels == "national"].any()
    assert np.isnan(waits[int(np.flatnonzero(levels == "national")[0])].as_py())
    assert "wait_median_days" not in names_at("area")


def test_equal_runs_give_equal_bytes_whatever_they_took(tmp_path: Path, result: RunResult) -> None:
    for folder, seconds in (("a", 1.0), ("b", 99.0)):
        store.write(replace(result, seconds=seconds), tmp_path / folder / "x" / "r03.parquet", key="k")
    assert (tmp_path / "a/x/r03.parquet").read_bytes() == (tmp_path / "b/x/r03.parquet").read_bytes()


def test_events_and_cases_have_files_of_their_own(tmp_path: Path, result: RunResult) -> None:
    events = (Event(3.5, "contract_ended", "C03", "why=price"), Event(9.0, "closed", "P0412", ""))
    cases = {"area": np.array([1, 2, 3], np.int16), "wait_days": np.array([0.0, 4.5, np.nan]),
             "served": np.array([True, False, True]), "fate": np.array(["tier2", "unmet", "tier2"])}  # fmt: skip
    path = tmp_path / "r03.parquet"
    store.write(replace(result, events=events, cases=cases), path, key="abc")
    assert store.read(path).events == events
    found = pq.read_table(tmp_path / "r03-cases.parquet")
    for name, values in cases.items():
        np.testing.assert_array_equal(np.array(found[name].to_pylist()), values)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, result: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r03.parquet"
    store.write(result, path, key="first")

    def full_disk(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        store.write(result, path, key="second")
    monkeypatch.undo()
    assert store.read_key(path) == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["r03.parquet"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa

    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(ValueError, match="not a run of this version"):
        store.read(tmp_path / "x.parquet")


def test_a_run_without_months_is_kept_too(tmp_path: Path) -> None:
    nothing = Panel("national", ("England and Wales",), {"starts": np.zeros((0, 1))})
    empty = RunResult("do_nothing", 1, 1, (), {"national": nothing}, {}, ())
    store.write(empty, tmp_path / "r01.parquet", key="k")
    assert_equal(empty, store.read(tmp_path / "r01.parquet", scenario="do_nothing"))
