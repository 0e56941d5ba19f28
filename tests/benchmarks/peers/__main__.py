"""Print the table: ``python -m tests.benchmarks.peers [customers]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.benchmarks.peers.comparing import CUSTOMERS, measure
from tests.benchmarks.peers.forms import PEERS
from tests.benchmarks.peers.rows import Row, table


def main() -> None:
    """Measure and print."""
    asked = sys.argv[1] if len(sys.argv) > 1 else str(CUSTOMERS)
    if not asked.isdecimal() or int(asked) < 10:
        sys.exit(f"customers must be a whole number from 10 on, got {asked}: python -m tests.benchmarks.peers 20000")
    print(f"{int(asked):,} customers, a tenth of them for the slow forms; processor seconds; some minutes", flush=True)
    rows = measure(int(asked))
    print(table(rows))
    print(against_aims(rows))


def against_aims(rows: Sequence[Row]) -> str:
    """How many times our time each peer took over all works, beside what was aimed at."""
    lines = []
    for form in PEERS:
        times = [row.times_ours for row in rows if row.form == form.name and row.times_ours is not None]
        if form.aim is not None and times:
            verdict = "met" if min(times) >= form.aim else "missed"
            lines.append(
                f"{form.name}: {min(times):.0f} to {max(times):.0f} times ours (aim {form.aim:.0f}: {verdict})"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
