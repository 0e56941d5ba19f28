"""What the terminal shows around a run: the plan before, progress during, and parts of the answer after.

Progress goes to stderr and is redrawn only on a terminal; in a log it is one line each tenth.
"""

from __future__ import annotations

import math
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import TextWrapper, shorten, wrap
from typing import TYPE_CHECKING, Final

from sim.settings.worlds import is_link, split_name

if TYPE_CHECKING:
    from sim.analysis.stopping import Stopping
    from sim.experiment.earlier import Earlier
    from sim.experiment.run import Outcome, Progress
    from sim.settings.loading import Loaded

WIDTH: Final = 80
INDENT: Final = 8
BASELINE: Final = "do_nothing"
_LABEL: Final = re.compile(r"^([A-Z]+\??)(?:\s|$)")


def block(label: str, sentences: Sequence[str]) -> str:
    """Sentences under a label in the left margin, each on a line of its own."""
    lines = [part for sentence in sentences for part in wrap(sentence, WIDTH - INDENT, break_long_words=False) or [""]]
    return "\n".join((label if i == 0 else "").ljust(INDENT) + line for i, line in enumerate(lines))


def hanging(sentences: Sequence[str], commands: Sequence[str] = ()) -> str:
    """Sentences of which only the first begins in the margin, each on a line of its own; commands stay in one piece."""
    indent = " " * INDENT
    paragraph = TextWrapper(
        WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    lines = [line for sentence in sentences for line in paragraph.wrap(sentence)]
    lines += [indent + command for command in commands]
    return "\n".join(lines).removeprefix(indent)


def plan_text(
    loaded: Loaded,
    replications: int,
    workers: int,
    into: Path,
    stopping: Stopping | None = None,
    *,
    missing: int | None = None,
    effort: float | None = None,
    planned: int | None = None,
    earlier: Earlier | None = None,
) -> str:
    """What is about to be run, before the first run; with a ``stopping`` rule the number of runs is open.

    Args:
        missing: runs that are not there already; None for all.
        effort: how many whole runs making them is about as much work as; None where they share nothing.
        planned: all runs, those in further parameter worlds too; None when there are none of these.
        earlier: finished runs of the same settings that other code made.
    """
    scenarios = loaded.scenarios
    n = len(scenarios)
    only_policies = [s.name for s in scenarios] == [choices["policy"] for choices in loaded.choices]
    noun = _count(n, "policy", "policies") if only_policies else _count(n, "scenario", "scenarios")
    horizon = scenarios[0].horizon
    worlds = list(dict.fromkeys(s.world.name for s in scenarios))
    if loaded.run.only_replication is not None:
        runs = f"{noun}, replication {loaded.run.only_replication} only: {_count(n, 'run', 'runs')}."
    elif stopping is not None:
        most = _count(n * stopping.cap, "run", "runs")
        runs = f"{noun} x {stopping.batch} replications at a time until all is decided, {most} at most."
    else:
        each = _count(replications, "replication", "replications")
        runs = f"{noun} x {each} = {_count(n * replications, 'run', 'runs')}."
    places = f"{' and '.join(worlds)} world, {horizon.start.year} to {horizon.end.year}."
    says = [f"{runs} {places[0].upper()}{places[1:]}"]
    if n > 1:
        base = BASELINE if BASELINE in [s.name for s in scenarios] else scenarios[0].name
        says.append(f"Each meets the same people and the same luck as {base}.")
    planned = n * replications if planned is None else planned
    if planned > n * replications and loaded.worlds.scenarios:
        says.append(worlds_text(loaded, planned - n * replications))
    make = planned if missing is None else missing
    if make < planned:
        says.append(f"{planned - make} of {_count(planned, 'run', 'runs')} reused, {make} to make.")
    if earlier is not None:
        what = _count(earlier.runs, "finished run exists but was", "finished runs exist but were")
        kept = "It is kept and not mixed in." if earlier.runs == 1 else "They are kept and not mixed in."
        says.append(f"{what} made by other code ({earlier.changed}). {kept}")
    seconds = sum(expected_seconds(len(s.world.areas), (horizon.end - horizon.start).days) for s in scenarios)
    about = _duration(10 + seconds / n * (make if effort is None else effort) / workers) + (
        " for the first" if stopping else ""
    )
    crew = _count(workers, "worker", "workers")
    says.append(f"{loaded.settings_checked} settings checked, 0 problems. {crew}, about {about}.")
    says.append(f"Into {shown_path(into)}")
    return block("PLAN", says)


def worlds_text(loaded: Loaded, runs: int) -> str:
    """What is run in further parameter worlds, in a sentence or two."""
    run, worlds = loaded.run, loaded.worlds
    link = [s.name for s in worlds.scenarios if is_link(s.name)]
    members = worlds.members - 1 if worlds.members else 0
    says = []
    if members:
        says.append(
            f"in {members} further calibrated worlds with"
            f" {_count(run.ensemble_replications, 'replication', 'replications')} each"
        )
    if link:
        says.append("at both ends of the link from pressure to budget, on which funding verdicts rest")
    kept = f" Held as set: {', '.join(worlds.kept)}." if worlds.kept else ""
    return f"Besides, {_count(runs, 'run', 'runs')} {' and '.join(says)}.{kept}"


def expected_seconds(areas: int, days: int) -> float:
    """About how long one run takes on one core of an ordinary machine."""
    return 0.15 + 3.5 * areas / 108 * days / 2557


@contextmanager
def progress(planned: int, *, quiet: bool) -> Iterator[Progress]:
    """A callback that shows how far the runs are."""
    if quiet:
        yield lambda outcome: None
    elif sys.stderr.isatty():
        with _bar(planned) as show:
            yield show
    else:
        yield _log()


@contextmanager
def _bar(planned: int) -> Iterator[Progress]:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own: with it, runs made in this process could not share their history
    bar = tqdm(total=planned, bar_format="RUN     [{bar:20}] {desc}", ascii=" -#", ncols=WIDTH, file=sys.stderr)
    below = tqdm(total=0, bar_format="{desc}", position=1, file=sys.stderr, leave=False)
    pace = Pace()

    def show(outcome: Outcome) -> None:
        bar.total, bar.n = outcome.planned, outcome.ended
        bar.set_description_str(pace.words(outcome), refresh=False)
        bar.refresh()
        below.set_description_str(" " * INDENT + so_far(outcome)[: WIDTH - INDENT - 1])

    try:
        yield show
    finally:
        below.close()
        bar.close()


def _log() -> Progress:
    shown, planned, pace = 0, 0, Pace()

    def show(outcome: Outcome) -> None:
        nonlocal shown, planned
        done = outcome.ended
        if outcome.planned != planned:  # the first of a batch
            planned, shown = outcome.planned, 10 * (done - 1) // outcome.planned
        tenth = 10 * done // planned
        if tenth > shown or done == 1:
            shown = tenth
            words, found = f"RUN     {pace.words(outcome)}", so_far(outcome)
            apart = "   " if len(words) + 3 + len(found) <= WIDTH else f"\n{' ' * INDENT}"
            found = shorten(found, WIDTH - INDENT, placeholder=" ...")
            print(f"{words}{apart}{found}".rstrip(), file=sys.stderr, flush=True)

    return show


class Pace:
    """How fast runs are made and how long the rest will take; runs that were there already do not count."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now, self._began = now, now()

    def words(self, outcome: Outcome) -> str:
        """``21/30   1.3 a second   7 s left   0 failed``."""
        made, left = outcome.ended - outcome.reused, outcome.planned - outcome.ended
        elapsed = max(self._now() - self._began, 1e-3)
        parts = [f"{outcome.ended}/{outcome.planned}"]
        if made:
            a_second = made / elapsed
            parts.append(f"{a_second:.1f} a second" if a_second >= 0.095 else f"{60 * a_second:.1f} a minute")
            if left:
                parts.append(f"{_left(left / a_second)} left")
        return "   ".join([*parts, f"{len(outcome.failures)} failed"])


def _left(seconds: float) -> str:
    if seconds < 100:
        return f"{math.ceil(seconds)} s"
    return f"{math.ceil(seconds / 60)} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def so_far(outcome: Outcome) -> str:
    """The headline of the runs finished until now; never a verdict."""
    ends = {name: values for name, values in outcome.ends.items() if not split_name(name)[1]}
    if not ends:
        return ""
    base = ends.get(BASELINE) or next(iter(ends.values()))
    said = []
    for name, values in ends.items():
        pairs = [(value, base[r]) for r, value in values.items() if r in base]
        if values is not base and pairs:
            up = sum(value > other for value, other in pairs)
            said.append(f"{name} up {up} of {len(pairs)}")
    if said:
        return f"so far: {', '.join(said[:3])}{', ...' if len(said) > 3 else ''}"
    mean = sum(base.values()) / len(base)
    return f"so far: GBP {mean / 1e6:.3g}m a year to tiers 2 and 3 at the end"


def failures_text(outcome: Outcome, folder: Path, redo: str, *, most: int = 3) -> str:
    """Which runs failed, why, where the trace is and how to make the first again (``redo``)."""
    says = []
    for failure in outcome.failures[:most]:
        says.append(f"Run {failure.replication} of {failure.scenario} failed ({failure.stage}): {failure.cause}")
    if len(outcome.failures) > most:
        says.append(f"... and {len(outcome.failures) - most} more.")
    kept = f"The other {outcome.finished} of {outcome.planned} are kept." if outcome.finished else "No run finished."
    says.append(kept)
    says.append(f"see   {shown_path(folder / 'failures.csv')}   (full trace inside)")
    says.append(f"redo  {redo}")
    return block("FAILED", says)


def stopped_text(outcome: Outcome, folder: Path | None, *, by_you: bool = True) -> str:
    """What Ctrl-C, a signal or a reason to stop left, and how to go on."""
    why = outcome.halted or ("" if by_you else "it was asked to end (SIGTERM)")
    who = f"STOPPED: {why}." if why else "STOPPED by you."
    says = [f"{who} {outcome.finished} of {outcome.planned} runs kept, none half-written, workers ended."]
    says.append("Same command again goes on.")
    if folder is None:
        return hanging(says)
    says.append(f"They are in {shown_path(folder)}")
    look = f"Look now: probsim report {shlex.quote(shown_path(folder))}"
    return hanging(says, [look] if outcome.finished else [])


def sections(text: str, wanted: Sequence[str]) -> str:
    """The parts of the answer under these labels, in order."""
    kept, keep = [], False
    for line in text.splitlines():
        label = _LABEL.match(line)
        if label:
            keep = label[1] in wanted
        if keep:
            kept.append(line)
    return "\n".join(kept).strip("\n")


def first_sentence(text: str) -> str:
    """The first sentence of the answer, on one line, for the index of experiments."""
    words = " ".join(sections(text, ("ANSWER",)).split()).removeprefix("ANSWER").strip()
    return re.split(r"(?<=[a-z0-9)%])\. (?=[A-Z])", words)[0].rstrip(".")


def shown_path(path: Path) -> str:
    """A path from here when it lies below, else in full."""
    whole, here = path.resolve(), Path.cwd().resolve()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
