"""What may be set: the groups, the record each one fills, and the meaning of every setting.

The meaning of a model parameter stands beside it in ``sim/parameters``; this module adds the settings of the
run itself, of the dates and of what is recorded. It imports nothing heavy, because ``--help`` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from sim.parameters.demand import Demand
from sim.parameters.finance import Finance
from sim.parameters.horizon import HORIZON
from sim.parameters.nps import Nps
from sim.parameters.places import Figure
from sim.parameters.provider import Provider
from sim.parameters.rate_card import RateCard
from sim.parameters.record import Described, Spec, choice, count, number, specs
from sim.parameters.supply_chain import SupplyChain


@dataclass(frozen=True, slots=True)
class RunSettings(Described):
    """How an experiment is run: nothing here changes what a replication does, except its luck.

    Attributes:
        name: the experiment's name and its folder under ``output``.
        output: the folder of experiment folders, as typed.
        only_replication: the one replication to run, by number, or None for all.
        figures: the figures of the world files in use, with grade and source, for the register.
        impacts: the measured impact of inputs on the headline, for the register and the page.
        auto: whether replications are added batch by batch until every verdict is decided; ``replications`` is then
            the first batch.
        command: what was typed; known once an experiment starts.
        patterns, patterns_file: the published patterns that runs are held against: name and file.
        ensemble_members: the file of the calibrated ensemble; empty for the point values alone.
        address, host, queue, account: of a cluster's engine; empty when not set.
        planned_runs, failed_runs: known once its runs have ended.
        stopping: how an automatic number of replications was arrived at, in words; empty when it was given.
    """

    name: str
    output: str
    seed: int = count("", 0, 2**53, None, "set", "the year the contracts began", "luck: the same seed, the same bytes")
    replications: int = count(
        "independent draws of luck, or auto", 1, 100_000, None, "set", "", "width of the intervals"
    )
    replications_batch: int = count(
        "draws of luck", 2, 10_000, None, "set", "", "how many at a time if replications=auto"
    )
    replications_cap: int = count("draws of luck", 2, 100_000, None, "set", "", "the most made if replications=auto")
    margin_share: float = number(
        "share of the value compared", 0, 0.5, None, "set", "", "what counts as holds or no different"
    )
    only_replication: int | None = number(
        "number of a replication", 1, 100_000, None, "set", "", "which runs are made", optional=True
    )
    on_failure: str = choice(("go_on", "stop"), "set", "", "what the other runs do when one fails")
    engine: str = choice(
        ("serial", "local", "dask", "slurm"), "set", "",
        "where runs are made: this process, a pool on this machine, a running dask scheduler, or Slurm",
    )  # fmt: skip
    workers: int | None = number(
        "worker processes; null for one a core", 1, 1024, None, "set", "", "how many at once", optional=True
    )
    run_timeout_s: float | None = number(
        "seconds; null for no limit",
        0.1,
        1e6,
        None,
        "set",
        "",
        "a run that takes longer counts as failed",
        optional=True,
    )
    shared_history: str = choice(
        ("auto", "on", "off"), "set", "",
        "whether policies share the run before their first lever date: the same bytes, sooner",
    )  # fmt: skip
    memory_gb: float = number("GB of memory a worker", 0.1, 10_000, None, "set", "", "what engine=slurm asks for")
    walltime_hours: float = number("hours", 0.02, 1000, None, "set", "", "how long a worker of engine=slurm may live")
    ensemble_worlds: int | None = number(
        "parameter worlds, the best first; null for all", 2, 1000, None, "set", "", "how many members are run",
        optional=True,
    )  # fmt: skip
    ensemble_replications: int = count(
        "draws of luck, the first ones", 1, 1000, None, "set", "", "how well luck is told from inputs"
    )
    link_replications: int = count(
        "draws of luck, the first ones; 0 for none", 0, 1000, None, "set", "",
        "funding verdicts at either end of the link from pressure to budget",
    )  # fmt: skip
    patterns: str = "published"
    patterns_file: str = ""
    ensemble_members: str = ""
    address: str = ""
    host: str = ""
    queue: str = ""
    account: str = ""
    figures: tuple[Figure, ...] = ()
    impacts: Mapping[str, float] = field(default_factory=dict)
    auto: bool = False
    command: str = ""
    planned_runs: int = 0
    failed_runs: int = 0
    stopping: str = ""


RECORDS: Final[dict[str, type]] = {
    "demand": Demand,
    "finance": Finance,
    "supply_chain": SupplyChain,
    "rate_card": RateCard,
    "nps": Nps,
    "provider": Provider,
}

RECORD: Final[dict[str, Spec]] = {
    "events": Spec("flag", "", grade="set", drives="whether the organisations' event log is kept"),
    "cases": Spec("flag", "", grade="set", drives="whether one row a case is kept (large)"),
}
POLICY_KEYS: Final = ("name", "recommendation", "rationale", "levers")


# Field of RunSettings -> the setting of the engine it comes from.
ENGINE_FIELDS: Final = {
    "engine": "engine.kind",
    **{key: f"engine.{key}" for key in ("workers", "run_timeout_s", "shared_history", "memory_gb", "walltime_hours")},
}
ENSEMBLE_FIELDS: Final = {
    "ensemble_worlds": "ensemble.worlds",
    "ensemble_replications": "ensemble.replications",
    "link_replications": "ensemble.link_replications",
}
ENGINE_WORDS: Final = ("address", "host", "queue", "account")


def _of_run() -> dict[str, Spec]:
    named = ENGINE_FIELDS | ENSEMBLE_FIELDS
    return {named.get(key, key): spec for key, spec in specs(RunSettings).items()}


RUN: Final[dict[str, Spec]] = _of_run()  # by the name typed: seed, engine.kind, ...
AUTO: Final = "auto"
# Settings of the run that are words, not numbers.
RUN_WORDS: Final = ("name", "output", "patterns", "ensemble.members", *(f"engine.{key}" for key in ENGINE_WORDS))

_FRACTIONAL: Final = ("margin_share", "engine.run_timeout_s", "engine.memory_gb", "engine.walltime_hours")
WHOLE: Final[frozenset[str]] = frozenset(
    f"{group}.{f.name}" for group, record in RECORDS.items() for f in fields(record) if str(f.type).startswith("int")
) | frozenset(key for key, spec in RUN.items() if spec.kind in ("number", "count") and key not in _FRACTIONAL)


def all_specs() -> dict[str, Spec]:
    """Every setting that carries a meaning, by its full name, groups in the order of the config."""
    found = dict(RUN)
    found |= {f"horizon.{key}": spec for key, spec in HORIZON.items()}
    for group, record in RECORDS.items():
        found |= {f"{group}.{key}": spec for key, spec in specs(record).items()}
    found |= {f"record.{key}": spec for key, spec in RECORD.items()}
    return found
