"""Policies crossed with other settings are compared with doing nothing under the same other settings."""

from __future__ import annotations

from dataclasses import replace

from sim.analysis.ensemble import Ensemble
from sim.analysis.partners import within
from sim.model import run_replication
from sim.settings import load


def test_each_policy_is_paired_with_its_own_do_nothing() -> None:
    words = ["world=one_area", "policy=do_nothing,stewardship", "finance=tr_2015,severe"]
    scenarios = load(words, sweep=True)[0]
    described = {s.name: s for s in scenarios}
    ensembles = {
        name: Ensemble.of(name, [run_replication(s, seed=1, replication=r) for r in (1, 2)])
        for name, s in described.items()
    }
    groups = within(ensembles, described, 0.05)
    assert {g.base: list(g.paired) for g in groups} == {
        "do_nothing,finance=tr_2015": ["stewardship,finance=tr_2015"],
        "do_nothing,finance=severe": ["stewardship,finance=severe"],
    }
    for group in groups:
        assert all(s.ok for s in group.sameness)
        assert all(d.scenario in group.paired and d.n == 2 for d in group.differences if d.measure == "contracts_live")
    one = {"do_nothing": replace(scenarios[0], name="do_nothing"), scenarios[1].name: scenarios[1]}
    assert within({"do_nothing": ensembles[scenarios[0].name]}, one, 0.05) == ()
