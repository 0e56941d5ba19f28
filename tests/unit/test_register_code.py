"""No number stands in the model's code without an entry in the register."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from tests.support.literals import Literal, literals

HOME = Path(sim.__file__).parent
PACKAGES = ("agents", "market", "world", "policy", "observe")
MODULES = ("system.py", "rules.py", "model.py", "scenario.py", "calendar.py", "clock.py", "ledger.py", "categories.py")

_NO_DIVISION_BY_ZERO = "keeps a division from failing; too small to be seen"
_MEAN = "the mean of two numbers"
_AXES = "an axis or the number of axes of an array"
_BITS = "how a case's key is packed into bits, or the size an array starts with"

# (module, number) -> why it is no claim about the world. Every entry is needed: one that is not fails a test.
EXEMPT: dict[tuple[str, float], str] = {
    ("agents/commissioner.py", 2.0): _MEAN,
    ("agents/crc/accounts.py", 1e-9): _NO_DIVISION_BY_ZERO,
    ("agents/crc/review.py", 1e-9): _NO_DIVISION_BY_ZERO,
    ("agents/crc/review.py", 0.01): "keeps a price or a quality of nothing from being worth infinitely much",
    ("agents/nps.py", 4): "April, when the public financial year begins by law",
    ("agents/purchasers.py", 700.0): "beyond it the exponential overflows; the chance is 0 or 1 long before",
    ("calendar.py", 3): "months in a quarter",
    ("calendar.py", 28): "days that every month has",
    ("calendar.py", 365.25): "days in a year",
    ("categories.py", 7): "how many fates there are: they are named beside it",
    ("clock.py", 0.25): "order of what happens at one moment, between SimPy's own 0 and 1",
    ("clock.py", 0.5): "order of what happens at one moment, between SimPy's own 0 and 1",
    ("clock.py", 3): "order of the phases of a month end",
    ("clock.py", 4): "order of the phases of a month end",
    ("clock.py", 5): "order of the phases of a month end",
    ("clock.py", 6): "order of the phases of a month end",
    ("clock.py", 7): "order of the phases of a month end",
    ("ledger.py", 16): "bytes of a digest",
    ("ledger.py", 100): "pence in a pound",
    ("market/caseflow.py", 3): _AXES,
    ("market/cases.py", 4): _BITS,
    ("market/cases.py", 1024): _BITS,
    ("market/officers.py", 3): "the draws of a decision, named beside it",
    ("market/purses.py", 1e-6): "a millionth of a pound, for sums of floating point numbers",
    ("observe/chain.py", 13): "month ends from one to that of a year later, both counted",
    ("observe/needs.py", 0.5): "the median, as the measure is named",
    ("observe/needs.py", 0.9): "the 90th percentile, as the measure is named",
    ("observe/shares.py", 0.5): "the rounding of numpy's quantiles",
    ("observe/shares.py", 2.0): "the formula of the Gini coefficient",
    ("system.py", 28): "days of the shortest whole month",
    ("world/needs.py", 0.5): "the middle of a bin; the normal distribution's tail as half the error function",
    ("world/needs.py", 2.0): "halving an interval; the normal distribution's tail",
    ("world/needs.py", 16): "tables kept in memory",
    ("world/needs.py", 15): _BITS,
    ("world/needs.py", 28): _BITS,
    ("world/needs.py", 60): "halvings of an interval: exact to the last bit",
    ("world/needs.py", 64): "bins of the latent complexity: accuracy of a sum, not a claim",
    ("world/needs.py", 63): _BITS,
    ("world/people.py", 2.0): "the lognormal mean",
    ("world/people.py", 1e-9): "a margin for rounding, beyond which nobody is left out",
    ("world/people.py", 3): "months drawn at once, and axes of an array: the same people whatever it is",
    ("world/referrals.py", 3): "kinds of people by sex and age, in an order in which some lie side by side",
    ("world/referrals.py", 4): "kinds of people by sex and age",
    ("world/referrals.py", 8): _BITS,
    ("world/referrals.py", 16384): "people drawn together: the same people whatever it is",
    ("world/starts.py", 2.0): "the area under a ramp",
    (
        "world/starts.py",
        4.0,
    ): "standard deviations of spare draws: kept, and more are made where they do not suffice",
    ("world/starts.py", 8.0): "spare draws where few are expected",
    ("world/starts.py", 0xFFFFFFFF00000000): _BITS,
}


def found() -> list[Literal]:
    paths = [path for package in PACKAGES for path in sorted((HOME / package).rglob("*.py"))]
    paths += [HOME / name for name in MODULES]
    names = [(path, path.relative_to(HOME).as_posix()) for path in paths]
    return [literal for path, name in names for literal in literals(path.read_text(encoding="utf-8"), name)]


def test_no_number_stands_in_the_models_code_without_an_entry() -> None:
    unexplained = [str(literal) for literal in found() if (literal.module, literal.value) not in EXEMPT]
    assert unexplained == []


def test_every_exemption_is_needed_and_says_why() -> None:
    used = {(literal.module, literal.value) for literal in found()}
    assert [key for key in EXEMPT if key not in used] == []
    assert all(EXEMPT.values())


@pytest.mark.parametrize(
    ("planted", "value"),
    [
        ("budget = 0.7 * fee", 0.7),
        ("chance = 2.0 * weight", 2.0),
        ("if month % 3 == index:\n    pass", 3),
        ("x = max(0.5, price)", 0.5),
        ("def f(share=0.25): ...", 0.25),
        ("LIMIT = 1e6", 1e6),
        ("class A:\n    size: int = 7", 7),
        ("z = (0.3 * cases).reshape(2, 7)", 0.3),
        ("y = {'local': 0.0, 'national': 3.0}", 3.0),
    ],
)
def test_a_planted_number_is_found(planted: str, value: float) -> None:
    module = "agents/crc/card.py"
    (hit,) = literals((HOME / module).read_text(encoding="utf-8") + f"\n\n{planted}\n", module)
    assert hit.value == value
    assert (module, hit.value) not in EXEMPT
    assert "stands in code without an entry in the register" in str(hit)


def test_a_described_field_is_an_entry_and_not_a_literal() -> None:
    assert not list(literals("share: float = number('share', 0, 5, (0.25, 0.75), 'J', 'judgement', 'bids')", "x.py"))
