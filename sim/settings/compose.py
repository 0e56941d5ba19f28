"""Options into one plain mapping, by Hydra's compose: once per selection, never once per scenario.

A national composition costs about 0.2 s, most of it the world file. A sweep over options therefore composes
what does not vary once, each varying option by itself, and puts the parts together; only options that reach
outside their own group, and experiments that set values of a varying one, need a full composition per selection.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.settings.problems import FIRST, Problem
from sim.settings.sources import EXPERIMENT, Sources, keys_of

Tree = dict[str, Any]
Selection = tuple[tuple[str, str], ...]  # (group, option) in the order typed


class CompositionError(Exception):
    """A settings file cannot be read or put together."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.sentence)


class Composer:
    """Composes selections of options over the shipped ``config.yaml``, remembering what it has composed.

    Args:
        sources: where the files are.
        varying: the groups of which a sweep takes several options.
    """

    def __init__(self, sources: Sources, varying: Sequence[str] = ()) -> None:
        self._sources = sources
        self._varying = frozenset(varying)
        self._full: dict[Selection, tuple[Tree, dict[str, str]]] = {}
        self._parts: dict[tuple[str, str], Tree | None] = {}

    def compose(self, selection: Selection) -> tuple[Tree, dict[str, str]]:
        """The mapping of a selection and the option in force of every group; raises CompositionError.

        The mapping is shared between calls and must not be changed in place.
        """
        fixed = tuple(choice for choice in selection if choice[0] not in self._varying)
        varying = [choice for choice in selection if choice[0] in self._varying]
        if not varying or self._reached(selection):
            return self._whole(selection)
        parts = {choice: self._part(*choice) for choice in varying}
        if any(part is None for part in parts.values()):
            return self._whole(selection)
        tree, choices = self._whole(fixed)
        return tree | {group: parts[group, option] for group, option in varying}, choices | dict(varying)

    def _reached(self, selection: Selection) -> bool:
        """Whether the chosen experiment sets values of a group that varies."""
        experiment = dict(selection).get(EXPERIMENT)
        files = self._sources.chain(EXPERIMENT, experiment) if experiment else []
        return any(key in self._varying for path in files for key in keys_of(path))

    def _whole(self, selection: Selection) -> tuple[Tree, dict[str, str]]:
        if selection not in self._full:
            overrides = [
                f"+{group}={option}" if group == EXPERIMENT else f"{group}={option}" for group, option in selection
            ]
            self._full[selection] = self._composed("config", overrides, self._sources.shipped)
        return self._full[selection]

    def _part(self, group: str, option: str) -> Tree | None:
        """The mapping of one option composed by itself, or None when it reaches outside its group."""
        if (group, option) not in self._parts:
            path = self._sources.file(group, option)
            home = next((root for root in self._sources.roots() if path == root / group / f"{option}.yaml"), None)
            part, _ = self._composed(f"{group}/{option}", [], home or self._sources.shipped)
            self._parts[group, option] = part[group] if list(part) == [group] else None
        return self._parts[group, option]

    def _composed(self, name: str, overrides: list[str], home: Path) -> tuple[Tree, dict[str, str]]:
        """The file ``name`` of ``home`` composed, with the choices made; both folders are searched."""
        from hydra.errors import HydraException
        from omegaconf.errors import OmegaConfBaseException
        from yaml import YAMLError

        others = [f"'file://{root.resolve().as_posix()}'" for root in self._sources.roots() if root != home]
        if others:
            overrides = [*overrides, f"hydra.searchpath=[{','.join(others)}]"]
        try:
            return _compose_once(str(home.resolve()), name, tuple(overrides), self._sources.stamp())
        except (HydraException, OmegaConfBaseException) as error:
            words = " ".join(str(error).split("\n")[:2])
            raise CompositionError(
                Problem(name, f"the settings cannot be put together: {words}", rank=FIRST)
            ) from error
        except (YAMLError, UnicodeDecodeError, OSError) as error:
            raise CompositionError(self._broken_file(error, name)) from error

    def _broken_file(self, error: Exception, name: str) -> Problem:
        """A file that is not YAML: which, and on which line."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        where = ""
        if isinstance(error, UnicodeDecodeError):
            reason = "it is not text in UTF-8"
            where = next((self._sources.words(path) for path in self._files() if not _is_text(path)), "")
        if mark is not None:
            where = f"{self._sources.words(Path(mark.name))}, line {mark.line + 1}"
        return Problem(name, f"a settings file cannot be read: {reason}", where, rank=FIRST)

    def _files(self) -> list[Path]:
        return [path for root in self._sources.roots() for path in sorted(root.rglob("*.yaml"))]


def _is_text(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=64)
def _compose_once(home: str, name: str, overrides: tuple[str, ...], stamp: int) -> tuple[Tree, dict[str, str]]:
    """Compose by Hydra; remembered within this process for as long as no settings file changes (``stamp``)."""
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    GlobalHydra.instance().clear()
    with initialize_config_dir(config_dir=home, version_base="1.3"):
        config = compose(name, overrides=list(overrides), return_hydra_config=True)
    chosen = config["hydra"]["runtime"]["choices"].items()
    return _plain(config), {str(group): str(option) for group, option in chosen if "/" not in str(group)}


def _plain(config: Any) -> Tree:
    """A composed config as plain mappings and lists, references unresolved, without Hydra's own part."""
    from omegaconf import OmegaConf

    found = OmegaConf.to_container(config, resolve=False)
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items() if key != "hydra"}


def with_value(tree: Tree, path: Sequence[str], value: Any) -> Tree:
    """A copy of the tree with one value changed; shares everything that did not change.

    Raises KeyError when the path does not exist. A mapping given for a mapping is merged into it.
    """
    key, rest = path[0], path[1:]
    if key not in tree:
        raise KeyError(key)
    old = tree[key]
    if rest:
        if isinstance(old, list) and rest[0].isdigit() and int(rest[0]) < len(old):
            new: Any = list(old)
            position = int(rest[0])
            if len(rest) > 1 and not isinstance(old[position], dict):
                raise KeyError(rest[1])
            new[position] = with_value(old[position], rest[1:], value) if len(rest) > 1 else value
        elif isinstance(old, dict):
            new = with_value(old, rest, value)
        else:
            raise KeyError(rest[0])
    elif isinstance(old, dict) and isinstance(value, dict):
        new = old | value
    else:
        new = value
    return tree | {key: new}


def resolved(tree: Tree) -> Tree:
    """The tree with references (``${finance.rescue_gbp}``) followed; raises CompositionError."""
    if not _has_reference(tree):
        return tree
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        found = OmegaConf.to_container(OmegaConf.create(tree), resolve=True)
    except OmegaConfBaseException as error:
        words = str(error).split("\n")[0]
        raise CompositionError(Problem("", f"a reference between settings cannot be followed: {words}")) from error
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items()}


def _has_reference(node: Any) -> bool:
    if isinstance(node, str):
        return "${" in node
    if isinstance(node, dict):
        return any(_has_reference(value) for value in node.values())
    return isinstance(node, list) and any(_has_reference(value) for value in node)


def names(node: Any, prefix: str = "") -> list[str]:
    """The full names of all settings in a tree: mappings and the values in them."""
    if not isinstance(node, dict):
        return []
    found = []
    for key, value in node.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        found += [name, *names(value, name)]
    return found


def leaves(node: Any, prefix: str = "") -> list[str]:
    """The full names of all values in a tree, mappings followed, lists not."""
    if not isinstance(node, dict):
        return [prefix]
    return [name for key, value in node.items() for name in leaves(value, f"{prefix}.{key}" if prefix else str(key))]
