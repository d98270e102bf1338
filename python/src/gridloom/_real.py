"""What NumPy asks of numbers and dtypes where some are complex: gridloom's are all real as yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._convert import is_array, node
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, DType

__all__ = [
    "angle",
    "common_type",
    "iscomplex",
    "iscomplexobj",
    "isreal",
    "isrealobj",
    "issubdtype",
    "min_scalar_type",
    "mintypecode",
    "real_if_close",
]


def angle(z: ArrayLike, deg: bool = False) -> Array:
    """The angles of numbers as complex ones: pi below zero and at -0, 0 elsewhere, NaN of NaN; in degrees where `deg` is set.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.angle(gl.asarray([2.0, -2.0]), deg=True).compute()
    array([  0., 180.])
    """
    made = _core.of_one("angle", node(z))
    return wrap(made.unary("degrees") if deg else made)


def isreal(x: ArrayLike) -> Array:
    """Whether elements have no imaginary part: True everywhere."""
    return wrap(_core.of_one("isreal", node(x)))


def iscomplex(x: ArrayLike) -> Array:
    """Whether elements have an imaginary part: False everywhere."""
    return wrap(_core.of_one("iscomplex", node(x)))


def isrealobj(x: Any) -> bool:
    """Whether elements are of a real dtype."""
    return is_array(x) or np.isrealobj(x)


def iscomplexobj(x: Any) -> bool:
    """Whether elements are of a complex dtype."""
    return not isrealobj(x)


def real_if_close(a: ArrayLike, tol: float = 100) -> Array:
    """The array itself: there are no complex ones yet."""
    return a if is_array(a) else wrap(node(a))


def issubdtype(arg1: Any, arg2: Any) -> bool:
    """Whether a dtype is another one, or of a kind of NumPy's."""
    return np.issubdtype(arg1, arg2)


def mintypecode(typechars: Any, typeset: Any = "GDFgdf", default: str = "d") -> str:
    """The letter of the smallest dtype of a set to which letters, or arrays, can be cast."""
    return np.mintypecode([one.dtype.char if is_array(one) else one for one in typechars], typeset, default)


def _empty(value):
    return np.empty(0, value.dtype) if is_array(value) else np.asarray(value)


def common_type(*arrays: ArrayLike) -> type[Any]:
    """The float type that holds the numbers of all arrays; float64 where one is of integers.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.common_type(gl.ones(2, dtype="f2"), gl.ones(2, dtype="f4")).__name__
    'float32'
    """
    return np.common_type(*map(_empty, arrays))


def min_scalar_type(a: ArrayLike) -> DType:
    """The smallest dtype that holds a number; of arrays on axes, their own. (A lazy number is computed.)

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.min_scalar_type(300), gl.min_scalar_type(gl.ones(3))
    (dtype('uint16'), dtype('float64'))
    """
    if is_array(a):
        return a.dtype if a.ndim else np.min_scalar_type(a.compute())
    return np.min_scalar_type(a)
