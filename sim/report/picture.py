"""A picture before it is drawn: its message, its words for who cannot see it, its numbers, its drawing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.report.style import NARROW, WIDE, Layout, drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PNG_DPI: Final = 144
_IDS: Final = re.compile(r'(\bid="|xlink:href="#|href="#|url\(#)')


@dataclass(frozen=True)
class Picture:
    """One figure of the report.

    Attributes:
        name: file name without ending, for instance ``headline``; the gallery numbers it.
        section: the part of the page it belongs to: options, path, people, money or why.
        title: the message, computed from the data.
        alt: what a reader without the picture needs.
        table: the numbers behind it.
        draw: makes the figure in a layout.
        fold: a shorter table for the page, where the numbers behind are many; None to take rows of the whole.
        whole: whether the page shows every row of the table however many there are.
    """

    name: str
    section: str
    title: str
    alt: str
    table: pd.DataFrame
    draw: Callable[[Layout], Figure]
    fold: pd.DataFrame | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture written to files, with its inline drawings for the page."""

    picture: Picture
    wide_svg: str
    narrow_svg: str


def write_picture(picture: Picture, folder: Path) -> Drawn:
    """Write SVG, PNG, CSV and alt text into a folder, and return the drawings for the page."""
    folder.mkdir(parents=True, exist_ok=True)
    with drawing():
        figure = picture.draw(WIDE)
        svg = _svg(figure)
        png = BytesIO()
        figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
        narrow = _svg(picture.draw(NARROW))
    (folder / f"{picture.name}.svg").write_text(svg, encoding="utf-8", newline="\n")
    (folder / f"{picture.name}.png").write_bytes(png.getvalue())
    (folder / f"{picture.name}.txt").write_text(picture.alt + "\n", encoding="utf-8", newline="\n")
    picture.table.to_csv(folder / f"{picture.name}.csv", index=False, lineterminator="\n", float_format="%.6g")
    return Drawn(picture, inline(svg, f"{picture.name}-w"), inline(narrow, f"{picture.name}-n"))


def _svg(figure: Figure) -> str:
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def inline(svg: str, prefix: str) -> str:
    """An SVG file as part of a page: no header, fluid width, ids of its own, hidden from screen readers."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.S)
    body = re.sub(r"\n\s*", "\n", body)
    body = re.sub(r' (width|height)="[\d.]+pt"', "", body, count=2)
    body = re.sub(r' xmlns(:xlink)?="[^"]*"', "", body)
    body = _IDS.sub(lambda match: f"{match.group(1)}{prefix}-", body).replace("xlink:href=", "href=")
    return body.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
