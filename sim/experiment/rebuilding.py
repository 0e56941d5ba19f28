"""Scenarios and settings of an experiment folder, built again from what it keeps or from what was typed.

A folder of another version is brought up to date as far as it goes, and ``notes`` say so. Nothing here reads files.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiment import kept
from sim.experiment.plan import scenario_hash
from sim.parameters.places import Figure
from sim.scenario import Scenario
from sim.settings.build import build_run, build_scenario
from sim.settings.known import RunSettings
from sim.settings.problems import SettingsError
from sim.settings.worlds import split_name

if TYPE_CHECKING:
    from sim.settings.loading import Loaded


@dataclass(frozen=True, slots=True)
class Described:
    """A scenario of a folder as it was planned, and what could be built of it again.

    Attributes:
        overrides: what was typed for it.
        config_sha256: the hash it had; empty when the folder does not say.
        tree: its resolved settings; None when the folder keeps none and they could not be resolved again.
        scenario: None when it could not be built.
        same: whether the scenario built has the hash it had.
    """

    name: str
    folder: str
    overrides: tuple[str, ...]
    config_sha256: str
    keys: Mapping[int, str]
    tree: kept.Tree | None
    scenario: Scenario | None
    same: bool


def kept_trees(
    content: Mapping[str, Any], plan: Mapping[str, Any], run: Mapping[str, Any], notes: list[str]
) -> dict[str, tuple[kept.Tree, dict[str, str]]]:
    """The settings the folder keeps; of an older one, those its typed settings give today."""
    try:
        if content:
            return kept.settings_trees(content)
    except (KeyError, TypeError, AttributeError):
        pass
    notes.append(f"{kept.SETTINGS} is missing or broken: its settings are read again from what was typed")
    return dict(_retyped(plan, str(run.get("command", "")), notes))


def _retyped(
    plan: Mapping[str, Any], command: str, notes: list[str]
) -> Iterator[tuple[str, tuple[kept.Tree, dict[str, str]]]]:
    for row in plan.get("scenarios", ()):
        try:
            name, typed = str(row["name"]), [str(word) for word in row["overrides"]]
            found = retyped(typed, command, split_name(name)[1])
            if found is not None:
                yield name, found
        except SettingsError as error:
            notes.append(f"{name}: {error.problems[0].sentence}")
        except (KeyError, TypeError):
            continue


@lru_cache(maxsize=64)
def _loaded(overrides: tuple[str, ...], config_dir: str | None, files: int) -> Loaded:
    """What was typed, read once for all the worlds of a scenario; ``files`` changes when a settings file does.

    Raises SettingsError.
    """
    from sim.settings.loading import load_all

    return load_all(overrides, config_dir=config_dir)


def retyped(overrides: Sequence[str], command: str, world: str = "") -> tuple[kept.Tree, dict[str, str]] | None:
    """What typed settings give today: the resolved mapping and the chosen options; raises SettingsError.

    Args:
        command: the whole command, for the user's own folder of settings.
        world: the parameter world (a member of an ensemble) of the scenario; empty for the point values.

    Returns:
        None when today's settings have no such world.
    """
    words = shlex.split(command)
    after = words.index("--config-dir") + 1 if "--config-dir" in words else 0
    given = next((w.partition("=")[2] for w in words if w.startswith("--config-dir=")), None)
    config_dir = words[after] if 0 < after < len(words) else given
    from sim.settings.loading import find_sources

    loaded = _loaded(tuple(overrides), config_dir, find_sources(config_dir).stamp())
    if not world:
        return loaded.trees[0], loaded.choices[0]
    further = zip(loaded.worlds.scenarios, loaded.worlds.trees, strict=True)
    return next(((tree, loaded.choices[0]) for s, tree in further if split_name(s.name)[1] == world), None)


def scenario_of(
    name: str, tree: kept.Tree | None, options: Mapping[str, str], sha: str, notes: list[str]
) -> tuple[Scenario | None, bool]:
    """The scenario of a mapping and whether it is the one that was run."""
    if tree is None:
        return None, False
    built = build_scenario(tree, str(options.get("policy", name)))
    if built.scenario is None:
        tree = _brought_up_to_date(tree)
        rebuilt = build_scenario(tree, str(options.get("policy", name)))
        if rebuilt.scenario is None:
            notes.append(f"{name}: its settings do not fit this version ({built.problems[0].sentence})")
            return None, False
        notes.append(f"{name}: its settings are of another version; what it lacks has today's value")
        built = rebuilt
    scenario = replace(built.scenario, name=name) if built.scenario is not None else None
    same = scenario is not None and scenario_hash(scenario) == sha
    return scenario, same


def _brought_up_to_date(tree: kept.Tree) -> kept.Tree:
    """Settings of another version: without those it no longer knows, and with today's where it lacks one."""
    from sim.settings.loading import load_all

    today = load_all([]).trees[0]

    def fitted(old: Any, new: Any) -> Any:
        if not isinstance(old, Mapping) or not isinstance(new, Mapping):
            return old
        return {key: fitted(old[key], value) if key in old else value for key, value in new.items()}

    whole = ("world", "policy", "ensemble")  # their keys are names, not settings
    return {
        key: tree.get(key, value) if key in whole else fitted(tree.get(key, value), value)
        for key, value in today.items()
    }


def asked_for(
    folder: Path, described: tuple[Described, ...], plan: Mapping[str, Any], run: Mapping[str, Any]
) -> RunSettings:
    """How the runs were asked for, from the kept settings where there are any."""
    name = folder.parent.name
    from sim.settings.impacts import measured_impacts
    from sim.settings.loading import find_sources, load_all

    trees = [d.tree for d in described if d.tree is not None]
    found, _ = build_run(_brought_up_to_date(trees[0])) if trees else (None, [])
    if found is None:
        found = load_all([]).run
    replications = plan.get("replications")
    stopping = run.get("stopping")
    figures: list[Figure] = []
    for tree in trees:
        figures += build_scenario(tree, str(tree.get("policy", {}).get("name", ""))).figures
    return replace(
        found,
        name=str(run.get("name", name)),
        seed=int(run.get("seed", plan.get("seed", found.seed))),
        replications=len(replications) if isinstance(replications, list) else found.replications,
        command=str(run.get("command", "")),
        patterns_file=str(folder / kept.PATTERNS) if (folder / kept.PATTERNS).is_file() else "",
        impacts=measured_impacts(find_sources(None)),
        figures=tuple(dict.fromkeys(figures)),
        stopping=_stopping_words(stopping) if isinstance(stopping, Mapping) else "",
    )


def _stopping_words(rule: Mapping[str, Any]) -> str:
    level = rule.get("level_each_look")
    claimed = f"; every interval and verdict is computed at {level:.2%}" if isinstance(level, float) else ""
    return (
        f"replications=auto, {len(rule.get('looks', ()))} looks of at most {rule.get('planned_looks', '?')}{claimed}."
    )
