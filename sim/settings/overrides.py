"""What was typed after the command, read with Hydra's own grammar and expanded into one list a scenario.

An override chooses an option of a group (``policy=stewardship``) or sets a value
(``rate_card.markup_share=0.1``). A leading ``+`` or ``++`` is read as no more than emphasis: it
cannot add a setting the model does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.settings.known import RUN, RUN_WORDS
from sim.settings.problems import FIRST, NAME, TYPED, Problem, did_you_mean, listing, nearest
from sim.settings.sources import EXPERIMENT, GROUPS, Sources

# What may be typed in place of a setting, for advice on a misspelt one; a test holds it to ``sim.cli``.
COMMANDS = (
    "run", "check", "list", "new", "assumptions", "open", "report", "compare", "verify", "explain", "kernel", "help",
    "version", "calibrate", "sensitivity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """An option chosen for a group; ``where`` is where it stands: typed, or a place in an experiment's file."""

    key: str
    value: str
    text: str
    where: str = TYPED


@dataclass(frozen=True, slots=True)
class Setting:
    """A value given to a setting; ``text`` is what was typed, without a leading ``+``."""

    key: str
    value: Any
    text: str
    plus: bool = False
    where: str = TYPED


Typed = Choice | Setting
Point = tuple[Typed, ...]


def axes_of(typed: Sequence[str], sources: Sources, *, sweep: bool) -> tuple[list[list[Typed]], list[Problem]]:
    """The values of each override typed, and what cannot be read."""
    axes: list[list[Typed]] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for text in typed:
        axis, found = _axis(text, sources, sweep)
        problems += found
        if axis and axis[0].key in seen:
            what = f"{axis[0].key} is given twice: {seen[axis[0].key]} and {text}"
            problems.append(Problem(axis[0].key, what, TYPED))
        elif axis:
            seen[axis[0].key] = text
            axes.append(axis)
    return axes, problems


def _axis(text: str, sources: Sources, sweep: bool) -> tuple[list[Typed], list[Problem]]:
    """The values one override takes, one after another."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import OverrideType
    from hydra.errors import HydraException

    if "=" not in text and not text.startswith("~"):
        return [], [_not_an_override(text, sources)]
    try:
        override = OverridesParser.create().parse_override(text)
    except HydraException as error:
        reason = str(error).splitlines()[0]
        return [], [Problem(text, f'cannot read "{text}": {reason}', TYPED, rank=FIRST)]
    key = override.key_or_group.replace("/", ".")
    if not key:
        return [], [Problem(text, f'"{text}" names no setting', TYPED, rank=FIRST)]
    if override.type is OverrideType.DEL:
        what = f"{key} cannot be removed: the model needs every setting"
        return [], [Problem(key, what, TYPED, ("to switch something off, give it null, 0 or another option",))]
    if key.split(".")[0] == "hydra" or override.package is not None:
        return [], [Problem(key, f'"{text}" is not a setting of this model', TYPED, rank=NAME)]
    plus = override.type in (OverrideType.ADD, OverrideType.FORCE_ADD)
    if not override.is_sweep_override():
        values = [override.value()]
    elif not sweep:
        advice = (f"to compare them type   python -m sim -m {text}",)
        return [], [Problem(key, f"{key} is given several values, which only a sweep can take", TYPED, advice)]
    elif not override.is_discrete_sweep():
        return [], [Problem(key, f'"{text}" does not name its values one by one', TYPED)]
    else:
        values = _sweep_values(override, key, sources)
    return axis_of(key, values, text, sources, plus=plus)


def axis_of(
    key: str, values: list[Any], text: str, sources: Sources, *, plus: bool = False, where: str = TYPED
) -> tuple[list[Typed], list[Problem]]:
    """The options of a group or the values of a setting, as a sweep takes them one after another."""
    if key in GROUPS or key == EXPERIMENT:
        return _choices(key, values, text, sources, where)
    points: list[Typed] = [Setting(key, value, f"{key}={_written(value)}", plus, where) for value in values]
    return points, _listed_twice(key, [_written(v) for v in values])


def _sweep_values(override: Any, key: str, sources: Sources) -> list[Any]:
    from hydra.core.override_parser.types import Glob, QuotedString

    if isinstance(override.value(), Glob):
        return list(override.value().filter(sources.options(key)))
    return [v.text if isinstance(v, QuotedString) else v for v in override.sweep_iterator()]


def _choices(key: str, values: list[Any], text: str, sources: Sources, where: str) -> tuple[list[Typed], list[Problem]]:
    options = sources.options(key)
    problems = []
    for value in values:
        if value not in options:
            problems.append(unknown_option(key, _written(value), options, text))
    problems += _listed_twice(key, [str(v) for v in values])
    good: list[Typed] = [Choice(key, str(v), f"{key}={v}", where) for v in values if v in options]
    return good, problems


def unknown_option(group: str, name: str, options: Sequence[str], text: str) -> Problem:
    """There is no such option: the nearest, and all of them when they are few."""
    near = nearest(name, options)
    advice = [f"you typed   {text}"]
    if near:
        advice.append(f"did you mean   {near} ?")
    advice.append(
        f"there are   {listing(options)}" if len(options) <= 6 else f"all {len(options)}   probsim check --list {group}"
    )
    return Problem(group, f'There is no {group} called "{name}"', advice=tuple(advice), rank=FIRST)


def _listed_twice(key: str, values: list[str]) -> list[Problem]:
    twice = sorted({value for value in values if values.count(value) > 1})
    return [Problem(key, f"{key}={value} is listed twice", TYPED) for value in twice]


def _not_an_override(text: str, sources: Sources) -> Problem:
    """A bare word: perhaps a command, an option without its group, or a setting without its value."""
    advice: tuple[str, ...] = ()
    in_group = next((group for group in GROUPS if text in sources.options(group)), None)
    near = nearest(text, (*COMMANDS, *GROUPS))
    if in_group:
        advice = (f"did you mean   {in_group}={text} ?",)
    elif near:
        advice = (f"did you mean   {near} ?" if near in COMMANDS else f"did you mean   {near}=... ?",)
    return Problem(text, f'"{text}" is neither a command nor a setting=value', TYPED, advice, rank=FIRST)


def _written(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def unknown_setting(typed: Setting, known: Sequence[str], describe: Callable[[str], str]) -> Problem:
    """A key the composed settings do not hold."""
    near = nearest(typed.key, known)
    advice = did_you_mean(typed.key, [near], describe(near)) if near else ()
    where = typed.where
    if typed.plus:
        where = "typed with a leading +"
        advice += ("A leading + cannot add settings the model does not know: it would be ignored.",)
    if not near:
        advice += ("all settings   probsim list settings",)
    return Problem(typed.key, f'"{typed.key}" is not a setting', where, advice, rank=NAME)


def is_of_run(key: str) -> bool:
    """Whether a setting belongs to the experiment as a whole and so cannot vary within a sweep."""
    return key in RUN or key in RUN_WORDS or key in ("engine", "ensemble")
