"""How seconds and memory grow: with people, with the horizon, with bodies and with areas.

One thing is changed at a time from the whole world over the whole horizon; each case in fresh processes. Memory
must not follow the horizon.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from tests.benchmarks.measuring import LOW_IS_GOOD, PEAK, RATIO, SECONDS, Bench, Row, value_of
from tests.benchmarks.replication import replicate

PART: Final = "growth"
WHOLE, QUARTER = "all as it is", "a quarter of the horizon"
TENFOLD: Final = "ten times the people"
_TIME, _MEMORY = "time over the whole's", "peak memory over the whole's"
_FLAT: Final = 1.05  # memory of the whole horizon over a quarter's, up to which it is called flat
_WORLDS: Final = ("one_area", "pair", "division", "national")
_RECORDED: Final = {(TENFOLD, _TIME), ("half of the horizon", _TIME), ("twice the bodies", _TIME)}


def cases(bench: Bench) -> dict[str, list[str]]:
    """The typed words of every case."""
    from sim.settings import load

    scenario = load(bench.words)[0][0]
    bodies, start = scenario.provider.bodies_per_area, scenario.horizon.start
    days = (date.fromisoformat(bench.last_day) - start).days
    until = {share: date.fromordinal(start.toordinal() + round(days * share)) for share in (0.25, 0.5)}
    words = bench.words
    found = {
        WHOLE: words,
        "a tenth of the people": [*words, "demand.people_scale=0.1"],
        TENFOLD: [*words, "demand.people_scale=10"],
        QUARTER: [words[0], f"horizon.end={until[0.25]}"],
        "half of the horizon": [words[0], f"horizon.end={until[0.5]}"],
        "half the bodies": [*words, f"provider.bodies_per_area={0.5 * bodies:g}"],
        "twice the bodies": [*words, f"provider.bodies_per_area={2.0 * bodies:g}"],
    }
    return {case: found[case] for case in (WHOLE, TENFOLD, QUARTER)} if bench.quick else found


def measure(bench: Bench) -> list[Row]:
    """Rows of every case, with its ratios to the whole; then the worlds by areas."""
    asked = cases(bench)
    worlds = {f"{world} world": [f"world={world}", bench.words[1]] for world in _WORLDS[: bench.times(len(_WORLDS), 2)]}
    found = _in_turns(asked | {case: words for case, words in worlds.items() if words != bench.words}, bench)
    whole = found[WHOLE]
    rows = _rows(WHOLE, whole)
    for case in [case for case in asked if case != WHOLE]:
        rows += _rows(case, found[case])
        for quantity, name in ((_TIME, "seconds"), (_MEMORY, "first_mb")):
            unit = LOW_IS_GOOD if (case, quantity) in _RECORDED else RATIO
            rows.append(Row(PART, case, quantity, found[case][name] / whole[name], unit))
    flat = whole["first_mb"] / found[QUARTER]["first_mb"]
    rows.append(Row(PART, "the whole horizon", "peak memory over a quarter's", flat, LOW_IS_GOOD))
    for case, words in worlds.items():
        one, areas = found.get(case, whole), _areas(words)
        rows += [Row(PART, case, "areas", areas, ""), *_rows(case, one)]
        rows.append(Row(PART, case, "processor milliseconds an area", 1000.0 * one["seconds"] / areas, "ms"))
    return rows


def _in_turns(asked: dict[str, list[str]], bench: Bench) -> dict[str, dict[str, Any]]:
    """The best of a few runs of every case; the cases take turns, so that what slows the machine slows them all."""
    best: dict[str, dict[str, Any]] = {}
    for _ in range(bench.times(2)):
        for case, words in asked.items():
            found = replicate(words, runs=bench.times(2))
            best[case] = min(best.get(case, found), found, key=lambda one: float(one["seconds"]))
    return best


def _areas(words: list[str]) -> int:
    from sim.settings import load

    return len(load(words)[0][0].world.areas)


def _rows(case: str, found: dict[str, Any]) -> list[Row]:
    return [
        Row(PART, case, SECONDS, found["seconds"], "s"),
        Row(PART, case, PEAK, found["first_mb"], "MB"),
        Row(PART, case, "referrals a second", found["referrals"] / found["seconds"], "1/s"),
    ]


def remarks(rows: Iterable[Row]) -> list[str]:
    """Whether memory stays flat with the horizon, in words."""
    mine = [row for row in rows if row.part == PART]
    quarter, whole = value_of(mine, QUARTER, PEAK), value_of(mine, WHOLE, PEAK)
    figures = f"{quarter:.0f} MB for a quarter of it, {whole:.0f} MB for the whole"
    if whole > _FLAT * quarter:
        return [f"memory GROWS with the horizon: {figures}"]
    return [f"memory stays flat with the horizon: {figures}"]


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
