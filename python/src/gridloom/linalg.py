"""Of NumPy's linear algebra what is there: products, diagonals and norms of vectors. Solvers and decompositions are to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _convert, _products, _statistics
from ._convert import node
from ._products import matmul, tensordot, vecdot
from ._shape import matrix_transpose
from ._statistics import norm, vector_norm

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, DTypeLike


__all__ = ["cross", "diagonal", "matmul", "matrix_transpose", "norm", "outer", "tensordot", "trace", "vecdot", "vector_norm"]


def cross(x1: ArrayLike, x2: ArrayLike, /, *, axis: Axis = -1) -> Array:
    """The cross products of vectors of three numbers."""
    first, second = node(x1), node(x2)
    for x in (first, second):
        if x.shape[_convert.axis(axis)] != 3:
            raise ValueError(f"linalg.cross: both arrays must be of vectors of 3 numbers, got shapes {first.shape} and {second.shape}")
    return _products.cross(x1, x2, axis=axis)


def diagonal(x: ArrayLike, /, *, offset: int = 0) -> Array:
    """What lies on a diagonal of the last two axes; a view."""
    return _statistics.diagonal(x, offset, -2, -1)


def trace(x: ArrayLike, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Array:
    """The sum of a diagonal of the last two axes."""
    return _statistics.trace(x, offset, -2, -1, dtype)


def outer(x1: ArrayLike, x2: ArrayLike, /) -> Array:
    """The products of all pairs of elements of two 1-d arrays."""
    first, second = node(x1).ndim, node(x2).ndim
    if first != 1 or second != 1:
        raise ValueError(f"linalg.outer: needs 1-d arrays, got {first} and {second} axes")
    return _products.outer(x1, x2)


if not TYPE_CHECKING:
    # A type checker would take any name to be there.
    def __getattr__(name):
        from ._protocols import missing_name

        raise missing_name(name, "linalg")
