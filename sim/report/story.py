"""What a report tells: the runs and what follows from them, gathered once for page, console and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sim.analysis.ensemble import Ensemble
from sim.analysis.paired import BASELINE, Difference, PairedVerdict, compare, verdicts
from sim.analysis.partners import Within, within
from sim.analysis.patterns import load_patterns
from sim.analysis.sameness import Sameness, histories
from sim.analysis.validation import Scored, score
from sim.analysis.verdict import PastVerdict, against_past
from sim.observe.results import RunResult
from sim.parameters.places import Figure
from sim.report.style import NOTE
from sim.report.words import capital, count_words, name_words
from sim.scenario import Horizon, Scenario


class ReportSettings(Protocol):
    """What the report must know of how the runs were asked for."""

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
        took: how long the runs took, in words; empty while that is the time since the start.
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
    took: str = ""

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
        described = {scenario.name: scenario for scenario in scenarios}
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
        differences = compare({name: e for name, e in ensembles.items() if name not in broken})
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
            past={name: against_past(e, described[name].horizon, margin) for name, e in ensembles.items()},
            differences=differences,
            paired=verdicts(differences, margin),
            sameness=sameness,
            scored=score(load_patterns(), ensembles[lead], described[lead].world),
            figures=tuple(getattr(settings, "figures", ())),
            stopping=str(getattr(settings, "stopping", "")),
            within=within(ensembles, described, margin),
            notes=tuple(getattr(settings, "notes", ())),
            took=str(getattr(settings, "took", "")),
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
    def partial(self) -> bool:
        """Whether some planned runs are missing."""
        return sum(e.n for e in self.ensembles.values()) < self.planned_runs

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
