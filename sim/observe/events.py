"""The organisations' event log and the monthly digest that proves two histories equal."""

from __future__ import annotations

from hashlib import sha256

from sim.observe.results import Event


class EventLog:
    """Hashes every event as it happens; keeps the lines only when asked.

    Args:
        keep: whether to keep the events themselves.
    """

    def __init__(self, *, keep: bool) -> None:
        self.events: list[Event] = []
        self.counts: dict[str, int] = {}
        self._keep = keep
        self._hash = sha256()

    def add(self, day: float, kind: str, who: str, detail: str = "") -> None:
        """Record that something happened to or was decided by an agent."""
        self._hash.update(f"{day!r}|{kind}|{who}|{detail}\n".encode())
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self._keep:
            self.events.append(Event(day, kind, who, detail))

    def close_month(self, *also: bytes) -> str:
        """The digest of this month's events and of what else is given; starts the next month's."""
        for part in also:
            self._hash.update(part)
        digest = self._hash.hexdigest()[:32]
        self._hash = sha256()
        return digest
