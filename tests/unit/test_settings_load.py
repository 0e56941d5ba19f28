"""From what is typed to checked scenarios."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from sim.settings import SettingsError, load, load_all
from sim.settings.compose import leaves, with_value
from sim.settings.known import POLICY_KEYS, RECORDS, RUN, RUN_WORDS, all_specs
from sim.settings.problems import merge, nearest, render
from sim.settings.sources import GROUPS, Sources, line_of, shipped_configs

SHIPPED = Sources(shipped_configs())


def test_the_default_is_the_national_baseline() -> None:
    scenarios, run = load([])
    assert [s.name for s in scenarios] == ["do_nothing"]
    assert scenarios[0].world.name == "national"
    assert (run.name, run.seed, run.replications, run.margin_share) == ("baseline", 2015, 10, 0.05)


def test_every_value_in_the_configs_has_a_meaning_and_every_meaning_a_value() -> None:
    tree = load_all([]).trees[0]
    named = set(leaves({key: value for key, value in tree.items() if key not in ("world", "policy")}))
    tables = {name for name, spec in all_specs().items() if spec.kind == "table"}
    named = {name for name in named if name.rpartition(".")[0] not in tables} | tables
    assert named == set(all_specs()) | set(RUN_WORDS)
    assert set(tree["policy"]) == set(POLICY_KEYS)


@pytest.mark.parametrize(
    ("group", "option"), [(group, option) for group in GROUPS for option in SHIPPED.options(group)]
)
def test_every_shipped_option_loads(group: str, option: str) -> None:
    scenarios, _ = load([f"{group}={option}"])
    assert len(scenarios) == 1


@pytest.mark.parametrize(
    ("group", "option"),
    [("finance", "as_bid"), ("finance", "stable"), ("finance", "severe"), ("rate_card", "cost_plus"),
     ("rate_card", "regulated"), ("rate_card", "prompt"), ("demand", "flat"), ("demand", "high"),
     ("provider", "fragile"), ("provider", "resilient")],
)  # fmt: skip
def test_an_alternative_differs_from_the_base_and_says_only_what_differs(group: str, option: str) -> None:
    import yaml

    path = SHIPPED.file(group, option)
    assert path is not None
    own = {key: value for key, value in yaml.safe_load(path.read_text()).items() if key != "defaults"}
    (base,), _ = load([])
    (other,), _ = load([f"{group}={option}"])
    old, new = getattr(base, group), getattr(other, group)
    differing = {f.name for f in fields(RECORDS[group]) if getattr(old, f.name) != getattr(new, f.name)}
    assert differing
    assert differing <= set(own)
    assert path.read_text().startswith("#"), "an alternative opens with its rationale"


def test_an_override_reaches_the_model() -> None:
    (scenario,), run = load(["world=pair", "rate_card.markup_share=0.1", "demand.need_share.women=0.5", "seed=7"])
    assert scenario.rate_card.markup_share == 0.1
    assert scenario.demand.need_share[9] == 0.5
    assert run.seed == 7


def test_a_leading_plus_on_a_known_setting_is_only_emphasis() -> None:
    assert load(["+rate_card.markup_share=0.1"])[0][0].rate_card.markup_share == 0.1
    assert load(["++rate_card.markup_share=0.1"])[0][0].rate_card.markup_share == 0.1


def test_a_sweep_is_the_cross_product_of_what_varies() -> None:
    scenarios, _ = load(["world=pair", "finance=tr_2015,severe", "finance.pressure_scale=0.5,1,2"], sweep=True)
    assert [(s.finance.fixed_cost_share == 0.84, s.finance.pressure_scale) for s in scenarios] == [
        (severe, scale) for severe in (False, True) for scale in (0.5, 1.0, 2.0)
    ]
    assert scenarios[-1].name == "finance=severe,pressure_scale=2"
    assert len({s.name for s in scenarios}) == 6


def test_a_sweep_of_options_composed_in_parts_equals_full_composition() -> None:
    """The quick path (each varying option by itself) against Hydra composing the whole selection."""
    swept = load_all(["world=pair", "finance=as_bid,severe", "rate_card=prompt,regulated"], sweep=True)
    for tree, typed in zip(swept.trees, swept.overrides, strict=True):
        assert tree == load_all(list(typed)).trees[0]


def test_only_one_value_of_a_sweep_keeps_the_policys_name() -> None:
    assert [s.name for s in load(["policy=do_nothing"], sweep=True)[0]] == ["do_nothing"]


def test_hydra_ranges_and_globs_are_understood() -> None:
    assert len(load(["world=pair", "replications=3", "finance.pressure_scale=range(0,3)"], sweep=True)[0]) == 3
    assert len(load(["world=pair", "rate_card=glob(*)"], sweep=True)[0]) == len(SHIPPED.options("rate_card"))


def test_references_between_settings_follow_overrides() -> None:
    (scenario,), _ = load(
        ["world=pair", "rate_card.markup_share=0.3", "rate_card.markup_cap_share=${rate_card.markup_share}"]
    )
    assert scenario.rate_card.markup_cap_share == 0.3


def test_all_problems_of_a_sweep_are_listed_once_with_the_scenarios_they_spoil() -> None:
    with pytest.raises(SettingsError) as caught:
        load(["world=pair", "finance=tr_2015,severe", "nps.ban_share=0.1,2,3", "nps.plan_shre=1"], sweep=True)
    problems = {p.setting: p for p in caught.value.problems}
    assert set(problems) == {"nps.ban_share", "nps.plan_shre"}
    assert problems["nps.ban_share"].what == "nps.ban_share must be between 0 and 1, got 2, 3"
    assert problems["nps.ban_share"].scenarios == 4
    assert problems["nps.plan_shre"].scenarios == 6
    assert caught.value.planned == 6
    assert "[4 of 6 scenarios]" in str(caught.value)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_own_option_composes_over_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "rate_card/late.yaml", "defaults: [tr_2015, _self_]\npublication_months: 14\n")
    (scenario,), _ = load(["rate_card=late"], config_dir=tmp_path)
    assert scenario.rate_card.publication_months == 14
    assert scenario.rate_card.markup_share == load([])[0][0].rate_card.markup_share
    names = [s.name for s in load(["rate_card=late,tr_2015"], sweep=True, config_dir=tmp_path)[0]]
    assert names == ["rate_card=late", "rate_card=tr_2015"]


def test_a_bad_value_in_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "rate_card/late.yaml", "defaults: [tr_2015, _self_]\n\n# why\nmarkup_share: -0.3\n")
    with pytest.raises(SettingsError) as caught:
        load(["rate_card=late"], config_dir=tmp_path)
    assert caught.value.problems[0].sentence == (
        f"rate_card.markup_share must be between 0 and 2, got -0.3 ({path}, line 4)"
    )


def test_a_value_inherited_from_the_base_file_is_named_there(tmp_path: Path) -> None:
    write(tmp_path, "supply_chain/long.yaml", "defaults: [tr_2015, _self_]\nterm_months_high: 12\n")
    with pytest.raises(SettingsError) as caught:
        load(["supply_chain=long"], config_dir=tmp_path)
    base = SHIPPED.file("supply_chain", "tr_2015")
    assert base is not None
    assert f"tr_2015.yaml, line {line_of(base, 'term_months_low')}" in caught.value.problems[0].where


def test_a_file_changed_between_two_loads_is_read_again(tmp_path: Path) -> None:
    for months in (14, 140.5, 15):
        write(tmp_path, "rate_card/late.yaml", f"defaults: [tr_2015, _self_]\nrevision_months: {months}\n")
        if months == 140.5:
            with pytest.raises(SettingsError) as caught:
                load(["rate_card=late"], config_dir=tmp_path)
            assert caught.value.problems[0].where.endswith("late.yaml, line 2")
        else:
            assert load(["rate_card=late"], config_dir=tmp_path)[0][0].rate_card.revision_months == months


def test_a_users_file_may_not_hide_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "policy/do_nothing.yaml", "name: do_nothing\n")
    with pytest.raises(SettingsError, match="bears the name of a shipped file"):
        load([], config_dir=tmp_path)


@pytest.mark.parametrize(
    ("text", "line"),
    [("name: x\nlevers: [\n", 3), ("name: x\n\tlevers: []\n", 2), ("name: x\nname: y\n", 2)],
)
def test_a_file_that_is_not_yaml_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    write(tmp_path, "policy/mine.yaml", text)
    for sweep, typed in ((False, "policy=mine"), (True, "policy=mine,do_nothing")):
        with pytest.raises(SettingsError) as caught:
            load([typed], sweep=sweep, config_dir=tmp_path)
        assert len(caught.value.problems) == 1
        assert caught.value.problems[0].where.endswith(f"mine.yaml, line {line}")


def test_yaml_cannot_run_code(tmp_path: Path) -> None:
    flag = tmp_path / "run"
    text = f"name: mine\nrecommendation: !!python/object/apply:os.mkdir ['{flag}']\nrationale: x\nlevers: []\n"
    write(tmp_path, "policy/mine.yaml", text)
    with pytest.raises(SettingsError):
        load(["policy=mine"], config_dir=tmp_path)
    assert not flag.exists()


def test_a_policys_name_must_be_its_files(tmp_path: Path) -> None:
    write(tmp_path, "policy/mine.yaml", "name: other\nrecommendation: none\nrationale: because\nlevers: {}\n")
    with pytest.raises(SettingsError, match="must be the name of its file"):
        load(["policy=mine"], config_dir=tmp_path)
    write(tmp_path, "policy/mine.yaml", "name: mine\nrecommendation: none\nrationale: because\nlevers: {}\n")
    assert load(["policy=mine"], config_dir=tmp_path)[0][0].name == "mine"


def test_a_changed_value_shares_what_did_not_change() -> None:
    tree = {"a": {"b": 1, "c": [1, {"d": 2}]}, "e": {"f": 3}}
    changed = with_value(tree, ["a", "b"], 5)
    assert (changed["a"]["b"], tree["a"]["b"]) == (5, 1)
    assert changed["e"] is tree["e"]
    assert with_value(tree, ["a", "c", "1", "d"], 9)["a"]["c"] == [1, {"d": 9}]
    for path in (["x"], ["a", "x"], ["a", "b", "x"], ["a", "c", "7"]):
        with pytest.raises(KeyError):
            with_value(tree, path, 0)


def test_the_nearest_name_counts_the_last_part() -> None:
    known = tuple(all_specs())
    assert nearest("markup_share", known) == "rate_card.markup_share"
    assert nearest("rate_card.markup_shre", known) == "rate_card.markup_share"
    assert nearest("zzzzzz", known) is None


def test_messages_fit_eighty_columns() -> None:
    with pytest.raises(SettingsError) as caught:
        load(["world.keep=[C99]", "finance.rescue_gbp=5 million", "nps.plan_shre=1", "policy=nothing", "name=a/b"])
    text = render(merge(caught.value.problems))
    assert max(map(len, text.splitlines())) <= 80
    assert text.endswith("Nothing was run, no folder was made.")


def test_the_settings_of_the_run_are_all_known() -> None:
    assert set(RUN) == {
        "seed",
        "replications",
        "replications_batch",
        "replications_cap",
        "margin_share",
        "only_replication",
        "engine.kind",
        "engine.workers",
        "engine.run_timeout_s",
        "engine.shared_history",
        "engine.memory_gb",
        "engine.walltime_hours",
        "on_failure",
        "ensemble.worlds",
        "ensemble.replications",
        "ensemble.link_replications",
    }
