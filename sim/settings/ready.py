"""Ready experiments: a file of ``configs/experiment`` that declares its own sweep, expanded as if it had been typed.

``sweep`` maps a setting or a group to its values; ``fraction: half`` keeps every second combination of the axes that
switch something on and off. What is typed for the same setting replaces the file's axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final

from sim.settings.compose import Composer, CompositionError
from sim.settings.overrides import Choice, Point, Setting, Typed, axes_of, axis_of, is_of_run
from sim.settings.problems import FIRST, TYPED, Problem, did_you_mean, listing, shown
from sim.settings.sources import EXPERIMENT, Sources, line_of

SWEEP: Final = "sweep"
FRACTION: Final = "fraction"
STUDY: Final = "study"  # an experiment that is no sweep: it has a command of its own
OWN_KEYS: Final = (
    SWEEP,
    FRACTION,
    "study",
    "calibration",
    "sensitivity",
)  # keys of an experiment's file that are no settings of the model
FRACTIONS: Final = ("full", "half")


def expand(typed: Sequence[str], sources: Sources, *, sweep: bool) -> tuple[list[Point], list[Problem]]:
    """Every combination of what was typed and of what a chosen experiment sweeps, one a scenario, and what is wrong."""
    axes, problems = axes_of(typed, sources, sweep=sweep)
    chosen = next((axis for axis in axes if axis[0].key == EXPERIMENT), None)
    if chosen is None:
        return list(product(*axes)), problems
    if len(chosen) > 1:
        what = f"one experiment at a time, got {listing(str(c.value) for c in chosen)}"
        return [], [*problems, Problem(EXPERIMENT, what, TYPED, rank=FIRST)]
    declared, half, found = _declared(axes, sources)
    points = list(product(*axes, *declared))
    if half:
        points = [point for point in points if _is_kept(point[len(axes) :])]
    return points, [*problems, *found]


def _declared(axes: list[list[Typed]], sources: Sources) -> tuple[list[list[Typed]], bool, list[Problem]]:
    """The axes of the chosen experiment that were not typed, whether half of them are wanted, and what is wrong."""
    fixed = tuple((c.key, c.value) for axis in axes if len(axis) == 1 and isinstance(c := axis[0], Choice))
    option = dict(fixed)[EXPERIMENT]
    try:
        tree, _ = Composer(sources).compose(fixed)
    except CompositionError as error:
        return [], False, [error.problem]
    block, fraction = tree.get(SWEEP, {}), tree.get(FRACTION, FRACTIONS[0])
    problems: list[Problem] = []
    if fraction not in FRACTIONS:
        what = f"{FRACTION} must be {' or '.join(FRACTIONS)}, got {shown(fraction)}"
        problems.append(
            Problem(FRACTION, what, _where(sources, option, FRACTION), did_you_mean(str(fraction), FRACTIONS))
        )
    if not isinstance(block, Mapping):
        what = f"{SWEEP} must name settings, each with a list of values, got {shown(block)}"
        return [], False, [*problems, Problem(SWEEP, what, _where(sources, option, SWEEP))]
    if STUDY in tree:
        advice = (f"run it with   python -m sim +experiment={option}",)
        what = f"{option} is a study of its own, not a sweep"
        return [], False, [Problem(EXPERIMENT, what, _where(sources, option, STUDY), advice, FIRST)]
    typed = {axis[0].key for axis in axes}
    declared = []
    for key, values in block.items():
        where = _where(sources, option, SWEEP, str(key))
        axis, found = _axis(str(key), values, where, sources)
        problems += [replace(problem, where=where) for problem in found]
        if axis and str(key) not in typed:
            declared.append(axis)
    return declared, fraction == "half", problems


def _axis(key: str, values: Any, where: str, sources: Sources) -> tuple[list[Typed], list[Problem]]:
    if not isinstance(values, list) or not values:
        return [], [Problem(key, f"{SWEEP}: {key} must have a list of values, got {shown(values)}")]
    if key == EXPERIMENT or is_of_run(key):
        return [], [Problem(key, f"{key} belongs to the whole experiment and cannot vary within a sweep")]
    return axis_of(key, values, f"{SWEEP}: {key}: {values}", sources, where=where)


def _is_kept(point: Point) -> bool:
    """An even number of the switches is on: with k switches, a half fraction of resolution k that holds all off."""
    return sum(typed.value is True for typed in point if isinstance(typed, Setting)) % 2 == 0


def _where(sources: Sources, option: str, *key: str) -> str:
    """File and line of a key of the experiment, or of the file it is composed over."""
    for path in sources.chain(EXPERIMENT, option):
        line = line_of(path, key)
        if line is not None:
            return f"{sources.words(path)}, line {line}"
    return ""
