"""``new my-idea --from stewardship``: a commented starter policy in the user's own folder, and what to type next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from sim.commands.console import shown_path
from sim.parameters.record import Spec, specs
from sim.settings.problems import FIRST, TYPED, Problem, SettingsError, did_you_mean, plain, shown
from sim.settings.sources import Sources, shipped_configs

if TYPE_CHECKING:
    from sim.cli import Options

FOLDER: Final = "policies"  # where a user's own options go unless --config-dir says otherwise
_BASE: Final = "stewardship"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_RESERVED: Final = frozenset(
    {"true", "false", "null", "none", "nan", "inf", "on", "off", "yes", "no", "con", "nul", "aux"}
)
_COLUMN: Final = 38


def main(options: Options) -> int:
    """Write the starter file; raises SettingsError when its name, its base or its place will not do."""
    folder = Path(options.config_dir or FOLDER)
    sources = _sources(folder)
    name = options.words[0] if options.words else ""
    base = _BASE if options.base is None else options.base
    problems = _wrong(name, base, options.words[1:], sources)
    if problems:
        raise SettingsError(problems)
    text = starter(name, base, _policy(base, folder))
    path = folder / "policy" / f"{name}.yaml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise SettingsError([_taken(name, shown_path(path))]) from error
    except OSError as error:
        what = f"{shown_path(path)} cannot be written: {error.strerror or error}"
        raise SettingsError([Problem("--config-dir", what, TYPED)]) from error
    home = shlex.quote(shown_path(folder))
    print(f"Written  {shown_path(path)}   (a copy of {base}; change a number in it)")
    print(f"Check    probsim check policy={name} --config-dir {home}")
    print(f"Run      python -m sim -m policy=do_nothing,{name} --config-dir {home}")
    return 0


def starter(name: str, base: str, policy: Mapping[str, Any]) -> str:
    """The text of a policy file like ``base``: every size with its unit, allowed range, grade and source."""
    from sim.policy import LEVERS

    lines = [
        f"# {name}: say in one sentence what it does.",
        f"# Started from {base}.",
        "# A date is written 2018-10-01; a lever may be switched off with  active: false .",
        f"name: {name}".ljust(_COLUMN) + "# that of this file",
        f"recommendation: {_yaml(policy['recommendation'])}",
        f"rationale: {_yaml(policy['rationale'])}",
    ]
    levers = policy["levers"]
    lines.append("levers:" if levers else "levers: {}")
    for lever, sizes in levers.items():
        lines.append(f"  {lever}:")
        for key, spec in specs(LEVERS[lever]).items():
            lines += _commented(f"    {key}: {_number(sizes[key])}", spec)
    return "\n".join(lines) + "\n"


def _commented(line: str, spec: Spec) -> list[str]:
    """A setting with its meaning beside it, and below it where that is long."""
    words = wrap(_meaning(spec), 118 - max(_COLUMN, len(line) + 1), break_on_hyphens=False)
    lines = [line.ljust(_COLUMN) + ("" if len(line) < _COLUMN else " ") + f"# {words[0]}"]
    return lines + [" " * _COLUMN + f"# {part}" for part in words[1:]]


def _meaning(spec: Spec) -> str:
    """Unit, allowed range, plausible range, then grade and source."""
    parts = [spec.unit if spec.kind not in ("day", "flag") else spec.drives]
    if spec.kind == "choice":
        parts = [" or ".join(spec.options)]
    elif spec.kind in ("number", "count"):
        parts.append(f"{plain(spec.low)} to {plain(spec.high)}" + (" or null" if spec.optional else ""))
    if spec.plausible is not None:
        parts.append(f"plausible {plain(spec.plausible[0])} to {plain(spec.plausible[1])}")
    if spec.grade != "set":
        parts.append(f"grade {spec.grade}, {spec.source}")
    return "; ".join(part for part in parts if part)


def _number(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 10_000 and float(value).is_integer():
        return f"{int(value):_}"
    return _yaml(value)


def _yaml(value: Any) -> str:
    import yaml

    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    return str(yaml.safe_dump(value, default_flow_style=True, width=10_000)).removesuffix("\n").removesuffix("\n...")


def _policy(base: str, folder: Path) -> Mapping[str, Any]:
    from sim.settings.loading import load_all

    found: Mapping[str, Any] = load_all([f"policy={base}"], config_dir=folder if folder.is_dir() else None).trees[0]
    policy: Mapping[str, Any] = found["policy"]
    return policy


def _sources(folder: Path) -> Sources:
    return Sources(shipped_configs(), folder if folder.is_dir() else None)


def _wrong(name: str, base: str, more: list[str], sources: Sources) -> list[Problem]:
    """Everything wrong with what was typed."""
    problems = []
    options = sources.options("policy")
    if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
        what = f"a policy's name must be a letter, then letters, digits, - and _ (64 at most), got {shown(name)}"
        problems.append(Problem("new", what, TYPED, ("try   probsim new my-idea --from stewardship",), FIRST))
    elif name.lower() in {option.lower() for option in options}:
        found = next(option for option in options if option.lower() == name.lower())
        path = sources.file("policy", found)
        problems.append(_taken(name, sources.words(path) if path else found))
    if base not in options:
        advice = (*did_you_mean(base, options), f"all {len(options)}   probsim check --list policy")
        problems.append(
            Problem("--from", f"there is no policy called {shown(base)} to start from", TYPED, advice, FIRST)
        )
    if more:
        problems.append(Problem("new", f"one name at a time, got also {', '.join(more)}", TYPED))
    return problems


def _taken(name: str, path: str) -> Problem:
    advice = ("choose another name, or edit that file: nothing is ever written over",)
    return Problem("new", f'a policy "{name}" exists already: {path}', TYPED, advice)
