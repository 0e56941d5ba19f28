"""The settings an experiment folder keeps, so that its scenarios can be built again when ``configs/`` has moved on.

``settings.json`` holds the first scenario's settings whole and of each scenario what differs. It knows
mappings only; ``sim.experiment.reading`` makes scenarios of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Tree = dict[str, Any]

SETTINGS: Final = "settings.json"
PATTERNS: Final = "patterns.yaml"  # the published patterns that the runs were held against
SCHEMA_VERSION: Final = 1


def settings_content(
    names: Sequence[str], trees: Sequence[Tree], choices: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """What ``settings.json`` says: the first scenario's mapping whole, then of each scenario what differs from it.

    ``changed`` holds single values; ``instead`` whole groups that are built otherwise (another policy, another world).
    """
    common = trees[0]
    scenarios = {}
    for name, tree, chosen in zip(names, trees, choices, strict=True):
        differ = [key for key in tree if key not in common or tree[key] != common[key]]
        instead = [key for key in differ if key not in common or flat(tree[key]).keys() != flat(common[key]).keys()]
        scenarios[name] = {
            "options": dict(chosen),
            "changed": {key: _difference(common[key], tree[key]) for key in differ if key not in instead},
            "instead": {key: tree[key] for key in instead},
        }
    return {"schema_version": SCHEMA_VERSION, "common": common, "scenarios": scenarios}


def settings_trees(content: Mapping[str, Any]) -> dict[str, tuple[Tree, dict[str, str]]]:
    """Scenario name -> its whole mapping and the option chosen of each group; raises KeyError when it is not such."""
    common: Tree = content["common"]
    return {
        str(name): (_merged(common, kept["changed"]) | kept["instead"], dict(kept["options"]))
        for name, kept in content["scenarios"].items()
    }


def _difference(old: Any, new: Any) -> Any:
    """The values of a mapping that differ from another of the same shape; anything else whole."""
    if not isinstance(new, Mapping) or not isinstance(old, Mapping):
        return new
    return {key: _difference(old[key], value) for key, value in new.items() if value != old[key]}


def _merged(old: Any, changed: Any) -> Any:
    if not isinstance(changed, Mapping) or not isinstance(old, Mapping):
        return changed
    return {**old, **{key: _merged(old[key], value) for key, value in changed.items()}}


def flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    """Every value of a mapping by its full name, lists as items of their own (``world.areas.0.name``)."""
    if isinstance(tree, Mapping):
        pairs = [(str(key), value) for key, value in tree.items()]
    elif isinstance(tree, list):
        pairs = [(str(i), value) for i, value in enumerate(tree)]
    else:
        return {prefix: tree}
    return {
        name: leaf for key, value in pairs for name, leaf in flat(value, f"{prefix}.{key}" if prefix else key).items()
    }


def changes(before: Tree, after: Tree) -> dict[str, tuple[Any, Any]]:
    """Settings that differ between two mappings: name -> (before, after); None where one does not have it."""
    old, new = flat(before), flat(after)
    return {key: (old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)}
