"""The page in a real browser: nothing fails, leaves, is clipped or overlaps, and the slider moves the map."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest

from tests.support import stories
from tests.support.browser import Page, browser, why_no_browser

pytestmark = pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser() or "a browser is installed")

KINDS = ("sweep", "partial", "month")
WIDTHS = (1200, 1024, 390)
Made = Callable[[str], Path]

# Visible text of the drawings that leaves its drawing, or lies over another text of it.
DRAWN = """
(() => [...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().width > 0).flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].map(t => {
    const b = t.getBoundingClientRect();
    return {figure: svg.closest('figure').id, text: t.textContent, box: [b.left, b.top, b.right, b.bottom],
            frame: [frame.left, frame.top, frame.right, frame.bottom]};
  });
}))()
"""

# Elements of the page that stick out of the window or hide part of their own text.
CLIPPED = """
(() => [...document.querySelectorAll('h1,h2,h3,p,li,td,th,dt,dd,code,summary,caption,.chip,output,label,figure,table')]
  .filter(e => e.getClientRects().length && !e.closest('.skip') && !(innerWidth <= 640 && e.closest('.stack thead')))
  .filter(e => { const b = e.getBoundingClientRect(); const inside = e.closest('.scroll');
    return (!inside && (b.left < -0.5 || b.right > innerWidth + 0.5)) || (e.tagName !== 'TABLE'
      && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' && !inside); })
  .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60)))()
"""

# Text whose colour stands out too little from what is behind it (WCAG 1.4.3), as "ratio: words".
PALE = """
(() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= .03928 * 255 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = rgb(c).map(linear);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (rgb(c).length === 3 || rgb(c)[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest('svg,script,style') || !e.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + ': ' + walk.currentNode.data.trim().slice(0, 40));
  }
  return found;
})()
"""

# Things to press that are smaller than 24 by 24 CSS pixels and do not stand within a sentence (WCAG 2.5.8).
SMALL = """
(() => [...document.querySelectorAll('a,summary,input,select,button')].filter(e => e.getClientRects().length)
  .filter(e => !e.closest('.skip') && !(e.tagName === 'A' && e.closest('p,caption') && !e.closest('.files')))
  .filter(e => { const b = e.getBoundingClientRect(); return b.height < 24 || b.width < 24; })
  .map(e => e.textContent || e.id))()
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The folder of a kind of experiment, written once."""
    return stories.written(tmp_path_factory)


def show(page: Page, folder: Path, width: int = 1200, height: int = 800) -> None:
    page.complaints.clear()
    page.requests.clear()
    page.size(width, height)
    page.open(folder / "report.html")


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_opens_without_a_complaint_and_asks_for_nothing(kind: str, page: Page, made: Made) -> None:
    show(page, made(kind))
    assert page.complaints == []
    assert page.requests == [(made(kind) / "report.html").resolve().as_uri()]


def test_the_check_would_notice_an_error_and_a_request(page: Page, tmp_path: Path) -> None:
    broken = "<!DOCTYPE html><title>x</title><img src='gone.png' alt=''><script>nothing.there()</script>"
    (tmp_path / "report.html").write_text(broken, encoding="utf-8")
    show(page, tmp_path)
    assert any("nothing is not defined" in words for words in page.complaints)
    assert any(address.endswith("gone.png") for address in page.requests)


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_leads_to_something_beside_the_page(kind: str, page: Page, made: Made) -> None:
    folder = made(kind).resolve()
    show(page, folder)
    links = page.ask("[...document.querySelectorAll('a')].map(a => a.href)")
    assert len(links) > 20
    ids = set(page.ask("[...document.querySelectorAll('[id]')].map(e => e.id)"))
    for link in links:
        address = urlsplit(link)
        assert address.scheme == "file"
        target = Path(unquote(address.path))
        assert target.exists()
        assert target == folder or folder in target.parents
        assert not address.fragment or address.fragment in ids


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_clipped_and_no_text_lies_over_another(kind: str, width: int, page: Page, made: Made) -> None:
    show(page, made(kind), width)
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask(CLIPPED) == []
    texts = page.ask(DRAWN)
    assert len(texts) > 100
    for text in texts:
        box, frame = text["box"], text["frame"]
        assert box[0] >= frame[0] - 2, text
        assert box[2] <= frame[2] + 2, text
    for _, group in itertools.groupby(texts, key=lambda text: (text["figure"], *text["frame"])):
        for a, b in itertools.combinations(group, 2):
            across = min(a["box"][2], b["box"][2]) - max(a["box"][0], b["box"][0])
            down = min(a["box"][3], b["box"][3]) - max(a["box"][1], b["box"][1])
            assert across < 2 or down < 4, f"{a['figure']}: {a['text']!r} and {b['text']!r}"


@pytest.mark.parametrize("kind", ["sweep", "month"])
def test_the_answer_and_its_cautions_stand_in_the_first_screen(kind: str, page: Page, made: Made) -> None:
    show(page, made(kind), 1200, 800)
    assert page.ask("document.querySelectorAll('.cautions li').length") == 3
    assert page.ask("document.querySelector('.cautions').getBoundingClientRect().bottom") <= 800


def shown(page: Page, name: str, kind: str = "w") -> Any:
    return page.ask(f"document.querySelector('[id$=\"-map-{kind}-{name}\"] text').textContent")


def test_the_slider_moves_the_map(page: Page, made: Made) -> None:
    folder = made("sweep")
    show(page, folder)
    table = pd.read_csv(next(folder.glob("figures/*-map.csv"))).set_index(["scenario", "month", "crc"])

    def expected(scenario: str, month: str) -> tuple[str, str]:
        row = table.loc[(scenario, month, "C07")]
        return f"{row.paid_gbp_per_year / 1e6:.2f}", f"{100 * row.unmet_share:.0f}%"

    def seen(kind: str = "w") -> tuple[str, str]:
        return shown(page, "paid-value-C07", kind), shown(page, "unmet-value-C07", kind)

    assert seen() == expected("do_nothing", "2022-01")
    page.ask("document.getElementById('map-month').focus()")
    before = page.ask("document.querySelector('[id$=\"-map-w-paid-box-C07\"] path').style.fill")
    page.press("Home")
    assert page.ask("document.querySelector('.controls output').textContent") == "Feb 2015"
    assert page.ask("document.getElementById('map-month').getAttribute('aria-valuetext')") == "Feb 2015"
    assert seen() == expected("do_nothing", "2015-02") == seen("n")
    assert shown(page, "month") == "The 12 months to Feb 2015: Doing nothing"
    assert page.ask("document.querySelector('[id$=\"-map-w-paid-box-C07\"] path').style.fill") != before
    page.press("ArrowRight")
    assert seen() == expected("do_nothing", "2015-03")
    page.press("End")
    page.ask(
        "(() => { const s = document.getElementById('map-scenario'); s.value = '1';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    assert seen() == expected("stewardship", "2022-01")
    said = page.ask("document.querySelector('figure[id$=\"-map\"] .drawing').getAttribute('aria-label')")
    assert said.startswith("The 12 months to Jan 2022: Stewardship. ")
    assert page.complaints == []


def test_without_scripts_the_map_shows_the_last_month_and_no_slider(page: Page, made: Made) -> None:
    page.scripts(False)
    try:
        show(page, made("sweep"))
    finally:
        page.scripts(True)
    assert page.ask("document.querySelector('.controls').getClientRects().length") == 0
    assert shown(page, "month") == "The 12 months to Jan 2022"


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_can_be_read_without_seeing_it(kind: str, page: Page, made: Made) -> None:
    show(page, made(kind))
    assert page.ask("document.documentElement.lang") == "en-GB"
    for landmark in ("header", "main", "footer", "nav[aria-label]"):
        assert page.ask(f"document.querySelectorAll('{landmark}').length") == 1
    levels = page.ask("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    alts = page.ask("[...document.querySelectorAll('figure .drawing')].map(d => [d.getAttribute('role'), d.ariaLabel])")
    assert all(role == "img" and len(words) > 150 for role, words in alts)
    assert page.ask("[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-hidden') === 'true')")
    assert page.ask("[...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope]'))")
    assert page.ask("[...document.querySelectorAll('input,select')].every(e => e.labels.length === 1)")


@pytest.mark.parametrize("width", [1200, 390])
def test_text_stands_out_and_targets_can_be_hit(width: int, page: Page, made: Made) -> None:
    show(page, made("sweep"), width)
    page.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.ask(PALE) == []
    assert page.ask(SMALL) == []


def test_the_keyboard_reaches_the_answer_first_and_focus_is_seen(page: Page, made: Made) -> None:
    show(page, made("month"))
    page.press("Tab")
    assert page.ask("document.activeElement.className") == "skip"
    assert page.ask("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Tab")
    assert page.ask("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_it_prints_on_a4_with_nothing_cut_off(page: Page, made: Made) -> None:
    show(page, made("sweep"), 688)
    page.media("print")
    try:
        assert page.ask("document.documentElement.scrollWidth") <= 688
        assert page.ask(
            "[...document.querySelectorAll('details,.controls,nav')].every(e => !e.getClientRects().length)"
        )
        paper = page.paper()
    finally:
        page.media("")
    assert paper.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594.9" in paper or b"/MediaBox [0 0 595" in paper
