"""``compare FOLDER FOLDER...``: the first experiment beside each other one: answers, settings, code, luck."""

from __future__ import annotations

import json
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from sim.commands.folders import opened, refusal, short, warn

if TYPE_CHECKING:
    from sim.analysis.between import Between
    from sim.cli import Options
    from sim.experiment.reading import Opened

_MOST_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One scenario that both folders hold.

    Attributes:
        words: both verdicts in each folder: against its own past, against doing nothing.
    """

    between: Between
    words: tuple[tuple[str, str], tuple[str, str]]


def main(options: Options) -> int:
    """Print what is the same and what is not; raises SettingsError when fewer than two folders were typed."""
    if len(options.words) < 2:
        raise refusal("compare", f"compare takes two folders or more, got {len(options.words)}",
                      "type   probsim compare FOLDER FOLDER   (one may be  latest )")  # fmt: skip
    folders = [opened(word, "compare") for word in options.words]
    for folder in folders:
        warn([f"{folder.name}: {note}" for note in folder.missing()])
    found = [_content(folders[0], other) for other in folders[1:]]
    if options.as_json:
        print(json.dumps([content for content, _ in found], indent=2))
        return 0
    print("\n\n".join(text for _, text in found))
    return 0


def _content(a: Opened, b: Opened) -> tuple[dict[str, Any], str]:
    """One comparison as data and as text."""
    settings, code = _settings(a, b), _code(a, b)
    lines, alone = _lines(a, b)
    data = {
        "before": short(a.path),
        "after": short(b.path),
        "settings": settings,
        "code": code,
        "only_before": [name for name, where in alone if where is a],
        "only_after": [name for name, where in alone if where is b],
        "scenarios": [
            {
                "name": x.between.scenario,
                "before_gbp_per_year": x.between.before.mean,
                "after_gbp_per_year": x.between.after.mean,
                "difference_gbp_per_year": x.between.difference.mean,
                "low": x.between.difference.low,
                "high": x.between.difference.high,
                "pairs": x.between.pairs,
                "unpaired": x.between.unpaired,
                "words_before": x.words[0],
                "words_after": x.words[1],
            }
            for x in lines
        ],
    }
    return data, _text(a, b, settings, code, lines, alone)


def _text(
    a: Opened, b: Opened, settings: list[str], code: list[str], lines: list[Line], alone: list[tuple[str, Opened]]
) -> str:
    from sim.commands.console import block

    says = [block("BEFORE", [_who(a)]), block("AFTER", [_who(b)])]
    says.append(block("CODE", code or ["the same"]))
    more = [f"and {len(settings) - _MOST_LINES} more"] if len(settings) > _MOST_LINES else []
    in_both = {d.name for d in a.described} & {d.name for d in b.described}
    none_set = "every setting is the same" if in_both else "not compared: no scenario is in both"
    says.append(block("SET", [*settings[:_MOST_LINES], *more] or [none_set]))
    says.append("")
    says.append(block("MOVED", ["Paid to tier 2 and tier 3, last 12 months, GBP a year:"] if lines else
                      ["No scenario is in both with runs that can be read."]))  # fmt: skip
    for line in lines:
        says += _told(line)
    if alone:
        says.append("")
        says.append(block("ALONE", [f"{name} is only in {folder.name}" for name, folder in alone]))
    return "\n".join(says)


def _told(line: Line) -> list[str]:
    from sim.report.words import money, money_range

    x = line.between
    was, now = (money(v.mean, v.half_width) for v in (x.before, x.after))
    span = f" ({money_range(x.difference, signed=True)})" if x.difference.known else " (no interval)"
    if x.pairs and x.difference.mean == 0.0 and x.difference.low == x.difference.high:
        gap = "exactly the same"
    else:
        gap = money(x.difference.mean, x.difference.half_width, signed=True) + span
    how = f"{x.pairs} pairs" if x.pairs else f"not paired: {x.unpaired}"
    past = _moved(line.words[0][0], line.words[1][0])
    paired = _moved(line.words[0][1], line.words[1][1])
    verdicts = f"against its past {past}" + (f"; against doing nothing {paired}" if paired else "")
    said = [f"{x.scenario}: {was} -> {now}, {gap}; {how}.", f"  {verdicts}."]
    return [part for s in said for part in wrap(s, 80, initial_indent=" " * 8, subsequent_indent=" " * 10)]


def _moved(before: str, after: str) -> str:
    if before == after:
        return f"{after}, as before" if after else ""
    return f"{before or 'not told'} -> {after or 'not told'}"


def _who(folder: Opened) -> str:
    from sim.report.words import count_words

    numbers = sorted({run.replication for runs in folder.results.values() for run in runs})
    span = f"replications {numbers[0]} to {numbers[-1]}" if numbers else "no run that can be read"
    commit = str(folder.run.get("code", {}).get("commit", ""))[:8]
    dirty = ", changed since" if folder.run.get("code", {}).get("dirty") else ""
    made = f"; commit {commit}{dirty}" if commit else ""
    return f"{folder.name}: {count_words(len(folder.described), 'scenario')}, {span}, seed {folder.settings.seed}{made}"


def _settings(a: Opened, b: Opened) -> list[str]:
    """Settings of scenarios of one name that differ, before -> after; each once."""
    from sim.experiment.kept import changes
    from sim.settings.known import all_specs

    trees = {d.name: d.tree for d in b.described}
    specs = all_specs()
    found: dict[str, None] = {}
    for d in a.described:
        other = trees.get(d.name)
        if d.tree is None or other is None:
            continue
        for key, (before, after) in changes(d.tree, other).items():
            if key in ("name", "output"):
                continue
            unit = specs[key].unit if key in specs else ""
            found[f"{key}: {_plain(before)} -> {_plain(after)}" + (f" ({unit})" if unit else "")] = None
    return list(found)


def _plain(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and value >= 10_000 else str(value)


def _code(a: Opened, b: Opened) -> list[str]:
    """Files of the model that differ."""
    then, now = (f.plan.get("model_source_files") for f in (a, b))
    if isinstance(then, dict) and isinstance(now, dict):
        differ = sorted(f"sim/{name}" for name in {*then, *now} if then.get(name) != now.get(name))
        more = f" and {len(differ) - 8} more" if len(differ) > 8 else ""
        return [f"differs: {', '.join(differ[:8])}{more}"] if differ else []
    one, other = (f.plan.get("model_source_sha256") for f in (a, b))
    return [] if one == other else ["differs (an older folder does not say in which files)"]


def _lines(a: Opened, b: Opened) -> tuple[list[Line], list[tuple[str, Opened]]]:
    from sim.analysis.between import between
    from sim.analysis.ensemble import Ensemble

    scenarios = [{s.name: s for s in folder.scenarios} for folder in (a, b)]
    held = [{name: runs for name, runs in folder.results.items() if runs} for folder in (a, b)]
    words = [_words(folder) for folder in (a, b)]
    lines = []
    for name in held[0]:
        if name not in held[1]:
            continue
        ensembles = [Ensemble.of(name, runs[name]) for runs in held]
        moved = between(ensembles[0], ensembles[1], scenarios[0].get(name), scenarios[1].get(name))
        lines.append(Line(moved, (words[0].get(name, ("", "")), words[1].get(name, ("", "")))))
    alone = [(name, a) for name in held[0] if name not in held[1]]
    alone += [(name, b) for name in held[1] if name not in held[0]]
    return lines, alone


def _words(folder: Opened) -> dict[str, tuple[str, str]]:
    """Scenario -> both verdict words, of those whose dates are known."""
    from sim.analysis.ensemble import Ensemble
    from sim.analysis.intervals import LEVEL, computed_at
    from sim.analysis.paired import compare, verdicts
    from sim.analysis.sameness import histories
    from sim.analysis.verdict import against_past
    from sim.settings.worlds import by_world

    known = {scenario.name: scenario for scenario in folder.scenarios}
    told = by_world(folder.results)[""]  # the worlds of an ensemble have no verdict each
    ensembles = {n: Ensemble.of(n, runs) for n, runs in told.items() if runs and n in known}
    margin = folder.settings.margin_share
    broken = {s.scenario for s in histories(ensembles, known) if s.broken}
    with computed_at(folder.level or LEVEL):
        paired = verdicts(compare({n: e for n, e in ensembles.items() if n not in broken}), margin)
        past = {name: against_past(e, known[name].horizon, margin).word for name, e in ensembles.items()}
    return {name: (word, paired[name].word if name in paired else "") for name, word in past.items()}
