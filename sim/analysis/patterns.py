"""The published patterns as data: what was found, how it is taken from a run, and what counts as reproduced.

Read from ``configs/patterns/published.yaml``. A misspelt measure or month is refused when the file is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.observe.measures import BY_NAME, FIGURES
from sim.settings.problems import NAME, TYPED, Problem, SettingsError, did_you_mean, listing
from sim.settings.sources import Sources, shipped_configs

GROUP: Final = "patterns"

KINDS: Final[dict[str, str]] = {
    "test": "a real test",
    "input": "close to an input",
    "easy": "easy to meet",
}
HOWS: Final = ("at", "mean", "change", "figure")


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a pattern.

    Attributes:
        name: a national measure, or a single figure of the run when ``how`` is ``figure``.
        how: ``at`` the end of ``last``; ``mean`` over the months ``first`` to ``last``; relative ``change``
        from
            ``first`` to ``last``; ``figure``.
        first, last: ISO months; empty where not used.
        target: what was published, in words.
        low, high: what counts as reproduced; infinite where open.
        low_included, high_included: whether the ends count.
    """

    name: str
    how: str
    first: str
    last: str
    target: str
    low: float
    high: float
    low_included: bool
    high_included: bool

    def holds(self, value: float) -> bool:
        """Whether a simulated value counts as reproduced."""
        if not math.isfinite(value):
            return False
        above = value >= self.low if self.low_included else value > self.low
        below = value <= self.high if self.high_included else value < self.high
        return above and below

    @property
    def label(self) -> str:
        """The measure in words."""
        return FIGURES[self.name][0] if self.how == "figure" else BY_NAME[self.name].label

    @property
    def unit(self) -> str:
        """The unit of the scored value."""
        if self.how == "change":
            return "share"
        return FIGURES[self.name][1] if self.how == "figure" else BY_NAME[self.name].unit


@dataclass(frozen=True, slots=True)
class Pattern:
    """A published finding with its parts; it is reproduced when every part is."""

    id: str
    words: str
    kind: str
    grade: str
    source: str
    national_only: bool
    parts: tuple[Part, ...]


def published_path() -> Path:
    """The shipped file."""
    return shipped_configs() / "patterns" / "published.yaml"


def named_patterns(name: str, sources: Sources) -> tuple[Pattern, ...]:
    """The patterns of a file ``patterns/NAME.yaml``, shipped or of the user's own folder.

    Raises:
        SettingsError: there is no such file, or something in it is wrong.
    """
    path = sources.file(GROUP, name)
    if path is None:
        options = sources.options(GROUP)
        advice = (*did_you_mean(name, options), f"there are   {listing(options)}")
        raise SettingsError([Problem(GROUP, f'there is no file of patterns called "{name}"', TYPED, advice, NAME)])
    try:
        return load_patterns(path)
    except ValueError as error:
        raise SettingsError([Problem(GROUP, str(error))]) from error


def whole_patterns(path: Path) -> str:
    """The text of a file of patterns with those it includes put in, so that it can be read without them."""
    from omegaconf import OmegaConf

    content = OmegaConf.to_container(OmegaConf.load(path))
    assert isinstance(content, dict)
    included = content.pop("include", None)
    if included is None:
        return path.read_text(encoding="utf-8")
    folders = (path.parent, published_path().parent)
    found = next(folder / f"{included}.yaml" for folder in folders if (folder / f"{included}.yaml").is_file())
    before = OmegaConf.to_container(OmegaConf.create(whole_patterns(found)))
    assert isinstance(before, dict)
    return OmegaConf.to_yaml(OmegaConf.create({"patterns": [*before["patterns"], *content["patterns"]]}))


