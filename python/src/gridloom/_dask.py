"""Between Dask's arrays and gridloom's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._dtypes import canonical, name
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array

__all__ = [
    "from_dask",
    "to_dask",
]


class _Blocks:
    """A Dask array that is read by slices, each computed by Dask on the thread that asks."""

    def __init__(self, array):
        self.array = array

    def __getitem__(self, key):
        return self.array[key].compute(scheduler="synchronous")


def from_dask(array: Any) -> Array:
    """An array over a Dask array's chunks, each computed by Dask when it is read.

    Raises
    ------
    ValueError
        For chunks of unknown sizes: `array.compute_chunk_sizes()` finds them.
    """
    if any(np.isnan(length) for length in array.shape):
        raise ValueError("from_dask: chunks of unknown sizes: call compute_chunk_sizes() on the Dask array first")
    dtype = canonical(array.dtype)
    chunks = tuple(tuple(int(size) for size in axis) for axis in array.chunks)
    title = f"dask {array.name}"
    return wrap(_core.from_object(_Blocks(array), _convert.elements, title, name(dtype), list(array.shape), chunks))


def to_dask(x: Array) -> Any:
    """A Dask array with the same chunks, one task a chunk, each of which computes that part of the array.

    Raises
    ------
    ValueError
        For unknown lengths: `x.compute_chunk_sizes()` finds them.
    """
    import dask.array as da

    if None in x.shape:
        raise ValueError("to_dask: an unknown length: call compute_chunk_sizes() first")
    return da.from_array(_Parts(x), chunks=x.chunks, asarray=False, fancy=False, meta=np.empty((0,) * x.ndim, x.dtype))


class _Parts:
    """An array whose parts are computed when Dask takes them."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.ndim = array, array.shape, array.dtype, array.ndim

    def __getitem__(self, key):
        return np.asarray(self.array[key].compute())
