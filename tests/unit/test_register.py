"""The register of assumptions: complete, graded, dated, and honest about what is a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from sim.parameters.places import CRC_FIGURES
from sim.parameters.record import GRADES, WEAK, Described, count, fault_in, number, table
from sim.parameters.register import COLUMNS, STANDING, Row, rows, uncertain
from sim.policy import LEVERS
from sim.settings import load
from sim.settings.known import RECORDS, RUN, all_specs
from sim.settings.sources import shipped_configs
from sim.uncertainty.study import study_specs

CONFIGS = shipped_configs()

# Options and sweeps that leave the plausible range on purpose, and why: one may ask about what is not plausible.
ON_PURPOSE = {
    ("demand/flat", "demand.heads_growth_share"): "what if caseloads had stayed where they were",
    ("demand/high", "demand.heads_growth_share"): "what if heads had risen twice as much as published",
    ("finance/as_bid", "finance.bid_optimism_share"): "the world as bidders hoped",
    ("finance/as_bid", "finance.pbr_seen_share"): "the world as bidders hoped",
    ("finance/as_bid", "finance.rescue_gbp"): "no rescue",
    ("finance/severe", "finance.rescue_gbp"): "no rescue",
    ("finance/stable", "finance.rescue_gbp"): "no rescue",
    ("provider/resilient", "provider.reserves_months"): "bodies with the reserves of all UK charities",
    ("provider/resilient", "provider.reserves_cap_months"): "room to hold those reserves",
    ("rate_card/cost_plus", "rate_card.markup_share"): "cards at cost",
    ("rate_card/cost_plus", "rate_card.markup_pressure_slope"): "cards at cost",
    ("rate_card/prompt", "rate_card.publication_months"): "cards on time",
    ("experiment/pressure_map", "rate_card.markup_share"): "a map from no mark-up to four times the baseline's",
}


@pytest.fixture(scope="module")
def register() -> dict[str, Row]:
    """The national baseline."""
    (scenario,), run = load([])
    found = rows(scenario, run.figures)
    assert len({row.name for row in found}) == len(found)
    return {row.name: row for row in found}


def number_leaves(node: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of a settings file, each under its full path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from number_leaves(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from number_leaves(value, f"{path}.{i}")
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path, float(node)


def shipped(group: str) -> Iterator[tuple[str, Any]]:
    for path in sorted((CONFIGS / group).glob("*.yaml")):
        yield f"{group}/{path.stem}", yaml.safe_load(path.read_text(encoding="utf-8"))


def shipped_numbers() -> Iterator[tuple[str, str, float]]:
    """(file, name of the setting, value) of every number in configs but those of worlds and of published patterns."""
    for group in (*RECORDS, "horizon", "record", "engine", "policy"):
        for file, content in shipped(group):
            for path, value in number_leaves(content):
                yield file, f"{group}.{path}", value
    for file, content in shipped("experiment"):
        for key, swept in content.pop("sweep").items() if "sweep" in content else ():
            yield from ((file, key, value) for value in (swept if isinstance(swept, list) else [swept])
                        if isinstance(value, int | float) and not isinstance(value, bool))  # fmt: skip
        yield from ((file, path, value) for path, value in number_leaves(content))
    yield from (("config", *leaf) for leaf in number_leaves(yaml.safe_load((CONFIGS / "config.yaml").read_text())))


def spec_of(name: str) -> Any:
    """The one description of a setting; a category of a table shares its table's."""
    levers = {f"policy.levers.{lever}.{key}": spec for lever, record in LEVERS.items()
              for key, spec in described(record).items()}  # fmt: skip
    known = all_specs() | levers | study_specs()
    name = re.sub(r"^calibration\.waves\.\d+\.", "calibration.waves.", name)
    name = name.removeprefix("calibration.also.")
    if name.startswith("world."):
        return CRC_FIGURES.get(name.rpartition(".")[2])
    assert not set(all_specs()) & set(levers)
    return known.get(name) or known.get(name.rpartition(".")[0])


def described(record: type) -> dict[str, Any]:
    from sim.parameters.record import specs

    return specs(record)


def test_every_number_in_configs_has_an_entry_and_lies_within_its_ranges() -> None:
    strayed = set()
    seen = 0
    for file, name, value in shipped_numbers():
        seen += 1
        spec = spec_of(name)
        assert spec is not None, f"{name} in configs/{file}.yaml has no entry in the register"
        assert spec.low <= value <= spec.high, f"{name}={value} in configs/{file}.yaml leaves the allowed range"
        low, high = spec.plausible if spec.plausible and spec.kind != "table" else (spec.low, spec.high)
        if not low <= value <= high:
            strayed.add((file, name))
    assert seen > 200
    assert strayed == set(ON_PURPOSE)
    assert all(RUN)


