"""Histograms and counts."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import numpy as np

from ._convert import node
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike

__all__ = [
    "bincount",
    "histogram",
]


def histogram(
    a: ArrayLike,
    bins: int | ArrayLike = 10,
    range: tuple[float, float] | None = None,
    density: bool = False,
    weights: ArrayLike | None = None,
) -> tuple[Array, Array]:
    """Counts (sums of weights, densities) of values in bins, and the bins' edges; both lazy.

    Parameters
    ----------
    bins : int or sequence
        A number of equal bins, or the edges of bins.
    range : (low, high), optional
        Where the first bin begins and the last one ends; the smallest and the largest value, which are found first, by default.
    density : bool
        Whether the result integrates to 1.
    weights : array, optional
        What each value counts, in float64.

    Returns
    -------
    counts, edges : Array, Array
        int64, or float64 for weights and densities; float64.

    Examples
    --------
    >>> import gridloom as gl
    >>> counts, edges = gl.histogram(gl.arange(10), bins=2, range=(0, 10))
    >>> counts.compute(), edges.compute()
    (array([5, 5]), array([ 0.,  5., 10.]))
    """
    x = node(a)
    if isinstance(bins, str):
        raise TypeError(f"histogram: bins={bins!r} is not there yet; give a number of bins, or their edges")
    if not isinstance(bins, (int, np.integer)):
        bins = [float(edge) for edge in np.asarray(bins)]
    elif bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    if range is not None:
        low, high = range
        range = (float(low), float(high))
        if range[0] > range[1]:
            raise ValueError("max must be larger than min in range parameter.")
    counts, edges = x.histogram(bins, range, None if weights is None else node(weights), builtins.bool(density))
    return wrap(counts), wrap(edges)


def bincount(x: ArrayLike, /, weights: None = None, minlength: int = 0) -> Array:
    """How often each of 0, 1, 2, .. occurs, as int64, of unknown length.

    Raises
    ------
    TypeError
        For weights, which are not there yet: use `histogram`.
    """
    if weights is not None:
        raise TypeError("bincount: weights= is not there yet; histogram(x, edges, weights=...) sums them")
    values = node(x)
    if len(values.shape) != 1:
        raise ValueError(f"bincount: needs a 1-d array, not one of {len(values.shape)} axes")
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    return wrap(values.bincount(minlength))
