"""What is wrong with what somebody asked for, said so that they can put it right.

A problem says what is wrong, where it stands, the rule, the nearest right name and what to type. Problems are
collected and shown together; nothing is run while there is one. This module knows no files and no settings.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

WIDTH: Final = 80
TYPED: Final = "typed on the command line"
NOTHING: Final = "Nothing was run, no folder was made."
_GOT: Final = ", got "
_MOST_VALUES: Final = 6

# Order in which problems are shown: the likeliest cause of the others first.
FIRST, NAME, VALUE, CROSS = range(4)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a plan from running.

    Attributes:
        setting: the setting or group it concerns, in full (``rate_card.markup_share``).
        what: what is wrong and the rule, as one sentence without a full stop.
        where: file and line, or that it was typed; empty when that adds nothing.
        advice: further lines: the nearest name, the unit, what to type.
        rank: place in the list, see the constants of this module.
        scenarios: how many planned scenarios it spoils; 0 when it concerns the plan as a whole.
    """

    setting: str
    what: str
    where: str = ""
    advice: tuple[str, ...] = ()
    rank: int = VALUE
    scenarios: int = 1

    @property
    def sentence(self) -> str:
        """What and where in one line."""
        return f"{self.what} ({self.where})" if self.where else self.what


class SettingsError(Exception):
    """Something asked for cannot be run; carries every problem found."""

    def __init__(self, problems: Iterable[Problem], planned: int = 1, closing: str = NOTHING) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda p: p.rank))
        self.planned = planned
        super().__init__(render(self.problems, planned, closing))


def merge(found: Iterable[Problem]) -> list[Problem]:
    """Problems found in several scenarios, each once; refused values of one setting share an entry."""
    groups: dict[tuple[str, str, str, int], list[Problem]] = {}
    for p in found:
        groups.setdefault((p.setting, p.what.partition(_GOT)[0], p.where, p.rank), []).append(p)
    return [_merged(alike) for alike in groups.values()]


def _merged(alike: list[Problem]) -> Problem:
    values = list(dict.fromkeys(p.what.partition(_GOT)[2] for p in alike))
    what = alike[0].what
    if len(values) > 1:
        more = f" and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else ""
        what = what.partition(_GOT)[0] + _GOT + ", ".join(values[:_MOST_VALUES]) + more
    return replace(alike[0], what=what, scenarios=sum(p.scenarios for p in alike))


def render(problems: Iterable[Problem], planned: int = 1, closing: str = NOTHING) -> str:
    """The message a person reads: every problem, then that nothing was run; at most 80 columns."""
    problems = list(problems)
    if len(problems) == 1:
        lines = _block(problems[0], "", planned)
    else:
        among = f" in {planned} planned scenarios" if planned > 1 else ""
        lines = [f"{len(problems)} problems{among}:"]
        for number, problem in enumerate(problems, 1):
            lines += _block(problem, f"{number:>3}  ", planned)
    return "\n".join([*lines, closing])


def _block(problem: Problem, label: str, planned: int) -> list[str]:
    sentence = problem.sentence
    if planned > 1 and problem.scenarios:
        sentence += f" [{problem.scenarios} of {planned} scenarios]"
    indent = " " * len(label)
    lines = _wrap(label + sentence, indent + "  ")
    for advice in problem.advice:
        lines += _wrap(f"{indent}    {advice}", f"{indent}      ")
    return lines


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [
        text
    ]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like a misspelt one, or None when none is alike.

    The last part of a dotted name counts too, so that ``markup_share`` finds ``rate_card.markup_share``.
    """
    return _nearest(name, tuple(known))


@lru_cache(maxsize=4096)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    best, best_score = None, 0.6
    typed = _folded(name)
    parent = typed.rpartition(".")[0]
    for candidate in known:
        right = _folded(candidate)
        score = _likeness(typed, right)
        if parent and score and right.startswith(f"{parent}."):
            score += 0.05  # the group was right
        if score and right.startswith(f"{typed}_"):
            score += 0.15  # all of it was right, but for what follows (a unit)
        if not parent:
            score = max(score, _likeness(typed, right.rpartition(".")[2]) - 0.01)
        if score > best_score:
            best, best_score = candidate, score
    return best


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")


def _likeness(a: str, b: str) -> float:
    matcher = SequenceMatcher(None, a, b)
    return matcher.ratio() if matcher.real_quick_ratio() > 0.6 and matcher.quick_ratio() > 0.6 else 0.0


def did_you_mean(name: str, known: Iterable[str], note: str = "") -> tuple[str, ...]:
    """The line of advice that proposes the nearest name; empty when there is none."""
    found = nearest(name, known)
    if found is None:
        return ()
    return (f"did you mean   {found} ?" + (f"   {note}" if note else ""),)


def listing(names: Iterable[str]) -> str:
    """Names in a row for a sentence."""
    return ", ".join(names) or "none"


def shown(value: object) -> str:
    """A value as the person wrote it: words in quotes, null and truth values as in a config."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict | list):
        text = str(value)
        return text if len(text) <= 40 else text[:37] + "..."
    return str(value)


def plain(number: float) -> str:
    """A bound as a person writes it: ``5,000,000,000``, ``0.02``."""
    if float(number).is_integer() and abs(number) < 1e18:
        return f"{int(number):,}" if abs(number) >= 10_000 else str(int(number))
    return f"{number:g}"
