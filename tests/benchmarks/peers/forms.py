"""The forms that are compared. A peer is imported when it is first asked for, so that the others run without it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from tests.benchmarks.peers import on_desk, on_simpy
from tests.benchmarks.peers.work import Prepare, Run, Work


@dataclass(frozen=True)
class Form:
    """A way to do the work.

    Attributes:
        package: what must be installed for it, if anything; get: what to type where it is not.
        slow: it is given a tenth of the customers, and our form is timed on that tenth beside it.
        desks_apart: it is another way to do several desks, and the same as its sibling for one.
        aim: how many times our form's its time should be at least, where one was set.
    """

    name: str
    prepare: Prepare
    package: str = ""
    slow: bool = False
    desks_apart: bool = False
    aim: float | None = None
    get: str = 'pip install -e ".[bench]"'


def _peer(module: str, function: str = "prepare") -> Prepare:
    def prepare(work: Work) -> Run:
        found: Run = getattr(import_module(f"tests.benchmarks.peers.{module}"), function)(work)
        return found

    return prepare


OURS = Form("our desk", on_desk.prepare)
PEERS = (
    Form("our desk, compiled", on_desk.prepare_compiled, get="probsim kernel build"),
    Form("the plain SimPy twin's desk", on_simpy.prepare_twin),
    Form("SimPy, a process a case", on_simpy.prepare_resource),
    Form("salabim, servers that stay", _peer("on_salabim", "prepare_servers"), "salabim", aim=7.0),
    Form("Mesa's event scheduler", _peer("on_mesa"), "mesa"),
    Form("Ciw", _peer("on_ciw"), "ciw", slow=True, aim=25.0),
    Form("Ciw, a network a desk", _peer("on_ciw", "prepare_apart"), "ciw", slow=True, desks_apart=True, aim=25.0),
    Form("salabim, a component a case", _peer("on_salabim", "prepare_customers"), "salabim", slow=True, aim=300.0),
)
