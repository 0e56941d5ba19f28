"""The shipped world files against what was published, and the checks on world files."""

from __future__ import annotations

from collections import Counter
from statistics import NormalDist
from typing import Any

import pytest

from sim.parameters.record import GRADES
from sim.parameters.register import rows
from sim.settings import SettingsError, load, load_all
from sim.world.places import World

# Caseloads read on a published page (HMI Probation), grade Q.
PUBLISHED = {
    "C01": 3700, "C02": 5500, "C05": 8136, "C06": 6500, "C08": 8400, "C10": 9000, "C11": 13531, "C16": 4750,
    "C17": 30000, "C18": 4000, "C20": 4000,
}  # fmt: skip


@pytest.fixture(scope="module")
def national() -> World:
    return load([])[0][0].world


def test_there_are_21_crcs_8_owners_7_divisions_and_108_areas(national: World) -> None:
    assert [crc.code for crc in national.crcs] == [f"C{i:02d}" for i in range(1, 22)]
    assert (len(national.owners), len(national.divisions), len(national.areas)) == (8, 7, 108)


def test_owners_hold_the_published_number_of_crcs(national: World) -> None:
    assert Counter(crc.owner for crc in national.crcs) == {
        "Sodexo": 6, "Interserve": 5, "Working Links": 3, "Reducing Reoffending Partnership": 2, "MTCnovo": 2,
        "ARCC": 1, "PeoplePlus": 1, "Seetec": 1,
    }  # fmt: skip


def test_published_caseloads_are_kept_with_grade_and_date(national: World) -> None:
    assert {crc.code: crc.caseload_people for crc in national.crcs if crc.code in PUBLISHED} == PUBLISHED
    figures = {f.name: f for f in load([])[1].figures}
    for crc in national.crcs:
        figure = figures[f"world.{crc.code}.caseload_people"]
        assert (figure.grade, figure.date) == (("Q", figure.date) if crc.code in PUBLISHED else ("R-", "2026-11"))
        assert figure.date


def test_caseloads_without_a_published_figure_lie_in_their_prior(national: World) -> None:
    unknown = {crc.code: crc.caseload_people for crc in national.crcs if crc.code not in PUBLISHED}
    assert min(unknown.values()) >= 3500
    assert max(unknown, key=unknown.__getitem__) == "C07"
    assert unknown["C07"] == 11000
    total = sum(crc.caseload_people for crc in national.crcs)
    assert 155_000 <= total <= 160_000
    sodexo = sum(crc.caseload_people for crc in national.crcs if crc.owner == "Sodexo")
    assert sodexo / total == pytest.approx(0.18, abs=0.005)
    assert national.national_mean_caseload_people == pytest.approx(total / 21)


def test_shortfalls_are_21_stratified_normal_scores_in_a_fixed_order(national: World) -> None:
    scores = [NormalDist().inv_cdf((i - 0.375) / 21.25) for i in range(1, 22)]
    for k, crc in enumerate(national.crcs, 1):
        assert crc.shortfall_share == pytest.approx(0.32 + 0.085 * scores[8 * k % 21], abs=0.0006)
    shortfalls = [crc.shortfall_share for crc in national.crcs]
    assert (round(min(shortfalls), 2), round(max(shortfalls), 2)) == (0.16, 0.48)


def test_bid_discounts_run_from_nil_to_a_quarter_with_mean_a_tenth(national: World) -> None:
    discounts = [crc.bid_discount_share for crc in national.crcs]
    assert (min(discounts), max(discounts)) == (0, 0.25)
    assert sum(discounts) / 21 == pytest.approx(0.10, abs=0.005)


def test_bid_fees_follow_the_stated_formula(national: World) -> None:
    weights = [crc.caseload_people**0.93 * (1 - crc.bid_discount_share) for crc in national.crcs]
    for crc, weight in zip(national.crcs, weights, strict=True):
        assert crc.bid_fee_gbp_per_year == pytest.approx(450e6 * weight / sum(weights), abs=501)
    assert national.national_bid_fee_gbp_per_year == 450e6
    assert sum(crc.bid_fee_gbp_per_year for crc in national.crcs) == pytest.approx(450e6, rel=1e-4)


def test_only_c07_inherits_a_larger_book(national: World) -> None:
    assert {crc.code: crc.book_ratio for crc in national.crcs if crc.book_ratio != 1} == {"C07": 2.629}


def test_areas_share_out_their_crc_unequally_and_cities_have_more_bodies(national: World) -> None:
    for crc in national.crcs:
        shares = [area.share for area in crc.areas]
        assert sum(shares) == pytest.approx(1, abs=1e-6)
        assert shares[0] == max(shares) > min(shares)
        assert crc.areas[0].provider_density == max(area.provider_density for area in crc.areas)
    densities = [area.provider_density for area in national.areas]
    assert sum(densities) / 108 == pytest.approx(1, abs=0.01)
    assert len({area.code for area in national.areas}) == len({area.name for area in national.areas}) == 108


