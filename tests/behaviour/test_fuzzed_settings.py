"""Random settings, sensible and not: each set either runs, or is refused with a message that names what is wrong.

Run more of them:  FUZZ=5000 python -m pytest tests/behaviour/test_fuzzed_settings.py
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.model import run_replication
from sim.settings import load
from sim.settings.known import RUN, RUN_WORDS, all_specs
from sim.settings.problems import SettingsError
from sim.settings.sources import GROUPS, Sources, shipped_configs

EXAMPLES = int(os.environ.get("FUZZ", "150"))
SMALL = ("world=one_area", "horizon.end=2015-04-30", "horizon.snapshot=2015-03-31", "horizon.verdict_from=2015-04-01")
SPECS = {name: spec for name, spec in all_specs().items() if not name.startswith("horizon.")}
OPTIONS = {g: Sources(shipped_configs()).options(g) for g in GROUPS if g not in ("world", "horizon", "policy")}
ODD = st.sampled_from(
    ["null", "true", "", "nan", "inf", "-inf", "1e400", "-1", "0", "1e-300", "[1,2]", "{a:1}", "'5 million'", "30%",
     "2018-13-45", "${seed}", "${oc.env:HOME}", "../../etc", "<script>", "£", "'\\u0000'", "!!python/object:os.system",
     "a,b", "range(1,3)", "0x10", "1_000", "~", "'{{7*7}}'"]
)  # fmt: skip
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@st.composite
def overrides(draw: st.DrawFn) -> str:
    """One override: an option, a sensible value, or nonsense for the name or the value."""
    what = draw(st.integers(0, 9))
    if what == 0:
        group = draw(st.sampled_from(sorted(OPTIONS)))
        return f"{group}={draw(st.sampled_from([*OPTIONS[group], 'nothing', '../x']))}"
    if what == 1:
        return draw(TEXT) + draw(st.sampled_from(["", "=", "=1", "+", "~"]))
    name = draw(st.sampled_from([*SPECS, *RUN_WORDS]))
    if what == 2:
        cut = draw(st.integers(1, len(name)))
        return f"{draw(st.sampled_from(['', '+', '++', '~']))}{name[:cut]}={draw(ODD)}"
    if what == 3 or name not in SPECS:
        return f"{name}={draw(st.one_of(ODD, TEXT))}"
    spec = SPECS[name]
    sensible: st.SearchStrategy[Any] = st.floats(spec.low, spec.high, allow_nan=False)
    if spec.kind == "count" or name in RUN:
        sensible = st.integers(int(spec.low), int(min(spec.high, 2**53)))
    if spec.kind == "choice":
        sensible = st.sampled_from(spec.options)
    elif spec.kind == "flag":
        sensible = st.sampled_from(["true", "false"])
    elif spec.kind == "day":
        sensible = st.dates().map(str)
    elif spec.kind == "table":
        return f"{name}.housing={draw(sensible)}"
    return f"{name}={draw(sensible)}"


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES == 150)
@given(st.lists(overrides(), min_size=1, max_size=4))
def test_any_settings_run_or_are_refused_in_words(typed: list[str]) -> None:
    refused: SettingsError | None = None
    try:
        scenarios, run = load([*SMALL, *typed])
    except SettingsError as error:
        refused = error
    if refused is None:
        assert len(run_replication(scenarios[0], seed=run.seed, replication=1).months) == 3
        return
    message = " ".join(str(refused).split())
    assert message.endswith("Nothing was run, no folder was made.")
    assert "Traceback" not in message
    assert all(problem.what.strip() for problem in refused.problems)
    named = [part or '""' for text in typed for part in (text.strip(), text.strip("+~ ").split("=")[0].strip())]
    assert any(" ".join(n.split()) in message or n in repr(refused.problems) for n in named)
