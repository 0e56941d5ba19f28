"""What kind of sweep a story tells: a factorial over levers, a grid over two settings, or options one by one."""

from __future__ import annotations

from collections.abc import Sequence

from sim.analysis.factorial import Design, Factorial, analyse_all, find_design
from sim.analysis.grid import Grid, find_grid
from sim.report.story import Story
from sim.report.words import count_words


def design_of(story: Story) -> Design | None:
    """The factorial that the scenarios make, if they make one."""
    return find_design(list(story.scenarios.values())) if story.swept else None


def factorials(story: Story) -> list[Factorial]:
    """The effects on every outcome, the headline first; empty when the sweep is no factorial.

    A factorial of which a scenario has no run, or a history of its own before the levers, has no effects; nor has one
    of which runs are still to come.
    """
    design = design_of(story) if not (story.missing or story.broken or story.withheld) else None
    return analyse_all(design, story.ensembles) if design is not None else []


def grid_of(story: Story) -> Grid | None:
    """The grid over two numbers that the scenarios make, if they make one."""
    return find_grid(list(story.scenarios.values())) if story.swept else None


def told(story: Story) -> list[str]:
    """The scenarios beside the lead that are told one by one.

    Of a factorial those with one lever on or all, for the effects tell the rest; of a grid none, for the map does.
    """
    if grid_of(story) is not None:
        return []
    design = design_of(story)
    if design is None or len(design.names) <= 2**2:
        return story.others
    count = dict(zip(design.names, design.on.sum(axis=1).tolist(), strict=True))
    return [name for name in story.others if count.get(name) in (1, len(design.levers))]


def untold(story: Story) -> str:
    """A sentence on the scenarios that are not told one by one; empty when all are."""
    left = len(story.others) - len(told(story))
    where = "the map below sums" if grid_of(story) is not None else "the effects of the levers sum"
    return f"{count_words(left, 'more scenario')} in verdicts.csv; {where} them up." if left else ""


def not_recommended(story: Story, names: Sequence[str]) -> list[str]:
    """Those of some scenarios whose policy stands for none of the inspectorate's recommendations."""
    policies = {name: story.scenarios[name].policy for name in names}
    return [
        name
        for name, policy in policies.items()
        if policy and policy.levers and policy.recommendation.startswith("none")
    ]
