"""The tables of ``python -m tests.benchmarks.statistical``: rows for the CSVs, and what is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import Interval
from sim.analysis.paired import BASELINE
from sim.analysis.stopping import Stopping
from sim.analysis.summaries import how_taken, summarise, unit_of
from sim.observe.measures import BY_NAME, HEADLINE
from tests.benchmarks.controls import SEEN, Gain, with_further_runs
from tests.benchmarks.deciding import Cost, PastCost, seconds_for_all
from tests.benchmarks.pairing import Worth, against_fresh, paired_summaries, typical

PRINTED = (
    HEADLINE, "contracts_live", "tier2_links", "areas_without_tier2_share", "needs_met_share", "wait_median_days",
    "wait_p90_days", "nps_purchases", "bodies_living", "pressure_share", "crc_forecast_gbp", "public_cost_gbp",
)  # fmt: skip


def worth_rows(worths: Iterable[Worth]) -> list[dict[str, Any]]:
    """Rows of ``pairing.csv``."""
    return [
        {
            "measure": w.measure,
            "label": BY_NAME[w.measure].label,
            "unit": unit_of(BY_NAME[w.measure]),
            "taken": how_taken(BY_NAME[w.measure]),
            "policy": w.policy,
            "pairs": w.ratio.n,
            "paired_variance": w.paired_variance,
            "independent_variance": w.independent_variance,
            "rotated_variance": w.rotated_variance,
            "replications_saved": w.ratio.mean,
            "low": w.ratio.low,
            "high": w.ratio.high,
            "pairing": w.word,
        }
        for w in worths
    ]


def cost_rows(costs: Iterable[Cost]) -> list[dict[str, Any]]:
    """Rows of ``deciding.csv``; a number that no rule reaches is left empty."""
    return [
        {
            "policy": c.policy,
            "word": c.word,
            "difference_share": c.difference_share,
            "seconds_both_arms": c.seconds,
            "replications_keyed": c.keyed.fixed,
            "replications_independent": c.independent.fixed,
            "seconds_keyed": _times(c.keyed.fixed, c.seconds),
            "seconds_independent": _times(c.independent.fixed, c.seconds),
            "auto_replications_keyed": c.keyed.auto,
            "auto_replications_independent": c.independent.auto,
            "auto_seconds_keyed": _times(c.keyed.auto, c.seconds),
            "auto_seconds_independent": _times(c.independent.auto, c.seconds),
        }
        for c in costs
    ]


def past_rows(costs: Iterable[PastCost]) -> list[dict[str, Any]]:
    """Rows of ``deciding_past.csv``."""
    return [
        {
            "policy": c.policy,
            "word": c.word,
            "change_share": c.change_share,
            "seconds_a_run": c.seconds,
            "replications": c.need.fixed,
            "seconds": _times(c.need.fixed, c.seconds),
            "auto_replications": c.need.auto,
            "auto_seconds": _times(c.need.auto, c.seconds),
        }
        for c in costs
    ]


def _times(n: int | None, seconds: float) -> float | None:
    return None if n is None else n * seconds


def print_worths(worths: Sequence[Worth]) -> None:
    """The headline by policy with its interval, then a dozen measures by policy."""
    policies = list(dict.fromkeys(w.policy for w in worths))
    of = {(w.measure, w.policy): w for w in worths}
    print("\nReplications saved by keyed luck on the headline (independent variance over paired, 95% interval)")
    for policy in policies:
        print(f"  {policy:28}{_ratio(of[HEADLINE, policy])}")
    print("\nBy measure and policy; * the interval holds 1: nothing is shown to be gained; - a loss; blank: no spread")
    width = max(len(p) for p in policies)
    for i, policy in enumerate(policies):
        print(f"  {chr(65 + i)}  {policy:{width}}")
    print(f"  {'':28}" + "".join(f"{chr(65 + i):>8}" for i in range(len(policies))) + f"{'typical':>9}")
    for measure in PRINTED:
        row = [of[measure, policy] for policy in policies]
        print(f"  {measure:28}" + "".join(f"{_marked(w):>8}" for w in row) + f"{typical(row):>9.1f}")
    known = [w for w in worths if w.word]
    counts = ", ".join(f"{sum(w.word == word for w in known)} {word}" for word in ("gains", "unclear", "loses"))
    print(f"  all {len({w.measure for w in known})} national measures, {len(known)} comparisons: {counts}")


def print_over_time(found: Mapping[str, Mapping[str, Interval]]) -> None:
    """How the worth of pairing fades as the paths of pairs part."""
    print(
        "\nThe same ratio on the headline as time goes on (money paid over the 12 months to; blank: pairs still equal)"
    )
    for month, row in found.items():
        cells = "".join(f"{r.mean:>10,.1f}" if r.known else f"{'':>10}" for r in row.values())
        print(f"  {month:28}{cells}")


def over_time_rows(found: Mapping[str, Mapping[str, Interval]]) -> list[dict[str, Any]]:
    """Rows of ``over_time.csv``."""
    return [
        {"month": month, "policy": policy, "replications_saved": r.mean, "low": r.low, "high": r.high}
        for month, row in found.items()
        for policy, r in row.items()
    ]


def _ratio(w: Worth) -> str:
    return f"{w.ratio.mean:6.1f}  ({w.ratio.low:.1f} to {w.ratio.high:.1f})"


def _marked(w: Worth) -> str:
    mark = {"gains": " ", "loses": "-", "unclear": "*"}.get(w.word, "")
    return f"{w.ratio.mean:.1f}{mark}" if w.word else ""


def print_costs(costs: Sequence[Cost], rule: Stopping, base_seconds: float) -> None:
    """Replications and seconds to each verdict."""
    print(
        f"\nCost of a decided verdict (margin {rule.margin_share:.0%}; do_nothing: {base_seconds:.2f} s a run)\n"
        "  replications of each arm at which the 95% interval decides if mean and spread stay as seen (two at least),\n"
        f"  and by replications=auto ({rule.batch} at a time, {rule.level:.1%} intervals, at most {rule.cap}); "
        "seconds include both arms"
    )
    print(f"  {'':28}{'':14}{'once, at 95%':^38}{'auto':^22}")
    print(f"  {'':28}{'word':14}{'keyed':>6}{'s':>8}{'indep.':>8}{'s':>8}{'times':>8}{'keyed':>8}{'indep.':>8}")
    for c in costs:
        keyed, other = c.keyed.fixed, c.independent.fixed
        times = f"{other / keyed:.1f}" if keyed and other else ""
        print(
            f"  {c.policy:28}{c.word:14}{_n(keyed)}{_s(keyed, c.seconds)}{_n(other, 8)}{_s(other, c.seconds)}{times:>8}"
            f"{_n(c.keyed.auto, 8)}{_n(c.independent.auto, 8)}"
        )
    for label, needs in (
        ("keyed luck", [c.keyed.fixed for c in costs]),
        ("independent seeds", [c.independent.fixed for c in costs]),
        ("keyed luck, auto", [c.keyed.auto for c in costs]),
        ("independent seeds, auto", [c.independent.auto for c in costs]),
    ):
        found = seconds_for_all(costs, needs, base_seconds)
        undecided = sum(n is None for n in needs)
        words = f"{found:,.0f} s" if found is not None else f"{undecided} never decided"
        print(f"  all {len(costs)} decided, do_nothing run once for all, {label}: {words}")


def print_past(costs: Sequence[PastCost]) -> None:
    """Replications and seconds to each verdict against the scenario's own past."""
    print("\nAgainst its own past (one arm, nothing to pair; otherwise as above)")
    print(f"  {'':28}{'word':10}{'change':>8}{'once':>8}{'s':>8}{'auto':>8}{'s':>8}")
    for c in costs:
        once, auto = c.need.fixed, c.need.auto
        print(
            f"  {c.policy:28}{c.word:10}{c.change_share:>+8.1%}"
            f"{_n(once, 8)}{_s(once, c.seconds)}{_n(auto, 8)}{_s(auto, c.seconds)}"
        )


