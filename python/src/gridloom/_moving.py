"""Windows that move along axes, blocks of neighbours, bits of bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import _convert, _core
from ._convert import node
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Axis, Shape

__all__ = ["coarsen", "packbits", "sliding_window_view", "unpackbits"]


def sliding_window_view(
    x: ArrayLike, window_shape: Shape, axis: Axes = None, *, subok: bool = False, writeable: bool = False, automatic_rechunk: bool = True
) -> Array:
    """The windows of a shape at each place of an array where they fit (NumPy's `lib.stride_tricks.sliding_window_view`, and Dask's).

    Parameters
    ----------
    x : array_like
    window_shape : int or tuple of int
        The lengths of a window, one for each of `axis`.
    axis : int or tuple of int, optional
        Along which axes it moves; along all by default.
    subok, writeable, automatic_rechunk
        Are taken as NumPy's and Dask's, and mean nothing.

    Returns
    -------
    Array
        The axes are shorter by the length less 1, and what is in a window is on new last axes: a sum, mean, least or greatest over those is
        one that moves. Nothing is copied: it joins views of the array, one for each place in a window.

    Raises
    ------
    ValueError
        For windows of a length of 0, or longer than the axis, and for another number of lengths than of axes.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.asarray([1, 5, 2, 4])
    >>> gl.sliding_window_view(x, 2).compute()
    array([[1, 5],
           [5, 2],
           [2, 4]])
    >>> gl.sliding_window_view(x, 3).max(axis=-1).compute()
    array([5, 5])
    """
    array = node(x)
    lengths = _convert.shape(window_shape)
    if axis is None:
        axes = list(range(len(array.shape)))
        if len(lengths) != len(axes):
            raise ValueError(
                f"Since axis is `None`, must provide window_shape for all dimensions of `x`; got {len(lengths)} window_shape elements "
                f"and `x.ndim` is {len(axes)}."
            )
    else:
        axes = [_convert.axis_of(one, len(array.shape)) for one in _convert.axes(axis) or []]
        if len(lengths) != len(axes):
            raise ValueError(
                f"Must provide matching length window_shape and axis; got {len(lengths)} window_shape elements "
                f"and {len(axes)} axes elements."
            )
    return wrap(_core.sliding(array, lengths, axes))


def coarsen(reduction: Callable[..., Any], x: ArrayLike, axes: Mapping[int, int], trim_excess: bool = False, **kwargs: Any) -> Array:
    """A reduction of blocks of neighbours (Dask's).

    Parameters
    ----------
    reduction : callable
        As `gl.mean` and `np.sum`: is given an array and `axis`.
    x : array_like
    axes : dict
        How many neighbours are in a block, by axis.
    trim_excess : bool
        Whether what is left over at the end of an axis is left out.
    **kwargs
        Are handed on to `reduction`.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For a number that does not divide the axis' length, where what is left over is not left out.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.coarsen(gl.mean, gl.arange(7), {0: 3}, trim_excess=True).compute()
    array([1., 4.])
    """
    array = node(x)
    named = [_convert.axis_of(axis, len(array.shape)) for axis in axes]
    blocks, within = _core.neighbours(array, [_convert.index(factor) for factor in axes.values()], named, bool(trim_excess))
    made: Array = reduction(wrap(blocks), axis=tuple(within), **kwargs)
    return made


def _little(bitorder):
    if bitorder[:1] not in ("b", "l"):
        raise ValueError("'order' must begin with 'l' or 'b'")
    return bitorder[:1] == "l"


def packbits(a: ArrayLike, /, axis: Axis | None = None, bitorder: str = "big") -> Array:
    """Eight elements along an axis as the bits of one byte: 1 for what is not zero; the last byte is filled up with 0.

    Parameters
    ----------
    a : array_like of int or bool
    axis : int, optional
        All elements in C order by default.
    bitorder : {"big", "little"}
        Whether the first element is the bit that counts most, or the one that counts least.

    Returns
    -------
    Array
        Of uint8.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.packbits(gl.asarray([1, 0, 0, 0, 0, 0, 0, 1, 1])).compute()
    array([129, 128], dtype=uint8)
    """
    x = node(a)
    if x.dtype.startswith("f") or x.dtype.startswith("bf"):
        raise TypeError("Expected an input array of integer or boolean data type")
    return wrap(_core.bits("packbits", x, None if axis is None else _convert.axis(axis), None, _little(bitorder)))


def unpackbits(a: ArrayLike, /, axis: Axis | None = None, count: int | None = None, bitorder: str = "big") -> Array:
    """The bits of each byte along an axis, as eight elements that are 0 or 1.

    Parameters
    ----------
    a : array_like of uint8
    axis : int, optional
        All elements in C order by default.
    count : int, optional
        How many bits: zeros follow where there are less; of negative ones so many are left out at the end.
    bitorder : {"big", "little"}
        Whether the bit that counts most comes first, or the one that counts least.

    Returns
    -------
    Array
        Of uint8.

    Examples
    --------
    >>> import numpy as np, gridloom as gl
    >>> gl.unpackbits(np.array([160], dtype=np.uint8), count=4).compute()
    array([1, 0, 1, 0], dtype=uint8)
    """
    number = None if count is None else _convert.index(count)
    return wrap(_core.bits("unpackbits", node(a), None if axis is None else _convert.axis(axis), number, _little(bitorder)))
