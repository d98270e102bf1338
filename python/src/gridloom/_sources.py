"""Functions over chunks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._dtypes import DTYPES, canonical, name
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, Axes, DTypeLike

__all__ = ["map_blocks"]


def map_blocks(
    func: Callable[..., Any],
    *args: Any,
    name: str | None = None,
    dtype: DTypeLike | None = None,
    chunks: int | Sequence[int | Sequence[int]] | None = None,
    drop_axis: Axes = None,
    new_axis: Axes = None,
    meta: None = None,
    **keywords: Any,
) -> Array:
    """`func` of each chunk, on the host, while something is computed: the function is given NumPy arrays and gives one.

    Parameters
    ----------
    func : callable
        Is given the chunks that the arrays have at a place, which cannot be written, and everything else as it is. It runs on several
        threads, each with the interpreter's lock. Where it takes `block_id`, it is given the place of its chunk in the result, as a
        tuple; where it takes `block_info`, Dask's dict of what is known of the chunk of each argument, and of the result under None.
    *args
        Arrays, which are broadcast together and cut as the largest of them is, and other arguments. Of an axis of length 1 each call
        is given the whole.
    name : str, optional
        What plans call it; the function's own name by default.
    dtype : dtype, optional
        What `func` gives; found by calling it with chunks of a single 1 where it is not given.
    chunks : int or sequence, optional
        Sizes of the chunks that `func` gives, where they are not those that it is given: for each axis of the result one size, or the
        size of each chunk.
    drop_axis : int or sequence of int, optional
        Axes that `func` takes away. It is given the whole of them.
    new_axis : int or sequence of int, optional
        Axes that `func` adds, as they are numbered in the result; of length 1, unless `chunks` says otherwise.
    meta : None
        Is not taken: give `dtype`.
    **keywords
        Are handed on to `func`.

    Returns
    -------
    Array

    Raises
    ------
    TypeError
        Without an array; for `meta`, and for arrays of Dask's (`gl.from_dask` makes them ours). When it is computed, for chunks of another
        kind of dtype.
    ValueError
        For `chunks` of another number of axes; when it is computed, for a chunk of another shape.

    Examples
    --------
    >>> import numpy as np, gridloom as gl
    >>> x = gl.arange(6, chunks=3)
    >>> gl.map_blocks(np.flip, x).compute()
    array([2, 1, 0, 5, 4, 3])
    >>> gl.map_blocks(lambda chunk, block_id: chunk + 10 * block_id[0], x, dtype=int).compute()
    array([ 0,  1,  2, 13, 14, 15])
    >>> gl.map_blocks(lambda chunk: chunk[:1], x, chunks=(1,), dtype=int).compute()
    array([0, 3])
    >>> gl.map_blocks(lambda chunk: chunk.max(axis=1), x.reshape(2, 3), drop_axis=1, dtype=int).compute()
    array([2, 5])
    """
    if meta is not None:
        raise TypeError("map_blocks: meta= is not taken: chunks are NumPy's arrays, so dtype= says all there is to say")
    at = [k for k, arg in enumerate(args) if _convert.is_array(arg)]
    if not at:
        raise TypeError("map_blocks: needs an array to go over the chunks of")
    if any(type(arg).__module__.partition(".")[0] == "dask" for arg in args):
        raise TypeError("map_blocks: a Dask array among the arguments: gl.from_dask() makes it one of ours")
    arrays = [args[k]._node for k in at]
    call = _Call(func, args, at, keywords)
    if dtype is None:
        dtype = call.probe(arrays)
    title = name or getattr(func, "__name__", None) or type(func).__name__
    dropped, new = _convert.axes(drop_axis) or [], _convert.axes(new_axis) or []
    ndim = max(len(x.shape) for x in arrays) - len(dropped) + len(new)
    made = _core.map_chunks(
        call, _convert.elements, f"map {title}", arrays, _short(dtype), dropped, new, None if chunks is None else _sizes(chunks, ndim)
    )
    call.made(made, dtype)
    return wrap(made)


def _short(dtype):
    return name(canonical(dtype))


def _sizes(chunks, ndim):
    """Sizes of chunks along each axis."""
    chunks = _convert.cut(chunks)
    per_axis = chunks if isinstance(chunks, tuple) else (chunks,) * ndim
    sizes = [list(axis) if isinstance(axis, tuple) else [axis] for axis in per_axis]
    if any(not isinstance(size, int) or size < 0 for axis in sizes for size in axis):
        raise ValueError(f"map_blocks: chunks={chunks!r}: each axis has one size, or one for each chunk")
    return sizes


class _Call:
    """A function with all arguments but the chunks."""

    def __init__(self, func, args, at, keywords):
        self.args = [None if k in at else arg for k, arg in enumerate(args)]
        self.at = at
        wanted = _keywords_of(func)
        self.wants_id = "block_id" in wanted and "block_id" not in keywords
        self.wants_info = "block_info" in wanted and "block_info" not in keywords
        self.grids = [(args[k].shape, args[k].chunks, args[k].numblocks) for k in at] if self.wants_info else []
        self.result = None
        self.func = partial(func, **keywords) if keywords else func

    def probe(self, arrays):
        """The dtype that the function gives of chunks of a single 1."""
        ones = [np.ones((1,) * len(x.shape), DTYPES[x.dtype]) for x in arrays]
        places = [(0,) * len(x.shape) for x in arrays]
        return np.asarray(self((*places, max(places, key=len)), *ones)).dtype

    def made(self, node, dtype):
        """What its result is."""
        if self.wants_info:
            self.result = (node.shape, node.chunks, node.numblocks, np.dtype(dtype))

    def __call__(self, places, *chunks):
        args = list(self.args)
        for k, chunk in zip(self.at, chunks, strict=True):
            args[k] = chunk
        more = {}
        if self.wants_id:
            more["block_id"] = places[-1]
        if self.wants_info:
            more["block_info"] = self._info(places, chunks)
        return self.func(*args, **more)

    def _info(self, places, chunks):
        """Dask's description of the chunks."""
        info = {}
        for k, place, (shape, cut, count), chunk in zip(self.at, places, self.grids, chunks, strict=False):
            info[k] = {"shape": shape, "num-chunks": count, "chunk-location": place, "array-location": _location(place, cut, chunk.shape)}
        if self.result is not None:
            shape, cut, count, dtype = self.result
            sizes = tuple(axis[at] for axis, at in zip(cut, places[-1], strict=True))
            info[None] = {
                "shape": shape, "num-chunks": count, "chunk-location": places[-1], "chunk-shape": sizes, "dtype": dtype,
                "array-location": _location(places[-1], cut, sizes),
            }  # fmt: skip
        return info


def _location(place, cut, shape):
    """From where to where a chunk reaches along each axis."""
    starts = [sum(axis[:at]) if None not in axis else None for axis, at in zip(cut, place, strict=True)]
    return [None if start is None else (start, start + length) for start, length in zip(starts, shape, strict=True)]


def _keywords_of(func):
    """The names of what a function takes; none where that is not known."""
    try:
        return set(inspect.signature(func).parameters)
    except (TypeError, ValueError):
        return set()
