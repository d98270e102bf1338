"""Pictures of arrays, reduced to what is seen before anything is fetched: 10^9 elements take no more memory than 10^6.

Each is shown by notebooks, and written as SVG by its `save(path)`. (matplotlib takes lazy arrays, too, and computes them whole.)

Examples
--------
>>> import gridloom as gl
>>> picture = gl.plot.hist(gl.random.default_rng(0).normal(size=10**6), bins=50, title="a million draws")
>>> picture.svg.startswith("<svg")
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._client import Drawing, default_client
from ._convert import node

if TYPE_CHECKING:
    from ._typing import ArrayLike


__all__ = ["hist", "imshow", "line", "scatter"]


def _picture(kind, arrays, bins, title, xlabel, ylabel):
    nodes = [node(array) for array in arrays]
    return Drawing(default_client()._core.plot(kind, nodes, bins, [title, xlabel, ylabel]))


def line(y: ArrayLike, *, title: str = "", xlabel: str = "", ylabel: str = "") -> Drawing:
    """A 1-d array against its places; of long ones, the range of each column of pixels."""
    return _picture("line", [y], 0, title, xlabel, ylabel)


def hist(x: ArrayLike, bins: int = 100, *, title: str = "", xlabel: str = "", ylabel: str = "") -> Drawing:
    """How often values lie in each of so many equal bins between the smallest and the largest."""
    return _picture("hist", [x], bins, title, xlabel, ylabel)


def imshow(image: ArrayLike, *, title: str = "", xlabel: str = "", ylabel: str = "") -> Drawing:
    """A 2-d array as colours; of large ones, means of blocks."""
    return _picture("imshow", [image], 0, title, xlabel, ylabel)


def scatter(x: ArrayLike, y: ArrayLike, *, title: str = "", xlabel: str = "", ylabel: str = "") -> Drawing:
    """Points of two 1-d arrays; of many, how many lie in each place."""
    return _picture("scatter", [x, y], 0, title, xlabel, ylabel)
