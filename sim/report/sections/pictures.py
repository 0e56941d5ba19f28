"""Figures on the page: both drawings, alternative text, links to the files and the table behind a fold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sim.report.html import fill
from sim.report.page import Section
from sim.report.picture import Drawn
from sim.report.words import capital

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup

FOLD_ROWS: Final = 24


def figures(drawn: Sequence[Drawn], section: str, controls: Markup | str = "", controlled: str = "") -> Markup:
    """The figures of a section in order; ``controls`` stand above the one whose name ends with ``controlled``."""
    from markupsafe import Markup

    shown = [_one(d) for d in drawn if d.picture.section == section]
    for figure in shown:
        on = controlled and figure["name"].endswith(f"-{controlled}")
        figure["controls"] = controls if on else ""
    return Markup("").join(fill("figure.html.j2", p=figure) for figure in shown)


def plain_section(drawn: Sequence[Drawn], section: str, title: str) -> Section | None:
    """A section that holds nothing but figures; None when it has none."""
    html = figures(drawn, section)
    return Section(section, title, html) if html else None


def _one(d: Drawn) -> dict[str, Any]:
    from markupsafe import Markup

    table = d.picture.fold
    header, rows, more = fold(d.picture.table if table is None else table, table is not None or d.picture.whole)
    if table is not None:
        more = "only the last month; every month is in the CSV"
    return {
        "name": d.picture.name,
        "number": d.picture.name.partition("-")[0].lstrip("0"),
        "title": d.picture.title,
        "alt": d.picture.alt,
        "wide": Markup(d.wide_svg),
        "narrow": Markup(d.narrow_svg),
        "header": header,
        "rows": rows,
        "more": more,
    }


def fold(table: pd.DataFrame, whole: bool = False) -> tuple[list[str], list[list[str]], str]:
    """A table short enough to read: of a long one every so many rows, saying so."""
    step = 1 if whole else max(1, -(-len(table) // FOLD_ROWS))
    part = table.iloc[::-1].iloc[::step].iloc[::-1]
    more = f"every {step} rows of {len(table)}; all in the CSV" if step > 1 else ""
    rows = [[_cell(value) for value in row] for row in part.itertuples(index=False)]
    return [_column(str(name)) for name in table.columns], rows, more


def _column(name: str) -> str:
    words = name.replace("_", " ").replace("low95", "low (95%)").replace("high95", "high (95%)")
    return capital(words.replace("gbp", "GBP").replace("crc", "CRC").replace("nps", "NPS"))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if not math.isfinite(value) else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value).replace("_", " ")
