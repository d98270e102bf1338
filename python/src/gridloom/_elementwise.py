"""Functions of elements that are no rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._convert import is_array, is_number, node, operand
from ._dtypes import DTYPES, name
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Device, DType, DTypeLike, Out

__all__ = [
    "allclose",
    "around",
    "array_equal",
    "array_equiv",
    "astype",
    "clip",
    "conj",
    "divmod",
    "fma",
    "imag",
    "isclose",
    "modf",
    "nan_to_num",
    "real",
    "result_type",
    "round",
    "where",
]


def clip(
    a: ArrayLike,
    min: ArrayLike | None = None,
    max: ArrayLike | None = None,
    *,
    a_min: ArrayLike | None = None,
    a_max: ArrayLike | None = None,
    out: Out = None,
) -> Array:
    """Each element, but no less than one limit and no more than another.

    Parameters
    ----------
    a : array_like
    min, max : array_like or None
        The limits, or None for none on that side; broadcast together. `a_min` and `a_max` are other names.
    out : Array, optional
        Is given the result.

    Returns
    -------
    Array
        Of the array's dtype where the limits are Python's numbers; otherwise of the dtype that all of them are promoted to.

    Notes
    -----
    NaN stays NaN; `max` wins where `min` is larger.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.clip(gl.asarray([-1, 5, 11]), 0, 10).compute()
    array([ 0,  5, 10])
    >>> gl.clip(gl.asarray([-1, 5, 11]), None, 6).compute()
    array([-1,  5,  6])
    """
    low, high = min if min is not None else a_min, max if max is not None else a_max
    limits = (None if limit is None else operand(limit) for limit in (low, high))
    return into(out, node(a).clip(*limits), "clip")


def where(condition: ArrayLike, x: ArrayLike | None = None, y: ArrayLike | None = None, /) -> Any:
    """Elements of one array where a condition is true, of another elsewhere.

    Parameters
    ----------
    condition : array_like
        True where not zero.
    x, y : array_like
        Broadcast together with the condition. Without both, it is `nonzero(condition)`.

    Returns
    -------
    Array, or tuple of Array
        Of the dtype that `x` and `y` meet in.

    Raises
    ------
    ValueError
        For one of `x` and `y` alone.

    Notes
    -----
    Both are computed everywhere, and nothing is an error that is not chosen: `gl.where(x > 0, gl.log(x), 0)` has no NaN.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.asarray([-1.0, 4.0])
    >>> gl.where(x > 0, gl.sqrt(x), 0.0).compute()
    array([0., 2.])
    """
    if x is None and y is None:
        return tuple(wrap(places) for places in node(condition).nonzero())
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    return wrap(_core.select(node(condition), operand(x), operand(y)))


def round(a: ArrayLike, decimals: int = 0, out: Out = None) -> Array:
    """Each element to so many decimals, halves to even.

    Parameters
    ----------
    a : array_like
    decimals : int
        How many; left of the point where negative.
    out : Array, optional
        Is given the result.

    Returns
    -------
    Array

    Raises
    ------
    TypeError
        For integers left of the point.

    Notes
    -----
    As NumPy does it: scaled by a power of ten, rounded, and scaled back. Integers are themselves.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.round(gl.asarray([2.345, -17.5]), 1).compute()
    array([  2.3, -17.5])
    """
    return into(out, node(a).round(decimals), "round")


around = round


def modf(x: ArrayLike, /) -> tuple[Array, Array]:
    """The fraction and the whole part of each element, both with its sign."""
    fractions, whole = _core.modf(node(x))
    return wrap(fractions), wrap(whole)


def divmod(x: ArrayLike, y: ArrayLike, /) -> tuple[Array, Array]:
    """`x // y` and `x % y`."""
    x, y = operand(x), operand(y)
    quotients, rest = _core.divmod(node(x) if is_number(x) else x, y)
    return wrap(quotients), wrap(rest)


def astype(x: ArrayLike, dtype: DTypeLike, /, *, copy: bool = True, device: Device = None) -> Array:
    """The elements as another dtype; floats become integers by truncation, within the dtype's limits, and NaN 0."""
    return wrap(node(x).cast(name(dtype)))


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype that operands meet in, which are arrays, dtypes and Python's numbers."""
    operands = [_typed(value) for value in arrays_and_dtypes]
    return DTYPES[_core.result_type(operands)]


def _typed(value):
    if is_number(value):
        return value
    if is_array(value) or isinstance(value, (np.ndarray, np.generic)):
        return operand(value)
    return _core.full([], 0, name(value), "auto")


def real(val: ArrayLike) -> Array:
    """The array itself: there are no complex ones yet."""
    return val if is_array(val) else wrap(node(val))


conj = real


def imag(val: ArrayLike) -> Array:
    """Zeros: there are no complex arrays yet."""
    return real(val).imag


def fma(x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Array:
    """`x * y + z`, rounded once."""
    return wrap(_core.fma(operand(x), operand(y), operand(z)))


def isclose(a: ArrayLike, b: ArrayLike, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Array:
    """Whether elements are close: `|a - b| <= atol + rtol * |b|`.

    Parameters
    ----------
    a, b : array_like
    rtol, atol : float
    equal_nan : bool
        Whether NaN is close to NaN.

    Returns
    -------
    Array
        Of bool.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.isclose(gl.asarray([1.0, 2.0]), [1.0 + 1e-9, 2.1]).compute()
    array([ True, False])
    """
    x, y = operand(a), operand(b)
    return wrap(_core.isclose(node(x) if is_number(x) else x, y, float(rtol), float(atol), bool(equal_nan)))


def allclose(a: ArrayLike, b: ArrayLike, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Array:
    """Whether all elements are close, as a lazy array: `bool()` of it computes."""
    return wrap(isclose(a, b, rtol, atol, equal_nan)._node.reduce("all", None, False, 0.0))


def array_equal(a1: ArrayLike, a2: ArrayLike, equal_nan: bool = False) -> Array:
    """Whether arrays have one shape and equal elements, as a lazy array."""
    return wrap(_core.equal("array_equal", node(a1), node(a2), bool(equal_nan)))


def array_equiv(a1: ArrayLike, a2: ArrayLike) -> Array:
    """Whether arrays are equal once they are broadcast together, as a lazy array."""
    return wrap(_core.equal("array_equiv", node(a1), node(a2), False))


def is_one_of(element, values, invert):
    """Whether each element is one of a few values."""
    made = _core.isin(node(element), [operand(value) for value in np.asarray(values).ravel()])
    return wrap(made.unary("not") if invert else made)


def nan_to_num(x: ArrayLike, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Array:
    """Numbers instead of NaN and infinities: 0, and the dtype's largest and smallest."""
    limits = (None if limit is None else float(limit) for limit in (posinf, neginf))
    return wrap(_core.nan_to_num(node(x), float(nan), *limits))
