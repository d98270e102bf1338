"""Functions of elements' bits, angles that go on, and Bessel's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._convert import axis as one_axis
from ._convert import is_array, node, operand
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis

__all__ = ["frexp", "i0", "kaiser", "unwrap"]


def frexp(x: ArrayLike, /) -> tuple[Array, Array]:
    """Fractions from 1/2 to below 1, and the powers of two that they are multiplied with.

    Examples
    --------
    >>> import gridloom as gl
    >>> fractions, powers = gl.frexp(gl.asarray([6.0, -0.5]))
    >>> fractions.tolist(), powers.tolist()
    ([0.75, -0.5], [3, 0])
    """
    fractions, powers = _core.frexp(node(x))
    return wrap(fractions), wrap(powers)


def i0(x: ArrayLike) -> Array:
    """The modified Bessel function of the first kind and order 0.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.i0(gl.asarray([0.0, 1.0])).compute()
    array([1.        , 1.26606588])
    """
    return wrap(_core.of_one("i0", node(x)))


def kaiser(M: int, beta: float) -> Array:
    """Kaiser's window at `M` places: the larger `beta`, the narrower.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.kaiser(3, 0).compute()
    array([1., 1., 1.])
    """
    return wrap(_core.kaiser(max(0, int(M)), float(beta)))


def unwrap(p: ArrayLike, discont: float | None = None, axis: Axis = -1, *, period: Any = 2 * np.pi) -> Array:
    """Angles along an axis, moved by multiples of a period so that neighbours differ by no more than half of it.

    Parameters
    ----------
    p : array_like
    discont : float, optional
        Smaller differences stay as they are; half of the period without it.
    axis : int
    period : float or int
        An integer keeps integers integers.

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.unwrap(gl.asarray([0, 1, 2, -1, 0]), period=4).compute()
    array([0, 1, 2, 3, 4])
    """
    if is_array(period) or np.ndim(period):
        raise TypeError("unwrap: period is a number")
    return wrap(_core.unwrap(node(p), operand(period), None if discont is None else float(discont), one_axis(axis)))
