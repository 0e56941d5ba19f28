"""What calibration and sensitivity commands share: what they need, how far they are, the folder they leave."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands import console

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli import Options
    from sim.experiment.folder import ExperimentFolder
    from sim.settings.known import RunSettings
    from sim.settings.loading import Loaded
    from sim.uncertainty.points import Made

ANSWERED, FAILED, STOPPED = 0, 1, 130


def needs_extra(module: str) -> None:
    """Refuse, with the way out, when a library that studies use is not installed; raises SettingsError."""
    from importlib.util import find_spec

    from sim.settings.problems import Problem, SettingsError

    if find_spec(module) is None:
        what = f"this experiment needs the library {module}, which is not installed"
        advice = (
            "type   python -m pip install 'probation-supply-chains[uncertainty]'",
            "in a checkout   -e '.[uncertainty]'",
        )
        raise SettingsError([Problem("experiment", what, advice=advice)])


def one_scenario(words: list[str], options: Options, name: str) -> Loaded:
    """The one scenario, doing nothing, that a study moves the parameters of; raises SettingsError otherwise."""
    from sim.settings.loading import load_all
    from sim.settings.problems import TYPED, Problem, SettingsError
    from sim.settings.sources import EXPERIMENT

    kept = [w for w in words if not w.lstrip("+").startswith(f"{EXPERIMENT}=")]
    if not any(w.startswith("name=") for w in kept):
        kept.append(f"name={name}")
    loaded = load_all(kept, sweep=options.sweep, config_dir=options.config_dir)
    if len(loaded.scenarios) > 1 or (loaded.scenarios[0].policy and loaded.scenarios[0].policy.levers):
        what = f"+experiment={name} takes one world doing nothing, not a policy or a sweep"
        raise SettingsError([Problem(name, what, TYPED)])
    return loaded


def store_of(run: RunSettings) -> Path:
    """Where finished runs of studies are kept and looked up."""
    from sim.uncertainty.points import STORE

    return Path(run.output) / STORE


def progress(*, quiet: bool) -> Callable[[str, Made], None]:
    """A callback that shows on stderr how far a part of the work is, one line each tenth."""
    shown: dict[str, int] = {}

    def tell(what: str, made: Made) -> None:
        tenth = 10 * made.done // max(made.planned, 1)
        if not quiet and shown.get(what, -1) < tenth:
            shown[what] = tenth
            words = f"RUN     {what}   {made.done}/{made.planned}   {made.reused} reused   {made.failed} failed"
            print(words, file=sys.stderr, flush=True)

    return tell


def stopped() -> int:
    """Say what Ctrl-C left; returns the exit code."""
    print("STOPPED by you. Every finished run is kept; the same command goes on.", file=sys.stderr)
    return STOPPED


def write_folder(
    folder: ExperimentFolder,
    tables: Mapping[str, pd.DataFrame],
    page: Callable[[Path], Path],
    *,
    study: str,
    command: str,
    loaded: Loaded,
    started: datetime,
    counts: Mapping[str, int],
) -> Path:
    """Write tables, assumptions, what was run and the page, and seal the folder; returns the page.

    Args:
        page: writes page and figures into the folder.
        counts: what ``run.json`` says of the work, for instance how many runs.
    """
    from sim.experiment import manifest
    from sim.report.build import write_table
    from sim.report.tables import assumptions_of

    run = loaded.run
    assumed = assumptions_of(loaded.scenarios, run.figures, run.impacts)
    for name, table in {**tables, "assumptions.csv": assumed}.items():
        write_table(table, folder.path / name)
    content = {
        "schema_version": manifest.SCHEMA_VERSION,
        "name": run.name,
        "command": command,
        "study": study,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(started.tzinfo).isoformat(timespec="seconds"),
        "seed": run.seed,
        **counts,
        "code": manifest.code_state(),
        "machine": manifest.machine(),
        "packages": manifest.packages(),
    }
    folder.write_json("run.json", content)
    if patch := manifest.code_patch():
        folder.write_text("code.patch", patch)
    written = page(folder.path)
    folder.settle()
    folder.seal()
    return written


def answer(folder: ExperimentFolder, page: Path, lines: Sequence[str], *, question: str, runs: int) -> None:
    """Say what was found and where to read on, and add the line to the index of all experiments."""
    folder.index(question=question, runs=str(runs), answer=lines[0])
    print(console.block("ANSWER", lines))
    print(console.block("READ", [console.shown_path(page)]))
