"""The second rung of certainty: runs over many calibrated worlds, and funding verdicts over their weakest link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import Interval
from sim.analysis.paired import PairedVerdict, compare, verdicts
from sim.analysis.worlds import OverWorlds, against_nothing, against_past
from sim.observe.results import RunResult
from sim.report.words import capital, count_words, join_words, money_between, money_range, name_words, percent
from sim.scenario import Scenario
from sim.settings.ensembles import LINK_ENDS, link_ends
from sim.settings.worlds import LINK

if TYPE_CHECKING:
    import pandas as pd

    from sim.report.story import Story

FEW_WORLDS: Final = 10
ALL_LUCK: Final = 0.995
POINT: Final = "point"  # the world of the settings themselves
Results = Mapping[str, Sequence[RunResult]]


@dataclass(frozen=True)
class Worlds:
    """The answer over calibrated worlds: sets of inputs that reproduce the published patterns about as well.

    Attributes:
        n: worlds that were run, that of the point values included; 0 without an ensemble.
        words: how they were chosen, as a sentence without its full stop.
        counts: scenario -> verdict word against doing nothing (or, of doing nothing, against its own past) -> worlds.
        differences: scenario -> difference from doing nothing in what supply chains are paid, GBP a year: the mean
            over worlds with the range that holds 95% of them once luck is taken out.
        against_nothing, against_past: scenario -> the whole comparison over worlds.
        link: scenario that moves funding -> its verdict at the weak and at the strong end of the link from pressure to
            the supply-chain budget.
    """

    n: int
    words: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    differences: Mapping[str, Interval] = field(default_factory=dict)
    against_nothing: Mapping[str, OverWorlds] = field(default_factory=dict)
    against_past: Mapping[str, OverWorlds] = field(default_factory=dict)
    link: Mapping[str, tuple[PairedVerdict, ...]] = field(default_factory=dict)


def worlds_of(
    further: Mapping[str, Results],
    own: Mapping[str, Ensemble],
    described: Mapping[str, Scenario],
    base_of: Mapping[str, str],
    margin_share: float,
) -> Worlds | None:
    """The second rung of an experiment; None when it was run in one world only.

    Args:
        further: world id -> scenario -> runs, without the point world.
        own: the point world's replications.
        base_of: scenario compared -> the do-nothing scenario it is compared with.
    """
    stacked = {
        world: {name: Ensemble.of(name, runs) for name, runs in results.items() if runs}
        for world, results in further.items()
    }
    members = {world: found for world, found in stacked.items() if not world.startswith(LINK)}
    of = {
        name: {POINT: e} | {w: found[name] for w, found in members.items() if name in found} for name, e in own.items()
    }
    nothing: dict[str, OverWorlds] = {}
    past: dict[str, OverWorlds] = {}
    for name, worlds in of.items():
        base = of.get(base_of.get(name, ""))
        compared = against_nothing(base, worlds, name, margin_share) if base else None
        path = against_past(worlds, name, described[name].horizon, margin_share)
        nothing |= {name: compared} if compared else {}
        past |= {name: path} if path else {}
    link = _link(stacked, base_of, margin_share)
    if not (nothing or past or link):
        return None
    n = max((found.n for found in (*nothing.values(), *past.values())), default=0)
    return Worlds(
        n=n,
        words="sets of inputs that the published patterns do not rule out, the best of them that of the runs above",
        counts={name: {w: k for w, k in found.counts.items() if k} for name, found in (past | nothing).items()},
        differences={name: found.interval_gbp for name, found in nothing.items()},
        against_nothing=nothing,
        against_past=past,
        link=link,
    )


def _link(
    stacked: Mapping[str, Mapping[str, Ensemble]], base_of: Mapping[str, str], margin_share: float
) -> dict[str, tuple[PairedVerdict, ...]]:
    """Each funding policy's verdict at the two ends, where both it and its do-nothing were run."""
    found: dict[str, tuple[PairedVerdict, ...]] = {}
    ends = [stacked.get(end, {}) for end in LINK_ENDS]
    for name, base in base_of.items():
        if all(name in end and base in end for end in ends):
            pairs = [verdicts(compare({base: end[base], name: end[name]}, base), margin_share) for end in ends]
            if all(name in pair for pair in pairs):
                found[name] = tuple(pair[name] for pair in pairs)
    return found


