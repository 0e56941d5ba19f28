"""Imports run one way, so that a reader can know what a module cannot touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "sim"

# From the bottom up; a layer may import its own and those before it. docs/architecture.md draws this.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"calendar", "categories", "clock", "kernel", "ledger", "parameters", "randomness"}),
    frozenset({"world"}),
    frozenset({f"observe.{name}" for name in ("results", "measures", "units", "shares", "events", "sheets")}),
    frozenset({"market"}),
    frozenset({"scenario", "rules", "system", "policy", "agents"})  # the model's inside
    | {f"observe.{name}" for name in ("recorder", "chain", "needs")},
    frozenset({"model"}),
    frozenset({"settings"}),
    frozenset({"experiment"}),
    frozenset({"analysis"}),
    frozenset({"uncertainty"}),
    frozenset({"report"}),
    frozenset({"commands", "cli", "api", "__main__", "__init__"}),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imported(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Module of ours, line, and whether it is imported for the type checker only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            typing_only |= {inner for part in node.body for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "sim":
            yield node.module, node.lineno, node in typing_only
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "sim":
                    yield alias.name, node.lineno, node in typing_only


def layer_of(module: str) -> int | None:
    """The layer of ``sim.agents.crc.card`` and the like; None for ``sim`` itself."""
    parts = module.split(".")[1:]
    if not parts:
        return None
    return RANK.get(".".join(parts[:2]), RANK.get(parts[0]))


def test_every_module_has_a_layer() -> None:
    strangers = []
    for path in ROOT.rglob("*.py"):
        module = ".".join(("sim", *path.relative_to(ROOT).with_suffix("").parts))
        if path.name != "__init__.py" and layer_of(module) is None:
            strangers.append(module)
    assert strangers == []


def test_imports_run_one_way() -> None:
    uphill = []
    for path in ROOT.rglob("*.py"):
        where = path.relative_to(ROOT)
        own = layer_of(".".join(("sim", *where.with_suffix("").parts)))
        if own is None:
            continue
        for module, line, typing_only in imported(path):
            theirs = layer_of(module)
            if theirs is not None and theirs > own and not typing_only:
                uphill.append(f"{where}:{line} imports {module}")
    assert uphill == []


@pytest.mark.parametrize(("low", "high"), [("model", "settings"), ("world", "market"), ("analysis", "report")])
def test_a_lower_layer_does_not_even_name_a_higher_one(low: str, high: str) -> None:
    paths = [ROOT / f"{low}.py"] if (ROOT / f"{low}.py").is_file() else sorted((ROOT / low).rglob("*.py"))
    assert [p.name for p in paths for module, _, _ in imported(p) if module.startswith(f"sim.{high}")] == []
