"""Where the paths of pairs part: decisions after the first lever that both runs of a pair take, and with what outcome.

Run:  python -m tests.benchmarks.parting [world] [replications]      (default: division 3)

A decision that both runs take reads the same draw when its key is the same: a lot its buyer, month and place in the
month; the end of a term its contract and day; a body its name and month. What is not taken in both runs, or ends
otherwise on the same draw, parted because the state differs, and no other key would mend it. A key that moved (the
same contract, another day) could be mended.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from sim.analysis.paired import BASELINE
from sim.model import run_replication
from sim.observe.results import Event, RunResult
from sim.settings import load

Decisions = dict[tuple[str, ...], str]  # key of the draw -> what came of it

COLUMNS = ("taken", "in both", "same end")
KINDS = ("lots", "awards", "terms", "closures", "entries")


def words_of(event: Event) -> dict[str, str]:
    """The ``key=value`` words of an event."""
    return dict(word.split("=", 1) for word in event.detail.split() if "=" in word)


def decisions(run: RunResult, since: float) -> dict[str, Decisions]:
    """What CRCs and bodies decided from a day on, by kind."""
    found: dict[str, Decisions] = {kind: {} for kind in KINDS}
    for kind, key, outcome in _read(run, since):
        found[kind][key] = outcome
    return found


def _read(run: RunResult, since: float) -> Iterator[tuple[str, tuple[str, ...], str]]:
    of_crcs = set()
    for event in run.events:
        words = words_of(event)
        lot, contract = words.get("lot", ""), words.get("contract", "")
        if event.kind == "tender_opened" and "-M" in lot and lot.startswith("C"):
            of_crcs.add(lot)
        if event.day < since:
            continue
        if event.kind == "tender_opened" and lot in of_crcs:
            yield "lots", (lot,), f"{words['category']} {words['areas']}"
        elif event.kind == "tender_awarded" and lot in of_crcs:
            yield "awards", (lot,), event.who
        elif event.kind == "contract_renewed":
            yield "terms", (contract, f"{event.day:.0f}"), "renewed"
        elif event.kind == "contract_ended" and words.get("reason") in ("not_renewed", "brought_in-house"):
            yield "terms", (contract, f"{event.day:.0f}"), "let go"
        elif event.kind == "provider_closed":
            yield "closures", (event.who, f"{event.day:.0f}"), ""
        elif event.kind == "provider_entered":
            yield "entries", (event.who, f"{event.day:.0f}"), ""


def count(base: dict[str, Decisions], other: dict[str, Decisions]) -> Counter[tuple[str, str]]:
    """By kind: decisions that doing nothing takes, those the other takes too, and those that end the same.

    ``moved`` counts terms of one contract that ended in both, but on another day.
    """
    found: Counter[tuple[str, str]] = Counter()
    for kind in KINDS:
        ours, theirs = base[kind], other[kind]
        both = ours.keys() & theirs.keys()
        found[kind, COLUMNS[0]] += len(ours)
        found[kind, COLUMNS[1]] += len(both)
        found[kind, COLUMNS[2]] += sum(ours[key] == theirs[key] for key in both)
    elsewhere = {contract for contract, _ in other["terms"]}
    alone = [key for key in base["terms"] if key not in other["terms"]]
    found["terms", "moved"] += sum(contract in elsewhere for contract, _ in alone)
    return found


def main() -> None:
    """Print the table, a line a policy."""
    world, replications = (sys.argv[1:] + ["division", "3"][len(sys.argv) - 1 :])[:2]
    scenarios, settings = load([f"world={world}", "record=events", "+experiment=recommendations"], sweep=True)
    totals = {s.name: Counter[tuple[str, str]]() for s in scenarios if s.name != BASELINE}
    for replication in range(1, int(replications) + 1):
        made = {}
        for s in scenarios:
            since = float((s.horizon.verdict_from - s.horizon.start).days)
            made[s.name] = decisions(run_replication(s, seed=settings.seed, replication=replication), since)
        for name, total in totals.items():
            total += count(made[BASELINE], made[name])
    print(f"{world} world, {replications} replications: decisions of doing nothing after the first lever date,")
    print("those on the same draw under the policy, and those that end the same there")
    print(f"{'':28}" + "".join(f"{kind:>18}" for kind in KINDS) + f"{'terms moved':>14}")
    for name, total in totals.items():
        cells = ["{} {} {}".format(*(total[kind, column] for column in COLUMNS)) for kind in KINDS]
        print(f"{name:28}" + "".join(f"{cell:>18}" for cell in cells) + f"{total['terms', 'moved']:>14}")


if __name__ == "__main__":
    main()
