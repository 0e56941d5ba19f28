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
    from sim.cli import Options
    from sim.experiment.folder import ExperimentFolder
    from sim.report.sensitivity import SensitivityStory
    from sim.scenario import Scenario
    from sim.settings.loading import Loaded
    from sim.uncertainty.space import Space
    from sim.uncertainty.study import SensitivityRule


def main(options: Options, block: Mapping[str, Any], words: list[str]) -> int:
    """Run a sensitivity study; ``block`` is its settings and ``words`` what else was typed.

    Raises:
        SettingsError: before anything is run or written.
    """
    from sim.commands.experiment import command_line
    from sim.experiment.engines import worker_count
    from sim.experiment.folder import ExperimentFolder
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
    store = store_of(run)
    entries = len(space.axes)
    planned = _planned(rule, entries)
    says = [
        f"{entries} entries, each alone to both ends and all together in {rule.trajectories} walks: {planned:,} runs,"
        f" doing nothing and {rule.policy}. {nothing.world.name.capitalize()} world.",
        f"{worker_count(run.engine, run.workers, planned)} workers. Finished runs are kept: the same command goes on.",
    ]
    if not options.quiet:
        print(console.block("PLAN", says) + "\n", flush=True)
    try:
        found = measure_sensitivity(
            nothing, policy, space, rule, store,
            seed=run.seed, engine=engine_of(run), tell=progress(quiet=options.quiet),
        )  # fmt: skip
    except KeyboardInterrupt:
        return stopped()
    story = SensitivityStory(found, nothing, run.figures, command_line(options), started, run.seed)
    folder = ExperimentFolder.make(Path(run.output), run.name, started)
    page = _write(folder, story, loaded)
    lines = console_lines(story)
    answer(folder, page, lines, question="which inputs move the answer", runs=found.runs)
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
    alone = (1 + 2 * entries) * rule.replications
    together = rule.trajectories * (entries + 1) * rule.screen_replications
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


def _write(folder: ExperimentFolder, story: SensitivityStory, loaded: Loaded) -> Path:
    """Write tables, figures and page, and give the folder its lasting name; returns the page."""
    from sim.report import sensitivity as report
    from sim.report.studies import sensitivity_page

    folder.write_text("measured.csv", report.measured_csv(story))
    return write_folder(
        folder,
        {
            "tornado.csv": report.tornado_table(story),
            "morris.csv": report.morris_table(story),
            "impacts.csv": report.impacts_table(story),
        },
        lambda path: sensitivity_page.write(path, story),
        study="sensitivity",
        command=story.command,
        loaded=loaded,
        started=story.started,
        counts={"runs": story.found.runs},
    )