def load_patterns(path: Path | None = None) -> tuple[Pattern, ...]:
    """Read the patterns. A file that names another under ``include`` adds its own to those.

    Raises:
        ValueError: naming the pattern and the rule, when a key, measure, month or bound is wrong.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    source = path if path is not None else published_path()
    try:
        content = OmegaConf.to_container(OmegaConf.load(source))
    except (OSError, OmegaConfBaseException, YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{source} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not isinstance(content.get("patterns"), list):
        raise ValueError(f"{source}: a list called patterns is expected")
    found = _included(content.get("include"), source)
    found += tuple(_pattern(entry, source) for entry in content["patterns"])
    ids = [pattern.id for pattern in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"{source}: an id is used twice")
    return found


def _included(name: object, source: Path) -> tuple[Pattern, ...]:
    if name is None:
        return ()
    beside = [folder / f"{name}.yaml" for folder in (source.parent, published_path().parent)]
    path = next((p for p in beside if p.is_file() and p != source), None)
    if path is None:
        raise ValueError(f"{source}: include names {name!r}, but there is no such file of patterns")
    return load_patterns(path)


_PATTERN_KEYS: Final = {"id", "words", "kind", "grade", "source", "national_only", "parts"}
_PART_KEYS: Final = {
    "measure", "figure", "how", "month", "from", "to", "target", "low", "high", "above", "below",
}  # fmt: skip


def _pattern(entry: Any, source: Path) -> Pattern:
    if not isinstance(entry, dict):
        raise ValueError(f"{source}: a pattern must hold id, words, kind, grade, source and parts, got {entry!r}")
    name = entry.get("id", "?")
    missing = [key for key in ("id", "words", "kind", "grade", "source", "parts") if key not in entry]
    if missing:
        raise ValueError(f"{source}: {name} lacks {missing[0]!r}")
    unknown = set(entry) - _PATTERN_KEYS
    if unknown:
        raise ValueError(f"{source}: {name} has an unknown key {sorted(unknown)[0]!r}")
    if entry.get("kind") not in KINDS:
        raise ValueError(f"{source}: the kind of {name} must be one of {', '.join(KINDS)}, got {entry.get('kind')!r}")
    parts = tuple(_part(part, f"{source}: {name}") for part in entry.get("parts", ()))
    if not parts:
        raise ValueError(f"{source}: {name} has no parts")
    return Pattern(
        id=str(name),
        words=str(entry["words"]),
        kind=entry["kind"],
        grade=str(entry["grade"]),
        source=str(entry["source"]),
        national_only=bool(entry.get("national_only", False)),
        parts=parts,
    )


def _part(entry: dict[str, Any], where: str) -> Part:
    unknown = set(entry) - _PART_KEYS
    if unknown:
        raise ValueError(f"{where} has an unknown key {sorted(unknown)[0]!r}")
    how = entry.get("how")
    if how not in HOWS:
        raise ValueError(f"{where}: how must be one of {', '.join(HOWS)}, got {how!r}")
    name = str(entry.get("figure" if how == "figure" else "measure"))
    if how == "figure" and name not in FIGURES:
        raise ValueError(f"{where}: no figure of a run is called {name!r}")
    if how != "figure" and (name not in BY_NAME or "national" not in BY_NAME[name].levels):
        raise ValueError(f"{where}: no national measure is called {name!r}")
    first, last = str(entry.get("from", "")), str(entry.get("to", entry.get("month", "")))
    needs = {"at": (last,), "mean": (first, last), "change": (first, last), "figure": ()}[how]
    for month in needs:
        if len(month) != 7 or month[4] != "-":
            raise ValueError(f"{where}: a month is written 2017-11, got {month!r}")
    if not {"low", "high", "above", "below"} & set(entry):
        raise ValueError(f"{where}: no bound says what counts as reproduced")
    low = _bound(entry, "above", "low", -math.inf, where)
    high = _bound(entry, "below", "high", math.inf, where)
    if low > high or (low == high and {"above", "below"} & set(entry)):
        raise ValueError(f"{where}: the interval of {name} is empty, from {low:g} to {high:g}")
    return Part(
        name=name,
        how=how,
        first=first,
        last=last,
        target=str(entry.get("target", "")),
        low=low,
        high=high,
        low_included="above" not in entry,
        high_included="below" not in entry,
    )


def _bound(entry: dict[str, Any], open_end: str, closed_end: str, otherwise: float, where: str) -> float:
    value = entry.get(open_end, entry.get(closed_end, otherwise))
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError(f"{where}: a bound must be a number, got {value!r}")
    return float(value)
