"""Parameters, patterns, places and days of a study in words; no name of a setting reaches a page."""

from __future__ import annotations

import math
import re
from datetime import datetime

from sim.analysis.ensemble import month_words
from sim.report.sections.assumptions import setting_words, unit_words
from sim.report.style import NOTE
from sim.report.words import capital, fixed, money
from sim.scenario import Scenario
from sim.uncertainty.targets import Target


def input_words(name: str) -> str:
    """A parameter's name within a sentence: ``supply_chain.award_noise_sd`` -> ``supply chain: award noise spread``."""
    return re.sub(r"\b(log )?sd\b", "spread", setting_words(name))


def entry_words(name: str) -> str:
    """A parameter's name at the head of a row: ``supply_chain.known_share`` -> ``Supply chain: known``."""
    return capital(input_words(name))


def number_words(value: float, unit: str) -> str:
    """A value with two or three digits in the words of its unit: ``35%``, ``GBP 4.2m``, ``0.013``."""
    if not math.isfinite(value):
        return "no value"
    if unit.startswith("GBP"):
        return money(value)
    if unit.startswith("share"):
        places = 0 if abs(value) >= 0.0995 or value == 0 else 1 if abs(value) >= 0.00995 else 2
        text = fixed(100 * value, places)
        return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}"


def range_words(low: float, high: float, unit: str) -> str:
    """``20% to 50%``; an open end as ``12 or more``, ``0% or less``."""
    if math.isinf(high):
        return f"{number_words(low, unit)} or more"
    if math.isinf(low):
        return f"{number_words(high, unit)} or less"
    first, last = number_words(low, unit), number_words(high, unit)
    return f"{first} to {last.removeprefix('GBP ') if first.startswith('GBP ') else last}"


def unit_after(unit: str) -> str:
    """The unit to stand beside values in words; empty where those already say it."""
    return "" if unit.startswith("GBP") else unit_words(unit)


def part_words(target: Target) -> str:
    """What a scored number is and when: ``C8b: forecast result of CRCs, Mar 2018``."""
    part = target.part
    when = {
        "at": f", {month_words(part.last)}" if part.last else "",
        "mean": f", {month_words(part.first)} to {month_words(part.last)}" if part.first else "",
        "change": f", change from {month_words(part.first)} to {month_words(part.last)}" if part.first else "",
    }.get(part.how, "")
    return f"{target.label}: {part.label}{when}"


def place_words(scenario: Scenario) -> str:
    """Where: England and Wales, or the smaller world's name."""
    name = scenario.world.name
    return "England and Wales" if name == "national" else f"{name.replace('_', ' ')} world"


def day_words(when: datetime) -> str:
    """``22 Nov 2026``."""
    return f"{when.day} {when:%b %Y}"


def footer(started: datetime, what: str, seed: int) -> str:
    """The line under a figure: condition, date, what was run."""
    return f"{NOTE} {day_words(started)}. {what}; seed {seed}."
