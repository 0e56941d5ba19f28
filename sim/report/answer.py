"""The answer in sentences, once, for the console and the page: what, how much, how surely, and what next.

Two vocabularies are never mixed: grows, holds, shrinks for a path against its own past; more, no different,
less for the difference from doing nothing.
"""

from __future__ import annotations

import math

from sim.analysis.paired import BASELINE, LESS, MORE, NO_DIFFERENT, PairedVerdict
from sim.analysis.verdict import GROWS, HOLDS, NONE, SHRINKS, UNDECIDED, Change, PastVerdict
from sim.report.story import Story
from sim.report.sweep import told
from sim.report.words import (
    capital,
    count_words,
    money,
    money_between,
    name_words,
    percent,
    percent_range,
)

FEW = 3  # from so few replications their spread, and so how many more would be needed, cannot be told
WOULD = {GROWS: "would grow", HOLDS: "would hold", SHRINKS: "would shrink"}


def subject(scenario: str) -> str:
    """The start of a sentence: ``Doing nothing`` or ``Under stewardship``."""
    words = name_words(scenario)
    return capital(words) if words.startswith(name_words(BASELINE)) else f"Under {words}"


def past_sentence(past: PastVerdict) -> str:
    """A scenario against its own past, as one sentence with size and interval."""
    who = subject(past.scenario)
    if past.main is None:
        return f"{who}: no verdict against the past, because {past.reason}."
    change, between = past.change, _ends(past.main)
    years = f"from {past.main.before.words} to {past.main.after.words}"
    if past.word == NONE:
        return (
            f"{who}, supply chains so far go {percent(change.mean, change.half_width, signed=True)} {years},"
            f" in {count_words(change.n, 'replication')}; no verdict until every run is finished."
        )
    if past.word == UNDECIDED:
        if not change.known:
            return (
                f"{who}, supply chains go {percent(change.mean, signed=True)} {years}; one replication"
                f" gives no"
                " interval, so whether they grow or shrink is not decided."
            )
        return (
            f"{who}, whether supply chains grow or shrink is not decided: {between} {years}"
            f"{_needed(past.replications_needed, change.n)}."
        )
    size = percent(abs(change.mean), change.half_width)
    if past.word == HOLDS:
        return f"{who}, supply chains {WOULD[past.word]}: {between} {years}, within {percent(past.margin_share)}."
    return f"{who}, supply chains {WOULD[past.word]} by {size} ({percent_range(change, True)}) {years}."


def _ends(change: Change) -> str:
    if not change.change.known:
        return percent(change.change.mean, signed=True)
    return f"between {percent_range(change.change, signed=True).replace(' to ', ' and ')}"


def _needed(needed: int | None, n: int) -> str:
    """``; about 20 more replications would settle it``, hedged where that rests on next to nothing."""
    if 1 < n <= FEW:
        return "; too few replications to say how many would settle it"
    if needed is None:
        return "; more replications may not settle it" if n > 1 else ""
    return f"; about {count_words(max(needed - n, 1), 'more replication')} would settle it"


def past_count(past: PastVerdict) -> str:
    """In how many replications it fell or rose."""
    if past.main is None:
        return ""
    change = past.main
    word, k = ("lower", change.down) if change.change.mean < 0 else ("higher", change.up)
    return f"{word} in {k} of {count_words(len(change.values), 'replication')}"


def past_money(past: PastVerdict) -> str:
    """What was paid before and after, in money."""
    if past.main is None:
        return ""
    before, after = past.main.gbp_before, past.main.gbp_after
    return (
        f"Tier 2 and tier 3 are paid {money_between(after)} in {past.main.after.words}, against"
        f" {money_between(before)} in {past.main.before.words}."
    )


def stretch_sentences(past: PastVerdict) -> list[str]:
    """The further changes: first year to the snapshot, snapshot to the end."""
    found = []
    for change in past.stretches:
        if past.main is not None and (change.before, change.after) == (past.main.before, past.main.after):
            continue
        ends = f" ({percent_range(change.change, True)})" if change.change.known else ""
        found.append(
            f"Between {change.before.words} and {change.after.words}:"
            f" {percent(change.change.mean, change.change.half_width, signed=True)}{ends}."
        )
    return found


def short_past(past: PastVerdict) -> str:
    """``still 12% below the year to Sep 2018``: the own path beside a comparison."""
    if past.main is None:
        return "no verdict against its own past"
    change = past.change
    size = percent(abs(change.mean), change.half_width)
    where = past.main.before.words
    if past.word == SHRINKS:
        return f"still {size} below {where}"
    if past.word == GROWS:
        return f"now {size} above {where}"
    if past.word == HOLDS:
        return f"about level with {where}"
    if past.word == NONE:
        return f"so far {percent(change.mean, change.half_width, signed=True)} against {where}"
    return f"undecided against {where} ({percent(change.mean, change.half_width, signed=True)})"


