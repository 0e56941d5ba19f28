"""A sweep of a made-up model as a process of its own, to be killed, starved and crowded by the tests.

Run:  python -m tests.support.made_up_sweep OUTPUT FOLDER MODEL REPLICATIONS        prints the outcome as JSON

The model ``policies`` is the real one under five policies, which share their history.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import execute
from sim.settings import load_all
from tests.support import made_up_model

POLICIES = "policy=do_nothing,needs_data,stewardship,joint_commissioning,rate_card_reform"


def main(output: str, folder: str, model: str, replications: str) -> None:
    """Run it with two workers."""
    real = model == "policies"
    scenarios = load_all(["world=pair", *([POLICIES] if real else [])], sweep=True).scenarios
    plan = Plan.of(scenarios, seed=5, replications=range(1, int(replications) + 1))
    shared = KeyedStore(Path(output))
    shared.sweep_up()
    outcome = execute(
        plan,
        Path(output) / folder / "runs",
        engine=Engine("local", 2),
        shared=shared,
        simulate=None if real else getattr(made_up_model, model),
    )
    print(
        json.dumps(
            {
                "finished": outcome.finished,
                "made": [result.replication for result in outcome.results["do_nothing"]],
                "reused": outcome.reused,
                "failed": [[f.replication, f.stage, f.cause] for f in outcome.failures],
                "halted": outcome.halted,
                "interrupted": outcome.interrupted,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
