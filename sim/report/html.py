"""Templates to HTML: one environment for the page and its sections. Everything is escaped unless marked as safe."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minus"] = minus
    return environment


def fill(template: str, **values: Any) -> Markup:
    """A template of ``templates/`` filled with values, safe to put into another."""
    from markupsafe import Markup

    return Markup(_environment().get_template(template).render(**values))


def asset(name: str) -> Markup:
    """A stylesheet or script of ours, as it is."""
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def minus(text: str) -> str:
    """True minus signs, which a line never breaks after."""
    return re.sub(r"(?<![\w.])-(?=GBP|\d)", "\u2212", text)
