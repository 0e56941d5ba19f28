"""``explain FOLDER``: one CRC's and one body's history in words, from the events of one replication.

A folder without events gets them from its own replication made again: the same seed and settings give the same bytes,
which is checked against the digests kept. Nothing is written.
"""

from __future__ import annotations

import json
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from sim.commands.folders import opened, refusal, short, the_word, warn

if TYPE_CHECKING:
    from sim.cli import Options
    from sim.experiment.reading import Opened
    from sim.experiment.rebuilding import Described
    from sim.observe.results import RunResult
    from sim.report.history import History
    from sim.scenario import Scenario


def main(options: Options) -> int:
    """Print the histories; raises SettingsError when the folder, the scenario, the CRC or the body is not there."""
    folder = opened(the_word(options.words, "explain"), "explain")
    described = _scenario(folder, options.scenario)
    scenario = described.scenario
    if scenario is None:
        raise refusal("explain", f"the settings of {described.name} are not known, so its events cannot be read")
    run = _run(folder, described, _replication(folder, described, options.replication))
    told = histories(run, scenario, options.crc, options.provider)
    if options.as_json:
        rows = [{"who": h.who, "title": h.title, "day": t.day, "date": str(t.when), "words": t.words, "kind": t.kind}
                for h in told for t in h.told]  # fmt: skip
        print(json.dumps(rows, indent=1))
        return 0
    head = f"{described.name}, replication {run.replication}: one draw of luck, an illustration and not a finding."
    print("\n".join(wrap(head, 80)))
    for history in told:
        print(f"\n{history.title[:1].upper()}{history.title[1:]}")
        for line in history.lines():
            print("\n".join(wrap(line, 78, initial_indent="  ", subsequent_indent=" " * 12)))
    return 0


def histories(run: RunResult, scenario: Scenario, crc: str | None, provider: str | None) -> list[History]:
    """The histories asked for; without a word of the user, of the CRC and the body that say most."""
    from sim.report.history import body_history, crc_history, subjects

    usual = subjects(run.events, scenario)
    if crc is None and provider is None:
        crc, provider = usual
    found = []
    if crc:
        try:
            found.append(crc_history(run.events, scenario, crc.upper()))
        except KeyError as error:
            codes = [c.code for c in scenario.world.crcs]
            raise refusal(
                "explain", f'there is no CRC called "{crc}" in this world', f"it has   {_few(codes)}"
            ) from error
    if provider:
        try:
            found.append(body_history(run.events, scenario, provider))
        except KeyError as error:
            codes = sorted({e.who for e in run.events if e.who.startswith("B-")})
            what = f'nothing happened to a body called "{provider}"'
            raise refusal("explain", what, f"to these it did   {_few(codes)}") from error
    return found


def _scenario(folder: Opened, name: str | None) -> Described:
    names = [d.name for d in folder.described]
    if not names:
        raise refusal("explain", f"{short(folder.path)} describes no scenario")
    if name is None:
        return folder.described[0]
    if name not in names:
        raise refusal("explain", f'there is no scenario called "{name}" in this folder', f"it has   {_few(names)}")
    return folder.described[names.index(name)]


def _replication(folder: Opened, described: Described, typed: str | None) -> int:
    there = sorted({*folder.files.get(described.name, {}), *described.keys})
    if typed is None:
        return next(iter(folder.files.get(described.name, {}) or there), 1)
    if not typed.isdigit() or int(typed) not in there:
        raise refusal("explain", f"there is no replication {typed} of {described.name}", f"it has   {_few(there)}")
    return int(typed)


def _run(folder: Opened, described: Described, replication: int) -> RunResult:
    """The run with its events: kept, or made again."""
    kept = next((r for r in folder.results[described.name] if r.replication == replication), None)
    if kept is not None and kept.events:
        return kept
    from sim.model import run_replication

    assert described.scenario is not None
    scenario = replace(described.scenario, record=replace(described.scenario.record, events=True, cases=False))
    run = run_replication(scenario, seed=folder.settings.seed, replication=replication)
    if kept is None:
        warn(["that replication is not in the folder: it was made now"])
    elif run.digests == kept.digests:
        warn(["the folder keeps no events (record.events=true): the replication was made again, with the same digests"])
    else:
        warn(
            ["the folder keeps no events and this code or machine makes another run of it: what follows is the new run"]
        )
    return run


def _few(names: list[str] | list[int]) -> str:
    return ", ".join(map(str, names[:8])) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
