"""``python -m tests.benchmarks``: see ``suite``, and docs/performance.md for how its table is read."""

from __future__ import annotations

from tests.benchmarks.suite import main

if __name__ == "__main__":  # the sweep's workers import this file again
    raise SystemExit(main())
