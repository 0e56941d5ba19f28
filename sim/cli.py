"""The front door: reads what was typed and hands it to one command. Imports stay light until a command needs more.

Exit codes: 0 answered, 1 some runs failed, 2 refused (nothing was run), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final

from sim.settings.problems import FIRST, TYPED, Problem, SettingsError, did_you_mean

ANSWERED, FAILED, REFUSED, STOPPED = 0, 1, 2, 130

# Command -> the module that holds its ``main(options) -> exit code``.
_COMMANDS: Final = {
    "run": "sim.commands.experiment",
    "check": "sim.commands.check",
    "list": "sim.commands.listing",
    "new": "sim.commands.new",
    "assumptions": "sim.commands.assumptions",
    "open": "sim.commands.opening",
    "report": "sim.commands.report",
    "compare": "sim.commands.compare",
    "verify": "sim.commands.verify",
    "explain": "sim.commands.explain",
    "kernel": "sim.commands.kernel",
    "help": "sim.commands.help",
    "version": "sim.commands.version",
}
# Studies that are commands too: a ready experiment by its own name.
_READY: Final = ("calibrate", "sensitivity")
_FLAGS: Final = {
    "-m": "sweep", "--multirun": "sweep", "-q": "quiet", "--quiet": "quiet", "--json": "as_json", "--csv": "as_csv",
    "--debug": "debug", "--tables": "tables", "-h": "help", "--help": "help", "--version": "version",
}  # fmt: skip
_VALUED: Final = {
    "--config-dir": "config_dir", "--list": "group", "--from": "base", "--grade": "grade", "--runs": "runs",
    "--crc": "crc", "--provider": "provider", "--scenario": "scenario", "--replication": "replication",
}  # fmt: skip


@dataclass(slots=True)
class Options:
    """What was typed.

    Attributes:
        words: overrides and other words after the command.
        typed: everything, as typed, for the record.
        group: the group of ``check --list GROUP``.
        base: the policy that ``new --from POLICY`` starts from.
        as_csv, grade: ``assumptions`` as a table; of one evidence grade.
        runs, tables: of ``verify``: how many runs are made again, and whether the tables are.
        crc, provider, scenario, replication: of ``explain``: whose history is told.
    """

    command: str = "run"
    words: list[str] = field(default_factory=list)
    typed: tuple[str, ...] = ()
    sweep: bool = False
    quiet: bool = False
    as_json: bool = False
    debug: bool = False
    config_dir: str | None = None
    group: str | None = None
    base: str | None = None
    as_csv: bool = False
    grade: str | None = None
    runs: str | None = None
    tables: bool = False
    crc: str | None = None
    provider: str | None = None
    scenario: str | None = None
    replication: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    typed = tuple(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in typed
    try:
        options = parse(typed)
        command: Callable[[Options], int] = import_module(_COMMANDS[options.command]).main
        return command(options)
    except SettingsError as error:
        if debug:
            raise
        refuse(error, as_json="--json" in typed)
        return REFUSED
    except KeyboardInterrupt:
        print("STOPPED by you.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader of a pipe (head, less) has left
        sys.stderr.close()
        return ANSWERED
    except Exception as error:
        if debug:
            raise
        words = " ".join(str(error).split())
        print(f"The program itself failed: {type(error).__name__}: {words}", file=sys.stderr)
        print("For the full trace run the same command with  --debug", file=sys.stderr)
        return FAILED


def parse(typed: Sequence[str]) -> Options:
    """Split what was typed into flags, a command and its words; raises SettingsError on an unknown flag."""
    options = Options(typed=tuple(typed))
    command: str | None = None
    waiting = iter(typed)
    for word in waiting:
        flag, _, value = word.partition("=")
        if word in _FLAGS:
            name = _FLAGS[word]
            if name in ("help", "version"):
                return Options(command=name, typed=tuple(typed))
            setattr(options, name, True)
        elif flag in _VALUED:
            setattr(options, _VALUED[flag], value if "=" in word else next(waiting, ""))
        elif word.startswith("-"):
            known = (*_FLAGS, *_VALUED)
            raise SettingsError(
                [Problem(word, f'there is no option "{flag}"', TYPED, did_you_mean(flag, known), FIRST)]
            )
        elif command is None and not options.words and word in (*_COMMANDS, *_READY):
            command = word
        else:
            options.words.append(word)
    if command in _READY:
        options.words.insert(0, command)
        command = "run"
    options.words = [f"+experiment={w}" if k == 0 and w in _READY else w for k, w in enumerate(options.words)]
    options.command = command or "run"
    return options


def refuse(error: SettingsError, *, as_json: bool) -> None:
    """Say why nothing was run: on stderr, and as data on stdout if asked."""
    if as_json:
        problems = [
            {"setting": p.setting, "what": p.what, "where": p.where, "advice": list(p.advice), "scenarios": p.scenarios}
            for p in error.problems
        ]
        print(json.dumps({"refused": True, "planned_scenarios": error.planned, "problems": problems}, indent=2))
        return
    print(error, file=sys.stderr)