def worlds_sentences(worlds: Worlds, names: Sequence[str]) -> list[str]:
    """The rung in words, a sentence a scenario."""
    says = []
    if worlds.n:
        how = f": {worlds.words}" if worlds.words else ""
        runs = min((found.replications for found in worlds.against_past.values()), default=0)
        own = f" A world's word is that of the mean of its {count_words(runs, 'replication')}." if runs else ""
        few = "" if worlds.n >= FEW_WORLDS else " So few worlds only hint at the range."
        says.append(f"{capital(count_words(worlds.n, 'calibrated world'))}{how}.{own}{few}")
    for name in names:
        counts = worlds.counts.get(name)
        if not counts:
            continue
        ordered = sorted(counts.items(), key=lambda pair: -pair[1])
        told = join_words([f"{word} in {k} of {worlds.n}" for word, k in ordered if k])
        gap = worlds.differences.get(name)
        wide = gap is not None and gap.known and gap.high > gap.low
        size = f"; {money_between(gap)} a year against doing nothing in 95% of them" if gap and wide else ""
        says.append(f"{capital(name_words(name))}: {told}{size}.{_luck(worlds.against_nothing.get(name))}")
    return says + link_sentences(worlds)


def link_sentences(worlds: Worlds) -> list[str]:
    """Funding verdicts at both ends of the link they rest on, a sentence a policy."""
    weak, strong = (percent(world.values[0][1]) for world in link_ends())
    says = []
    for name, ends in worlds.link.items():
        told = " and ".join(
            f"{end.word} (GBP {money_range(end.headline.difference, signed=True)} a year) where pressure takes {share}"
            for end, share in zip(ends, (weak, strong), strict=True)
        )
        says.append(
            f"{capital(name_words(name))} rests on a link that the published patterns hardly inform, from financial"
            f" pressure to the supply-chain budget: {told} of the budget at its fullest."
        )
    return says


def _luck(found: OverWorlds | None) -> str:
    if found is None or found.luck_share != found.luck_share:
        return ""
    if found.luck_share > ALL_LUCK:
        return " The spread between single runs is all luck: these inputs do not move it."
    return f" Of the spread between single runs {percent(found.luck_share)} is luck, the rest inputs."


def over_worlds(story: Story, name: str) -> dict[str, object]:
    """The columns of ``verdicts.csv`` on one scenario's second rung; none without one."""
    worlds = story.worlds
    if worlds is None:
        return {}
    verdict = story.paired.get(name)
    found = worlds.against_nothing.get(name) if verdict else worlds.against_past.get(name)
    word = verdict.word if verdict else story.past[name].word
    row: dict[str, object] = {}
    if worlds.n:
        row = {
            "worlds": found.n if found else None,
            "worlds_word": found.word if found else "",
            "worlds_holding": found.in_words(word) if found and word in found.words else None,
            "worlds_low_share": found.interval.low if found else float("nan"),
            "worlds_mean_share": found.interval.mean if found else float("nan"),
            "worlds_high_share": found.interval.high if found else float("nan"),
            "luck_share": found.luck_share if found else float("nan"),
        }
    if worlds.link:
        ends = worlds.link.get(name)
        for k, end in enumerate(("weak", "strong")):
            row[f"link_{end}_word"] = ends[k].word if ends else ""
            row[f"link_{end}_share"] = ends[k].headline.relative.mean if ends else float("nan")
    return row


def worlds_table(worlds: Worlds) -> pd.DataFrame:
    """One row a scenario and world, for ``worlds.csv``; the link's ends stand below the members."""
    import pandas as pd

    rows: list[dict[str, object]] = []
    for name, path in worlds.against_past.items():
        compared = worlds.against_nothing.get(name)
        gaps = (
            dict(zip(compared.worlds, zip(compared.change, compared.gbp_per_year, strict=True), strict=True))
            if compared
            else {}
        )
        for world, change in zip(path.worlds, path.change, strict=True):
            share, gbp = gaps.get(world, (float("nan"), float("nan")))
            rows.append(
                {
                    "scenario": name,
                    "world": world,
                    "replications": path.replications,
                    "change_against_past_share": change,
                    "change_against_nothing_share": share,
                    "difference_gbp_per_year": gbp,
                }
            )
    for name, ends in worlds.link.items():
        for world, end in zip(LINK_ENDS, ends, strict=True):
            rows.append(
                {
                    "scenario": name,
                    "world": world,
                    "replications": end.headline.n,
                    "change_against_past_share": float("nan"),
                    "change_against_nothing_share": end.headline.relative.mean,
                    "difference_gbp_per_year": end.headline.difference.mean,
                }
            )
    return pd.DataFrame(rows)
