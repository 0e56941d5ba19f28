"""A history tells what the event log holds, in order, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from sim.model import run_replication
from sim.observe.results import Event, RunResult
from sim.report.figures import timeline
from sim.report.figures.timeline import histories
from sim.report.history import MARKS, body_history, crc_history, subjects
from sim.report.picture import write_picture
from sim.report.story import Story
from tests.support import stories
from tests.support.worlds import scenario


@cache
def run() -> RunResult:
    return run_replication(scenario("world=pair", "record.events=true"), seed=2015, replication=1)


def test_keeping_events_and_cases_changes_nothing_else() -> None:
    plain = run_replication(scenario("world=pair"), seed=2015, replication=1)
    assert plain.digests == run().digests
    assert not plain.events


def test_every_kind_of_event_is_told_in_words() -> None:
    known = scenario("world=pair", "record.events=true")
    told = set()
    for crc in known.world.crcs:
        history = crc_history(run().events, known, crc.code)
        told |= {t.kind for t in history.told}
        assert not [t.words for t in history.told if "_" in t.words.replace("B-", "").split(" ")[0]]
        assert [t.day for t in history.told] == sorted(t.day for t in history.told)
    assert {"price_squeezed", "contract_ended", "tender_opened", "rate_card_published", "owner_failed"} <= told
    assert not told & {"provider_entered"}


def test_a_contract_lives_from_its_beginning_to_its_end() -> None:
    known = scenario("world=pair", "record.events=true")
    bars = [bar for crc in known.world.crcs for bar in crc_history(run().events, known, crc.code).bars]
    begun = sum(e.kind in ("contract_inherited", "contract_began", "tier3_began") for e in run().events)
    ended = sum(e.kind in ("contract_ended", "tier3_ended") for e in run().events)
    assert len(bars) == begun
    assert sum(not bar.live for bar in bars) == ended
    assert all(bar.start <= bar.end for bar in bars)
    assert {kind for bar in bars for _, kind in bar.marks} <= set(MARKS)


def test_the_price_after_cuts_is_what_is_left_of_it() -> None:
    known = scenario("world=pair")
    events = [
        Event(
            0.0, "contract_inherited", "B-C09-1-01", "contract=C09-L00 category=women staff_fte=1.00 value_gbp=100000"
        ),
        Event(400.0, "price_squeezed", "B-C09-1-01", "contract=C09-L00 share=0.1000"),
        Event(800.0, "price_squeezed", "B-C09-1-01", "contract=C09-L00 share=0.1000"),
    ]
    history = body_history(events, known, "B-C09-1-01")
    assert history.told[-1].words.endswith("now GBP 81,000 a year")
    assert history.bars[0].live


def test_cuts_of_one_day_are_one_line() -> None:
    known = scenario("world=pair")
    events = [
        Event(
            0.0, "contract_inherited", f"B-C09-1-0{i}", f"contract=C09-L0{i} category=women staff_fte=1 value_gbp=9000"
        )
        for i in range(2)
    ]
    events += [Event(90.0, "price_squeezed", f"B-C09-1-0{i}", f"contract=C09-L0{i} share=0.0560") for i in range(2)]
    assert (
        crc_history(events, known, "C09").lines()[-1]
        == "May 2015  cuts the price of 2 contracts by 6%: C09-L00, C09-L01"
    )


def test_subjects_belong_together_and_strangers_are_refused() -> None:
    known = scenario("world=pair")
    crc, body = subjects(run().events, known)
    assert any(e.who == body and f"contract={crc}-" in e.detail for e in run().events)
    assert subjects([], known) == (known.world.crcs[0].code, "")
    with pytest.raises(KeyError):
        crc_history(run().events, known, "C99")
    with pytest.raises(KeyError):
        body_history(run().events, known, "B-nobody")


def test_a_timeline_stands_on_the_page_only_when_events_were_kept(tmp_path: Path) -> None:
    known = scenario("world=one_area", "record.events=true")
    results = {"do_nothing": [run_replication(known, seed=2015, replication=1)]}
    story = Story.of(results, stories.Settings(), [known], stories.STARTED)
    picture = timeline.build(story)
    assert picture is not None
    drawn = write_picture(picture, tmp_path)
    assert all(history.who in drawn.wide_svg for history in histories(story))
    assert set(picture.table["kind"]) >= {"contract_ended", "contract_inherited"}
    assert timeline.build(stories.tell("one")) is None
