"""The result on the terminal: ANSWER, SURE?, CHECKS, READ and NEXT, in ASCII and at most 80 columns."""

from __future__ import annotations

import math
import re
from textwrap import wrap
from typing import Final

from sim.analysis.paired import PairedVerdict
from sim.analysis.sameness import Sameness
from sim.analysis.validation import tally
from sim.analysis.verdict import UNDECIDED
from sim.report.answer import (
    FEW,
    pairing_words,
    past_count,
    past_money,
    past_sentence,
    replications_wanted,
    short_past,
    stretch_sentences,
)
from sim.report.console_sweep import effects_lines, grid_map, options_picture, options_table
from sim.report.rungs import worlds_sentences
from sim.report.story import Story
from sim.report.sweep import factorials, grid_of, told, untold
from sim.report.words import (
    ascii_only,
    capital,
    count_words,
    money,
    money_range,
    name_words,
    percent,
)

WIDTH: Final = 80
INDENT: Final = 8
MANY: Final = 12  # more scenarios than this share a line
_VERDICTS: Final = re.compile(r"\bwould (?:grow|hold|shrink)\b|\bnot decided\b")


def console(story: Story, report: str) -> str:
    """The whole text; ``report`` is the path to print."""
    blocks = [_block("ANSWER", _answer(story))]
    blocks += _sweep(story)
    blocks += [
        _block("SURE?", _sure(story)),
        _block("CHECKS", _checks(story)),
        f"READ    {ascii_only(report)}",
    ]
    blocks.append(_next(story))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _block(label: str, paragraphs: list[str]) -> str:
    """Paragraphs indented beside a label."""
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += wrap(ascii_only(paragraph), WIDTH - INDENT, break_long_words=True, break_on_hyphens=False)
    return "\n".join((label if i == 0 else "").ljust(INDENT) + line for i, line in enumerate(lines))


def _answer(story: Story) -> list[str]:
    lead = story.past[story.lead]
    says = [_loud(past_sentence(lead))]
    if lead.main is not None:
        says.append(f"{capital(past_count(lead))}. {past_money(lead)}")
    if not story.paired:
        says += stretch_sentences(lead)
    says += [_loud(past_sentence(story.past[name])) for name in told(story) if name not in story.paired]
    says += [_paired(story, verdict) for verdict in _ranked(story)]
    says += [more] if (more := untold(story)) else []
    says += [f"NOT COMPARABLE: {s.words}. Its comparison is withheld." for s in story.broken]
    if story.missing:
        says.append(f"No run finished of: {', '.join(name_words(name) for name in story.missing)}.")
    if story.partial:
        says.append(f"From {story.finished} of {story.planned_runs} planned runs ({story.failed_runs} failed).")
    return says


def _loud(sentence: str) -> str:
    """Verdict words in capitals, so that they are found at a glance."""
    return _VERDICTS.sub(lambda match: match.group(0).removeprefix("would ").upper(), sentence)


def _paired(story: Story, verdict: PairedVerdict) -> str:
    h = verdict.headline
    name = capital(name_words(h.scenario))
    ends = f" ({money_range(h.difference, signed=True)})" if h.difference.known else ""
    share = f", {percent(h.relative.mean, h.relative.half_width, True)}" if math.isfinite(h.relative.mean) else ""
    size = f"{money(h.difference.mean, h.difference.half_width, signed=True)} a year{ends}{share}"
    word = verdict.word.upper() + (" than" if verdict.word in ("more", "less") else "")
    nothing = "doing nothing" + (" under the same settings" if story.crossed else "")
    joint = {"no different": " from ", "undecided": " against ", "no verdict": " yet against "}.get(verdict.word, " ")
    end = f"{joint}{nothing}"
    return f"{name}: {word}{end}, {size}; {short_past(story.past[h.scenario])}."


def _ranked(story: Story) -> list[PairedVerdict]:
    names = told(story)
    shown = [v for v in story.paired.values() if v.headline.scenario in names]
    return sorted(shown, key=lambda v: -v.headline.difference.mean)


def _sweep(story: Story) -> list[str]:
    """The options drawn and tabled, the effects of a factorial, the map of a grid."""
    ranked, grid = _ranked(story), grid_of(story)
    blocks = [options_picture(story, ranked), options_table(story, ranked)] if ranked else []
    if effects := effects_lines(factorials(story)):
        blocks.append(_block("EFFECTS", effects))
    return [*blocks, grid_map(story, grid)] if grid is not None else blocks


