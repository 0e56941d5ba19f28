"""``list``: the groups and their options, the settings with unit, range and value, and past experiments."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from sim.settings.known import RUN_WORDS, all_specs
from sim.settings.loading import find_sources
from sim.settings.problems import FIRST, TYPED, Problem, SettingsError, did_you_mean
from sim.settings.sources import EXPERIMENT, GROUPS, Sources
from sim.settings.values import rule

if TYPE_CHECKING:
    from sim.cli import Options

_WIDTH = 80


def main(options: Options) -> int:
    """Print options and experiments, or the settings asked for."""
    words = options.words
    if not words:
        _print_options(find_sources(options.config_dir))
        _print_experiments(Path("experiments"))
    elif words[0] == "settings":
        _print_settings("", options)
    elif words[0] == "experiments":
        _print_experiments(Path(words[1]) if len(words) > 1 else Path("experiments"))
    else:
        print_group(words[0], options.config_dir)
        _print_settings(f"{words[0]}.", options)
    return 0


def print_group(group: str, config_dir: str | None) -> None:
    """The options of a group, one line each; raises SettingsError when there is no such group."""
    sources = find_sources(config_dir)
    if group not in (*GROUPS, EXPERIMENT):
        advice = (*did_you_mean(group, GROUPS), f"groups   {', '.join(GROUPS)}")
        raise SettingsError([Problem(group, f'there is no group called "{group}"', TYPED, advice, FIRST)])
    _print_group(sources, group)


def _print_options(sources: Sources) -> None:
    print("OPTIONS  (choose with  group=option , compare with  -m group=a,b )")
    for group in (*GROUPS, EXPERIMENT):
        if sources.options(group):
            _print_group(sources, group)


def _print_group(sources: Sources, group: str) -> None:
    print(f"  {group}")
    for option in sources.options(group):
        path = sources.file(group, option)
        print(shorten_line(f"    {option:<26}", _first_comment(path) if path else ""))


def _first_comment(path: Path) -> str:
    """The words that open a file, up to their first full stop, or its first comment further down."""
    lines = path.read_text(encoding="utf-8").splitlines()
    opening = list(takewhile(lambda line: line.startswith("#"), lines))
    opening = [line for line in opening if "@package" not in line]
    opening = opening or [line.partition("#")[2] for line in lines if "#" in line][:1]
    return " ".join(line.lstrip("# ") for line in opening).partition(". ")[0]


def _print_settings(prefix: str, options: Options) -> None:
    """Settings with value, unit and range; those of every group, or of one."""
    from sim.settings.loading import load_all

    tree = load_all(config_dir=options.config_dir).trees[0]
    print("SETTINGS  (change with  setting=value )")
    for name, spec in all_specs().items():
        if name.startswith(prefix):
            value = _value(tree, name)
            shown = "one a category" if isinstance(value, dict) else "null" if value is None else f"{value}"
            print(f"  {name} = {shown}")
            print(shorten_line("      ", ", ".join(part for part in (spec.unit, rule(spec)) if part)))
    if not prefix:
        for name in RUN_WORDS:
            print(f"  {name} = {_value(tree, name)}")


def _value(tree: dict[str, Any], name: str) -> Any:
    node: Any = tree
    for part in name.split("."):
        node = node[part]
    return node


def _print_experiments(output: Path) -> None:
    from sim.experiment.folder import index_rows

    rows = index_rows(output)
    print(f"EXPERIMENTS  in {output.as_posix()}" + ("" if rows else ": none yet"))
    for row in rows:
        when, name, question, runs, answer = row[:5]
        print(shorten_line("  ", f"{when}  {name}  {question} ({runs})"))
        print(shorten_line("      ", answer))


def shorten_line(label: str, words: str) -> str:
    """A label and words on one line of at most 80 columns."""
    return label + shorten(words, max(_WIDTH - len(label), 10), placeholder=" ...")