def test_every_figure_of_the_world_files_has_its_entry(register: dict[str, Row]) -> None:
    """The national file holds every figure; the others choose among them or replace single ones."""
    (content,) = (content for file, content in shipped("world") if file == "world/national")
    columns = {"shares": "share", "provider_density": "provider_density"}
    names = set()
    for path, value in number_leaves({key: part for key, part in content.items() if key != "figures"}):
        name = re.sub(r"^crcs\.", "", path).removesuffix(".value")
        if ".plausible" in name:
            continue
        area = re.fullmatch(r"(C\d\d)\.areas\.(\w+)\.(\d+)", name)
        if area:
            name = f"{area[1]}-{int(area[3]) + 1}.{columns[area[2]]}"
        assert register[f"world.{name}"].value == value
        names.add(f"world.{name}")
    numeric = {name for name, row in register.items() if name.startswith("world.") and not isinstance(row.value, str)}
    assert names == numeric


def test_published_patterns_carry_grade_and_source_of_their_own() -> None:
    for pattern in yaml.safe_load((CONFIGS / "patterns" / "published.yaml").read_text(encoding="utf-8"))["patterns"]:
        assert pattern["grade"]
        assert pattern["source"]


def test_every_parameter_of_the_model_has_its_row(register: dict[str, Row]) -> None:
    for name, spec in all_specs().items():
        if name.partition(".")[0] in RECORDS:
            found = [row for key, row in register.items() if key == name or key.startswith(f"{name}.")]
            assert len(found) == (14 if spec.kind == "table" else 1), name


def test_every_row_says_what_it_is_where_from_how_sure_and_of_when(register: dict[str, Row]) -> None:
    assert set(STANDING) == set(GRADES)
    for row in register.values():
        assert row.grade in GRADES
        assert row.source, row.name
        assert row.drives or row.name.startswith("world."), row.name
        assert re.fullmatch(r"20\d\d(-\d\d)?", row.date), row.name
        assert row.standing == STANDING[row.grade]
        assert row.unit or isinstance(row.value, bool | str), row.name
    assert {row.standing for row in register.values()} == {"fact", "assumption", "setting"}
    assert register["finance.wanted_margin_share"].date == "2026-11"
    assert register["finance.rescue_gbp"].date == "2017-08"
    assert register["world.C05.caseload_people"].date == "2018-07"


def test_every_assumption_that_is_a_number_says_how_far_off_it_may_be(register: dict[str, Row]) -> None:
    without = [
        row.name
        for row in register.values()
        if row.grade in WEAK and not isinstance(row.value, bool | str) and row.plausible_low is None
    ]
    assert without == []
    for lever in LEVERS.values():
        for key, spec in described(lever).items():
            assert not fault_in(spec), key


def test_values_of_the_baseline_lie_within_their_plausible_ranges(register: dict[str, Row]) -> None:
    """A prior that excludes the value in use would be a contradiction in the register."""
    outside = [
        row.name
        for row in register.values()
        if isinstance(row.value, int | float)
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


def test_columns_stay_as_readers_know_them() -> None:
    assert COLUMNS == (
        "name", "value", "unit", "low", "high", "plausible_low", "plausible_high", "grade", "standing", "source",
        "drives", "date", "impact_share",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("described", "words"),
    [
        (lambda: number("", 2, 1, None, "set", "", ""), "Wrong.size: the allowed range 2 to 1 is upside down"),
        (
            lambda: number("", 0, 1, (0.6, 0.4), "J", "", ""),
            "Wrong.size: the plausible range 0.6 to 0.4 is upside down",
        ),
        (lambda: number("", 0, 1, (0.6, 1.4), "J", "", ""), "Wrong.size: .* leaves the allowed one, 0 to 1"),
        (lambda: count("", 0, 9, None, "J", "", ""), "Wrong.size: grade J is an assumption: give a plausible range"),
        (lambda: number("", 0, 1, None, "Q", "NAO", ""), "Wrong.size: grade Q is a published figure: give the date"),
        (lambda: table("", 3, 1, "J", "", ""), "Wrong.size: the allowed range"),
        (lambda: number("", 0, 1, None, "X", "", ""), "Wrong.size: unknown evidence grade 'X'"),
    ],
)
def test_a_contradiction_in_a_description_fails_when_the_record_is_made(described: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):

        @dataclass(frozen=True, slots=True)
        class Wrong(Described):
            size: float = described()


def test_uncertain_numbers_are_ranked_by_how_far_they_may_move() -> None:
    (scenario,), run = load(["policy=stewardship"])
    ranked = uncertain(scenario, run.figures)
    by_name = {row.name: row for row in ranked}

    def width(name: str) -> float:
        row = by_name[name]
        assert isinstance(row.value, int | float)
        assert row.plausible_low is not None
        assert row.plausible_high is not None
        span = row.plausible_high - row.plausible_low
        return span / max(abs(row.value), abs(row.plausible_low + row.plausible_high) / 2)

    widths = [width(row.name) for row in ranked]
    assert widths == sorted(widths, reverse=True)
    assert width("finance.fixed_cost_share") == pytest.approx(0.19 / 0.745)
    assert width("finance.pbr_seen_share") == pytest.approx(0.33 / 0.035)  # its value is 0
    assert "world.C07.book_ratio" in by_name
    assert "policy.levers.stewardship.grants_share" in by_name
    left_out = {"demand.need_share.women", "world.C01-1.share", "provider.small_turnover_gbp", "finance.volume_risk",
                "rate_card.markup_cap_share", "seed"}  # fmt: skip
    assert not left_out & set(by_name)
    assert all(row.standing != "setting" for row in ranked)
