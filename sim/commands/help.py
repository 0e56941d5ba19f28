"""``--help``: what can be typed, grouped by what a person wants to change, with unit and range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.parameters.record import Spec
from sim.settings.known import all_specs
from sim.settings.problems import plain
from sim.settings.sources import Sources, shipped_configs

if TYPE_CHECKING:
    from sim.cli import Options

_COLUMN: Final = 34
_HEAD: Final = """\
Do the supply chains of probation shrink or grow, and under which rules?

  python -m sim                                 the baseline, England and Wales
  python -m sim world=pair replications=4       a small world, in seconds
  python -m sim rate_card.markup_share=0.05     change a number
  python -m sim -m rate_card=tr_2015,cost_plus  compare options pair by pair
  python -m sim +experiment=recommendations     a ready comparison of policies
"""
_SECTIONS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("POLICY", ("policy", "rate_card"), (
        "rate_card.markup_share", "rate_card.markup_cap_share", "rate_card.publication_months", "rate_card.pricing",
    )),
    ("WORLD", ("world", "demand", "provider", "horizon"), (
        "demand.people_scale", "demand.heads_growth_share", "provider.bodies_per_area", "provider.reserves_months",
        "horizon.end",
    )),
    ("MONEY", ("finance", "supply_chain", "nps"), (
        "finance.pressure_scale", "finance.rescue_gbp", "finance.rescue_date", "supply_chain.budget_share",
        "nps.plan_share",
    )),
    ("HOW TO RUN", ("engine", "ensemble", "record"), (
        "replications", "seed", "margin_share", "only_replication", "engine.workers", "engine.run_timeout_s",
        "engine.shared_history", "on_failure", "ensemble.worlds", "ensemble.replications",
    )),
)  # fmt: skip
_TAIL: Final = """\
  replications=auto   10 more at a time until every verdict is decided
  name=WORD           the experiment's name and folder: letters, digits, -, _
  output=FOLDER       where experiment folders go
  -m, --multirun      compare: give a setting several values, a,b,c
  --config-dir DIR    a folder of your own options, laid out like configs/
  --quiet             only the answer and where to read on
  --json              the same as data, on stdout
  --debug             full trace when the program itself fails

COMMANDS  (also as  probsim COMMAND)
  new NAME --from POLICY  a commented policy file of your own to start from
  check [SETTINGS]        validate only, run nothing;  check --list policy
  list [settings|GROUP]   options, settings, and the experiments made so far
  assumptions [SETTINGS]  every number with unit, range, grade and source;
                          also  assumptions finance | --grade J | --csv | latest
  calibrate, sensitivity  which inputs the findings rule out; which matter most
  open FOLDER             show its page in the browser; FOLDER may be  latest
  report FOLDER           a new page beside the old one, also of a part-made run
  compare FOLDER FOLDER   two experiments: answers, settings, code
  verify FOLDER           checksums, code, settings; some runs made again
                          (--runs 3, --tables); exit code 0 equal, 1 not
  explain FOLDER          one CRC's and one body's history in words
                          (--crc C07, --provider BODY, --scenario NAME)
  kernel [status|build|remove]  a compiled kernel: faster, the same results

Exit codes: 0 answered, 1 some runs failed, 2 refused, 130 stopped by Ctrl-C.
"""


def main(options: Options) -> int:
    """Print the help."""
    print(text(), end="")
    return 0


def text() -> str:
    """The whole help, at most 80 columns."""
    sources = Sources(shipped_configs())
    specs = all_specs()
    lines = [_HEAD]
    for title, groups, settings in _SECTIONS:
        lines.append(title)
        for group in groups:
            lines += _wrapped(f"  {group}=", " | ".join(sources.options(group)))
        for name in settings:
            lines += _wrapped(f"  {name}=", _in_short(specs[name]))
        lines.append("")
    lines.pop()
    return "\n".join(lines) + "\n" + _TAIL


def _in_short(spec: Spec) -> str:
    """Range, then unit."""
    if spec.kind == "choice":
        return " | ".join(spec.options)
    dated = spec.kind == "day"
    span = "a date like 2018-10-01" if dated else f"{plain(spec.low)} to {plain(spec.high)}"
    span += " or null" if spec.optional else ""
    words = spec.drives if dated else spec.unit
    return f"{span}; {words}" if words else span


def _wrapped(label: str, words: str) -> list[str]:
    from textwrap import wrap

    label = label.ljust(_COLUMN)
    return wrap(label + words, 80, subsequent_indent=" " * _COLUMN, break_on_hyphens=False)
