"""The page of a calibration: which worlds the published findings do not rule out, and what they say of each input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sim.analysis.ensemble import month_words
from sim.report import calibration as story_of
from sim.report.calibration import CalibrationStory, missed_by_median, typical_words
from sim.report.figures import study_informed, study_patterns
from sim.report.page import Section
from sim.report.picture import Drawn
from sim.report.sections.pictures import figures
from sim.report.studies.names import day_words, number_words, part_words, place_words, range_words
from sim.report.studies.parts import Told, folded, limits, table, write_page, write_pictures
from sim.report.words import count_words, join_words, percent

LINK: Final = "supply_chain.pressure_on_budget_share"  # what verdicts on funding rest on
LIMITS: Final = (
    "Not ruled out is not the same as true: other values, and other rules, would fit the same findings as well.",
    "How far a simulated number may lie from a finding, and how much the model itself is allowed to be wrong, is"
    " judgement. Narrower allowances would leave fewer worlds.",
    "The worlds kept span what is plausible; they are not draws from a probability. A share of worlds is not a chance.",
    "A parameter that the findings do not inform keeps its whole plausible range, which rests on its source or on"
    " judgement.",
)


def write(folder: Path, story: CalibrationStory) -> Path:
    """Write figures, data dictionary, START-HERE and page beside the tables; returns the page."""
    there = story.found.members.n > 0
    informed = bool(story.found.informed)
    drawn = write_pictures(
        [
            study_patterns.build(story) if there else None,
            study_informed.informed(story) if informed else None,
            study_informed.not_informed(story) if informed else None,
        ],
        folder,
    )
    sections = [
        _patterns(story, drawn) if there else None,
        _informed(story, drawn) if informed else None,
        _waves(story),
        limits([*LIMITS, _last(story)]),
    ]
    return write_page(folder, told(story), sections)


def told(story: CalibrationStory) -> Told:
    """The answer, its cautions, and what was run, in words."""
    found = story.found
    place = place_words(story.scenario)
    runs = f"{found.runs.n:,} points in {count_words(len(found.waves), 'wave')}; {found.failed_runs} runs failed"
    return Told(
        title="Calibration: which worlds the published findings do not rule out",
        asked="Which values of the uncertain inputs do the published findings not rule out?",
        sentences=sentences(story),
        cautions=cautions(story),
        facts=[
            f"Run {day_words(story.started)}",
            place,
            f"{found.runs.n:,} points tried",
            f"seed {story.seed}",
        ],
        banners=_banners(story),
        run=[
            ("Command", story.command),
            ("Points", runs),
            ("Inputs", f"{len(found.space.axes)} moved together, each within its plausible range"),
            ("Seed", str(story.seed)),
            ("World", f"{place}, doing nothing; runs end where the last finding does"),
        ],
        words=story_of.WORDS,
        command=story.command,
    )


def sentences(story: CalibrationStory) -> list[str]:
    """The answer, weightiest first."""
    found, members = story.found, story.found.members
    tried = f"{found.runs.n:,} tried in {count_words(len(found.waves), 'wave')}"
    are = "world is" if members.n == 1 else "worlds are"
    says = [f"{members.n} {are} not ruled out by the published findings, of {tried}."]
    if not members.n:
        says = [f"No world of {tried} is in keeping with all published findings."]
        most = int(found.runs.reproduced(found.targets).max())
        return [*says, f"The point nearest to the findings reproduces {most} of {story.patterns} patterns."]
    if members.n < story.wanted_members:
        says[0] += f" That is fewer than the {story.wanted_members} wanted."
    missed = missed_by_median(story)
    not_these = f": all but {join_words(missed)}" if missed else ""
    says.append(
        f"The best world reproduces {members.reproduced[0]} of {story.patterns} published patterns, the median of the"
        f" ensemble {story.patterns - len(missed)}{not_these} (on means of several replications);"
        f" every world kept at least {int(members.reproduced.min())}."
    )
    if story.single:
        says.append(
            f"A single replication of the best world reproduces {typical_words(story.single)}: luck alone moves it."
        )
    if found.informed:
        strongly, somewhat, nothing = (len(story.by_word(word)) for word in ("strongly", "somewhat", "not"))
        says.append(
            f"Of {len(found.informed)} inputs the findings narrow {strongly} strongly and {somewhat} somewhat; of"
            f" {nothing} they say nothing."
        )
    return says


def cautions(story: CalibrationStory) -> list[str]:
    """Three, the weightiest first."""
    kinds = {kind: _ids(story, kind) for kind in ("input", "easy")}
    weak = []
    if kinds["input"]:
        weak.append(f"{join_words(kinds['input'])} lie{'s' if len(kinds['input']) == 1 else ''} close to inputs")
    if kinds["easy"]:
        weak.append(f"{join_words(kinds['easy'])} {'is' if len(kinds['easy']) == 1 else 'are'} easy to meet")
    chosen = "The worlds were chosen by these findings, so meeting them is no test of its own"
    least = f"; {' and '.join(weak)}, so those prove least" if weak else ""
    return [f"{chosen}{least}.", *_link(story), LIMITS[1]]


def _ids(story: CalibrationStory, kind: str) -> list[str]:
    return list(dict.fromkeys(t.pattern.id for t in story.found.targets if t.pattern.kind == kind))


def _link(story: CalibrationStory) -> list[str]:
    """What is known of the link that funding verdicts rest on."""
    row = next((r for r in story.found.informed if r.name == LINK), None)
    rests = "verdicts on funding rest on it and are given at both of its ends"
    what = "The share of pressure that falls on the supply-chain budget"
    if row is None:
        return [f"{what} was not judged here: {rests}."]
    left = f"{range_words(row.low, row.high, row.unit)} is left of {range_words(row.box_low, row.box_high, row.unit)}"
    word = {"not": "is not informed by the findings", "somewhat": "is hardly informed by the findings"}.get(row.word)
    return [f"{what} {word} ({left}): {rests}." if word else f"{what} is narrowed by the findings ({left}); {rests}."]


def _banners(story: CalibrationStory) -> list[str]:
    failed = story.found.failed_runs
    says = [f"{failed} runs failed and were left out."] if failed else []
    if not story.found.members.n:
        says.append("No world is kept, so there is no ensemble: no section on patterns or on what they informed.")
    return says


def _patterns(story: CalibrationStory, drawn: Sequence[Drawn]) -> Section:
    """The figure, then a row a scored number."""
    header = ["Scored number", "Published", "Counts as met", "Best world", "Median (90% of worlds)", "Met by worlds",
              "Kind, grade"]  # fmt: skip
    rows = [
        _row(target, row)
        for target, row in zip(story.found.targets, story_of.patterns_table(story).itertuples(), strict=True)
    ]
    caption = "Published patterns: what was found, what counts as met, and what the worlds not ruled out give"
    notes = (
        "Means over replications. Patterns close to an input, or easy to meet, prove little. Grade S: stated by the"
        " inspectorate; Q: read on a published page; Q2: from a secondary account; J: judgement.",
    )
    return Section("patterns", "Published patterns", figures(drawn, "patterns") + table(caption, header, rows, notes))


def _row(target: Any, row: Any) -> list[str]:
    unit = row.unit

    def met(word: str) -> str:
        return "met" if word == "yes" else "missed"

    spread = f"{number_words(row.members_low, unit)} to {number_words(row.members_high, unit)}"
    return [
        part_words(target),
        row.target,
        range_words(target.low, target.high, unit),
        f"{number_words(row.best, unit)}, {met(row.best_reproduced)}",
        f"{number_words(row.members_median, unit)} ({spread}), {met(row.median_reproduced)}",
        f"{row.members_reproducing} of {row.members}",
        f"{row.kind}, {row.grade}",
    ]


def _informed(story: CalibrationStory, drawn: Sequence[Drawn]) -> Section:
    """The parameters that the findings narrow, and behind a fold those that they do not."""
    rest = figures(drawn, "not-informed")
    html = figures(drawn, "informed")
    html += folded(f"The {len(story.by_word('not'))} inputs that the findings do not inform", rest) if rest else ""
    return Section("informed", "What the findings say of the inputs", html)


def _waves(story: CalibrationStory) -> Section:
    """A row a wave."""
    header = ["Wave", "Space left before it", "Points", "Runs of each", "Points not ruled out", "Best point's miss",
              "Most patterns met"]  # fmt: skip
    rows = [
        [
            str(int(row["wave"])),
            "all" if row["space_left_share"] >= 1 else _small_share(float(row["space_left_share"])),
            f"{int(row['points']):,}",
            str(int(row["replications"])),
            f"{int(row['within_cutoff']):,}",
            f"{row['least_implausibility']:.1f} standard deviations",
            f"{int(row['most_patterns'])} of {story.patterns}",
        ]
        for row in story_of.waves_table(story).to_dict("records")
    ]
    caption = "Waves of runs: each fills what the waves before it have not ruled out"
    note = (
        "The space is all combinations of the inputs within their plausible ranges; the share left is an estimate. A"
        " point's miss is its distance from the finding that it misses most, in standard deviations of the finding, of"
        " what the model may get wrong, and of luck."
    )
    return Section("waves", "How the waves went", table(caption, header, rows, (note,)))


def _last(story: CalibrationStory) -> str:
    """From when on nothing is tested."""
    months = [target.part.last for target in story.found.targets if target.part.last]
    ends = f"The findings end in {month_words(max(months))}" if months else "The findings have no later month"
    return f"{ends}: nothing here tests what the model says of the time after."


def _small_share(share: float) -> str:
    if share <= 0:
        return "too little to measure"
    return percent(share) if share >= 0.001 else f"1 in {round(1 / share):,}"
