"""Products of matrices and vectors, and sums of products over axes."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import _convert, _core, _shape
from ._convert import node
from ._dtypes import name
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, Casting, DTypeLike, Out, Shape

__all__ = ["cross", "dot", "einsum", "einsum_path", "inner", "kron", "matmul", "matvec", "outer", "tensordot", "vdot", "vecdot", "vecmat"]


def dot(a: ArrayLike, b: ArrayLike, out: Out = None) -> Array:
    """The product of vectors and matrices; with a number on either side, the product of elements.

    Of more axes it sums over the last one of `a` and the one before the last of `b`, for all pairs of their other places.
    """
    x, y = node(a), node(b)
    if len(x.shape) == 0 or len(y.shape) == 0:
        return into(out, _core.binary("mul", x, y), "dot")
    return into(out, _core.dot(x, y), "dot")


def matmul(x1: ArrayLike, x2: ArrayLike, /, out: Out = None) -> Array:
    """The products of matrices (`x1 @ x2`).

    Parameters
    ----------
    x1, x2 : array_like
        Of one axis and more; those before the last two number the matrices, and are broadcast together. A 1-d array is a row on the left
        and a column on the right.
    out : Array, optional
        Is given the result.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For numbers and other lengths.

    Notes
    -----
    Products of integers wrap; floats are summed in their own dtype.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.matmul(gl.eye(2), [3.0, 4.0]).compute()
    array([3., 4.])
    """
    x, y = node(x1), node(x2)
    if len(x.shape) == 0 or len(y.shape) == 0:
        raise ValueError("matmul: Input operand does not have enough dimensions (has 0, use * of numbers)")
    return into(out, _core.contracted("matmul", x, y, [], []), "matmul")


def matvec(x1: ArrayLike, x2: ArrayLike, /) -> Array:
    """The products of matrices with vectors: `(..., n, k)` with `(..., k)`, the axes before broadcast together."""
    return wrap(_core.contracted("matvec", node(x1), node(x2), [], []))


def vecmat(x1: ArrayLike, x2: ArrayLike, /) -> Array:
    """The products of vectors with matrices: `(..., k)` with `(..., k, m)`, the axes before broadcast together."""
    return wrap(_core.contracted("vecmat", node(x1), node(x2), [], []))


def outer(a: ArrayLike, b: ArrayLike, out: Out = None) -> Array:
    """The products of all pairs of elements, of both arrays ravelled."""
    return into(out, _core.contracted("outer", node(a), node(b), [], []), "outer")


def inner(a: ArrayLike, b: ArrayLike, /) -> Array:
    """The sum of products of two 1-d arrays."""
    return wrap(_core.contracted("inner", node(a), node(b), [], []))


def vdot(a: ArrayLike, b: ArrayLike, /) -> Array:
    """The sum of products of all elements, of both arrays ravelled."""
    return wrap(_core.contracted("vdot", node(a), node(b), [], []))


def vecdot(x1: ArrayLike, x2: ArrayLike, /, *, axis: Axis = -1) -> Array:
    """The sums of products along an axis, after both are broadcast together."""
    return wrap(_core.contracted("vecdot", node(x1), node(x2), [_convert.axis(axis)], []))


def tensordot(a: ArrayLike, b: ArrayLike, axes: int | tuple[Shape, Shape] = 2) -> Array:
    """Sums of products over pairs of axes: so many last ones of `a` with first ones of `b`, or those of two lists."""
    x, y = node(a), node(b)
    if not isinstance(axes, (tuple, list)):
        count = _convert.index(axes)
        if count < 0 or count > min(len(x.shape), len(y.shape)):
            raise ValueError(f"tensordot: {count} pairs of axes of arrays of {len(x.shape)} and {len(y.shape)}")
        first = list(range(len(x.shape) - count, len(x.shape)))
        return wrap(_core.contracted("tensordot", x, y, first, list(range(count))))
    first, second = axes
    return wrap(_core.contracted("tensordot", x, y, _convert.shape(first), _convert.shape(second)))


def kron(a: ArrayLike, b: ArrayLike) -> Array:
    """The products of all pairs of elements, as blocks: `b` times each element of `a`."""
    return wrap(_core.contracted("kron", node(a), node(b), [], []))


def cross(a: ArrayLike, b: ArrayLike, axisa: Axis = -1, axisb: Axis = -1, axisc: Axis = -1, axis: Axis | None = None) -> Array:
    """The cross products of vectors of three numbers, or of two whose third is zero; of two pairs it is the third number alone."""
    x, y = node(a), node(b)
    if axis is not None:
        axisa = axisb = axisc = axis
    last = [(_shape.moveaxis(wrap(z), at, -1)._node) for z, at in ((x, axisa), (y, axisb))]
    made = wrap(_core.contracted("cross", last[0], last[1], [-1], []))
    return made if x.shape[_convert.axis(axisa)] == 2 == y.shape[_convert.axis(axisb)] else _shape.moveaxis(made, -1, axisc)


# ---- sums over named axes


def _texts(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The text and the arrays of `einsum(text, x, y)`, or of `einsum(x, [0, 1], y, [1, 2], [0, 2])`."""
    if not operands:
        raise ValueError("einsum: takes the names of axes and at least one array, or at least one array and a list of its names")
    if isinstance(operands[0], str):
        return operands[0], list(operands[1:])

    def written(axes: Any) -> str:
        def letter(axis: Any) -> str:
            if axis is Ellipsis:
                return "..."
            at = _convert.index(axis)
            if not 0 <= at < len(string.ascii_letters):
                raise ValueError(f"einsum: subscript {at} is not within the valid range [0, {len(string.ascii_letters)})")
            return string.ascii_letters[at]

        return "".join(letter(axis) for axis in axes)

    arrays = list(operands[: len(operands) // 2 * 2 : 2])
    texts = [written(axes) for axes in operands[1::2]]
    text = ",".join(texts)
    return text if len(operands) % 2 == 0 else f"{text}->{written(operands[-1])}", arrays


def einsum(
    *operands: Any, out: Out = None, dtype: DTypeLike | None = None, order: Any = "K", casting: Casting = "safe", optimize: Any = True
) -> Array:
    """Sums of products over named axes.

    Parameters
    ----------
    subscripts : str
        The names of each array's axes, one letter each, with commas between, and after ``->`` those of the result: axes of one name go
        together, and what the result does not name is summed. ``...`` stands for axes without names, which are broadcast.
    *operands : array_like
        The arrays. Also ``einsum(x, [0, 1], y, [1, 2], [0, 2])``, with numbers for names.
    out : Array, optional
        Is given the result.
    dtype : dtype, optional
        In which it is computed; by default that which all are promoted to.
    order, casting, optimize
        As NumPy's, and without effect: results have no order in memory, and the order of several products is always the cheapest that is
        found (`einsum_path`).

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.einsum("ij,kj->ik", [[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]).compute()
    array([[11., 17.]])
    """
    text, arrays = _texts(operands)
    nodes = [node(x) if dtype is None else node(x).cast(name(dtype)) for x in arrays]
    return into(out, _core.einsum(text, nodes), "einsum")


def einsum_path(*operands: Any, optimize: Any = True, einsum_call: bool = False) -> tuple[list[Any], str]:
    """The order in which `einsum` takes arrays two at a time: numbers of those that are left, whose product is then the last one."""
    text, arrays = _texts(operands)
    path = [(first, second) for first, second in _core.einsum_path(text, [node(x) for x in arrays])]
    if len(arrays) == 1:
        path = [(0,)]
    lines = [f"  Complete contraction:  {text}", *(f"  {number}: {pair}" for number, pair in enumerate(path, 1))]
    return ["einsum_path", *path], "\n".join(lines) + "\n"