def test_areas_are_about_as_many_as_a_crcs_caseload_suggests(national: World) -> None:
    total = sum(crc.caseload_people for crc in national.crcs)
    for crc in national.crcs:
        assert len(crc.areas) == pytest.approx(108 * crc.caseload_people / total, abs=1)


@pytest.mark.parametrize(
    ("name", "crcs", "areas", "divisions"), [("division", 5, 18, 1), ("pair", 2, 6, 1), ("one_area", 1, 1, 1)]
)
def test_smaller_worlds_are_parts_of_the_same_one(
    national: World, name: str, crcs: int, areas: int, divisions: int
) -> None:
    world = load([f"world={name}"])[0][0].world
    assert (world.name, len(world.crcs), len(world.areas), len(world.divisions)) == (name, crcs, areas, divisions)
    assert world.national_bid_fee_gbp_per_year == national.national_bid_fee_gbp_per_year
    assert world.national_mean_caseload_people == national.national_mean_caseload_people
    if name != "one_area":
        assert set(world.crcs) <= set(national.crcs)


def test_every_figure_of_the_world_keeps_grade_and_source() -> None:
    loaded = load_all(["world=division"])
    figures = loaded.run.figures
    assert len(figures) == 1 + 5 * 7 + 18 * 2
    assert all(f.grade in GRADES and f.source for f in figures)
    names = [row.name for row in rows(loaded.scenarios[0], figures)]
    assert len(names) == len(set(names))
    assert {f.name for f in figures} <= set(names)


def test_a_figure_set_for_one_run_does_not_keep_a_published_grade() -> None:
    figures = {
        f.name: f for f in load(["world=pair", "world.crcs.C09.shortfall_share={value:0.2,grade:set}"])[1].figures
    }
    assert figures["world.C09.shortfall_share"].grade == "set"


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("world.keep=[C03,C44]", 'there is no CRC "C44"'),
        ("world.keep=[]", "world.keep must be"),
        ("world.keep=[C03,C03]", "names C03 twice"),
        ("world.crcs.C03.owner=Sodxo", 'there is no owner called "Sodxo"'),
        ("world.crcs.C03.division=North", 'there is no NPS division called "North"'),
        ("world.crcs.C03.areas.shares=[0.5,0.3,0.1]", "must sum to 1, got 0.9"),
        ("world.crcs.C03.areas.shares=[0.5,0.5]", "2 shares but 3 densities"),
        ("world.crcs.C03.areas.shares=[]", "must be a list of numbers"),
        ("world.crcs.C03.areas.shares=[1.5,-0.3,-0.2]", "must be between 0 and 1, got 1.5"),
        ("world.crcs.C03.areas.provider_density=[1,-1,1]", "must be between 0 and 50, got -1"),
        ("world.crcs.C03.caseload_people=-5", "must be between 1 and 1,000,000, got -5"),
        ("world.crcs.C03.caseload_people=many", 'got "many"'),
        ("world.crcs.C03.shortfall_share=3", "must be between -1 and 1, got 3"),
        ("world.crcs.C03.name=null", "must be a name"),
        ("world.owners=[Sodexo,Sodexo]", "names Sodexo twice"),
        ("world.divisions=null", "must be a list of names"),
        ("world.national_bid_fee_gbp_per_year=0", "must be between 1 and"),
        ("world.crcs.C03.book_ratio={value:1,grade:Z}", "is not an evidence grade"),
        ("world.crcs.C03=null", "must hold the CRC's figures"),
    ],
)  # fmt: skip
def test_a_world_that_makes_no_sense_is_refused(override: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(["world=pair", override])
    assert any(words in p.what for p in caught.value.problems), str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: mine\n", "world.crcs is empty"),
        ("{}\n", "the world is empty"),
        ("defaults: [national, _self_]\nname: mine\nkep: [C01]\n", '"world.kep" is not a setting'),
        ("defaults: [national, _self_]\nname: mine\ncrcs: {C01: {ownr: Sodexo}}\n", '"world.crcs.C01.ownr" is not'),
        ("defaults: [national, _self_]\nname: mine\ncrcs: {North: {name: North}}\n", "C and two digits"),
    ],
)
def test_a_world_file_that_makes_no_sense_is_refused(tmp_path: Any, text: str, words: str) -> None:
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "mine.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(["world=mine"], config_dir=tmp_path)
    assert any(words in p.what for p in caught.value.problems), str(caught.value)
    assert any("mine.yaml" in p.where for p in caught.value.problems), str(caught.value)
