"""The main command: check everything, make the runs of the plan, write the folder, print the answer."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.commands import console
from sim.commands.ending import STOPPED, TERMINATED, finish, no_room_left
from sim.commands.engine import engine_of
from sim.commands.signals import ended_like_ctrl_c
from sim.settings.worlds import by_world

if TYPE_CHECKING:
    from sim.analysis.stopping import Stopping
    from sim.cli import Options
    from sim.experiment.folder import ExperimentFolder
    from sim.experiment.keyed import KeyedStore
    from sim.experiment.plan import Plan
    from sim.experiment.run import Outcome
    from sim.settings.known import RunSettings
    from sim.settings.loading import Loaded

# A kind of study -> the module that runs it; every other experiment is a sweep and is run here.
STUDIES: Final = {"calibration": "sim.commands.calibrate", "sensitivity": "sim.commands.sensitivity"}


def main(options: Options) -> int:
    """Run an experiment; raises SettingsError before anything is run or written."""
    from sim.settings.loading import find_sources, load_all
    from sim.uncertainty.study import study_of

    study = study_of(options.words, find_sources(options.config_dir))
    if study is not None:
        kind, block, words = study
        return int(study_module(kind).main(options, block, words))
    loaded = load_all(options.words, sweep=options.sweep, config_dir=options.config_dir)

    from sim.analysis.patterns import named_patterns
    from sim.experiment.cluster import ClusterError
    from sim.experiment.earlier import made_by_other_code
    from sim.experiment.engines import worker_count
    from sim.experiment.frozen import CodeChanged
    from sim.experiment.keyed import KeyedStore
    from sim.experiment.plan import Plan
    from sim.experiment.trunks import effort
    from sim.settings.problems import Problem, SettingsError

    run = replace(loaded.run, command=command_line(options))
    stopping = _stopping(run)
    numbers = [run.only_replication] if run.only_replication else list(range(1, run.replications + 1))
    named_patterns(run.patterns, find_sources(options.config_dir))  # a mistake in them is found before anything runs
    every = loaded.with_worlds()
    plan = Plan.of(every.scenarios, seed=run.seed, replications=numbers, fewer=loaded.worlds.fewer)
    shared = KeyedStore(Path(run.output))
    found = shared.find_all(plan.tasks)
    missing = [task for task in plan.tasks if task.key not in found]
    workers = worker_count(run.engine, run.workers, len(missing))
    started = datetime.now().astimezone()
    folder = _folder(run, started)
    if not (options.quiet or options.as_json):
        earlier = made_by_other_code(folder.path.parent, plan) if missing else None
        text = console.plan_text(
            loaded,
            len(numbers),
            workers,
            folder.path,
            stopping,
            missing=len(missing),
            effort=effort(missing, engine_of(run)),
            planned=len(plan.tasks),
            earlier=earlier,
        )
        print(text + "\n", flush=True)
    if shared.damaged:
        print(console.block("NOTE", shared.damaged), file=sys.stderr)
    try:
        with ended_like_ctrl_c() as told:
            outcome = _runs(plan, run, folder, shared, loaded, options, stopping, started, workers)
            told.to_end = told.to_end or outcome.terminated
            if stopping is not None:
                run = replace(run, stopping=stopping.words)
                plan = replace(plan, replications=tuple(range(1, _made(outcome, plan) + 1)))
            code = finish(plan, run, folder, loaded, outcome, started, workers, options, stopping, told)
        return TERMINATED if code == STOPPED and told.to_end else code
    except KeyboardInterrupt:  # before the first run, or while the folder was being written
        if not folder.runs.is_dir():
            folder.discard()
        raise
    except (ClusterError, CodeChanged) as error:
        folder.discard()
        raise SettingsError([Problem("engine", str(error))]) from error
    except OSError as error:
        return no_room_left(error, folder, shared)


def study_module(kind: str) -> Any:
    """The module of a kind of study: its ``main`` runs it, its ``check`` only validates."""
    return import_module(STUDIES[kind])


def _made(outcome: Outcome, plan: Plan) -> int:
    """Replications of the scenarios that are run with all of them."""
    last = {scenario.name: plan.fewer.get(scenario.name) for scenario in plan.scenarios}
    made = 1
    while sum(made if few is None else min(few, made) for few in last.values()) < outcome.planned:
        made += 1
    return made


def command_line(options: Options) -> str:
    """The command as it can be typed again."""
    words = [word for word in options.typed if word not in ("run", "--quiet", "-q", "--json", "--debug")]
    return " ".join(["python -m sim", shlex.join(words)]).strip()


def _stopping(run: RunSettings) -> Stopping | None:
    """The rule by which replications are added; None when their number was given."""
    if not run.auto or run.only_replication:
        return None
    from sim.analysis.stopping import Stopping

    return Stopping(run.replications_batch, run.replications_cap, run.margin_share)


def _folder(run: RunSettings, started: datetime) -> ExperimentFolder:
    from sim.experiment.folder import ExperimentFolder
    from sim.settings.problems import TYPED, Problem, SettingsError

    try:
        return ExperimentFolder.make(Path(run.output), run.name, started)
    except OSError as error:
        what = f"output must be a folder that can be written, got {run.output}: {error.strerror or error}"
        raise SettingsError([Problem("output", what, TYPED)]) from error


def _runs(
    plan: Plan,
    run: RunSettings,
    folder: ExperimentFolder,
    shared: KeyedStore,
    loaded: Loaded,
    options: Options,
    stopping: Stopping | None,
    started: datetime,
    workers: int,
) -> Outcome:
    """Freeze the plan in the folder, then make its runs, and more of them while the stopping rule asks for more."""
    from sim.analysis.patterns import whole_patterns
    from sim.experiment import kept, manifest
    from sim.experiment.frozen import freeze
    from sim.experiment.run import Outcome, execute
    from sim.experiment.trunks import shares

    whole = plan if stopping is None else replace(plan, replications=tuple(range(1, stopping.cap + 1)))
    rule = None if stopping is None else stopping.content()
    planned = loaded.with_worlds()
    folder.write_json("plan.json", manifest.plan_content(whole, planned.overrides, stopping=rule))
    names = [scenario.name for scenario in planned.scenarios]
    folder.write_json(kept.SETTINGS, kept.settings_content(names, planned.trees, planned.choices))

    nothing = Outcome({}, len(plan.tasks))
    begun = manifest.run_content(
        plan,
        nothing,
        name=run.name,
        command=run.command,
        started=started,
        engine=run.engine,
        workers=workers,
        shared_history=shares(plan.tasks, engine_of(run)),
        running=True,
    )
    folder.write_json("run.json", begun)

    def more(outcome: Outcome) -> Plan | None:
        if stopping is None:
            return None
        numbers = stopping.look(by_world(outcome.results)[""], loaded.scenarios, _made(outcome, plan))
        return replace(plan, replications=tuple(numbers)) if numbers else None

    _write_hydra(folder, loaded, options)
    if run.patterns_file:
        folder.write_text(kept.PATTERNS, whole_patterns(Path(run.patterns_file)))
    engine = engine_of(run, code=freeze(folder.path.absolute(), plan.source_digest))
    shared.sweep_up()
    with console.progress(len(plan.tasks), quiet=options.quiet or options.as_json) as show:
        return execute(
            plan,
            folder.runs,
            engine=engine,
            on_failure=run.on_failure,
            shared=shared,
            progress=show,
            more=more,
            stopping=lambda running: print(
                "\nStopping: runs that have begun are finished first (Ctrl-C again drops them).", file=sys.stderr
            ),
        )


def _write_hydra(folder: ExperimentFolder, loaded: Loaded, options: Options) -> None:
    """The resolved settings of the first scenario and what was typed, where Hydra's users look for them."""
    import yaml

    folder.write_text(".hydra/config.yaml", yaml.safe_dump(loaded.trees[0], sort_keys=False, allow_unicode=True))
    folder.write_text(".hydra/overrides.yaml", yaml.safe_dump(list(options.words), allow_unicode=True))
