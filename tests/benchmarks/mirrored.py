"""Mirrored luck: would replications in opposite twos (antithetic draws) need fewer of them?

Run:  python -m tests.benchmarks.mirrored FOLDER [policy ...]      (default: do_nothing)

Reads the runs of a finished folder and makes each replication once more with the luck of organisations turned round:
what was drawn at u is drawn at 1 - u. People and bodies' shocks get luck of their own. The gain is the variance of the
mean of two independent replications over that of the mean of two opposite ones; it would cost nothing but that.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

import sim.model
from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import Interval
from sim.analysis.paired import BASELINE
from sim.analysis.verdict import against_past
from sim.experiment.reading import open_folder
from sim.model import run_replication
from sim.observe.measures import HEADLINE
from sim.observe.results import FloatArray
from sim.randomness import Luck
from sim.scenario import Scenario
from tests.benchmarks.pairing import paired_summaries, variance_ratio
from tests.benchmarks.statistical import folder_runs, national_only


class Mirrored(Luck):
    """The luck opposite to a replication's; streams read in vectors are others, neither the same nor opposite."""

    __slots__ = ()

    def key(self, *purpose: object) -> int:
        """The key of a stream that no plain replication reads."""
        return super().key("mirrored", *purpose)

    def uniform(self, *purpose: object) -> float:
        """One less the plain draw."""
        return 1.0 - Luck(self.seed, self.replication).uniform(*purpose)

    def normal(self, *purpose: object) -> float:
        """The plain draw with the other sign."""
        return -Luck(self.seed, self.replication).normal(*purpose)


def mirrored(scenario: Scenario, ensemble: Ensemble) -> Ensemble:
    """Every replication of an ensemble once more, with the opposite luck."""
    with patch.object(sim.model, "Luck", Mirrored):
        runs = [run_replication(scenario, seed=r.seed, replication=r.replication) for r in ensemble.runs]
    return Ensemble.of(scenario.name, [national_only(run) for run in runs])


def worth(plain: FloatArray, opposite: FloatArray) -> Interval:
    """How many times fewer replications opposite twos need, with its 95% interval: (var x + var y) / var(x + y)."""
    return variance_ratio(-plain, opposite)


def changes(scenario: Scenario, ensemble: Ensemble) -> FloatArray:
    """The change against its own past, one a replication."""
    main = against_past(ensemble, scenario.horizon, 0.0).main
    assert main is not None
    return np.array(main.values)


def line(label: str, plain: FloatArray, opposite: FloatArray) -> str:
    """A line of the table."""
    found, together = worth(plain, opposite), float(np.corrcoef(plain, opposite)[0, 1])
    shift = (float(opposite.mean()) - float(plain.mean())) / math.sqrt((plain.var() + opposite.var()) / plain.size)
    ends = f"({found.low:.2f} to {found.high:.2f})"
    return f"  {label:52}{found.mean:6.2f}  {ends:18}{together:>+12.2f}{shift:>+9.1f}"


def main() -> None:
    """Print the table."""
    path, names = Path(sys.argv[1]), sys.argv[2:] or [BASELINE]
    found, described = folder_runs(path), {s.name: s for s in open_folder(path).scenarios}
    opposite = {name: mirrored(described[name], found[name]) for name in names}
    print(f"{found[names[0]].n} replications, each with its opposite: replications saved (95% interval), correlation,")
    print("and how far the two means lie apart in standard errors")
    for name in names:
        plain, other = changes(described[name], found[name]), changes(described[name], opposite[name])
        print(line(f"{name} against its past", plain, other))
    for name in names:
        if BASELINE in opposite and name != BASELINE:
            gaps = [
                np.subtract(*reversed(paired_summaries(runs[BASELINE], runs[name], HEADLINE)))
                for runs in (found, opposite)
            ]
            print(line(f"{name} against doing nothing", *gaps))


if __name__ == "__main__":
    main()
