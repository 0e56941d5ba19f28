"""``verify FOLDER``: is this still what was run, and does it come out the same again? One line answers.

Exit codes: 0 equal, 1 not equal, 2 it could not be told. Nothing in the folder is written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sim.commands.folders import opened, refusal, short, the_word, warn

if TYPE_CHECKING:
    from sim.cli import Options
    from sim.experiment.reading import Opened

EQUAL, NOT_EQUAL, UNTOLD = 0, 1, 2


def main(options: Options) -> int:
    """Verify a folder and print what was found; raises SettingsError when it is no experiment folder."""
    runs = _count(options.runs)
    folder = opened(the_word(options.words, "verify"), "verify")
    found, fine, code = verify(folder, runs=runs, tables=options.tables)
    if options.as_json:
        words = {EQUAL: "equal", NOT_EQUAL: "not equal", UNTOLD: "could not be told"}
        content = {"folder": short(folder.path), "answer": words[code], "found": found, "checked": fine}
        print(json.dumps(content, indent=2))
        return code
    warn(folder.missing())
    head = "equal" if code == EQUAL and not folder.partial else "nothing unequal, in a folder that is not complete"
    print("\n".join(found or [f"{head}: {', '.join(fine)}"]))
    if found and not options.quiet:
        print(f"({short(folder.path)}; fine: {', '.join(fine) or 'nothing'})", file=sys.stderr)
    return code


def verify(folder: Opened, *, runs: int, tables: bool) -> tuple[list[str], list[str], int]:
    """Ask every question; returns what is not equal, what is, and the exit code."""
    from sim.experiment import verifying

    sums = verifying.check_sums(folder)
    found = [f"changed: {name}" for name in sums.changed] + [f"missing: {name}" for name in sums.gone]
    fine = [f"{sums.counted} files unchanged"] if sums.counted and sums.fine else []
    if not sums.counted and not sums.changed:
        fine.append("no checksums to compare (the folder is not complete)" if folder.partial else "no checksums found")
        if not folder.partial:
            found.append("missing: SHA256SUMS")
    if sums.added:
        fine.append(f"{len(sums.added)} added since: {', '.join(sums.added[:3])}")
    found += [f"missing: {name}" for name in folder.missing_runs() if f"missing: {name}" not in found and folder.run]
    found += [f"unreadable: {words}" for words in folder.broken]
    if folder.study:
        fine.append(f"a {folder.study} study keeps no runs to make again")
        return found, fine, NOT_EQUAL if found else EQUAL if sums.counted else UNTOLD
    code = verifying.other_code(folder)
    if code:
        found += [f"other code: {name}" for name in code]
    elif code is not None:
        fine.append("the same code")
    found += [
        f"changed: the settings of {d.name} are not those of its plan"
        for d in folder.described
        if d.scenario is not None and d.config_sha256 and not d.same
    ]
    settings = verifying.other_settings(folder)
    found += [f"other settings: {line}" for line in settings]
    if not settings and any(d.tree is not None for d in folder.described):
        fine.append("the same settings")
    if code == []:
        _repeat(folder, runs, found, fine)
        if tables:
            _tables(folder, found, fine)
    elif runs:
        fine.append("no run made again, as other code would not give the same")
    told = bool(sums.counted) or any("made again" in line and line[0].isdigit() for line in fine)
    return found, fine, NOT_EQUAL if found else EQUAL if told else UNTOLD


def _repeat(folder: Opened, runs: int, found: list[str], fine: list[str]) -> None:
    """Make a sample of the runs again and compare digests and tables."""
    from sim.experiment.verifying import compared, make_again, sample

    chosen = sample(folder, runs)
    if not chosen:
        fine.append("no run made again")
        return
    says: list[str] = []
    for number, (described, made) in enumerate(make_again(folder, chosen), 1):
        if sys.stderr.isatty():
            print(f"\rVERIFY  {number} of {len(chosen)} runs made again", end="\r", file=sys.stderr)
        says += [f"changed: {line}" for line in compared(folder, described, made)]
    found += says
    if not says:
        kept = sum(map(len, folder.files.values()))
        fine.append(f"{len(chosen)} of {kept} runs made again, digests and tables equal")


def _tables(folder: Opened, found: list[str], fine: list[str]) -> None:
    """Make the CSV tables again from the runs that are kept and compare their bytes."""
    from sim.analysis.intervals import LEVEL, computed_at
    from sim.commands.report import _settings
    from sim.report.build import write_table
    from sim.report.story import Story
    from sim.report.tables import all_tables

    results = {name: runs for name, runs in folder.results.items() if runs}
    if not results:
        return
    with TemporaryDirectory() as made, computed_at(folder.level or LEVEL):
        story = Story.of(results, _settings(folder, []), folder.scenarios, folder.started)
        tables = all_tables(story)
        for name, table in tables.items():
            write_table(table, Path(made) / name)
            kept = folder.path / name
            if not kept.is_file():
                found.append(f"missing: {name}")
            elif kept.read_bytes() != (Path(made) / name).read_bytes():
                found.append(f"changed: {name} (made again from the runs it is another)")
    if not any("made again from the runs" in line for line in found):
        fine.append(f"{len(tables)} tables made again from the runs, bytes equal")


def _count(typed: str | None) -> int:
    from sim.experiment.verifying import SAMPLE

    if typed is None:
        return SAMPLE
    if not typed.isdigit():
        raise refusal("verify", f'--runs must be a number of runs, 0 or more, got "{typed}"')
    return int(typed)
