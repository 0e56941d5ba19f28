"""Room for labels in a scatter: the nearest place beside a dot that covers nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

LABELS: Final = 100.0  # inches further away that are worth a label or dot less covered
LINES: Final = 40.0  # and a square inch less of lines


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in inches."""

    x0: float
    y0: float
    x1: float
    y1: float

    def covers(self, other: Box) -> float:
        """The area both share."""
        across = min(self.x1, other.x1) - max(self.x0, other.x0)
        up = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(across, 0.0) * max(up, 0.0)

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly within."""
        return self.x0 <= other.x0 and self.y0 <= other.y0 and other.x1 <= self.x1 and other.y1 <= self.y1


def segment_boxes(start: tuple[float, float], end: tuple[float, float], half: float = 0.02) -> list[Box]:
    """A level or upright line as a thin box."""
    (x0, x1), (y0, y1) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return [Box(x0 - half, y0 - half, x1 + half, y1 + half)]


def place_label(
    at: tuple[float, float], width: float, height: float, taken: Sequence[Box], lines: Sequence[Box], inside: Box
) -> Box:
    """Where a label goes: near its dot, on no other label or dot, and on as little of the lines as may be."""
    best, least = None, np.inf
    for far in np.arange(0.1, 2.6, 0.1):
        for dx, dy in _AROUND:
            x = at[0] + dx * far + (0.0 if dx > 0 else -width if dx < 0 else -width / 2)
            y = at[1] + dy * far - height / 2 + (height / 2 * np.sign(dy) if abs(dy) > 0.5 else 0.0)
            box = Box(float(x), float(y), float(x) + width, float(y) + height)
            if not inside.holds(box):
                continue
            price = far + LABELS * sum(box.covers(other) > 1e-9 for other in taken)
            price += LINES * sum(box.covers(other) for other in lines)
            if price < least:
                best, least = box, price
    return best or Box(inside.x1 - width, at[1] - height / 2, inside.x1, at[1] + height / 2)


_AROUND = ((1, 0), (1, 0.7), (1, -0.7), (0, 1), (0, -1), (-1, 0), (-1, 0.7), (-1, -0.7), (0.4, 1), (0.4, -1))
