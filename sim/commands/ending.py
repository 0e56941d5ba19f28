"""After the last run of an experiment: its record, its report, what the terminal says, and the exit code."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sim.commands import console
from sim.commands.engine import engine_of
from sim.settings.worlds import by_world, split_name

if TYPE_CHECKING:
    from sim.analysis.stopping import Stopping
    from sim.cli import Options
    from sim.commands.signals import Told
    from sim.experiment.folder import ExperimentFolder
    from sim.experiment.keyed import KeyedStore
    from sim.experiment.plan import Plan
    from sim.experiment.run import Outcome
    from sim.settings.known import RunSettings
    from sim.settings.loading import Loaded

ANSWERED, FAILED, STOPPED, TERMINATED = 0, 1, 130, 143


def finish(
    plan: Plan,
    run: RunSettings,
    folder: ExperimentFolder,
    loaded: Loaded,
    outcome: Outcome,
    started: datetime,
    workers: int,
    options: Options,
    stopping: Stopping | None,
    told: Told,
) -> int:
    """Write what the runs gave and say it."""
    from sim.experiment import manifest
    from sim.experiment.trunks import shares

    if outcome.interrupted and not outcome.ended:
        folder.discard()
        print(console.stopped_text(outcome, None, by_you=not told.to_end), file=sys.stderr)
        return STOPPED
    folder.write_failures(outcome.failures)
    content = manifest.run_content(
        plan,
        outcome,
        name=run.name,
        command=run.command,
        started=started,
        engine=run.engine,
        workers=workers,
        shared_history=shares(plan.tasks, engine_of(run)),
    )
    if stopping is not None:
        content["stopping"] = stopping.content()
    folder.write_json("run.json", content)
    if patch := manifest.code_patch():
        folder.write_text("code.patch", patch)
    folder.settle()
    run = replace(run, planned_runs=outcome.planned, failed_runs=len(outcome.failures))
    question = _question(loaded)
    runs = f"{outcome.finished} of {outcome.planned}"
    if outcome.interrupted or outcome.halted:
        folder.index(question=question, runs=runs, answer="stopped before the end")
        print(console.stopped_text(outcome, folder.path, by_you=not told.to_end), file=sys.stderr)
        if outcome.failures:
            print(console.failures_text(outcome, folder.path, _redo(loaded, outcome, options)), file=sys.stderr)
        return STOPPED if outcome.interrupted else FAILED
    if not outcome.finished:
        folder.index(question=question, runs=runs, answer="every run failed")
        print(console.failures_text(outcome, folder.path, _redo(loaded, outcome, options)), file=sys.stderr)
        return FAILED
    try:
        text = _report(folder, run, loaded, outcome, started, options, stopping)
    except KeyboardInterrupt:
        folder.index(question=question, runs=runs, answer="stopped before the report")
        print(console.stopped_text(outcome, folder.path, by_you=not told.to_end), file=sys.stderr)
        return STOPPED
    answer = console.first_sentence(text) if text else "the report failed"
    folder.index(question=question, runs=runs, answer=answer)
    if text:
        folder.seal()
    _say(text, folder, outcome, run, options)
    if outcome.failures:
        print(console.failures_text(outcome, folder.path, _redo(loaded, outcome, options)), file=sys.stderr)
    broken = _not_the_same(outcome, loaded)
    if broken:
        print(console.block("FAILED", broken), file=sys.stderr)
    return FAILED if outcome.failures or broken or not text else ANSWERED


def _not_the_same(outcome: Outcome, loaded: Loaded) -> list[str]:
    """What must never happen: scenarios that differ from do_nothing before their first lever date, in words."""
    from sim.analysis.ensemble import Ensemble
    from sim.analysis.sameness import histories

    told = []
    for world, results in by_world(outcome.results).items():
        ensembles = {name: Ensemble.of(name, runs) for name, runs in results.items() if runs}
        found = histories(ensembles, {scenario.name: scenario for scenario in loaded.scenarios})
        place = f" in world {world}" if world else ""
        told += [f"NOT the same as do_nothing{place} before {s.before}: {s.words}" for s in found if s.broken]
    return told


def _report(
    folder: ExperimentFolder,
    run: RunSettings,
    loaded: Loaded,
    outcome: Outcome,
    started: datetime,
    options: Options,
    stopping: Stopping | None,
) -> str:
    """The report's text for the terminal; empty when it could not be written (the runs are kept)."""
    try:
        from sim.analysis.intervals import LEVEL, computed_at
        from sim.report.build import write_report

        with computed_at(stopping.level if stopping else LEVEL):
            return write_report(folder.path, outcome.results, run, list(loaded.with_worlds().scenarios), started)
    except Exception as error:
        if options.debug:
            raise
        words = " ".join(str(error).split())
        says = [
            f"The runs are kept, but their report could not be written: {type(error).__name__}: {words}",
            f"runs   {console.shown_path(folder.runs)}",
            "trace  the same command with  --debug",
        ]
        print(console.block("FAILED", says), file=sys.stderr)
        return ""


def _say(text: str, folder: ExperimentFolder, outcome: Outcome, run: RunSettings, options: Options) -> None:
    if options.as_json:
        content = {
            "name": run.name,
            "folder": console.shown_path(folder.path),
            "report": console.shown_path(folder.path / "report.html") if text else None,
            "runs": {"planned": outcome.planned, "finished": outcome.finished, "failed": len(outcome.failures)},
            "answer": " ".join(console.sections(text, ("ANSWER",)).split()).removeprefix("ANSWER "),
            "text": text,
        }
        print(json.dumps(content, indent=2, ensure_ascii=False))
    elif options.quiet:
        print(console.sections(text, ("ANSWER", "READ")))
    elif text:
        print(text.rstrip("\n"))


def _redo(loaded: Loaded, outcome: Outcome, options: Options) -> str:
    """The command that makes the first failed run again, alone."""
    failure = outcome.failures[0]
    position = [scenario.name for scenario in loaded.scenarios].index(split_name(failure.scenario)[0])
    words = [word for word in loaded.overrides[position] if not word.startswith("only_replication=")]
    folder = ["--config-dir", options.config_dir] if options.config_dir else []
    return f"python -m sim {shlex.join([*words, *folder, f'only_replication={failure.replication}'])}"


def _question(loaded: Loaded) -> str:
    names = [scenario.name for scenario in loaded.scenarios]
    few = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{loaded.scenarios[0].world.name}: {few}"


def no_room_left(error: OSError, folder: ExperimentFolder, shared: KeyedStore) -> int:
    """Not even the folder could be written: what is finished stays in the store of all experiments."""
    from sim.experiment.frozen import FROZEN
    from sim.experiment.work import no_room

    why = no_room(error)
    if not why:
        raise error
    if (folder.path / FROZEN).is_dir():  # not even what stands in it could be told
        folder.discard()
    says = [
        f"STOPPED: {why}. Finished runs are kept in {console.shown_path(shared.home)}, none half-written.",
        "Make room, then the same command goes on.",
    ]
    print(console.hanging(says), file=sys.stderr)
    return FAILED
