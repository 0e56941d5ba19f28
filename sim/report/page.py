"""The page: one self-contained HTML file put together from sections. It knows nothing of what they say.

A page of another kind (a calibration, for instance) is made from sections of its own and some of the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.report.html import asset, fill

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True)
class Section:
    """A part of the page under its own heading.

    Attributes:
        id: the anchor; small letters and hyphens.
        title: the heading.
        html: what stands under it.
    """

    id: str
    title: str
    html: Markup


@dataclass(frozen=True)
class Head:
    """What stands above the first section.

    Attributes:
        facts: when, where, how many replications, which model, in a line.
        banners: what a reader must know before anything else, for instance that runs are missing.
    """

    title: str
    facts: Sequence[str] = ()
    banners: Sequence[str] = field(default_factory=tuple)


def compose(head: Head, sections: Sequence[Section], scripts: Sequence[str] = ()) -> str:
    """The page as text; ``scripts`` are names of files of ours in ``templates/``, put inside it."""
    return fill(
        "page.html.j2",
        head=head,
        sections=list(sections),
        style=asset("page.css"),
        scripts=[asset(name) for name in scripts],
    )
