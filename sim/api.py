"""The Python front door, for notebooks: load settings, run them, compare; tables come back as pandas.

Nothing is written to disk unless a ``folder`` is given. The same checks, the same runs and the same words as on the
command line: only the way in differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.plan import Plan
    from sim.observe.results import RunResult
    from sim.report.story import Story
    from sim.settings.loading import Loaded


def load(*overrides: str, config_dir: str | Path | None = None) -> Loaded:
    """Check settings as they would be typed: ``sim.load("world=pair", "policy=do_nothing,stewardship")``.

    Several values, ``a,b``, make several scenarios.

    Returns:
        The checked scenarios with how to run them.

    Raises:
        SettingsError: with every problem found, in words.
    """
    from sim.settings.loading import load_all

    return load_all(list(overrides), sweep=True, config_dir=config_dir)


def run(
    *what: str | Loaded,
    replications: int | None = None,
    workers: int = 1,
    folder: str | Path | None = None,
    config_dir: str | Path | None = None,
) -> Experiment:
    """Make the runs, in this process unless ``workers`` asks for more.

    Args:
        what: settings as they would be typed, or what ``load`` returned.
        replications: how many draws of luck; that of the settings if not given.
        workers: processes; above 1 a script (not a notebook) must guard its own start with
            ``if __name__ == "__main__":``.
        folder: an experiment folder of this name is written, with page and tables; it must not exist.

    Raises:
        SettingsError: the settings cannot be run.
        FileExistsError: the folder is there already.
    """
    from sim.experiment.engines import Engine, open_engine
    from sim.experiment.plan import Plan

    loaded = _loaded(what, replications, config_dir)
    if folder is not None and Path(folder).exists():
        raise FileExistsError(f"{folder} exists already; a finished folder is never written again")
    if loaded.run.auto:
        raise ValueError("replications=auto is for the command line; give a number here")
    plan = Plan.of(loaded.scenarios, seed=loaded.run.seed, replications=list(range(1, loaded.run.replications + 1)))
    started = datetime.now().astimezone()
    with open_engine(Engine("serial" if workers == 1 else "local"), workers) as executor:
        from sim.model import run_replication

        waiting = [
            (t, executor.submit(run_replication, t.scenario, seed=t.seed, replication=t.replication))
            for t in plan.tasks
        ]
        results: dict[str, list[RunResult]] = {scenario.name: [] for scenario in plan.scenarios}
        for task, future in waiting:
            results[task.scenario.name].append(future.result())
    settings = replace(loaded.run, planned_runs=len(plan.tasks), command=_command(what))
    experiment = Experiment(replace(loaded, run=settings), results, started)
    if folder is not None:
        _write(experiment, plan, Path(folder))
    return experiment


def compare(before: Experiment | str, after: Experiment | str, **how: Any) -> pd.DataFrame:
    """What moves from one scenario to another, measure by measure, replication by replication.

    Args:
        before, after: experiments of one scenario each, or one setting as it would be typed.
        how: for settings, what ``run`` takes.

    Returns:
        One row a national measure: both levels, the difference with its 95% interval, pairs. See ``comparison.csv``;
        the column ``do_nothing`` is called ``before`` here.

    Raises:
        ValueError: an experiment holds several scenarios (use ``Experiment.comparison``), or nothing can be paired.
    """
    from sim.analysis.between import why_unpaired
    from sim.analysis.ensemble import Ensemble
    from sim.analysis.paired import compare as paired
    from sim.analysis.paired import comparison_table

    ends = [x if isinstance(x, Experiment) else run(x, **how) for x in (before, after)]
    for end in ends:
        if len(end.results) != 1:
            raise ValueError(f"compare takes one scenario a side, got {', '.join(end.results)}; see .comparison")
    one, other = (
        Ensemble.of(label, *end.results.values()) for label, end in zip(("before", "after"), ends, strict=True)
    )
    if reason := why_unpaired(one, other, ends[0].loaded.scenarios[0], ends[1].loaded.scenarios[0]):
        raise ValueError(f"these cannot be compared pair by pair: {reason}")
    table = comparison_table(paired({"before": one, "after": other}, baseline="before"))
    return table.drop(columns="scenario").rename(columns={"do_nothing": "before", "value": "after"})


@dataclass(frozen=True)
class Experiment:
    """Finished runs and what follows from them, as pandas tables.

    Attributes:
        loaded: the settings they were made from.
        results: scenario name -> its runs, replications ascending.
    """

    loaded: Loaded
    results: Mapping[str, Sequence[RunResult]]
    started: datetime

    @cached_property
    def story(self) -> Story:
        """Every conclusion the report would draw."""
        from sim.report.story import Story

        return Story.of(self.results, self.loaded.run, self.loaded.scenarios, self.started)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a scenario and national measure: mean, 95% interval, unit."""
        from sim.report.tables import summary

        return summary(self.story)

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """One row a scenario, month and national measure: mean and 95% interval over replications."""
        from sim.report.tables import monthly_national

        return monthly_national(self.story)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row a scenario: both verdicts, with what they rest on."""
        from sim.report.tables import verdicts

        return verdicts(self.story)

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Every measure of every scenario against do_nothing, pair by pair; empty without do_nothing."""
        from sim.analysis.paired import comparison_table

        return comparison_table(self.story.differences)

    @property
    def answer(self) -> str:
        """The answer in words."""
        from sim.report.answer import paired_sentence, past_sentence

        story = self.story
        said = [past_sentence(story.past[story.lead])]
        return " ".join([*said, *(paired_sentence(v) for v in story.paired.values())])

    def table(self, level: str) -> pd.DataFrame:
        """Tidy monthly values at a level, every replication: ``crc``, ``area``, ``category``, ``sex``, ``service`` ...

        Returns:
            One row a scenario, replication, month and place; one column a measure, named with its unit.

        Raises:
            KeyError: the runs carry no such level.
        """
        import pandas as pd

        parts = []
        for name, runs in self.results.items():
            for one in runs:
                panel = one.panels[level]
                index = pd.MultiIndex.from_product([one.months, panel.places], names=["month", "place"])
                part = pd.DataFrame({m: v.ravel() for m, v in panel.values.items()}, index=index).reset_index()
                part.insert(0, "replication", one.replication)
                part.insert(0, "scenario", name)
                parts.append(part)
        return pd.concat(parts, ignore_index=True)


