"""Reductions of what is not NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._convert import axis as one_axis
from ._convert import node
from ._handle import into
from ._reductions import degrees, reduced, with_initial

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Axis, DTypeLike, Out

__all__ = [
    "nanargmax",
    "nanargmin",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]


def nansum(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike = True,
) -> Array:
    """The sum of what is not NaN.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    0 where there is nothing else.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.nansum(gl.asarray([1.0, gl.nan, 3.0])).compute()
    np.float64(4.0)
    """
    made = reduced("nansum", a, axis, keepdims, dtype=dtype, where=where)._node
    return into(out, made if initial is None else with_initial("nansum", made, initial), "nansum")


def nanprod(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike = True,
) -> Array:
    """The product of what is not NaN; 1 of nothing."""
    made = reduced("nanprod", a, axis, keepdims, dtype=dtype, where=where)._node
    return into(out, made if initial is None else with_initial("nanprod", made, initial), "nanprod")


def nanmean(
    a: ArrayLike, axis: Axes = None, dtype: DTypeLike | None = None, out: Out = None, keepdims: bool = False, *, where: ArrayLike = True
) -> Array:
    """The mean of what is not NaN.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    NaN where there is nothing else, and no warning. `x[~gl.isnan(x)]` is another way to leave NaN out.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.nanmean(gl.asarray([1.0, gl.nan, 3.0])).compute()
    np.float64(2.0)
    """
    return reduced("nanmean", a, axis, keepdims, dtype=dtype, out=out, where=where)


def nanstd(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: ArrayLike = True,
    correction: float | None = None,
) -> Array:
    """The standard deviation of what is not NaN.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    ddof : float
        What the number of elements is lessened by before it divides.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.
    correction : float, optional
        Another name of `ddof`.

    Returns
    -------
    Array

    Notes
    -----
    NaN where there is nothing else, and no warning. `x[~gl.isnan(x)]` is another way to leave NaN out.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.nanstd(gl.asarray([1.0, gl.nan, 3.0])).compute()
    np.float64(1.0)
    """
    ddof = degrees(ddof, correction)
    return reduced("nanstd", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def nanvar(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: ArrayLike = True,
    correction: float | None = None,
) -> Array:
    """The variance of what is not NaN; NaN of nothing."""
    ddof = degrees(ddof, correction)
    return reduced("nanvar", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def nanmin(
    a: ArrayLike, axis: Axes = None, out: Out = None, keepdims: bool = False, initial: ArrayLike | None = None, where: ArrayLike = True
) -> Array:
    """The smallest of what is not NaN.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    NaN where there is nothing else, and no warning.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.nanmin(gl.asarray([1.0, gl.nan, 3.0])).compute()
    np.float64(1.0)
    """
    if node(a).dtype[0] != "f":
        # There is no NaN.
        return reduced("min", a, axis, keepdims, initial=initial, where=where, out=out)
    made = reduced("nanmin", a, axis, keepdims, where=where)._node
    return into(out, made if initial is None else with_initial("nanmin", made, initial), "nanmin")


def nanmax(
    a: ArrayLike, axis: Axes = None, out: Out = None, keepdims: bool = False, initial: ArrayLike | None = None, where: ArrayLike = True
) -> Array:
    """The largest of what is not NaN.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    NaN where there is nothing else, and no warning.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.nanmax(gl.asarray([1.0, gl.nan, 3.0])).compute()
    np.float64(3.0)
    """
    if node(a).dtype[0] != "f":
        # There is no NaN.
        return reduced("max", a, axis, keepdims, initial=initial, where=where, out=out)
    made = reduced("nanmax", a, axis, keepdims, where=where)._node
    return into(out, made if initial is None else with_initial("nanmax", made, initial), "nanmax")


def nanargmin(a: ArrayLike, axis: Axis | None = None, out: Out = None, *, keepdims: bool = False) -> Array:
    """The place of the smallest of what is not NaN; an error when it is computed if all are."""
    return reduced("nanargmin", a, None if axis is None else one_axis(axis), keepdims, out=out)


def nanargmax(a: ArrayLike, axis: Axis | None = None, out: Out = None, *, keepdims: bool = False) -> Array:
    """The place of the largest of what is not NaN; an error when it is computed if all are."""
    return reduced("nanargmax", a, None if axis is None else one_axis(axis), keepdims, out=out)
