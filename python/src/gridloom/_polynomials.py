"""Polynomials as arrays of coefficients, from the highest power down. `polyfit` and `roots` need linear algebra, and are not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import _convert, _core, _creation
from ._convert import is_array, node, operand
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike

__all__ = ["poly", "polyadd", "polyder", "polydiv", "polyint", "polymul", "polysub", "polyval"]


def poly(seq_of_zeros: ArrayLike) -> Array:
    """The polynomial with the highest coefficient 1 that is 0 at these numbers.

    Parameters
    ----------
    seq_of_zeros : array_like
        Of one axis. (A matrix's eigenvalues are not there yet.)

    Returns
    -------
    Array
        Of float32 for such numbers, else of float64.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.poly([2, 3]).compute()
    array([ 1., -5.,  6.])
    """
    zeros = node(seq_of_zeros)
    if len(zeros.shape) == 2:
        raise TypeError("poly: the eigenvalues of a matrix are not in gridloom yet: compute() it first, if it fits memory")
    if len(zeros.shape) != 1:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    return wrap(_core.poly(zeros)) if zeros.size != 0 else wrap(_core.full([], 1.0, "f64", "auto"))


def polyadd(a1: ArrayLike, a2: ArrayLike) -> Array:
    """The sum of two polynomials."""
    return wrap(_core.of_polynomials("polyadd", node(a1), node(a2)))


def polysub(a1: ArrayLike, a2: ArrayLike) -> Array:
    """The difference of two polynomials."""
    return wrap(_core.of_polynomials("polysub", node(a1), node(a2)))


def polymul(a1: ArrayLike, a2: ArrayLike) -> Array:
    """The product of two polynomials, of which one has at most 128 coefficients.

    Zeros in front of the highest coefficients stay, and make zeros in front: a length does not depend on values here, and NumPy's does.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.polymul([1, 2], [3, 4]).compute()
    array([ 3, 10,  8])
    """
    return wrap(_core.of_polynomials("polymul", node(a1), node(a2)))


def polydiv(u: ArrayLike, v: ArrayLike) -> tuple[Array, Array]:
    """The quotient of two polynomials, and what remains.

    What remains has as many coefficients as `v` less one (or all of `u`, where that has fewer than `v`), one at least: zeros in front stay,
    which NumPy leaves out.

    Examples
    --------
    >>> import gridloom as gl
    >>> [part.compute() for part in gl.polydiv([3.0, 5.0, 2.0], [2.0, 1.0])]
    [array([1.5 , 1.75]), array([0.25])]
    """
    quotient, rest = _core.polydiv(node(u), node(v))
    return wrap(quotient), wrap(rest)


def polyder(p: ArrayLike, m: int = 1) -> Array:
    """The derivative of order `m`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.polyder([1, 1, 1, 1]).compute()
    array([3, 2, 1])
    """
    order = _convert.index(m)
    if order < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    return wrap(_core.polyder(node(p), order))


def polyint(p: ArrayLike, m: int = 1, k: ArrayLike | None = None) -> Array:
    """The integral of order `m`, with a constant for each time, or one for all.

    Parameters
    ----------
    p : array_like
    m : int
    k : array_like, optional
        The constants, that of the first integral first; a lazy array of them is computed.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For an order below 0, and another number of constants.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.polyint([3.0, 2.0], k=7).compute()
    array([1.5, 2. , 7. ])
    """
    order = _convert.index(m)
    if order < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    constants = np.atleast_1d(np.zeros(order) if k is None else k.compute() if is_array(k) else k).astype(np.float64)
    if len(constants) == 1 and order > 1:
        constants = constants.repeat(order)
    if len(constants) < order:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    return wrap(_core.polyint(node(p), [float(constant) for constant in constants[:order]]))


def polyval(p: ArrayLike, x: ArrayLike) -> Array:
    """The values of a polynomial at the elements of an array, by Horner's rule, fused.

    Parameters
    ----------
    p : array_like
    x : array_like
        (Polynomials as `numpy.poly1d` are not taken.)

    Returns
    -------
    Array
        In the shape of `x`, and the dtype that both meet in.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.polyval([3, 0, 1], gl.asarray([5, 2])).compute()
    array([76, 13])
    """
    if isinstance(x, np.poly1d):
        raise TypeError("polyval: polynomials of polynomials are not in gridloom yet")
    coefficients = node(p)
    if coefficients.size == 0:
        return _creation.zeros_like(x)
    value = operand(x)
    return wrap(_core.polyval(coefficients, node(x) if _convert.is_number(value) else value))
