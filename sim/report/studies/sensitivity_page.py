"""The page of a sensitivity study: which inputs move the answer, each alone and all together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sim.report import sensitivity as story_of
from sim.report.figures.tornado import screen, tornado
from sim.report.page import Section
from sim.report.picture import Drawn
from sim.report.sections.assumptions import WEAK
from sim.report.sections.pictures import figures, plain_section
from sim.report.sensitivity import SensitivityStory, bends, clear_of_luck, named_swings, yearly_words
from sim.report.studies.names import day_words, input_words, place_words
from sim.report.studies.parts import Told, limits, write_page, write_pictures
from sim.report.words import capital, count_words, join_words, name_words
from sim.uncertainty.sensitivity import DIFFERENCE_ANSWER, HEADLINE_ANSWER

LIMITS: Final = (
    "How far an input moves the answer depends on how wide its range is: a range nobody has measured is wide.",
    "The ranges are not probabilities: no bar says how likely its ends are.",
    "Inputs that were not moved are not shown to be unimportant; they rank lower by range and evidence only.",
    "Only what tier 2 and tier 3 are paid at the end, and one policy's difference from doing nothing, are watched.",
    "What the model leaves out is in no bar.",
)


def write(folder: Path, story: SensitivityStory) -> Path:
    """Write figures, data dictionary, START-HERE and page beside the tables; returns the page."""
    answers = (HEADLINE_ANSWER, DIFFERENCE_ANSWER)
    drawn = write_pictures(
        [*(tornado(story, answer) for answer in answers), *(screen(story, answer) for answer in answers)], folder
    )
    adds = f"What {name_words(story.found.policy)} would add: each input alone"
    sections = [
        plain_section(drawn, f"alone-{HEADLINE_ANSWER}", "Doing nothing: each input alone"),
        plain_section(drawn, f"alone-{DIFFERENCE_ANSWER}", adds),
        _together(drawn),
        limits(LIMITS),
    ]
    return write_page(folder, told(story), sections)


def _together(drawn: Sequence[Drawn]) -> Section:
    """The screen's figures."""
    return Section("together", "All inputs moved together", figures(drawn, "together"))


def told(story: SensitivityStory) -> Told:
    """The answer, its cautions, and what was run, in words."""
    found, place = story.found, place_words(story.scenario)
    inputs = count_words(len(found.bars), "input")
    return Told(
        title="Sensitivity: which inputs move the answer",
        asked="Which of the uncertain inputs move what supply chains are paid, and what a policy adds to it?",
        sentences=sentences(story),
        cautions=cautions(story),
        facts=[f"Run {day_words(story.started)}", place, inputs, f"{found.runs:,} runs", f"seed {story.seed}"],
        banners=[f"{found.failed_runs} runs failed and were left out."] if found.failed_runs else [],
        run=[
            ("Command", story.command),
            ("Policy watched", capital(name_words(found.policy))),
            ("Runs", f"{found.runs:,}, {found.failed_runs} failed"),
            ("Replications", f"{found.base[HEADLINE_ANSWER].n} at each end of a range"),
            ("Seed", str(story.seed)),
            ("World and time", f"{place}, {story.scenario.horizon.start} to {story.scenario.horizon.end}"),
        ],
        words=story_of.WORDS | {"measured.csv": "the same with how it was measured, as the register reads it"},
        command=story.command,
    )


def sentences(story: SensitivityStory) -> list[str]:
    """The answer, weightiest first."""
    found = story.found
    policy = name_words(found.policy)
    clear = {
        answer: sum(clear_of_luck(bar, answer) for bar in found.bars) for answer in (HEADLINE_ANSWER, DIFFERENCE_ANSWER)
    }
    inputs = count_words(len(found.bars), "input")
    depends = sum(bends(s, HEADLINE_ANSWER) for s in found.screened)
    return [
        f"Doing nothing, tier 2 and tier 3 are paid {yearly_words(found.base[HEADLINE_ANSWER])} at the end. It"
        f" moves most with {named_swings(story, HEADLINE_ANSWER)}.",
        f"What {policy} would add, {yearly_words(found.base[DIFFERENCE_ANSWER])}, moves most with"
        f" {named_swings(story, DIFFERENCE_ANSWER)}.",
        _sign(story),
        f"Of {inputs}, {clear[HEADLINE_ANSWER]} move the first beyond luck and {clear[DIFFERENCE_ANSWER]} the second;"
        f" moved together, {depends} {'bends or depends' if depends == 1 else 'bend or depend'} on the others.",
    ]


def _sign(story: SensitivityStory) -> str:
    """Whether an end of a range turns the policy's difference round, on means."""
    base = story.found.base[DIFFERENCE_ANSWER].mean
    turning = [
        input_words(bar.axis.name)
        for bar in story.found.bars
        for move in (bar.at_low[DIFFERENCE_ANSWER], bar.at_high[DIFFERENCE_ANSWER])
        if (base + move.mean) * base < 0
    ]
    policy, gain = name_words(story.found.policy), story.found.base[DIFFERENCE_ANSWER]
    if gain.known and gain.low <= 0 <= gain.high:
        return f"What {policy} would add cannot be told from nothing on these replications, whatever the inputs."
    if turning:
        return f"What {policy} would add changes its sign at an end of: {join_words(list(dict.fromkeys(turning)))}."
    return f"At no end of any one input's range does the mean of what {policy} would add change its sign."


def cautions(story: SensitivityStory) -> list[str]:
    """Three, the weightiest first."""
    bars, n = story.found.bars, story.found.base[HEADLINE_ANSWER].n
    weak = sum(bar.axis.grade in WEAK for bar in bars)
    luck = (
        f"Intervals are luck over {n} replications: a bar whose whisker crosses zero cannot be told from none."
        if n > 1
        else "One replication: no interval is possible, and any bar may be luck."
    )
    return [
        f"The ranges of {weak} of {count_words(len(bars), 'input')} are judgement or unsure recall, and a wide range"
        " makes an input look important.",
        "Each bar moves one input while the others stay at their present values; the last section moves them together.",
        luck,
    ]
