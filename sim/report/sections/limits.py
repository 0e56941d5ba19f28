"""The limits of the model in plain words."""

from __future__ import annotations

from typing import Final

from sim.report.html import fill
from sim.report.page import Section

LIMITS: Final = (
    "A scenario says what would follow from its rules and inputs. It does not say what will happen.",
    "The contracts run here to their planned end. The early end announced in July 2018 is left out, so the world after"
    " it is a counterfactual.",
    "Needs, waits, unit prices and what officers believe have no published figures: they rest on judgement.",
    "Prices are constant: general inflation is left out, and wages drift against contract prices fixed in cash.",
    "Reoffending, courts, staff of the two services and the pandemic are outside the model. More service is not shown"
    " to mean better outcomes.",
    "Figures for single areas, CRCs or owners illustrate; they are not findings about real organisations.",
)


def build() -> Section:
    """The same on every page."""
    return Section("limits", "Limits", fill("sections/limits.html.j2", limits=LIMITS))
