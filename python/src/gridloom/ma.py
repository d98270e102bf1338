"""Masked arrays: lazy arrays some of whose elements do not count, by the names of `numpy.ma`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core, _creation, _elements, _elementwise
from ._array import Array
from ._convert import is_array, node
from ._handle import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._typing import ArrayLike, Axis, DTypeLike

__all__ = [
    "MaskedArray",
    "average",
    "count",
    "empty_like",
    "filled",
    "fix_invalid",
    "getdata",
    "getmaskarray",
    "masked_array",
    "masked_equal",
    "masked_greater",
    "masked_greater_equal",
    "masked_inside",
    "masked_invalid",
    "masked_less",
    "masked_less_equal",
    "masked_not_equal",
    "masked_outside",
    "masked_values",
    "masked_where",
    "nonzero",
    "ones_like",
    "set_fill_value",
    "where",
    "zeros_like",
]

#: Where functions of one element are defined, by NumPy's rules.
_DOMAINS: dict[str, Callable[[Array], Array]] = {
    "log": lambda x: x <= 0, "log2": lambda x: x <= 0, "log10": lambda x: x <= 0, "sqrt": lambda x: x < 0,
    "arcsin": lambda x: abs(x) > 1, "arccos": lambda x: abs(x) > 1, "arccosh": lambda x: x < 1, "arctanh": lambda x: abs(x) > 1 - 1e-15,
}  # fmt: skip
_QUOTIENTS = ("divide", "true_divide", "floor_divide", "remainder", "mod", "fmod")


def _operator(called):
    def forward(self, other):
        return _function(called, self, other)

    def reflected(self, other):
        return _function(called, other, self)

    return forward, reflected


def _own(called):
    return lambda self: _function(called, self)


class MaskedArray:
    """An array, and a mask that is True where its elements do not count. Both are lazy; nothing is computed before it is asked for.

    Functions of elements are computed everywhere; their results do not count where an operand does not, nor where a function is not
    defined (quotients by 0, logarithms and roots of what has none). Reductions are of what counts. Dtypes are those that the same functions
    of arrays without a mask have: a number takes the dtype of the array beside it, and a mean of float32 is one.
    """

    __slots__ = ("_data", "_fill", "_mask")

    def __init__(self, data: Array, mask: Array, fill_value: Any = None) -> None:
        self._data, self._mask, self._fill = data, mask, fill_value

    @property
    def data(self) -> Array:
        """The elements, those that do not count among them."""
        return self._data

    @property
    def mask(self) -> Array:
        """True where elements do not count."""
        return self._mask

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self._data.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """The elements' dtype."""
        return self._data.dtype

    @property
    def fill_value(self) -> Any:
        """What `filled` puts where elements do not count: NumPy's number for the dtype, unless it was set."""
        return np.ma.default_fill_value(self.dtype) if self._fill is None else self._fill

    def filled(self, fill_value: Any = None) -> Array:
        """A lazy array with a value where elements do not count."""
        if fill_value is None:
            kept = np.asarray(self.fill_value).astype(self.dtype)
        else:
            kept = self._fitting(fill_value)
        return wrap(_core.select(self._mask._node, node(kept[()]), self._data._node))

    def _fitting(self, value):
        """A number in the array's dtype, which has to hold it."""
        try:
            kept = np.asarray(value, None if hasattr(value, "dtype") else self.dtype)
        except (OverflowError, ValueError):
            raise TypeError(f"Cannot convert fill_value {value} to dtype {self.dtype}") from None
        return kept.astype(self.dtype)

    def compressed(self) -> Array:
        """What counts, on one axis, whose length is known after computing only."""
        return self._data[~self._mask]

    def compute(self, **keywords: Any) -> Any:
        """A masked array of NumPy's."""
        from ._client import compute

        data, mask = compute(self._data, self._mask, **keywords)
        return np.ma.MaskedArray(data, mask, fill_value=self._fill)

    def _parts(self):
        """The arrays that it is made of, and what makes it of those, lazy or computed."""

        def made(data, mask):
            of = MaskedArray if _convert.is_array(data) else np.ma.MaskedArray
            return of(data, mask, fill_value=self._fill)

        return (self._data, self._mask), made

    def __bool__(self) -> bool:
        return bool(self.compute())

    def __int__(self) -> int:
        return int(self.compute())

    def __float__(self) -> float:
        return float(self.compute())

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Any:
        return (self[at] for at in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError("a masked array is no array without a mask: compute() gives NumPy's, filled() one without")

    def __array_function__(self, function: Any, types: Any, inputs: Any, keywords: Any) -> Any:
        raise TypeError(
            f"np.{function.__name__} of masked arrays is not in gridloom: gl.ma, or filled(), or compute() it, if it fits memory"
        )

    def __repr__(self) -> str:
        return f"gridloom.ma.MaskedArray<shape={self.shape}, dtype={self.dtype}>"

    def __getitem__(self, key: Any) -> MaskedArray:
        return MaskedArray(self._data[key], self._mask[key], self._fill)

    def reshape(self, *shape: Any) -> MaskedArray:
        """The same elements in C order with another shape."""
        return MaskedArray(self._data.reshape(*shape), self._mask.reshape(*shape), self._fill)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:
        """NumPy's functions of elements."""
        if method != "__call__" or keywords or ufunc.__name__ not in _elements.FUNCTIONS:
            raise TypeError(f"np.{ufunc.__name__} of masked arrays is not in gridloom yet: compute() the array first, if it fits memory")
        return _function(ufunc.__name__, *inputs)

    def count(self, axis: Axis | tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
        """How many elements count."""
        return (~self._mask).sum(axis=axis, keepdims=keepdims)

    def _reduce(self, row, axis, keepdims, ddof=0.0):
        made = _core.masked_reduce(row, self._data._node, self._mask._node, _convert.axes(axis), bool(keepdims), float(ddof))
        return MaskedArray(*map(wrap, made))

    def sum(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """The sum of what counts."""
        return self._reduce("sum", axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """The product of what counts."""
        return self._reduce("prod", axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """The mean of what counts.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.ma.masked_invalid(gl.asarray([1.0, float("nan"), 3.0]))
        >>> float(x.mean().compute())
        2.0
        """
        return self._reduce("mean", axis, keepdims)

    def var(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> MaskedArray:
        """The variance of what counts."""
        return self._reduce("var", axis, keepdims, ddof)

    def std(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> MaskedArray:
        """The standard deviation of what counts."""
        return self._reduce("std", axis, keepdims, ddof)

    def min(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """The smallest of what counts."""
        return self._reduce("min", axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """The largest of what counts."""
        return self._reduce("max", axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """Whether something that counts is not zero."""
        return self._reduce("any", axis, keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> MaskedArray:
        """Whether all that counts is not zero."""
        return self._reduce("all", axis, keepdims)

    __hash__ = None  # type: ignore[assignment]
    __add__, __radd__ = _operator("add")
    __sub__, __rsub__ = _operator("subtract")
    __mul__, __rmul__ = _operator("multiply")
    __truediv__, __rtruediv__ = _operator("true_divide")
    __floordiv__, __rfloordiv__ = _operator("floor_divide")
    __mod__, __rmod__ = _operator("remainder")
    __pow__, __rpow__ = _operator("power")
    __and__, __rand__ = _operator("bitwise_and")
    __or__, __ror__ = _operator("bitwise_or")
    __xor__, __rxor__ = _operator("bitwise_xor")
    __lt__, __le__ = _operator("less")[0], _operator("less_equal")[0]
    __gt__, __ge__ = _operator("greater")[0], _operator("greater_equal")[0]
    __eq__, __ne__ = _operator("equal")[0], _operator("not_equal")[0]
    __neg__, __abs__, __invert__ = _own("negative"), _own("absolute"), _own("invert")


def _parts(value):
    """The elements of an operand, numbers as they are, and its mask, if it has one."""
    if isinstance(value, MaskedArray):
        return value._data, value._mask
    if isinstance(value, np.ma.MaskedArray):
        return wrap(node(np.ma.getdata(value))), wrap(node(np.ma.getmaskarray(value)))
    return value, None


def _function(called, *operands):
    """A function of elements, whose result does not count where an operand does not, or where it is not defined."""
    parts = [_parts(value) for value in operands]
    values = [data for data, _ in parts]
    data = _elements.FUNCTIONS[called](*values)
    masks = [mask for _, mask in parts if mask is not None]
    if called in _DOMAINS:
        masks.append(_DOMAINS[called](values[0]))
    if called in _QUOTIENTS:
        above, below = (abs(wrap(node(value).cast("f64"))) for value in values)
        masks.append(above * np.finfo(float).tiny >= below)
    if called in _DOMAINS or called in _QUOTIENTS or called in ("power", "pow", "tan"):
        masks.append(~_elements.FUNCTIONS["isfinite"](data))
    mask = masks[0]
    for other in masks[1:]:
        mask = mask | other
    return MaskedArray(data, _spread(mask, data))


def _spread(mask, data):
    """A mask of the shape of the elements."""
    return mask if mask.shape == data.shape else wrap(mask._node.broadcast_to(list(data.shape)))


def getdata(a: Any) -> Array:
    """The elements of an array, those that do not count among them."""
    data, _ = _parts(a)
    return data if is_array(data) else wrap(node(data))


def getmaskarray(arr: Any) -> Array:
    """Where elements of an array do not count: False everywhere of one without a mask."""
    _, mask = _parts(arr)
    return _creation.zeros_like(getdata(arr), dtype=bool) if mask is None else mask


def masked_array(data: Any, mask: ArrayLike = False, dtype: DTypeLike | None = None, fill_value: Any = None) -> MaskedArray:
    """An array some of whose elements do not count.

    Parameters
    ----------
    data : array_like
        What it already leaves out stays left out.
    mask : array_like
        Where elements do not count; broadcast to them.
    dtype : dtype, optional
    fill_value : optional
        What `filled` puts where elements do not count.

    Returns
    -------
    MaskedArray

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.ma.masked_array(gl.arange(4), mask=[False, True, False, False])
    >>> (x + 1).filled(0).compute()
    array([1, 0, 3, 4])
    """
    elements = getdata(data)
    made = wrap(node(mask).cast("bool"))
    made = _spread(made, elements)
    _, own = _parts(data)
    if own is not None:
        made = made | own
    return MaskedArray(elements if dtype is None else elements.astype(dtype), made, fill_value)


def masked_where(condition: Any, a: Any) -> MaskedArray:
    """An array without what a condition is true of."""
    if getdata(condition).shape != getdata(a).shape:
        raise IndexError(f"Inconsistent shape between the condition and the input (got {getdata(condition).shape} and {getdata(a).shape})")
    return masked_array(a, getdata(condition))


def masked_invalid(a: Any) -> MaskedArray:
    """An array without NaN and infinities."""
    return masked_array(a, ~_elements.FUNCTIONS["isfinite"](getdata(a)))


def fix_invalid(a: Any, fill_value: Any = None) -> MaskedArray:
    """An array without NaN and infinities, which have a value instead."""
    made = masked_invalid(a)
    value = np.ma.default_fill_value(made.dtype) if fill_value is None else fill_value
    broken = ~_elements.FUNCTIONS["isfinite"](made._data)
    return MaskedArray(_elementwise.where(broken, np.asarray(value).astype(made.dtype)[()], made._data), made._mask)


def masked_equal(x: Any, value: Any) -> MaskedArray:
    """An array without what equals a value."""
    return masked_array(x, getdata(x) == value, fill_value=value)


def masked_not_equal(x: Any, value: Any) -> MaskedArray:
    """An array without what differs from a value."""
    return masked_array(x, getdata(x) != value)


def masked_greater(x: Any, value: Any) -> MaskedArray:
    """An array without what is above a value."""
    return masked_array(x, getdata(x) > value)


def masked_greater_equal(x: Any, value: Any) -> MaskedArray:
    """An array without what is a value or above it."""
    return masked_array(x, getdata(x) >= value)


def masked_less(x: Any, value: Any) -> MaskedArray:
    """An array without what is below a value."""
    return masked_array(x, getdata(x) < value)


def masked_less_equal(x: Any, value: Any) -> MaskedArray:
    """An array without what is a value or below it."""
    return masked_array(x, getdata(x) <= value)


def masked_inside(x: Any, v1: float, v2: float) -> MaskedArray:
    """An array without what is between two values, both included."""
    data = getdata(x)
    return masked_array(x, (data >= min(v1, v2)) & (data <= max(v1, v2)))


def masked_outside(x: Any, v1: float, v2: float) -> MaskedArray:
    """An array without what is not between two values."""
    data = getdata(x)
    low, high = (v2, v1) if v2 < v1 else (v1, v2)
    return masked_array(x, (data < low) | (data > high))


def masked_values(x: Any, value: float, rtol: float = 1e-5, atol: float = 1e-8) -> MaskedArray:
    """An array without what is close to a value."""
    data = getdata(x)
    close = _elementwise.isclose(data, value, rtol, atol) if data.dtype.kind == "f" else data == value
    return masked_array(x, close, fill_value=value)


def filled(a: Any, fill_value: Any = None) -> Array:
    """A lazy array with a value where elements do not count; one without a mask as it is."""
    return masked_array(a).filled(fill_value) if isinstance(a, (MaskedArray, np.ma.MaskedArray)) else getdata(a)


def set_fill_value(a: MaskedArray, fill_value: Any) -> None:
    """Says what `filled` puts where elements do not count."""
    a._fill = fill_value


def count(a: Any, axis: Any = None, keepdims: bool = False) -> Array:
    """How many elements count."""
    return masked_array(a).count(axis, keepdims)


def average(a: Any, axis: Any = None, weights: ArrayLike | None = None, returned: bool = False) -> Any:
    """The mean of what counts, with weights; `returned` gives the sums of weights, too."""
    x = masked_array(a)
    weights = _creation.ones_like(x._data, dtype=float) if weights is None else weights
    means, sums = _core.masked_average(x._data._node, x._mask._node, node(weights), _convert.axes(axis))
    pairs = [MaskedArray(*map(wrap, made)) for made in (means, sums)]
    return tuple(pairs) if returned else pairs[0]


def nonzero(a: Any) -> tuple[Array, ...]:
    """Along each axis the places of what counts and is not zero."""
    return masked_array(a).filled(0).nonzero()


def where(condition: Any, x: Any, y: Any) -> MaskedArray:
    """Elements of one array where a condition is true, of another elsewhere; where the condition does not count, nothing does."""
    chosen = getdata(condition)
    data = _elementwise.where(chosen, *(_parts(value)[0] for value in (x, y)))
    mask = _elementwise.where(chosen, getmaskarray(x), getmaskarray(y)) | getmaskarray(condition)
    return MaskedArray(data, _spread(mask, data))


def _like(make):
    def of(a: Any, dtype: DTypeLike | None = None) -> MaskedArray:
        made = make(getdata(a), dtype=dtype)
        return MaskedArray(made, getmaskarray(a))

    return of


def empty_like(a: Any, dtype: DTypeLike | None = None) -> MaskedArray:
    """Any elements, with the shape and the mask of an array."""
    return _like(_creation.empty_like)(a, dtype)


def ones_like(a: Any, dtype: DTypeLike | None = None) -> MaskedArray:
    """1 everywhere, with the shape and the mask of an array."""
    return _like(_creation.ones_like)(a, dtype)


def zeros_like(a: Any, dtype: DTypeLike | None = None) -> MaskedArray:
    """0 everywhere, with the shape and the mask of an array."""
    return _like(_creation.zeros_like)(a, dtype)


if not TYPE_CHECKING:
    # A type checker would take any name to be there.
    def __getattr__(name):
        from ._protocols import missing_name

        raise missing_name(name, "ma")
