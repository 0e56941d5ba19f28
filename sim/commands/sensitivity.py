"""``+experiment=sensitivity``: which inputs move the answer, one at a time and all together.

Every run is kept as it ends, so the same command goes on where it was stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands import console
from sim.commands.calibrate import ANSWERED, FAILED, STOPPED, needs_extra, one_scenario
from sim.commands.engine import engine_of

if TYPE_CHECKING:
    from sim.cli import Options
    from sim.experiment.folder import ExperimentFolder
    from sim.report.sensitivity import SensitivityStory
    from sim.scenario import Scenario
    from sim.settings.loading import Loaded
    from sim.uncertainty.points import Made
    from sim.uncertainty.space import Space
    from sim.uncertainty.study import SensitivityRule


def main(options: Options, block: Mapping[str, Any], words: list[str]) -> int:
    """Run a sensitivity study; ``block`` is its settings and ``words`` what else was typed.

    Raises:
        SettingsError: before anything is run or written.
    """
    from sim.experiment.engines import worker_count
    from sim.report.sensitivity import SensitivityStory, console_lines
    from sim.uncertainty.sensitivity import measure_sensitivity
    from sim.uncertainty.study import sensitivity_rule

    needs_extra("SALib")
    rule = sensitivity_rule(block)
    loaded = one_scenario(words, options, "sensitivity")
    nothing, run = loaded.scenarios[0], loaded.run
    policy = _policy(words, options, rule.policy)
    space = _space(loaded, rule)
    started = datetime.now().astimezone()
    store = Path(run.output) / ".values"
    entries = len(space.axes)
    planned = _planned(rule, entries)
    says = [
        f"{entries} entries, each alone to both ends and all together in {rule.trajectories} walks: {planned:,} runs,"
        f" doing nothing and {rule.policy}. {nothing.world.name.capitalize()} world.",
        f"{worker_count(run.engine, run.workers, planned)} workers. Finished runs are kept: the same command goes on.",
    ]
    if not options.quiet:
        print(console.block("PLAN", says) + "\n", flush=True)
    shown: dict[str, int] = {}

    def tell(what: str, made: Made) -> None:
        tenth = 10 * made.done // max(made.planned, 1)
        if not options.quiet and shown.get(what, -1) < tenth:
            shown[what] = tenth
            words = f"RUN     {what}   {made.done}/{made.planned}   {made.reused} reused   {made.failed} failed"
            print(words, file=sys.stderr, flush=True)

    try:
        found = measure_sensitivity(
            nothing, policy, space, rule, store, seed=run.seed, engine=engine_of(run), tell=tell
        )
    except KeyboardInterrupt:
        print("STOPPED by you. Every finished run is kept; the same command goes on.", file=sys.stderr)
        return STOPPED
    story = SensitivityStory(found, nothing, run.figures, _command(options), started, run.seed)
    from sim.experiment.folder import ExperimentFolder

    folder = ExperimentFolder.make(Path(run.output), run.name, started)
    page = _write(folder, story, loaded)
    lines = console_lines(story)
    folder.index(question="which inputs move the answer", runs=str(found.runs), answer=lines[0])
    print(console.block("ANSWER", lines))
    print(console.block("READ", [console.shown_path(page)]))
    if found.failed_runs:
        print(console.block("FAILED", [f"{found.failed_runs} runs failed.", *found.causes[:3]]), file=sys.stderr)
    return FAILED if found.failed_runs else ANSWERED


def check(options: Options, block: Mapping[str, Any], words: list[str]) -> str:
    """What a sensitivity study would do, in a sentence; raises SettingsError when it would be refused."""
    from sim.uncertainty.study import sensitivity_rule

    needs_extra("SALib")
    rule = sensitivity_rule(block)
    loaded = one_scenario(words, options, "sensitivity")
    _policy(words, options, rule.policy)
    entries = len(_space(loaded, rule).axes)
    return f"{entries} entries checked, 0 problems. It would make {_planned(rule, entries):,} runs."


def _planned(rule: SensitivityRule, entries: int) -> int:
    alone, together = (
        (1 + 2 * entries) * rule.replications,
        rule.trajectories * (entries + 1) * rule.screen_replications,
    )
    return 2 * (alone + together)


def _policy(words: list[str], options: Options, name: str) -> Scenario:
    """The same world under the policy that is watched; raises SettingsError when there is no such policy."""
    from sim.settings.loading import load_all
    from sim.settings.sources import EXPERIMENT

    kept = [w for w in words if w.lstrip("+").partition("=")[0] not in (EXPERIMENT, "policy")]
    return load_all([*kept, f"policy={name}"], config_dir=options.config_dir).scenarios[0]


def _space(loaded: Loaded, rule: SensitivityRule) -> Space:
    """The entries that are moved: the most uncertain of the register, and those named; no figure of a single CRC."""
    from sim.parameters.register import rows, uncertain
    from sim.settings.vary import WORLD, spec_of
    from sim.uncertainty.sensitivity import widest
    from sim.uncertainty.space import Space, space_of

    scenario, figures = loaded.scenarios[0], loaded.run.figures
    wide = [
        row.name
        for row in uncertain(scenario, figures)
        if spec_of(row.name, scenario) is not None and not row.name.startswith(f"{WORLD}.")
    ]
    register = rows(scenario, figures)
    ranked = space_of({name: rule.parameters.get(name) for name in wide}, register, scenario)
    kept = widest(ranked.axes, scenario, rule.entries)
    further = {name: ends for name, ends in rule.parameters.items() if name not in kept.names}
    return kept if not further else Space((*kept.axes, *space_of(further, register, scenario).axes))


def _command(options: Options) -> str:
    from sim.commands.experiment import command_line

    return command_line(options)


def _write(folder: ExperimentFolder, story: SensitivityStory, loaded: Loaded) -> Path:
    """Write tables, figures and page, and give the folder its lasting name; returns the page."""
    from sim.experiment import manifest
    from sim.report import sensitivity as report
    from sim.report.build import write_table
    from sim.report.studies import sensitivity_page
    from sim.report.tables import assumptions_of

    tables = {
        "tornado.csv": report.tornado_table(story),
        "morris.csv": report.morris_table(story),
        "impacts.csv": report.impacts_table(story),
        "assumptions.csv": assumptions_of(loaded.scenarios, loaded.run.figures, loaded.run.impacts),
    }
    folder.write_text("measured.csv", report.measured_csv(story))
    for name, table in tables.items():
        write_table(table, folder.path / name)
    content = {
        "schema_version": manifest.SCHEMA_VERSION,
        "name": loaded.run.name,
        "command": story.command,
        "study": "sensitivity",
        "started": story.started.isoformat(timespec="seconds"),
        "finished": datetime.now(story.started.tzinfo).isoformat(timespec="seconds"),
        "seed": loaded.run.seed,
        "runs": story.found.runs,
        "code": manifest.code_state(),
        "machine": manifest.machine(),
        "packages": manifest.packages(),
    }
    folder.write_json("run.json", content)
    if patch := manifest.code_patch():
        folder.write_text("code.patch", patch)
    page = sensitivity_page.write(folder.path, story)
    folder.settle()
    folder.seal()
    return page
