"""``stress.md``: the STRESS-DES checklist, the items a program can know filled from the run, blanks shown as blanks.

The hand-written part stands in ``templates/stress.md.j2``; ``docs/stress-des.md`` is the same page without a run.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from sim.analysis.ensemble import month_words
from sim.analysis.intervals import LEVEL
from sim.experiment import manifest
from sim.observe.measures import FIGURES, MEASURES
from sim.parameters import register
from sim.report.story import Story
from sim.report.words import capital, count_words, name_words, percent
from sim.settings import load

NAME: Final = "stress.md"
_MOST: Final = 20


def stress(story: Story | None) -> str:
    """The checklist in Markdown; without a story every item of a run is a blank."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, not HTML
    )
    return environment.get_template("stress.md.j2").render(
        about=story.name if story is not None else "the model",
        measures=len(MEASURES) + len(FIGURES),
        r=_filled(story) if story is not None else None,
    )


def _filled(story: Story) -> dict[str, Any]:
    lead = story.scenarios[story.lead]
    rows = register.rows(lead, story.figures)
    grades = Counter(row.grade for row in rows)
    world = lead.world
    return {
        "level": percent(LEVEL),
        "margin": percent(story.margin_share),
        "scenarios": [{"name": name, "words": _of_policy(story, name)} for name in story.ensembles],
        "design": _design(story),
        "question": _question(story),
        "sameness": "; ".join(f"{name_words(s.scenario)} {s.words}" for s in story.sameness)
        or "nothing to compare here",
        "owners": len(world.owners),
        "crcs": len(world.crcs),
        "divisions": len(world.divisions),
        "areas": len(world.areas),
        "service_months": f"{lead.demand.service_months:g}",
        "patience_days": f"{lead.demand.patience_days:g}",
        "warm_up_days": f"{lead.demand.warm_up_days:g}",
        "grades": ", ".join(f"{grade} {grades[grade]}" for grade in register.STANDING if grades[grade]),
        "inputs": len(rows),
        "judged": sum(row.standing == "assumption" for row in rows),
        "changed": _changed(story),
        "start": f"{lead.horizon.start}",
        "span": f"{lead.horizon.start} to {lead.horizon.end}, {(lead.horizon.end - lead.horizon.start).days + 1} days"
        f" ({month_words(story.ensemble.months[0])} to {month_words(story.ensemble.months[-1])})",
        "replications": _replications(story),
        "versions": ", ".join(f"{name} {version}" for name, version in manifest.packages().items()),
        "seed": story.seed,
        "machine": _machine(story),
        "code": _code(),
        "command": story.command or "____",
    }


def _of_policy(story: Story, name: str) -> str:
    policy = story.scenarios[name].policy
    if policy is None or not policy.levers:
        return "the baseline: no lever" if name == story.lead else "no lever"
    levers = ", ".join(f"{lever.name} from {lever.start}" for lever in policy.levers)
    why = policy.rationale.strip().rstrip(".") or "rationale: ____"
    return f"{capital(policy.recommendation.strip().rstrip('.'))}. {capital(why)}. Levers: {levers}"


def _design(story: Story) -> str:
    n = len(story.ensembles)
    sizes = sorted({ensemble.n for ensemble in story.ensembles.values()})
    each = count_words(sizes[-1], "replication") if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} replications"
    return f"{count_words(n, 'scenario')} x {each}, the same people and luck in each."


def _question(story: Story) -> str:
    names = [name_words(name) for name in story.ensembles]
    return f"do the supply chains shrink or grow under {', '.join(names)}?" if len(names) <= _MOST else "____"


def _replications(story: Story) -> str:
    runs = story.ensemble.runs
    said = (
        f"{count_words(len(runs), 'replication')} a scenario (numbers {runs[0].replication} to {runs[-1].replication})"
    )
    failed = f"; {count_words(story.failed_runs, 'run')} failed" if story.failed_runs else ""
    return said + failed + (f"; {story.stopping.rstrip('.')}" if story.stopping else "")


def _changed(story: Story) -> str:
    """Numbers of each scenario that differ from the shipped baseline, levers left out (they are under 1.3)."""
    (baseline,), _ = load([])
    shipped = {row.name: row.value for row in register.rows(baseline)}
    found: dict[str, list[str]] = {}
    for name in story.ensembles:
        scenario = story.scenarios[name]
        rows = (
            []
            if scenario.world.name == baseline.world.name
            else [f"world {baseline.world.name} -> {scenario.world.name}"]
        )
        rows += [
            f"{row.name} {_shown(shipped[row.name])} -> {_shown(row.value)}"
            for row in register.rows(scenario)
            if row.name in shipped and shipped[row.name] != row.value and not row.name.startswith("world.")
        ]
        for row in rows:
            found.setdefault(row, []).append(name)
    every = len(story.ensembles)
    said = [row if len(names) == every else f"{row} ({', '.join(names)})" for row, names in found.items()]
    more = f" and {len(said) - _MOST} more" if len(said) > _MOST else ""
    return ("; ".join(said[:_MOST]) + more if said else "none") + "."


def _shown(value: register.Value) -> str:
    return f"{value:,.12g}" if isinstance(value, float) else str(value)


def _machine(story: Story) -> str:
    machine = manifest.machine()
    seconds = sum(run.seconds for e in story.ensembles.values() for run in e.runs)
    took = f"; {seconds:.0f} seconds of simulation in all" if seconds else ""
    return f"{machine['system']} {machine['processor']}, {machine['cores']} cores, Python {machine['python']}{took}"


def _code() -> str:
    state = manifest.code_state()
    if not state:
        return f"Version {manifest.own_version()}."
    changed = ", changed since (code.patch)" if state["dirty"] else ""
    return f"Version {manifest.own_version()}, commit {state['commit'][:12]}{changed}."
