"""The whole model, agents and all, run on a plain SimPy process per person: same counts, same money, same waits."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model import run_replication
from tests.oracle.twin import TwinFlow
from tests.support.worlds import scenario


@pytest.mark.parametrize(
    "overrides",
    [
        ("world=pair",),
        ("world=pair", "finance=severe", "demand.patience_days=30", "supply_chain.end_rate=3"),
        ("world=one_area", "nps.ban_share=0", "rate_card.publication_months=1", "nps.reluctance=-3"),
    ],
)
def test_a_process_per_person_gives_the_same_run_to_the_last_digit(overrides: tuple[str, ...]) -> None:
    asked = scenario(*overrides, "horizon.end=2019-06-30", "record=cases")
    fast = run_replication(asked, seed=7, replication=1)
    plain = run_replication(asked, seed=7, replication=1, flow_class=TwinFlow)  # type: ignore[arg-type]
    assert fast.digests == plain.digests
    for level, panel in fast.panels.items():
        for name, values in panel.values.items():
            np.testing.assert_allclose(
                plain.panels[level].values[name], values, rtol=0, atol=1e-9, err_msg=f"{level} {name}", equal_nan=True
            )
    began = [
        np.sort(run.cases["start_day"].astype(float) - run.cases["referred_day"].astype(float)) for run in (fast, plain)
    ]
    served = ~np.isnan(began[0])
    assert served.sum() > 1000
    np.testing.assert_allclose(began[1], began[0], rtol=0, atol=1e-9)