def _n(n: int | None, width: int = 6) -> str:
    return f"{n if n is not None else 'never':>{width}}"


def _s(n: int | None, seconds: float) -> str:
    return f"{n * seconds:>8,.0f}" if n is not None else f"{'':>8}"


def print_fresh(ensembles: Mapping[str, Ensemble], fresh: Ensemble, worths: Sequence[Worth]) -> None:
    """Really unpaired differences on the headline against the sum of variances."""
    seen = {(run.seed, run.replication) for run in ensembles[BASELINE].runs}
    other = Ensemble.of(BASELINE, [run for run in fresh.runs if (run.seed, run.replication) not in seen])
    values = summarise(BY_NAME[HEADLINE], other.national(HEADLINE))
    print(f"\nVariance of differences to {other.n} replications of do_nothing never paired, over the sum of variances")
    for w in worths:
        if w.measure == HEADLINE:
            _, value = paired_summaries(ensembles[BASELINE], ensembles[w.policy], HEADLINE)
            found, p = against_fresh(value, values, w.independent_variance)
            print(f"  {w.policy:28}{found / w.independent_variance:6.2f}   p {p:.2f}")


def gain_rows(gains: Iterable[Gain]) -> list[dict[str, Any]]:
    """Rows of ``controls.csv``."""
    return [
        {
            "answer": g.answer,
            "policy": g.policy,
            "controls": g.controls,
            "mean": "estimated" if g.controls in SEEN else "known",
            "replications": g.ratio.n,
            "explained_share": g.explained_share,
            "replications_saved": g.ratio.mean,
            "low": g.ratio.low,
            "high": g.ratio.high,
        }
        for g in gains
    ]


def print_gains(gains: Sequence[Gain], seconds: Mapping[str, float]) -> None:
    """What controls gain on each answer, on replications that the fit has not seen."""
    policies = list(dict.fromkeys(g.policy for g in gains))
    of = {(g.answer, g.controls, g.policy): g for g in gains}
    print("\nControl variates on the headline: variance without over variance with, on replications not in the fit")
    print("  + the interval lies above 1, - below it; 1 is no gain; means of the last three are not known (see below)")
    total = sum(seconds.values())
    alone = {p: seconds[BASELINE] / (seconds[BASELINE] + seconds[p]) for p in policies}
    for answer in dict.fromkeys(g.answer for g in gains):
        print(f"  {answer:28}" + "".join(f"{chr(65 + i):>8}" for i in range(len(policies))))
        for label in dict.fromkeys(g.controls for g in gains):
            row = [of[answer, label, policy].ratio for policy in policies]
            print(f"  {label:28}" + "".join(f"{r.mean:>7.2f}{_sign(r)}" for r in row))
        explained = [of[answer, SEEN[2], p].explained_share for p in policies]
        shared = [with_further_runs(r, seconds[BASELINE] / total) for r in explained]
        own = [with_further_runs(r, alone[p]) for r, p in zip(explained, policies, strict=True)]
        print("  both, their means from m times as many runs of do_nothing as pairs: gain in seconds, and m")
        for words, row_of in (("one policy alone", own), ("shared by all policies", shared)):
            print(f"  {words:28}" + "".join(f"{worth:>7.2f} " for _, worth in row_of))
            print(f"  {'  m':28}" + "".join(f"{m:>7.1f} " for m, _ in row_of))


def _sign(ratio: Interval) -> str:
    return "+" if ratio.low > 1 else "-" if ratio.high < 1 else " "