def paired_sentence(verdict: PairedVerdict) -> str:
    """A scenario against doing nothing, as one sentence."""
    h = verdict.headline
    d, name = h.difference, capital(name_words(h.scenario))
    name += "," if "," in name else ""
    about = f"about {percent(abs(h.relative.mean), h.relative.half_width)}" if math.isfinite(h.relative.mean) else ""
    pairs = f"in {_pairs(verdict)} of {count_words(h.n, 'paired replication')}"
    if not d.known:
        return (
            f"{name.rstrip(',')}: {money(d.mean, signed=True)} a year against doing nothing in the one pair of"
            f" replications;"
            " one pair gives no interval, so it is not decided."
        )
    if verdict.word == NONE:
        return (
            f"{name.rstrip(',')}: so far {money(d.mean, d.half_width, signed=True)} a year against doing nothing, over"
            f" {count_words(h.n, 'pair')} of replications; no verdict until every run is finished."
        )
    between = f"{money(d.low, d.half_width)} and {money(d.high, d.half_width)}"
    if verdict.word in (MORE, LESS):
        verb = "add" if verdict.word == MORE else "take away"
        size = d if verdict.word == MORE else d.scaled(-1)
        return f"{name} would {verb} {money_between(size)} a year ({about}) against doing nothing, {pairs}."
    if verdict.word == NO_DIFFERENT:
        return f"{name} would make no difference worth the name: between {between} a year against doing nothing."
    return (
        f"{name} is not decided against doing nothing: between {between} a year"
        f"{_needed(verdict.replications_needed, h.n)}."
    )


def chance_words(chance: float) -> str:
    """A probability in words that never claim certainty; a dash where there is none."""
    if not math.isfinite(chance):
        return "-"
    if chance > 0.99:
        return "over 99%"
    return "under 1%" if chance < 0.01 else percent(chance)


def _pairs(verdict: PairedVerdict) -> int:
    h = verdict.headline
    return h.pairs_up if verdict.word != LESS else sum(gap < 0 for gap in h.differences)


def pairing_words(story: Story) -> str:
    """What pairing on the same people and luck was worth; empty when it cannot be said."""
    worth = [v.headline.variance_reduction for v in story.paired.values()]
    worth = sorted(w for w in worth if math.isfinite(w))
    if not worth:
        return ""
    low, high = (f"{w:.0f}" if w >= 9.95 else f"{w:.1f}" for w in (worth[0], worth[-1]))
    times = low if low == high else f"{low} to {high}"
    return f"Same people and same luck in each pair: worth {times} times as many unpaired runs."


def replications_wanted(story: Story) -> tuple[str, int, str] | None:
    """The undecided one that needs most replications, of those told one by one, how many in all, and against what.

    None when all are decided, or the replications at hand are too few to say.
    """
    if story.ensemble.n <= FEW:
        return None
    past, paired = story.past.values(), story.paired.values()
    wanted = [(p.scenario, p.replications_needed, "its own past") for p in past if p.word == UNDECIDED]
    wanted += [(v.headline.scenario, v.replications_needed, "doing nothing") for v in paired if v.word == UNDECIDED]
    names = (story.lead, *told(story))
    known = [(name, n, against) for name, n, against in wanted if n is not None and name in names]
    return max(known, key=lambda pair: pair[1]) if known else None


def cautions(story: Story) -> list[str]:
    """Three ordered cautions: what the interval covers, what is not modelled, what of the past is missed."""
    n = story.ensemble.n
    first = "One replication: no interval is possible, and another draw of luck may give another answer."
    if n > 1:
        first = (
            f"The interval is luck only ({count_words(n, 'replication')}); the inputs are held at one set"
            f" of values,"
            " and many of them are judgement."
        )
    first += f" {capital(story.stopping)}" if story.stopping else ""
    second = (
        "The world after July 2018 is a counterfactual: the announced early end of the contracts, wage"
        " and housing"
        " costs after 2019 and the pandemic are not modelled."
    )
    if story.horizon.end.year < 2019:
        second = "Rules of thumb stand for people's decisions: the model shows what would follow if they held."
    if story.worlds is not None and story.worlds.n:
        first += f" Section How sure has the answer over {count_words(story.worlds.n, 'calibrated world')}."
    missed = [s.pattern for s in story.scored if s.scored and not s.reproduced]
    unscored = [s for s in story.scored if not s.scored]
    if missed:
        names = "; ".join(f"{p.id}, {p.words[0].lower()}{p.words[1:]}" for p in missed[:3])
        more = f" and {len(missed) - 3} more" if len(missed) > 3 else ""
        third = f"{count_words(len(missed), 'published pattern')} missed ({names}{more})."
    elif unscored:
        third = f"{count_words(len(unscored), 'published pattern')} cannot be scored on this run."
    else:
        third = "All published patterns are met, but some are close to inputs, and meeting them proves little."
    return [first, second, third]


def answered(story: Story) -> bool:
    """Whether any verdict at all can be given."""
    return any(past.word != NONE for past in story.past.values()) or bool(story.paired)
