"""Our desks beside other simulators, on the same cases and to the same answers.

Run:  python -m tests.benchmarks.peers [customers]      (default: 20000; needs pip install -e ".[bench]")

Every form is given the same arrivals, deadlines and services and must begin the same cases on the same days before
its time is compared; one that does not is reported as differing and gets no ratio. A peer that is not installed is
a row that says so.
"""

from tests.benchmarks.peers.comparing import measure
from tests.benchmarks.peers.rows import Row

__all__ = ["Row", "measure"]
