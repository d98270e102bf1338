"""Arrays of a few numbers: windows, matrices of diagonals and powers, places of a grid, numbers at equal ratios."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core, _shape
from ._convert import node
from ._dtypes import name
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, DTypeLike, Shape

__all__ = ["bartlett", "blackman", "diag", "diagflat", "geomspace", "hamming", "hanning", "indices", "logspace", "vander"]


def _window(called: str, count: Any) -> Array:
    return wrap(_core.window(called, max(0, int(count))))


def bartlett(M: int) -> Array:
    """A triangle from 0 over 1 to 0, at `M` places."""
    return _window("bartlett", M)


def blackman(M: int) -> Array:
    """The Blackman window at `M` places: 0.42 + 0.5 cos(pi t) + 0.08 cos(2 pi t), with t from -1 to 1."""
    return _window("blackman", M)


def hamming(M: int) -> Array:
    """The Hamming window at `M` places: 0.54 + 0.46 cos(pi t), with t from -1 to 1."""
    return _window("hamming", M)


def hanning(M: int) -> Array:
    """The Hann window at `M` places: 0.5 + 0.5 cos(pi t), with t from -1 to 1.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.hanning(5).compute()
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    return _window("hanning", M)


def diag(v: ArrayLike, k: int = 0) -> Array:
    """The diagonal `k` of a matrix, or the matrix that has a 1-d array on its diagonal `k`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.diag([1, 2]).compute()
    array([[1, 0],
           [0, 2]])
    """
    x = node(v)
    if len(x.shape) not in (1, 2):
        raise ValueError("Input must be 1- or 2-d.")
    return wrap(_core.diag(x, _convert.diagonal(k) if len(x.shape) == 2 else _convert.index(k)))


def diagflat(v: ArrayLike, k: int = 0) -> Array:
    """The matrix that has an array's elements, in C order, on its diagonal `k`."""
    return diag(_shape.ravel(v), k)


def vander(x: ArrayLike, N: int | None = None, increasing: bool = False) -> Array:
    """The powers of numbers, a row each: `N` of them (as many as numbers), from the highest down, or `increasing`."""
    numbers = node(x)
    if len(numbers.shape) != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    count = _convert.known("vander", numbers.shape)[0] if N is None else _convert.index(N)
    if count < 0:
        raise ValueError(f"vander: {count} powers: negative dimensions are not allowed")
    return wrap(_core.vander(numbers, count, bool(increasing)))


def indices(dimensions: Shape, dtype: DTypeLike = int, sparse: bool = False) -> Any:
    """The places of a grid's points along each axis: on a new first axis, or `sparse` a tuple of arrays that broadcast to the grid."""
    dims = _convert.shape(dimensions)
    if not sparse:
        return wrap(_core.indices(dims, name(dtype)))
    lines = (_core.indices([n], name(dtype)) for n in dims)
    return tuple(wrap(line.reshape([-1 if at == k else 1 for at in range(len(dims))])) for k, line in enumerate(lines))


def _at_ratios(start, stop, num, endpoint, base, dtype, called):
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    if np.ndim(start) or np.ndim(stop):
        raise TypeError(f"{called}: the ends are numbers here: stack() what each pair of them gives")
    # Without the end, one value more is made, and the last one left out.
    made = _core.at_ratios(float(start), float(stop), num + (not endpoint), base)
    made = made if endpoint else made.index((slice(num),))
    return wrap(made if dtype is None else made.cast(name(dtype)))


def logspace(
    start: float, stop: float, num: int = 50, endpoint: bool = True, base: float = 10.0, dtype: DTypeLike | None = None, axis: int = 0
) -> Array:
    """`base` to powers at equal distances, from `start` to `stop`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.logspace(0, 3, 4).compute()
    array([   1.,   10.,  100., 1000.])
    """
    return _at_ratios(start, stop, num, endpoint, float(base), dtype, "logspace")


def geomspace(start: float, stop: float, num: int = 50, endpoint: bool = True, dtype: DTypeLike | None = None, axis: int = 0) -> Array:
    """Numbers from `start` to `stop`, each the same multiple of the one before it.

    Raises
    ------
    ValueError
        For an end that is 0, or ends of different signs.
    """
    if start == 0 or stop == 0:
        raise ValueError("Geometric sequence cannot include zero")
    return _at_ratios(start, stop, num, endpoint, None, dtype, "geomspace")
