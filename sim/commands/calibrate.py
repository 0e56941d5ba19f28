"""``+experiment=calibrate``: which parameter values the published findings do not rule out.

Every run is kept as it ends, so the same command goes on where it was stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.commands import console
from sim.commands.engine import engine_of
from sim.commands.studies import (
    ANSWERED,
    FAILED,
    answer,
    needs_extra,
    one_scenario,
    progress,
    stopped,
    store_of,
    write_folder,
)

if TYPE_CHECKING:
    from sim.analysis.patterns import Pattern
    from sim.cli import Options
    from sim.experiment.folder import ExperimentFolder
    from sim.parameters.register import Row
    from sim.report.calibration import CalibrationStory
    from sim.settings.loading import Loaded
    from sim.uncertainty.calibration import Calibrated, Told
    from sim.uncertainty.space import Space
    from sim.uncertainty.study import CalibrationRule

SINGLE_REPLICATIONS: Final = 10


def main(options: Options, block: Mapping[str, Any], words: list[str]) -> int:
    """Run a calibration; ``block`` is its settings and ``words`` what else was typed.

    Raises:
        SettingsError: before anything is run or written.
    """
    from sim.experiment.engines import worker_count
    from sim.uncertainty.calibration import calibrate
    from sim.uncertainty.waves import NothingLeft

    ready = _ready(options, block, words)
    rule, loaded, patterns = ready.rule, ready.loaded, ready.patterns
    scenario, run = loaded.scenarios[0], loaded.run
    started = datetime.now().astimezone()
    store = store_of(run)
    planned = sum(wave.points * wave.replications for wave in rule.waves)
    workers = worker_count(run.engine, run.workers, planned)
    says = [
        f"{len(ready.space.axes)} parameters, {len(rule.waves)} waves, about {planned:,} runs and more while fewer than"
        f" {rule.members} worlds are found. {scenario.world.name.capitalize()} world.",
        f"{workers} workers. Finished runs are kept in {console.shown_path(store)}: the same command goes on.",
    ]
    if not options.quiet:
        print(console.block("PLAN", says) + "\n", flush=True)
    try:
        found = calibrate(
            scenario, rule, patterns, ready.register, store,
            seed=run.seed, engine=engine_of(run), tell=telling(quiet=options.quiet),
        )  # fmt: skip
    except KeyboardInterrupt:
        return stopped()
    except NothingLeft:
        says = [
            "No point of the space is plausible any more: some pattern cannot be met with the others within these"
            " ranges, or the cutoffs are too strict. Every finished run is kept.",
            "widen a range, raise calibration.discrepancy_share, or give more points to the first wave",
        ]
        print(console.block("FAILED", says), file=sys.stderr)
        return FAILED
    return _finish(loaded, found, patterns, options, started, store, rule.members_least)


def check(options: Options, block: Mapping[str, Any], words: list[str]) -> str:
    """What a calibration would do, in a sentence; raises SettingsError when it would be refused."""
    ready = _ready(options, block, words)
    planned = sum(wave.points * wave.replications for wave in ready.rule.waves)
    return f"{len(ready.space.axes)} parameters checked, 0 problems. It would make about {planned:,} runs."


@dataclass(frozen=True, slots=True)
class _Ready:
    """A calibration that was checked and can begin."""

    rule: CalibrationRule
    loaded: Loaded
    patterns: tuple[Pattern, ...]
    register: tuple[Row, ...]
    space: Space


def _ready(options: Options, block: Mapping[str, Any], words: list[str]) -> _Ready:
    from sim.analysis.patterns import named_patterns
    from sim.parameters.register import rows
    from sim.settings.loading import find_sources
    from sim.uncertainty.space import space_of
    from sim.uncertainty.study import calibration_rule

    needs_extra("sklearn")
    rule = calibration_rule(block)
    loaded = one_scenario(words, options, "calibrate")
    scenario = loaded.scenarios[0]
    patterns = named_patterns(rule.patterns, find_sources(options.config_dir))
    register = rows(scenario, loaded.run.figures)
    return _Ready(rule, loaded, patterns, register, space_of(rule.parameters, register, scenario))


def _finish(
    loaded: Loaded,
    found: Calibrated,
    patterns: Any,
    options: Options,
    started: datetime,
    store: Path,
    members_least: int,
) -> int:
    """Write the folder and say what was found."""
    from sim.commands.experiment import command_line
    from sim.experiment.folder import ExperimentFolder
    from sim.experiment.plan import source_digest
    from sim.report.calibration import CalibrationStory, console_lines
    from sim.uncertainty.calibration import single_replications

    run = loaded.run
    single: tuple[int, ...] = ()
    if found.members.n:
        counts = single_replications(
            loaded.scenarios[0], found, patterns, store,
            replications=SINGLE_REPLICATIONS, seed=run.seed, engine=engine_of(run),
        )  # fmt: skip
        single = tuple(int(count) for count in counts)
    made = f"Made on {started:%Y-%m-%d}, seed {run.seed}, model source {source_digest()[:12]}."
    story = CalibrationStory(
        found, single, members_least, command_line(options), made, loaded.scenarios[0], started, run.seed
    )
    folder = ExperimentFolder.make(Path(run.output), run.name, started)
    page = write(folder, story, loaded, started)
    lines = console_lines(story)
    answer(folder, page, lines, question="which parameter values are not ruled out", runs=found.runs.n)
    if found.failed_runs:
        says = [f"{found.failed_runs} runs failed and were left out.", *found.causes[:3]]
        print(console.block("FAILED", says), file=sys.stderr)
    return ANSWERED if found.members.n >= 1 and not found.failed_runs else FAILED


def write(folder: ExperimentFolder, story: CalibrationStory, loaded: Loaded, started: datetime) -> Path:
    """Write tables, figures and page, and give the folder its lasting name; returns the page."""
    from sim.report import calibration as report
    from sim.report.studies import calibration_page

    folder.write_text("ensemble.csv", report.ensemble_csv(story))
    tables = {
        "waves.csv": report.waves_table(story),
        "points.csv": report.points_table(story),
        "emulators.csv": report.emulators_table(story),
    }
    if story.found.members.n:
        tables |= {"patterns.csv": report.patterns_table(story), "informed.csv": report.informed_table(story)}
    return write_folder(
        folder,
        tables,
        lambda path: calibration_page.write(path, story),
        study="calibration",
        command=story.command,
        loaded=loaded,
        started=started,
        counts={"points": story.found.runs.n, "members": story.found.members.n},
    )


def telling(*, quiet: bool) -> Callable[[Told], None]:
    """A callback that shows on stderr how far the wave in hand is."""
    runs = progress(quiet=quiet)

    def tell(told: Told) -> None:
        what = f"wave {told.wave}" if told.wave else "judging"
        if told.doing == "runs":
            runs(what, told.made)
        elif not quiet:
            print(f"RUN     {what}   fitting the {told.doing}", file=sys.stderr, flush=True)

    return tell
