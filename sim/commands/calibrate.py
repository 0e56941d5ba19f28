"""``+experiment=calibrate``: which parameter values the published findings do not rule out.

Every run is kept as it ends, so the same command goes on where it was stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.commands import console
from sim.commands.engine import engine_of

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

ANSWERED, FAILED, STOPPED = 0, 1, 130
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
    store = Path(run.output) / ".values"
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
        with telling(options.quiet) as tell:
            found = calibrate(
                scenario, rule, patterns, ready.register, store,
                seed=run.seed, engine=engine_of(run), tell=tell,
            )  # fmt: skip
    except KeyboardInterrupt:
        print("STOPPED by you. Every finished run is kept; the same command goes on.", file=sys.stderr)
        return STOPPED
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
    folder.index(question="which parameter values are not ruled out", runs=str(found.runs.n), answer=lines[0])
    print(console.block("ANSWER", lines))
    print(console.block("READ", [console.shown_path(page)]))
    if found.failed_runs:
        says = [f"{found.failed_runs} runs failed and were left out.", *found.causes[:3]]
        print(console.block("FAILED", says), file=sys.stderr)
    return ANSWERED if found.members.n >= 1 and not found.failed_runs else FAILED


def write(folder: ExperimentFolder, story: CalibrationStory, loaded: Loaded, started: datetime) -> Path:
    """Write tables, figures and page, and give the folder its lasting name; returns the page."""
    from sim.experiment import manifest
    from sim.report import calibration as report
    from sim.report.build import write_table
    from sim.report.studies import calibration_page
    from sim.report.tables import assumptions_of

    folder.write_text("ensemble.csv", report.ensemble_csv(story))
    tables = {
        "waves.csv": report.waves_table(story),
        "points.csv": report.points_table(story),
        "emulators.csv": report.emulators_table(story),
        "assumptions.csv": assumptions_of(loaded.scenarios, loaded.run.figures, loaded.run.impacts),
    }
    if story.found.members.n:
        tables |= {"patterns.csv": report.patterns_table(story), "informed.csv": report.informed_table(story)}
    for name, table in tables.items():
        write_table(table, folder.path / name)
    content = {
        "schema_version": manifest.SCHEMA_VERSION,
        "name": loaded.run.name,
        "command": story.command,
        "study": "calibration",
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(started.tzinfo).isoformat(timespec="seconds"),
        "seed": loaded.run.seed,
        "points": story.found.runs.n,
        "members": story.found.members.n,
        "code": manifest.code_state(),
        "machine": manifest.machine(),
        "packages": manifest.packages(),
    }
    folder.write_json("run.json", content)
    if patch := manifest.code_patch():
        folder.write_text("code.patch", patch)
    page = calibration_page.write(folder.path, story)
    folder.settle()
    folder.seal()
    return page


@contextmanager
def telling(quiet: bool) -> Iterator[Callable[[Told], None]]:
    """A callback that shows on stderr how far the wave in hand is; one line each tenth in a log."""
    shown: dict[tuple[int, str], int] = {}

    def tell(told: Told) -> None:
        made = told.made
        tenth = 10 * made.done // made.planned if made.planned else 0
        if quiet or shown.get((told.wave, told.doing), -1) >= tenth:
            return
        shown[told.wave, told.doing] = tenth
        what = f"wave {told.wave}" if told.wave else "judging"
        if told.doing != "runs":
            print(f"RUN     {what}   fitting the {told.doing}", file=sys.stderr, flush=True)
            return
        words = f"RUN     {what}   {made.done}/{made.planned}   {made.reused} reused   {made.failed} failed"
        print(words, file=sys.stderr, flush=True)

    yield tell
