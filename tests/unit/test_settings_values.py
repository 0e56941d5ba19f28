"""One value against its meaning."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sim.categories import CATEGORIES
from sim.parameters.record import Spec
from sim.settings.values import check

SHARE = Spec("number", "share of cost", 0, 1)
MONEY = Spec("number", "GBP", 0, 5e9)
COUNT = Spec("count", "months", 1, 84)


def rule_of(spec: Spec, value: Any, *, whole: bool = False) -> str:
    checked, faults = check(spec, value, whole=whole)
    assert checked is None
    assert len(faults) == 1
    return faults[0].rule


@pytest.mark.parametrize(("value", "expected"), [(0, 0.0), (1, 1.0), (0.25, 0.25)])
def test_a_number_within_its_range_is_taken_as_a_float(value: float, expected: float) -> None:
    checked, faults = check(SHARE, value)
    assert faults == []
    assert checked == expected
    assert isinstance(checked, float)


@pytest.mark.parametrize(
    "value", [-0.001, 1.001, float("nan"), float("inf"), True, "0.3", None, [0.3], {"a": 1}, "???"]
)
def test_what_is_no_number_of_the_range_is_refused(value: Any) -> None:
    rule_of(SHARE, value)


def test_the_rule_and_the_value_are_named() -> None:
    assert rule_of(SHARE, -0.3) == "must be between 0 and 1, got -0.3"
    assert rule_of(MONEY, "a lot") == 'must be a number between 0 and 5,000,000,000, got "a lot"'


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("5 million", "write 5_000_000"),
        ("GBP 3m", "write 3_000_000"),
        ("2,500", "write 2_500"),
        ("£1bn", "write 1_000_000_000"),
    ],
)
def test_a_number_in_words_is_read_back(typed: str, advice: str) -> None:
    _, faults = check(MONEY, typed)
    assert faults[0].advice == (advice,)


def test_a_percentage_is_read_back_as_a_share() -> None:
    assert check(SHARE, "30%")[1][0].advice == ("write 0.3",)
    assert check(SHARE, 30)[1][0].advice == ("a share is a part of 1: write 0.3 for 30%",)


def test_a_count_must_be_whole() -> None:
    assert check(COUNT, 12.0) == (12, [])
    assert isinstance(check(COUNT, 12.0)[0], int)
    assert rule_of(COUNT, 12.5) == "must be a whole number between 1 and 84, got 12.5"
    assert "whole number" in rule_of(MONEY, 0.5, whole=True)


def test_null_is_taken_only_where_a_rule_may_be_out_of_force() -> None:
    assert check(Spec("day", "date", optional=True), None) == (None, [])
    assert rule_of(Spec("day", "date"), None).endswith("got null")


@pytest.mark.parametrize("value", ["2018-02-30", "01/10/2018", "2018-10", "next year", 2018, "1066-10-14"])
def test_a_malformed_date_is_refused(value: Any) -> None:
    rule_of(Spec("day", "date"), value)


def test_a_date_becomes_a_date() -> None:
    assert check(Spec("day", "date"), "2018-10-01") == (date(2018, 10, 1), [])


@pytest.mark.parametrize("value", [1, 0, "true", "yes", None])
def test_only_true_and_false_are_truth_values(value: Any) -> None:
    rule_of(Spec("flag", ""), value)


def test_a_bad_choice_is_answered_with_the_nearest() -> None:
    spec = Spec("choice", "", options=("mark_up", "at_cost", "regulated"))
    assert check(spec, "mark-up")[1][0].advice == ("did you mean   mark_up ?",)


def test_a_table_holds_every_category_once() -> None:
    table = Spec("table", "share", 0, 1)
    full = dict.fromkeys(CATEGORIES, 0.5)
    assert check(table, full) == ((0.5,) * 14, [])
    del full["women"]
    assert [fault.part for fault in check(table, full)[1]] == ["women"]
    misspelt = {**full, "womn": 0.5}
    faults = check(table, misspelt)[1]
    assert [(fault.part, fault.advice) for fault in faults] == [("womn", ("did you mean   women ?",))]
    assert check(table, {**full, "women": 1.5})[1][0].part == "women"
