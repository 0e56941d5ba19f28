"""Finds the numbers that stand in code and belong in a parameter record."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# What may stand anywhere: nothing, one, the last; the two services, sexes or ends of a span; the months of a year.
# Only as whole numbers, so that a factor of 2.0 is seen; 12.0 is how months become years.
STRUCTURAL = {(int, 0), (int, 1), (int, 2), (int, 12), (float, 0.0), (float, 1.0), (float, 12.0)}
# Fields of a parameter record are the register's own entries: their ranges are no literals of the model.
DESCRIBED = {"number", "count", "table", "choice", "flag", "day"}
SHAPES = {"reshape", "transpose"}


@dataclass(frozen=True)
class Literal:
    """A number in code, with where it stands."""

    module: str
    line: int
    value: float

    def __str__(self) -> str:
        return (
            f"{self.module}:{self.line}: {self.value!r} stands in code without an entry in the register. Move it to a"
            " record in sim/parameters and a value in configs; a number that is no claim about the world goes into"
            " EXEMPT with its reason"
        )


def literals(source: str, module: str) -> Iterator[Literal]:
    """The numbers in a module's code that are not structural."""
    for node in _walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
            continue
        if (type(node.value), node.value) not in STRUCTURAL:
            assert isinstance(node.value, int | float)
            yield Literal(module, node.lineno, node.value)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of the code but for descriptions of parameters, words to print, and the shapes and axes of arrays."""
    if isinstance(node, ast.FormattedValue) or (isinstance(node, ast.keyword) and node.arg == "axis"):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Subscript) and child is node.slice:
            continue
        if isinstance(node, ast.Call) and child is not node.func and _called(node) in DESCRIBED | SHAPES:
            continue
        yield from _walk(child)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
