"""Reporting standards and open data: the checklist is filled from the run, and every column says what it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import frictionless
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.experiment import store
from sim.observe.measures import MEASURES
from sim.report import datapackage
from sim.report.build import WORDS, write_table
from sim.report.columns import column
from sim.report.stress import stress
from sim.report.tables import all_tables
from tests.support import stories, synthetic

ROOT = Path(__file__).resolve().parents[2]
ITEMS = (
    "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5", "3.1", "3.2", "3.3",
    "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables and the data package of a made-up sweep."""
    folder = tmp_path_factory.mktemp("tables")
    for name, table in all_tables(stories.tell("sweep")).items():
        write_table(table, folder / name)
    datapackage.write(folder, name="Three policies", title="t", created="2026-11-22T17:31:00+00:00", words=WORDS)
    return folder


def test_the_data_package_is_accepted_by_a_validator(tables: Path) -> None:
    report = frictionless.validate(str(tables / datapackage.NAME))
    assert report.valid, report.flatten(["taskName", "fieldName", "type", "note"])
    assert report.stats["tasks"] == len(list(tables.glob("*.csv")))


def test_the_validator_does_object_to_a_changed_table(tables: Path, tmp_path: Path) -> None:
    for path in tables.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "verdicts.csv"
    table.write_text(table.read_text().replace("0.05", "five", 1))
    assert not frictionless.validate(str(tmp_path / datapackage.NAME)).valid


def test_every_column_of_every_table_has_a_title_and_a_unit(tables: Path) -> None:
    content = json.loads((tables / datapackage.NAME).read_text())
    bare = [
        f"{resource['path']}: {field['name']}"
        for resource in content["resources"]
        for field in resource["schema"]["fields"]
        if not field["title"] or not field.get("unit")
    ]
    assert bare == []


def test_a_column_is_known_by_its_ending() -> None:
    assert column("public_cost_difference_gbp_per_year_low").unit == "GBP a year"
    assert column("tier2_links_per_area_low95").title.startswith("Lower end of the 95% interval: Tier 2 providers")
    assert column("wait_p90_days_crc").unit == "days"
    assert column("quite_unheard_of").unit == ""


def test_every_measure_with_a_unit_in_its_name_says_the_same_in_words() -> None:
    from sim.observe.units import unit_by_name

    known = {m.name: (unit_by_name(m.name), m.unit) for m in MEASURES if unit_by_name(m.name)}
    assert {n for n, (by_name, words) in known.items() if by_name.startswith("GBP") and by_name != words} == set()
    assert {n for n, (by_name, words) in known.items() if by_name == "days" and words != "days"} == set()


def test_tables_open_in_excel(tables: Path) -> None:
    for path in tables.glob("*.csv"):
        data = path.read_bytes()
        data.decode("ascii")  # no byte-order mark is needed, nor any guess of the encoding
        assert data.count(b"\n") < 1_000_000
        assert max(len(cell) for row in pd.read_csv(path, dtype=str).fillna("").to_numpy() for cell in row) < 32_767


def test_runs_open_with_plain_columns_in_any_parquet_reader(tmp_path: Path) -> None:
    path = tmp_path / "r01.parquet"
    store.write(synthetic.run(1, months=3, n_crcs=2, n_areas=3), path, key="k")
    frame = pd.read_parquet(path)
    assert {"month", "level", "place"} <= set(frame.columns)
    kinds = {str(field.type) for field in pq.read_schema(path)}
    plain = {"double", "int32", "bool", "string"}  # R's arrow reads these and dictionaries of strings as factors
    assert {kind for kind in kinds if not kind.startswith("dictionary<values=string")} <= plain


def test_the_checklist_has_all_items_and_fills_what_a_run_knows() -> None:
    text = stress(stories.tell("sweep"))
    assert tuple(n for n in re.findall(r"^#+ (\d\.\d(?:\.\d)?) ", text, flags=re.M) if n != "2.5") == ITEMS
    for words in ("**stewardship**", "4 replications a scenario", "2015-02-01 to 2022-01-31", "Seed 1.", "simpy "):
        assert words in text
    assert text.count("____") == 4  # the key's own, and archive, contact, funding: nobody has filled them


def test_the_checklist_of_the_docs_is_the_same_page_without_a_run() -> None:
    text = (ROOT / "docs" / "stress-des.md").read_text(encoding="utf-8")
    assert text == stress(None), (
        'write it again: python -c "from sim.report.stress import stress; print(stress(None), end=str())"'
    )
    assert text.count("____") > 10
