"""From what was typed to checked scenarios: the whole expanded sweep is checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.parameters.record import Spec, specs
from sim.policy import LEVERS
from sim.scenario import Scenario
from sim.settings.build import build_run, build_scenario
from sim.settings.compose import Composer, CompositionError, Selection, Tree, leaves, names, resolved, with_value
from sim.settings.ensembles import InWorlds, in_further_worlds
from sim.settings.impacts import measured_impacts
from sim.settings.known import RunSettings, all_specs
from sim.settings.names import DO_NOTHING, scenario_names
from sim.settings.overrides import Choice, Point, Setting, is_of_run, unknown_setting
from sim.settings.problems import CROSS, FIRST, NAME, TYPED, Problem, SettingsError, listing, merge, shown
from sim.settings.reading import meaning
from sim.settings.ready import OWN_KEYS, expand
from sim.settings.sources import EXPERIMENT, Sources, shipped_configs


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checked plan in settings: scenarios, how to run them, and what they were made from.

    Attributes:
        overrides: for each scenario what was typed, one text an override.
        trees: for each scenario its resolved settings as plain mappings.
        choices: for each scenario the option in force of every group.
        settings_checked: how many settings each scenario was checked for.
        worlds: the same scenarios in further parameter worlds.
    """

    scenarios: tuple[Scenario, ...]
    run: RunSettings
    overrides: tuple[tuple[str, ...], ...]
    trees: tuple[Tree, ...]
    choices: tuple[dict[str, str], ...]
    settings_checked: int
    worlds: InWorlds = InWorlds()

    def with_worlds(self) -> Loaded:
        """The plan with its further worlds as scenarios like any other, after those that are told."""
        further = self.worlds
        return replace(
            self,
            scenarios=(*self.scenarios, *further.scenarios),
            overrides=(*self.overrides, *(self.overrides[k] for k in further.base)),
            trees=(*self.trees, *further.trees),
            choices=(*self.choices, *(self.choices[k] for k in further.base)),
            worlds=InWorlds(),
        )


def load(
    overrides: Sequence[str] = (), *, sweep: bool = False, config_dir: str | Path | None = None
) -> tuple[list[Scenario], RunSettings]:
    """The scenarios of a command line and how to run them; raises SettingsError with every problem found."""
    loaded = load_all(overrides, sweep=sweep, config_dir=config_dir)
    return list(loaded.scenarios), loaded.run


def load_all(overrides: Sequence[str] = (), *, sweep: bool = False, config_dir: str | Path | None = None) -> Loaded:
    """As ``load``, with what the scenarios were made from."""
    sources = find_sources(config_dir)
    points, problems = expand(overrides, sources, sweep=sweep)
    problems = [replace(problem, scenarios=0) for problem in problems + _of_run_varies(points)]
    loader = _Loader(sources, points)
    for point in points:
        problems += loader.add(point)
    run, found = loader.run()
    problems += [replace(problem, scenarios=0) for problem in found]
    if problems or run is None:
        raise SettingsError(merge(problems), planned=len(points))
    loader.first(_reference(loader, points))
    points, named = loader.points, _names(loader)
    scenarios = tuple(replace(scenario, name=name) for scenario, name in zip(loader.scenarios, named, strict=True))
    return Loaded(
        scenarios=scenarios,
        run=replace(
            run,
            figures=tuple(dict.fromkeys(loader.figures)),
            impacts=measured_impacts(sources),
            patterns_file=str(sources.file("patterns", run.patterns) or ""),
        ),
        overrides=tuple(tuple(typed.text for typed in point) for point in points),
        trees=tuple(loader.trees),
        choices=tuple(loader.choices),
        settings_checked=len(leaves(loader.trees[0])),
        worlds=in_further_worlds(scenarios, loader.trees, run, sources),
    )


def find_sources(config_dir: str | Path | None) -> Sources:
    """The folders to search; raises SettingsError when the user's is missing or hides shipped files."""
    if config_dir is None:
        return Sources(shipped_configs())
    user = Path(config_dir)
    if not user.is_dir():
        raise SettingsError(
            [Problem("--config-dir", f"there is no folder {shown(str(config_dir))}", TYPED, rank=FIRST)]
        )
    sources = Sources(shipped_configs(), user)
    clashes = [
        Problem(
            str(mine.name),
            f"{sources.words(mine)} bears the name of a shipped file, which would hide one of them",
            advice=(f"give it another name   shipped: {sources.words(theirs)}",),
        )
        for mine, theirs in sources.clashes()
    ]
    if clashes:
        raise SettingsError(clashes)
    return sources


