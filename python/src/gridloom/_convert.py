"""What Python hands over, as the library's nodes: arrays, numbers, lists, objects that are read by slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from . import _core
from ._dtypes import DTYPES, canonical, name

if TYPE_CHECKING:
    from ._array import Array
    from ._typing import Operand


def is_number(value: Any) -> bool:
    """Whether a value is one of Python's own numbers, which have no dtype (NEP 50)."""
    return type(value) in (int, float, bool)


def is_array(value: Any) -> TypeGuard[Array]:
    """Whether a value is one of gridloom's arrays."""
    return hasattr(type(value), "_gridloom_array")


def operand(value: Any) -> Operand:
    """A value as an operand: a node, or one of Python's numbers.

    Raises
    ------
    TypeError
        For what is no array, number or (nested) list of numbers.
    """
    if is_array(value):
        return value._node
    if is_number(value):
        return value
    if isinstance(value, np.generic):
        return scalar(value)
    return node(value)


def scalar(value: Any) -> _core.Node:
    """One of NumPy's numbers, which have a dtype, as a 0-d node."""
    dtype = canonical(value.dtype)
    return _core.full([], value.item(), name(dtype), "auto")


def node(value: Any, chunks: Any = "auto") -> _core.Node:
    """A value as a node; numbers become arrays of what NumPy makes of them.

    NumPy's arrays are copied: what is written into them later does not reach the lazy array. (`from_array` shares their memory.)
    """
    if is_array(value):
        return value._node
    if isinstance(value, np.generic):
        return scalar(value)
    values = ndarray(value)
    return shared(values.copy() if isinstance(value, np.ndarray) and np.may_share_memory(values, value) else values, chunks)


def ndarray(value):
    """A value as a NumPy array of a dtype there is.

    Raises
    ------
    TypeError
        For objects that NumPy makes no array of numbers of.
    ValueError
        For ragged lists, with NumPy's words.
    """
    if isinstance(value, np.ma.MaskedArray):
        value = unmasked(value)
    if not isinstance(value, (np.ndarray, list, tuple, int, float, complex)) and not hasattr(value, "__array__"):
        if not isinstance(value, memoryview | bytearray) and not hasattr(value, "__buffer__"):
            raise TypeError(f"an array or a number is needed, not {type(value).__qualname__}")
    array = np.asarray(value)
    if not isinstance(value, np.ndarray) and array.size == 0 and array.dtype == np.float64:
        return array
    dtype = canonical(array.dtype)
    return array if array.dtype == dtype else array.astype(dtype)


def unmasked(array):
    """A masked array with NaN where it is masked.

    Raises
    ------
    TypeError
        Where something is masked and the dtype has no NaN.
    """
    if not np.ma.is_masked(array):
        return np.asarray(array.data)
    if array.dtype.kind == "f":
        return array.filled(np.nan)
    raise TypeError(f"a masked array of {array.dtype} has no NaN for what is masked: use .filled(value)")


def shared(array, chunks):
    """A node over a NumPy array's memory."""
    return _core.from_ndarray(array, name(array.dtype), chunks)


def elements(value, dtype, shape):
    """What an object gave for a chunk, as a NumPy array in C order; called while a run reads it.

    Raises
    ------
    ValueError
        For another shape than was asked for.
    """
    if isinstance(value, np.ma.MaskedArray):
        value = unmasked(value)
    elif is_array(value):
        raise TypeError("a gridloom array inside a chunk: compute() it there, or build it outside")
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f"a chunk of shape {shape} was asked for, and one of shape {array.shape} given: chunks keep their shapes")
    wanted = DTYPES[dtype]
    if not np.can_cast(array.dtype, wanted, "same_kind"):
        raise TypeError(f"a chunk of {wanted} was asked for, and one of {array.dtype} given: say so in dtype, or cast it there")
    return np.asarray(array, dtype=wanted, order="C")


def shape(value: Any) -> list[int]:
    """A shape: an integer or several, of Python's or NumPy's.

    Raises
    ------
    TypeError
        For lengths that are not integers.
    """
    if value is None:
        return []
    try:
        return [index(value)]
    except TypeError:
        if isinstance(value, (str, bytes, float, np.floating)) or not np.iterable(value):
            raise TypeError(f"a shape is an integer or several, not {value!r}") from None
    return [index(length) for length in value]


def index(value: Any) -> int:
    """An integer; an array of one computes."""
    if isinstance(value, (bool, np.bool)):
        raise TypeError("an integer is needed, not bool")
    return value.__index__() if hasattr(value, "__index__") else _not_an_integer(value)


def diagonal(k: Any) -> int:
    """Which diagonal: beyond 2^62 they are all outside every array."""
    return max(-(2**62), min(2**62, index(k)))


def _not_an_integer(value):
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def axes(value: Any) -> list[int] | None:
    """Axes: None for all, or a list of them.

    Raises
    ------
    TypeError
        For axes that are not integers.
    """
    if value is None:
        return None
    try:
        return [index(value)]
    except TypeError:
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"an axis is an integer, or a tuple of them, not {value!r}") from None
    return [index(axis) for axis in value]


def known(op: str, lengths: Any) -> list[int]:
    """A shape whose lengths are all known.

    Raises
    ------
    ValueError
        For others.
    """
    if None in lengths:
        raise ValueError(f"{op}: shape {lengths} has an unknown length: compute_chunk_sizes() first, or filter by the mask")
    return list(lengths)


def axis(value: Any) -> int:
    """One axis."""
    if isinstance(value, (list, tuple)):
        raise TypeError(f"one axis is needed, not {value!r}")
    return index(value)


def axis_of(value: Any, ndim: int) -> int:
    """One of so many axes, from the front."""
    at = axis(value)
    if not -ndim <= at < ndim:
        raise np.exceptions.AxisError(at, ndim)
    return at % ndim


def cut(chunks: Any, ndim: int = 0) -> Any:
    """How an array of `ndim` axes is to be cut, as Dask writes it, for the library: a dict names some axes, others are "auto".

    Raises
    ------
    TypeError
        For what is no size: floats, truth values, objects.
    ValueError
        For a dict that names an axis which is not there.
    """
    if isinstance(chunks, dict):
        for axis in chunks:
            if not -ndim <= index(axis) < ndim:
                raise ValueError(f"chunks: axis {axis} is not one of an array of {ndim} axes")
        return tuple(_size(chunks.get(k, chunks.get(k - ndim, "auto"))) for k in range(ndim))
    if isinstance(chunks, (list, tuple, np.ndarray)):
        if ndim == 1 and len(chunks) > 1 and all(isinstance(size, (int, np.integer)) for size in chunks):
            # The sizes along the only axis.
            chunks = (chunks,)
        return tuple(_size(entry) for entry in chunks)
    return _size(chunks)


def _size(entry):
    """What is asked for on one axis, or on all."""
    if entry is None or isinstance(entry, str):
        return entry
    if isinstance(entry, (list, tuple, np.ndarray)):
        return tuple(_size(size) for size in entry)
    if isinstance(entry, float) and entry != entry:
        raise ValueError("chunks: NaN is no size; lengths that are not known yet stay as they are")
    if isinstance(entry, (bool, np.bool)) or not hasattr(entry, "__index__"):
        raise TypeError(f'chunks: {entry!r} is no size: use an integer, "auto", bytes as in "8 MiB", -1, or sizes')
    size = entry.__index__()
    if not -1 <= size < 2**63:
        raise ValueError(f"chunks: {size} is no size: sizes are below 2^63, and -1 is a whole axis")
    return size
