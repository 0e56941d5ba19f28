"""``probsim new``: a commented starter policy that runs as it stands, and never takes the place of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.parameters.record import specs
from sim.policy import LEVERS
from sim.settings import load, load_all
from sim.settings.sources import Sources, shipped_configs

POLICIES = Sources(shipped_configs()).options("policy")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("base", POLICIES)
def test_a_starter_is_its_base_under_another_name(base: str) -> None:
    assert main(["new", "my-idea", "--from", base]) == 0
    (mine,), _ = load(["world=pair", "policy=my-idea"], config_dir="policies")
    (theirs,), _ = load(["world=pair", f"policy={base}"])
    assert mine.policy is not None
    assert theirs.policy is not None
    assert mine.name == mine.policy.name == "my-idea"
    assert mine.policy.levers == theirs.policy.levers
    assert (mine.policy.recommendation, mine.policy.rationale) == (
        theirs.policy.recommendation,
        theirs.policy.rationale,
    )


@pytest.mark.parametrize("lever", LEVERS)
def test_every_size_of_a_starter_carries_unit_range_grade_and_source(lever: str) -> None:
    assert main(["new", "mine", f"--from={lever}", "--config-dir", "own"]) == 0
    text = Path("own/policy/mine.yaml").read_text()
    flat = " ".join(text.replace("#", " ").split())
    for key, spec in specs(LEVERS[lever]).items():
        assert f"    {key}: " in text
        if spec.kind in ("number", "count"):
            assert spec.unit in flat
            assert f"grade {spec.grade}, {spec.source}" in flat or spec.grade == "set"
    assert max(map(len, text.splitlines())) <= 120


def test_the_path_and_the_next_command_are_printed_and_the_command_is_accepted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["new", "my-idea"]) == 0
    out = capsys.readouterr().out
    assert "policies/policy/my-idea.yaml" in out
    command = "-m policy=do_nothing,my-idea --config-dir policies"
    assert f"python -m sim {command}" in out
    assert main(["check", *command.split()]) == 0


def test_a_starter_may_start_from_a_users_own_policy() -> None:
    assert main(["new", "first", "--from", "needs_data", "--config-dir", "own"]) == 0
    path = Path("own/policy/first.yaml")
    path.write_text(path.read_text().replace("known_share: 0.8", "known_share: 0.5"))
    assert main(["new", "second", "--from", "first", "--config-dir", "own"]) == 0
    tree = load_all(["policy=second"], config_dir="own").trees[0]
    assert tree["policy"]["levers"]["needs_data"]["known_share"] == 0.5


def test_a_file_is_never_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "my-idea"]) == 0
    path = Path("policies/policy/my-idea.yaml")
    path.write_text("mine")
    assert main(["new", "my-idea"]) == 2
    assert 'a policy "my-idea" exists already' in " ".join(capsys.readouterr().err.split())
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], "a policy's name must be a letter, then letters, digits, - and _"),
        (["9lives"], 'got "9lives"'),
        (["../evil"], 'got "../evil"'),
        (["a/b"], 'got "a/b"'),
        (["a b"], 'got "a b"'),
        (["null"], 'got "null"'),
        (["true"], 'got "true"'),
        (["x" * 65], "64 at most"),
        (["stewardship"], 'a policy "stewardship" exists already'),
        (["Stewardship"], 'a policy "Stewardship" exists already'),
        (["one", "two"], "one name at a time, got also two"),
        (["mine", "--from", "stewardhip"], "did you mean stewardship ?"),
        (["mine", "--from", ""], 'there is no policy called ""'),
        (["mine", "--config-dir", "taken"], "taken/policy/mine.yaml cannot be written"),
    ],
)
def test_a_wrong_name_base_or_place_writes_nothing(
    typed: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("taken").write_text("a file")
    before = set(Path.cwd().rglob("*"))
    assert main(["new", *typed]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert set(Path.cwd().rglob("*")) == before
