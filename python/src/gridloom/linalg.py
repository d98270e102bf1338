"""Of NumPy's linear algebra what is there: products, diagonals and norms of vectors. Solvers and decompositions are to come."""

from . import _statistics
from ._shape import matmul, matrix_transpose
from ._statistics import norm, tensordot, vecdot, vector_norm

__all__ = ["diagonal", "matmul", "matrix_transpose", "norm", "outer", "tensordot", "trace", "vecdot", "vector_norm"]


def diagonal(x, /, *, offset=0):
    """What lies on a diagonal of the last two axes; a view."""
    return _statistics.diagonal(x, offset, -2, -1)


def trace(x, /, *, offset=0, dtype=None):
    """The sum of a diagonal of the last two axes."""
    return _statistics.trace(x, offset, -2, -1, dtype)


def outer(x1, x2, /):
    """The products of all pairs of elements of two 1-d arrays."""
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"linalg.outer: needs 1-d arrays, got {x1.ndim} and {x2.ndim} axes")
    return _statistics.outer(x1, x2)