def _sure(story: Story) -> list[str]:
    n = story.ensemble.n
    says = ["One replication: no interval is possible. Add  replications=10."]
    if n > 1:
        says = [
            f"Intervals cover luck only ({count_words(n, 'replication')}, one set of inputs). Many inputs are"
            " judgement: assumptions.csv lists each with its source and grade."
        ]
    if story.worlds is not None:
        says += worlds_sentences(story.worlds, [story.lead, *told(story)])
    if story.worlds is None or not story.worlds.n:
        says.append("Over the calibrated worlds: add  ensemble=calibrated")
    says += [worth] if (worth := pairing_words(story)) else []
    says += [story.stopping] if story.stopping else []
    if n < 6:
        says.append("Patterns are meant for means over at least 6 replications.")
    return says


def _checks(story: Story) -> list[str]:
    good = ["ok  money balances", "ok  every need has one fate"]
    lines = ["".join(item.ljust(34) for item in good).rstrip()]
    sameness = [*story.sameness, *(s for group in story.within for s in group.sameness)]
    lines += _all_same(sameness)
    if story.swept and not sameness:
        lines.append("--  no scenario here is do_nothing, so no history is proved the same")
    return [*lines, tally(story.scored)]


def _all_same(found: list[Sameness]) -> list[str]:
    """One line a scenario; many with the same finding share one."""
    fine = [s.words for s in found if s.ok]
    if len(found) <= MANY or len(set(fine)) != 1:
        return [_same(s) for s in found]
    first = next(s for s in found if s.ok)
    shared = _same(first).replace(f"{first.scenario}: ", f"{len(fine)} scenarios: ")
    return [shared, *(_same(s) for s in found if not s.ok)]


def _same(s: Sameness) -> str:
    """A scenario's history against do_nothing's: proved the same, not asked for, or loudly not the same."""
    if s.broken:
        return f"NOT OK  NOT the same as do_nothing before {s.before}: {s.words}"
    mark = "NOT OK" if not s.ok else "--" if s.before is None and s.from_the_start else "ok"
    return f"{mark}  {s.scenario}: {s.words}"


def _next(story: Story) -> str:
    """A command to paste: more replications where a verdict is open, else one thing to try."""
    wanted = replications_wanted(story)
    if story.ensemble.n == 1:
        return _command("An interval needs more than one replication:", with_replications(story.command, 10))
    if story.withheld:
        return _command("The other runs are still to be made; the same command goes on:", story.command)
    words = {p.word for p in story.past.values()} | {v.word for v in story.paired.values()}
    if UNDECIDED in words and story.ensemble.n <= FEW:
        reason = "Too few replications to say how many would decide; ten are a start:"
        return _command(reason, with_replications(story.command, 10))
    if wanted is not None:
        name, total, against = wanted
        more = max(total - story.ensembles[name].n, 1)
        reason = f"{capital(name_words(name))} needs about {count_words(more, 'more replication')} to decide"
        reason += f" against {against}:"
        return _command(reason, with_replications(story.command, total))
    if story.swept:
        return ""
    return _command("Try another rule, for instance a lower mark-up:", f"{story.command} rate_card.markup_share=0.05")


def with_replications(command: str, total: int) -> str:
    """The command with its number of replications replaced."""
    return re.sub(r"\s+replications=\S+", "", command) + f" replications={total}"


def _command(reason: str, command: str) -> str:
    """A reason and a command, broken with backslashes where it is too long."""
    parts = wrap(
        ascii_only(command),
        WIDTH - INDENT - 2,
        break_long_words=False,
        break_on_hyphens=False,
        subsequent_indent="  ",
    )
    lines = [part + (" \\" if i < len(parts) - 1 else "") for i, part in enumerate(parts)]
    lines = [" " * INDENT + line for line in lines]
    says = [("NEXT" if i == 0 else "").ljust(INDENT) + t for i, t in enumerate(wrap(reason, WIDTH - INDENT))]
    return ascii_only("\n".join([*says, *(piece for line in lines for piece in _cut(line))]))


def _cut(line: str) -> list[str]:
    """A line too long for the terminal, cut after commas; a shell joins what starts at the margin."""
    if len(line) <= WIDTH or "," not in line:
        return [line]
    at = line.rfind(",", 0, WIDTH - 1)
    at = at if at > 0 else line.index(",")
    return [line[: at + 1] + "\\", *_cut(line[at + 1 :])]
