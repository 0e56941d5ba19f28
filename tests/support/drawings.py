"""Where the texts of a drawing lie: how clipping and overlap of figures are found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.report.picture import Picture
from sim.report.style import Layout, drawing


def boxes(draw: Callable[[Layout], Figure], layout: Layout) -> tuple[list[tuple[str, Bbox]], float, float]:
    """Every visible text of a drawing with its box in pixels, and the canvas."""
    with drawing():
        figure = draw(layout)
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw_without_rendering()
        texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
        found = [(t.get_text(), t.get_window_extent(renderer)) for t in texts]
        shown = [(text, box) for text, box in found if box.width > 0]
        return shown, figure.bbox.width, figure.bbox.height


def texts_that_can_be_read(picture: Picture, layout: Layout) -> Sequence[tuple[str, Bbox]]:
    """The texts of a picture; fails when one leaves the canvas or lies over another."""
    texts, width, height = boxes(picture.draw, layout)
    for text, box in texts:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{picture.name}: {text!r} leaves the canvas"
    for (a, box_a), (b, box_b) in itertools.combinations(texts, 2):
        across = min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0)
        down = min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0)
        assert across < 1.5 or down < 2.5, f"{picture.name}: {a!r} and {b!r} overlap"
    return texts
