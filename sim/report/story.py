"""What a report tells: the runs and what follows from them, gathered once for page, console and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sim.analysis.ensemble import Ensemble
from sim.analysis.paired import BASELINE, Difference, PairedVerdict, compare, verdicts
from sim.analysis.partners import Within, bases, pooled, within
from sim.analysis.patterns import Pattern, load_patterns
from sim.analysis.sameness import Sameness, histories
from sim.analysis.validation import Scored, score
from sim.analysis.verdict import NONE, PastVerdict, against_past
from sim.observe.results import RunResult
from sim.parameters.places import Figure
from sim.report.rungs import Worlds, worlds_of
from sim.report.style import NOTE
from sim.report.words import capital, count_words, name_words
from sim.scenario import Horizon, Scenario
from sim.settings.worlds import by_world, split_name


class ReportSettings(Protocol):
    """What the report must know of how the runs were asked for.

    It may also carry ``figures`` (of the world files), ``stopping`` (the rule in words) and ``impacts``: ``Story`` says
    what each is.
    """

    @property
    def name(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def replications(self) -> int: ...
    @property
    def margin_share(self) -> float: ...
    @property
    def command(self) -> str: ...
    @property
    def planned_runs(self) -> int: ...
    @property
    def failed_runs(self) -> int: ...


@dataclass(frozen=True)
class Story:
    """Everything a report says, before it is put into words or pictures.

    Attributes:
        ensembles: scenario name -> its finished replications, do_nothing first.
        missing: scenarios of which no run finished.
        scored: the published patterns, scored on the lead scenario.
        figures: the figures of the world files, for the register of assumptions.
        stopping: how an automatic number of replications was arrived at and what the intervals then claim, in words.
        notes: what a reader of the page must know of the folder it was made from: runs missing, made later.
        within: of policies crossed with other settings, the comparisons under each of these.
        base_of: scenario compared -> the do-nothing scenario it is compared with.
        impacts: a number's name in the register -> how far the headline swings over its plausible range, as a share of
            the headline; empty when it was not measured.
        worlds: the answer over calibrated worlds; None when they were not run.
        in_further: finished runs in further parameter worlds.
    """

    name: str
    command: str
    seed: int
    margin_share: float
    planned_runs: int
    failed_runs: int
    started: datetime
    ensembles: dict[str, Ensemble]
    scenarios: dict[str, Scenario]
    missing: tuple[str, ...]
    past: dict[str, PastVerdict]
    differences: list[Difference]
    paired: dict[str, PairedVerdict]
    sameness: list[Sameness]
    scored: list[Scored]
    figures: tuple[Figure, ...]
    stopping: str = ""
    within: tuple[Within, ...] = ()
    notes: tuple[str, ...] = ()
    base_of: Mapping[str, str] = field(default_factory=dict)
    impacts: Mapping[str, float] = field(default_factory=dict)
    worlds: Worlds | None = None
    in_further: int = 0

    @classmethod
    def of(
        cls,
        results: Mapping[str, Sequence[RunResult]],
        settings: ReportSettings,
        scenarios: Sequence[Scenario],
        started: datetime,
    ) -> Story:
        """Draw every conclusion.

        Raises:
            ValueError: when no run finished, or results exist for a scenario that is not described.
        """
        split = by_world(results)
        results, further = split.pop(""), split
        described = {scenario.name: scenario for scenario in scenarios if not split_name(scenario.name)[1]}
        in_further = sum(len(runs) for found in further.values() for runs in found.values())
        order = sorted(results, key=lambda name: name != BASELINE)
        ensembles = {name: Ensemble.of(name, results[name]) for name in order if results[name]}
        if not ensembles:
            raise ValueError("no run finished: there is nothing to report")
        unknown = [name for name in ensembles if name not in described]
        if unknown:
            raise ValueError(f"results of {unknown[0]!r}, which is none of the scenarios")
        margin = settings.margin_share
        lead = BASELINE if BASELINE in ensembles else next(iter(ensembles))
        sameness = histories(ensembles, described)
        broken = {s.scenario for s in sameness if s.broken}
        groups = within(ensembles, described, margin)
        differences = pooled(groups) or compare({name: e for name, e in ensembles.items() if name not in broken})
        past = {name: against_past(e, described[name].horizon, margin) for name, e in ensembles.items()}
        paired = verdicts(differences, margin)
        done = sum(e.n for e in ensembles.values()) + in_further
        base_of = bases(groups) or dict.fromkeys(paired, BASELINE)
        if settings.planned_runs > done + settings.failed_runs:  # runs are still to come
            past, paired = _withheld(past, paired, f"{done} of {settings.planned_runs} runs are finished")
        return cls(
            name=settings.name,
            command=settings.command,
            seed=settings.seed,
            margin_share=margin,
            planned_runs=settings.planned_runs,
            failed_runs=settings.failed_runs,
            started=started,
            ensembles=ensembles,
            scenarios=described,
            missing=tuple(name for name in described if name not in ensembles),
            past=past,
            differences=differences,
            paired=paired,
            sameness=sameness,
            scored=score(_patterns(settings), ensembles[lead], described[lead].world),
            figures=tuple(getattr(settings, "figures", ())),
            stopping=str(getattr(settings, "stopping", "")),
            within=groups,
            base_of=base_of,
            impacts=dict(getattr(settings, "impacts", None) or {}),
            worlds=worlds_of(further, ensembles, described, base_of, margin) if further else None,
            in_further=in_further,
            notes=tuple(getattr(settings, "notes", ())),
        )

    @property
    def lead(self) -> str:
        """The scenario that single pictures show."""
        return BASELINE if BASELINE in self.ensembles else next(iter(self.ensembles))

    @property
    def ensemble(self) -> Ensemble:
        """The replications of the lead scenario."""
        return self.ensembles[self.lead]

    @property
    def horizon(self) -> Horizon:
        """The horizon of the lead scenario."""
        return self.scenarios[self.lead].horizon

    @property
    def swept(self) -> bool:
        """Whether several scenarios are told."""
        return len(self.ensembles) > 1

    @property
    def others(self) -> list[str]:
        """The scenarios beside the lead."""
        return [name for name in self.ensembles if name != self.lead]

    @property
    def broken(self) -> list[Sameness]:
        """Scenarios whose history differs before their first lever: their comparison is withheld."""
        found = [*self.sameness, *(s for group in self.within for s in group.sameness)]
        return [s for s in found if s.broken]

    @property
    def crossed(self) -> bool:
        """Whether policies are crossed with other settings, so that each has a do-nothing of its own."""
        return bool(self.within)

    def base(self, scenario: str) -> Ensemble:
        """The do-nothing replications that a scenario is compared with."""
        return self.ensembles[self.base_of.get(scenario, self.lead)]

    @property
    def finished(self) -> int:
        """Runs that finished."""
        return sum(e.n for e in self.ensembles.values()) + self.in_further

    @property
    def partial(self) -> bool:
        """Whether some planned runs are missing, failed or still to come."""
        return self.finished < self.planned_runs

    @property
    def withheld(self) -> bool:
        """Whether runs are still to come, so that no verdict is given yet."""
        return self.finished + self.failed_runs < self.planned_runs

    @property
    def place(self) -> str:
        """Where: England and Wales, or the smaller world's name."""
        name = self.scenarios[self.lead].world.name
        return "England and Wales" if name == "national" else f"{name} world"

    @property
    def day_words(self) -> str:
        """The day of the run, ``22 Nov 2026``."""
        return f"{self.started.day} {self.started:%b %Y}"

    def titled(self, title: str) -> str:
        """A title of a picture of the lead scenario: named when others stand beside it."""
        if not self.swept:
            return title
        first = title.split(" ", 1)[0]
        return f"{capital(name_words(self.lead))}: {title if first.isupper() else title[0].lower() + title[1:]}"

    def footer(self, compared: bool = False) -> str:
        """The line under a figure: condition, date, scenario, replications."""
        n = self.ensemble.n
        who = f"{len(self.ensembles)} scenarios" if compared else capital(name_words(self.lead))
        none = " One replication: no interval is possible." if n == 1 else ""
        return f"{NOTE} {self.day_words}. {who}; {count_words(n, 'replication')}, seed {self.seed}.{none}"


def _patterns(settings: ReportSettings) -> tuple[Pattern, ...]:
    """Those asked for; the shipped ones where their file is gone or none was named."""
    file = str(getattr(settings, "patterns_file", ""))
    return load_patterns(Path(file) if file and Path(file).is_file() else None)


def _withheld(
    past: dict[str, PastVerdict], paired: dict[str, PairedVerdict], why: str
) -> tuple[dict[str, PastVerdict], dict[str, PairedVerdict]]:
    """The same numbers without their words: a verdict on part of the runs would depend on which came first."""
    return (
        {
            name: replace(p, word=NONE, reason=p.reason if p.main is None else why, replications_needed=None)
            for name, p in past.items()
        },
        {name: replace(v, word=NONE, replications_needed=None) for name, v in paired.items()},
    )
