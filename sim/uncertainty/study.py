"""Settings of a study (calibration or sensitivity) from its block in ``configs/experiment``, checked before it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from sim.parameters.record import Described, Spec, count, number, specs
from sim.settings.problems import NAME, TYPED, VALUE, Problem, SettingsError, did_you_mean, listing, shown
from sim.settings.ready import STUDY
from sim.settings.sources import EXPERIMENT, Sources
from sim.settings.values import check
from sim.uncertainty.waves import WaveRule

_BY_NAME: Final = ("parameters.", "also.")


@dataclass(frozen=True, slots=True)
class CalibrationRule(Described):
    """What a calibration does; what is in words stands explained in ``configs/experiment/calibrate.yaml``."""

    patterns: str
    waves: tuple[WaveRule, ...]
    walls: tuple[str, ...]
    parameters: Mapping[str, Sequence[float] | None]
    also: Mapping[str, float]
    most_waves: int = count("waves", 1, 50, None, "set", "", "how long more members are looked for")
    members: int = count("parameter worlds", 1, 1000, None, "set", "", "size of the calibrated ensemble")
    members_least: int = count("parameter worlds", 1, 1000, None, "set", "", "fewer are reported as too few")
    member_cutoff: float = number(
        "standard deviations", 0.01, 100, None, "set", "the accepted range ends at two", "who may be a member"
    )
    member_replications: int = count("replications", 1, 1000, None, "set", "", "runs by which a member is judged")
    member_patterns: int = count("patterns", 0, 1000, None, "set", "", "how many a member must reproduce on its means")
    discrepancy_share: float = number(
        "standard deviation of what the model gets wrong, share of half the accepted range", 0, 10, (0.1, 0.5), "J",
        "judgement", "who may be a member",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SensitivityRule(Described):
    """What a sensitivity study does."""

    policy: str
    parameters: Mapping[str, Sequence[float] | None]
    entries: int = count("entries of the register", 1, 500, None, "set", "", "how many inputs are moved")
    replications: int = count("replications", 1, 10_000, None, "set", "", "runs of every point of the tornado")
    screen_replications: int = count("replications", 1, 10_000, None, "set", "", "runs of every point of the screen")
    trajectories: int = count("walks", 2, 1000, None, "set", "", "precision of the Morris screen")
    levels: int = count("levels of an entry", 4, 64, None, "set", "", "steps of the Morris screen")


RULES: Final[dict[str, type]] = {"calibration": CalibrationRule, "sensitivity": SensitivityRule}


def study_specs() -> dict[str, Spec]:
    """The meaning of every number of a study, by its full name; of a wave's without its position."""
    found = {f"{kind}.{key}": spec for kind, record in RULES.items() for key, spec in specs(record).items()}
    return found | {f"calibration.waves.{key}": spec for key, spec in specs(WaveRule).items()}


def study_of(words: Sequence[str], sources: Sources) -> tuple[str, dict[str, Any], list[str]] | None:
    """The study that what was typed asks for: its kind, its block with what was typed over it, and the other words.

    None when no experiment is chosen, or the one chosen is not a study.

    Raises:
        SettingsError: the experiment's kind of study is unknown, or its block cannot be read.
    """
    import yaml
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
        if kind not in RULES:
            what = f"{STUDY} must be one of {listing(RULES)}, got {shown(kind)}"
            raise SettingsError([Problem(STUDY, what, where, did_you_mean(str(kind), tuple(RULES)), NAME)])
        own = [w.lstrip("+") for w in words if w.lstrip("+").startswith(f"{kind}.")]
        named = [w for w in own if w.partition(".")[2].startswith(_BY_NAME)]
        typed = OmegaConf.from_dotlist([w.partition(".")[2] for w in own if w not in named])
        block = OmegaConf.to_container(OmegaConf.merge(OmegaConf.create(content.get(kind) or {}), typed))
        assert isinstance(block, dict)
        for word in named:  # the names of parameters hold dots themselves
            key, _, value = word.partition("=")
            table, _, name = key.partition(".")[2].partition(".")
            block[table] = {**(block.get(table) or {}), name: yaml.safe_load(value)}
    except (OmegaConfBaseException, yaml.YAMLError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError([Problem(chosen[0], f"cannot read the study: {reason}", sources.words(path))]) from error
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
    also, parameters = (found[key] if isinstance(found[key], Mapping) else {} for key in ("also", "parameters"))
    astray = [name for name in also if name not in parameters]
    problems += [Problem(f"calibration.also.{n}", f"calibration.also names {n}, which is not varied") for n in astray]
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
        Problem(
            f"{group}.{key}",
            f'"{group}.{key}" is not a setting',
            advice=did_you_mean(f"{group}.{key}", [f"{group}.{name}" for name in names]),
            rank=NAME,
        )
        for key in block
        if key not in names
    ]
    found = {}
    for name in names:
        value = block.get(name)
        fault = _fault(record, name, value)
        if fault:
            problems.append(Problem(f"{group}.{name}", f"{group}.{name} {fault}", rank=VALUE))
        found[name] = value
    return found, problems


def _fault(record: type, name: str, value: Any) -> str:
    spec = specs(record).get(name)
    if spec is not None:
        _, faults = check(spec, value)
        return faults[0].rule if faults else ""
    if name == "also" and not (isinstance(value, Mapping) and all(isinstance(v, int | float) for v in value.values())):
        return f"must be parameters, each with a number, got {shown(value)}"
    if name == "parameters" and not isinstance(value, Mapping):
        return f"must be parameters, each with [low, high] or null, got {shown(value)}"
    if name in ("patterns", "policy") and not (isinstance(value, str) and Path(value).name == value):
        return f"must be a name, got {shown(value)}"
    return ""


def _done(problems: Sequence[Problem], where: str) -> None:
    if problems:
        from dataclasses import replace

        raise SettingsError([replace(p, where=p.where or where or TYPED) for p in problems])