def _loaded(what: tuple[str | Loaded, ...], replications: int | None, config_dir: str | Path | None) -> Loaded:
    given = [x for x in what if not isinstance(x, str)]
    typed = [x for x in what if isinstance(x, str)]
    if given and (typed or len(given) > 1):
        raise ValueError("give either settings or one result of load, not both")
    words = typed + ([f"replications={replications}"] if replications is not None else [])
    if not given:
        return load(*words, config_dir=config_dir)
    loaded = given[0]
    if replications is None:
        return loaded
    load(*words)  # refuses a number that cannot be
    return replace(loaded, run=replace(loaded.run, replications=replications, auto=False))


def _command(what: tuple[str | Loaded, ...]) -> str:
    typed = ", ".join(repr(x) if isinstance(x, str) else "..." for x in what)
    return f"sim.run({typed})"


def _write(experiment: Experiment, plan: Plan, path: Path) -> None:
    """An experiment folder as the command line makes it, sealed."""
    from sim.experiment import kept, manifest, store
    from sim.experiment.folder import ExperimentFolder
    from sim.experiment.run import Outcome
    from sim.report.build import write_report

    loaded, settings = experiment.loaded, experiment.loaded.run
    path.mkdir(parents=True)
    folder = ExperimentFolder(path, path.parent)
    folder.write_json("plan.json", manifest.plan_content(plan, loaded.overrides))
    names = [scenario.name for scenario in loaded.scenarios]
    folder.write_json(kept.SETTINGS, kept.settings_content(names, loaded.trees, loaded.choices))
    for task in plan.tasks:
        (one,) = (r for r in experiment.results[task.scenario.name] if r.replication == task.replication)
        store.write(one, store.run_path(folder.runs, task.folder, task.replication), key=task.key)
    outcome = Outcome({name: list(runs) for name, runs in experiment.results.items()}, len(plan.tasks))
    content = manifest.run_content(
        plan, outcome, name=path.name, command=settings.command, started=experiment.started, engine="serial", workers=1
    )
    folder.write_json("run.json", content)
    folder.settle()
    write_report(
        folder.path, experiment.results, replace(settings, name=path.name), loaded.scenarios, experiment.started
    )
    folder.seal()