class _Loader:
    """Composes and builds scenario after scenario, gathering them and naming where each problem stands."""

    def __init__(self, sources: Sources, points: Sequence[Point]) -> None:
        self._sources = sources
        options: dict[str, set[str]] = {}
        for point in points:
            for typed in point:
                if isinstance(typed, Choice):
                    options.setdefault(typed.key, set()).add(typed.value)
        self._composer = Composer(sources, [group for group, values in options.items() if len(values) > 1])
        self._run_from: tuple[Tree, Point, dict[str, str]] | None = None
        self.scenarios: list[Scenario] = []
        self.trees: list[Tree] = []
        self.choices: list[dict[str, str]] = []
        self.points: list[Point] = []
        self.figures: list[Any] = []

    def add(self, point: Point) -> list[Problem]:
        """Build the scenario of one point of the sweep; returns what is wrong with it."""
        problems: list[Problem] = []
        selection: Selection = tuple((typed.key, typed.value) for typed in point if isinstance(typed, Choice))
        try:
            tree, choices = self._composer.compose(selection)
            tree = {key: value for key, value in tree.items() if key not in OWN_KEYS}
            for typed in point:
                if isinstance(typed, Setting):
                    tree = self._set(tree, typed, problems)
            tree = resolved(tree)
        except CompositionError as error:
            return [*problems, error.problem]
        if self._run_from is None:
            self._run_from = tree, point, choices
        built = build_scenario(tree, choices["policy"])
        problems += self._placed(built.problems, point, choices)
        if built.scenario is not None:
            self.scenarios.append(built.scenario)
            self.trees.append(tree)
            self.choices.append(choices)
            self.points.append(point)
            self.figures += built.figures
        return problems

    def first(self, position: int) -> None:
        """Put one scenario before the others."""
        lists: list[list[Any]] = [self.scenarios, self.trees, self.choices, self.points]
        for gathered in lists:
            gathered.insert(0, gathered.pop(position))

    def without(self, point: Point) -> Scenario | None:
        """The scenario of a point that is not part of the sweep; None when it is no scenario."""
        aside = _Loader(self._sources, [])
        aside._composer = self._composer
        return None if aside.add(point) else aside.scenarios[0]

    def run(self) -> tuple[RunSettings | None, list[Problem]]:
        """How to run the experiment, from the first scenario that could be composed."""
        if self._run_from is None:
            return None, []
        tree, point, choices = self._run_from
        run, problems = build_run(tree)
        return run, self._placed(tuple(problems), point, choices)

    def _set(self, tree: Tree, typed: Setting, problems: list[Problem]) -> Tree:
        try:
            return with_value(tree, typed.key.split("."), typed.value)
        except KeyError:
            lever = _absent_lever(tree, typed)
            problems.append(lever or unknown_setting(typed, names(tree), lambda key: _now(tree, key)))
            return tree

    def _placed(self, problems: Sequence[Problem], point: Point, choices: dict[str, str]) -> list[Problem]:
        """The problems with the place where each value stands."""
        given = [t for t in point if isinstance(t, Setting)]
        placed = []
        for problem in problems:
            where = next((typed.where for typed in given if _concerns(typed.key, problem)), None)
            if where is not None:
                placed.append(replace(problem, where=where))
            else:
                placed.append(replace(problem, where=self._sources.locate(problem.setting, choices)))
        return placed


def _absent_lever(tree: Tree, typed: Setting) -> Problem | None:
    """A size of a lever that the policy in force does not hold."""
    group, _, rest = typed.key.partition("levers.")
    policy = tree["policy"] if isinstance(tree.get("policy"), dict) else {}
    held = policy.get("levers")
    lever = rest.partition(".")[0]
    if group != "policy." or not isinstance(held, dict) or lever in held:
        return None
    what = f'policy {policy.get("name")} has no lever called "{lever}": {typed.key} would change nothing'
    advice = (
        f"its levers   {listing(held)}",
        "set a lever's sizes only where every policy compared holds it, or name the changed policy:",
        f"probsim new mine --from {lever if lever in LEVERS else 'stewardship'}   then   policy=do_nothing,mine",
    )
    return Problem(typed.key, what, typed.where, advice, NAME)


def _concerns(key: str, problem: Problem) -> bool:
    inside = f"{problem.setting}.".startswith(f"{key}.") or f"{key}.".startswith(f"{problem.setting}.")
    return inside or (problem.rank == CROSS and key in problem.what)


def _lever_spec(key: str) -> Spec | None:
    """The meaning of a lever's size by its full name, ``policy.levers.stewardship.grant_months``."""
    parts = key.split(".")
    lever = LEVERS.get(parts[2]) if len(parts) == 4 and parts[:2] == ["policy", "levers"] else None
    return specs(lever).get(parts[3]) if lever is not None else None


def _now(tree: Tree, key: str) -> str:
    """A setting's meaning and present value in a few words."""
    value: Any = tree
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        return "a group of settings"
    spec = all_specs().get(key) or _lever_spec(key)
    return ", ".join(part for part in (meaning(spec) if spec else "", f"now {shown(value)}") if part)


def _reference(loader: _Loader, points: Sequence[Point]) -> int:
    """The position of the scenario that the others of a ready experiment are held against, which is told first.

    It is do_nothing, else the point at which every swept setting has the value it has when nothing is swept, else the
    first. A sweep that was typed keeps its order.
    """
    if len(points) < 2 or EXPERIMENT not in {typed.key for typed in points[0]}:
        return 0
    names = _names(loader)
    if DO_NOTHING in names:
        return names.index(DO_NOTHING)
    fixed = tuple(typed for i, typed in enumerate(points[0]) if len({point[i].text for point in points}) == 1)
    plain = loader.without(fixed)
    alike = (i for i, scenario in enumerate(loader.scenarios) if plain and replace(scenario, name=plain.name) == plain)
    return next(alike, 0)


def _names(loader: _Loader) -> list[str]:
    policies = [choices["policy"] for choices in loader.choices]
    return scenario_names(loader.points, policies, list(map(_levers_on, loader.trees)))


def _levers_on(tree: Tree) -> tuple[str, ...] | None:
    """The levers of a policy that are switched on, in order; None when all are."""
    levers = tree["policy"]["levers"]
    on = tuple(str(name) for name, sizes in levers.items() if sizes["active"])
    return None if len(on) == len(levers) else on


def _of_run_varies(points: Sequence[Point]) -> list[Problem]:
    """Settings of the experiment as a whole of which a sweep takes several values."""
    if not points:
        return []
    return [
        Problem(point.key, f"{point.key} belongs to the whole experiment and cannot vary within a sweep", point.where)
        for i, point in enumerate(points[0])
        if is_of_run(point.key) and len({other[i].text for other in points}) > 1
    ]
