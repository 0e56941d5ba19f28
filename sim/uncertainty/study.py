"""Settings of a study (calibration or sensitivity) from its block in ``configs/experiment``, checked before it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from sim.settings.problems import NAME, TYPED, VALUE, Problem, SettingsError, did_you_mean, listing, shown
from sim.settings.sources import EXPERIMENT, Sources
from sim.uncertainty.waves import WaveRule

STUDY: Final = "study"
KINDS: Final = ("calibration", "sensitivity")
_WHOLE: Final = {
    "most_waves": (1, 50), "members": (1, 1000), "members_least": (1, 1000), "member_replications": (1, 1000),
    "entries": (1, 500), "trajectories": (2, 1000), "levels": (4, 64), "replications": (1, 10_000),
    "points": (8, 100_000), "nth": (1, 10),
}  # fmt: skip
_REAL: Final = {"member_cutoff": (0.01, 100.0), "discrepancy_share": (0.0, 10.0), "cutoff": (0.01, 100.0)}


@dataclass(frozen=True, slots=True)
class CalibrationRule:
    """What a calibration does; each setting's meaning stands beside it in ``configs/experiment/calibrate.yaml``."""

    patterns: str
    waves: tuple[WaveRule, ...]
    most_waves: int
    members: int
    members_least: int
    member_cutoff: float
    member_replications: int
    discrepancy_share: float
    walls: tuple[str, ...]
    parameters: Mapping[str, Sequence[float] | None]


@dataclass(frozen=True, slots=True)
class SensitivityRule:
    """What a sensitivity study does; the meaning stands in ``configs/experiment/sensitivity.yaml``."""

    entries: int
    policy: str
    replications: int
    trajectories: int
    levels: int
    parameters: Mapping[str, Sequence[float] | None]


def study_of(words: Sequence[str], sources: Sources) -> tuple[str, dict[str, Any], list[str]] | None:
    """The study that what was typed asks for: its kind, its block with what was typed over it, and the other words.

    None when no experiment is chosen, or the one chosen is not a study.

    Raises:
        SettingsError: the experiment's kind of study is unknown, or its block cannot be read.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    chosen = [w.lstrip("+").partition("=")[2] for w in words if w.lstrip("+").startswith(f"{EXPERIMENT}=")]
    path = sources.file(EXPERIMENT, chosen[0]) if len(chosen) == 1 else None
    if path is None:
        return None
    try:
        content = OmegaConf.to_container(OmegaConf.load(path))
        if not isinstance(content, dict) or STUDY not in content:
            return None
        kind = content[STUDY]
        where = sources.words(path)
        if kind not in KINDS:
            what = f"{STUDY} must be one of {listing(KINDS)}, got {shown(kind)}"
            raise SettingsError([Problem(STUDY, what, where, did_you_mean(str(kind), KINDS), NAME)])
        own = [w.lstrip("+") for w in words if w.lstrip("+").startswith(f"{kind}.")]
        typed = OmegaConf.from_dotlist([w.partition(".")[2] for w in own])
        block = OmegaConf.to_container(OmegaConf.merge(OmegaConf.create(content.get(kind) or {}), typed))
    except (OmegaConfBaseException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError([Problem(chosen[0], f"cannot read the study: {reason}", sources.words(path))]) from error
    assert isinstance(block, dict)
    return str(kind), {str(k): v for k, v in block.items()}, [w for w in words if w.lstrip("+") not in own]


def calibration_rule(block: Mapping[str, Any], where: str = "") -> CalibrationRule:
    """The checked settings of a calibration; raises SettingsError with every problem found."""
    found, problems = _read(CalibrationRule, "calibration", block)
    waves = found.get("waves")
    rules: list[WaveRule] = []
    if not isinstance(waves, list) or not waves or not all(isinstance(w, Mapping) for w in waves):
        problems.append(Problem("calibration.waves", f"calibration.waves must list waves, got {shown(waves)}"))
    else:
        for k, wave in enumerate(waves, 1):
            values, wrong = _read(WaveRule, f"calibration.waves.{k}", {"nth": 1, **wave})
            problems += wrong
            if not wrong:
                rules.append(WaveRule(**values))
    if not isinstance(found.get("walls"), list):
        problems.append(
            Problem("calibration.walls", f"calibration.walls must be a list, got {shown(found.get('walls'))}")
        )
    _done(problems, where)
    if found["members_least"] > found["members"]:
        what = (
            f"calibration.members_least {found['members_least']} must not exceed calibration.members {found['members']}"
        )
        _done([Problem("calibration.members_least", what)], where)
    return CalibrationRule(**{**found, "waves": tuple(rules), "walls": tuple(map(str, found["walls"]))})


def sensitivity_rule(block: Mapping[str, Any], where: str = "") -> SensitivityRule:
    """The checked settings of a sensitivity study; raises SettingsError with every problem found."""
    found, problems = _read(SensitivityRule, "sensitivity", block)
    _done(problems, where)
    return SensitivityRule(**found)


def _read(record: type, group: str, block: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    names = [f.name for f in fields(record)]
    problems = [
        Problem(f"{group}.{key}", f'"{group}.{key}" is not a setting', advice=did_you_mean(str(key), names), rank=NAME)
        for key in block
        if key not in names
    ]
    found = {}
    for name in names:
        value = block.get(name)
        fault = _fault(name, value)
        if fault:
            problems.append(
                Problem(f"{group}.{name}", f"{group}.{name} must be {fault}, got {shown(value)}", rank=VALUE)
            )
        found[name] = value
    return found, problems


def _fault(name: str, value: Any) -> str:
    if name in _WHOLE:
        low, high = _WHOLE[name]
        fine = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if fine else f"a whole number between {low} and {high}"
    if name in _REAL:
        least, most = _REAL[name]
        fine = isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
        return "" if fine else f"a number between {least:g} and {most:g}"
    if name == "parameters":
        return "" if isinstance(value, Mapping) else "parameters, each with [low, high] or null"
    if name in ("patterns", "policy"):
        return "" if isinstance(value, str) and Path(value).name == value else "a name"
    return ""


def _done(problems: Sequence[Problem], where: str) -> None:
    if problems:
        from dataclasses import replace

        raise SettingsError([replace(p, where=p.where or where or TYPED) for p in problems])
