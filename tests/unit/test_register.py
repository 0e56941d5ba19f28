"""The register of assumptions: complete, graded, and honest about what is a fact."""

from __future__ import annotations

import pytest

from sim.parameters.record import GRADES
from sim.parameters.register import COLUMNS, STANDING, Row, rows
from sim.settings import load
from sim.settings.known import RECORDS, all_specs


@pytest.fixture(scope="module")
def register() -> dict[str, Row]:
    (scenario,), run = load(["world=pair"])
    return {row.name: row for row in rows(scenario, run.figures)}


def test_every_parameter_of_the_model_has_its_row(register: dict[str, Row]) -> None:
    for name, spec in all_specs().items():
        if name.partition(".")[0] in RECORDS:
            found = [row for key, row in register.items() if key == name or key.startswith(f"{name}.")]
            assert len(found) == (14 if spec.kind == "table" else 1), name


def test_every_row_has_a_grade_a_source_and_a_standing(register: dict[str, Row]) -> None:
    assert set(STANDING) == set(GRADES)
    for row in register.values():
        assert row.grade in GRADES
        assert row.source, row.name
        assert row.standing == STANDING[row.grade]
    assert {row.standing for row in register.values()} == {"fact", "assumption", "setting"}


def test_shipped_values_lie_within_their_plausible_ranges(register: dict[str, Row]) -> None:
    """A prior that excludes the value in use would be a contradiction in the register."""
    outside = [
        row.name
        for row in register.values()
        if isinstance(row.value, float)
        and row.plausible_low is not None
        and row.plausible_high is not None
        and not row.plausible_low <= row.value <= row.plausible_high
    ]
    assert outside == []


def test_a_rule_not_in_force_is_said_to_be_none(register: dict[str, Row]) -> None:
    assert register["rate_card.markup_cap_share"].value == "none"
    assert register["finance.rescue_date"].value == "2017-08-01"


def test_figures_of_worlds_not_in_use_are_left_out() -> None:
    (scenario,), _ = load(["world=pair"])
    _, national = load([])
    names = {row.name for row in rows(scenario, national.figures) if row.name.startswith("world.C")}
    assert {name.split(".")[1].partition("-")[0] for name in names} == {"C03", "C09"}


def test_columns_carry_what_a_reader_needs() -> None:
    assert {"name", "value", "unit", "low", "high", "plausible_low", "plausible_high", "source", "grade"} <= set(
        COLUMNS
    )
