"""Functions over chunks."""

from functools import partial

import numpy as np

from . import _convert, _core
from ._dtypes import DTYPES, canonical, name
from ._handle import wrap


def map_blocks(func, *args, dtype=None, name=None, chunks=None, meta=None, **keywords):
    """`func` of each chunk, a NumPy array that cannot be written: it gives an array of the same shape.

    Arrays of one shape are cut as the first is, and `func` is given the chunk of each at a place; other arguments are handed on as they
    are.

    Parameters
    ----------
    dtype : dtype, optional
        What `func` gives; found by calling it with chunks of a single 1 where it is not given.
    """
    at = [k for k, arg in enumerate(args) if _convert.is_array(arg)]
    if not at:
        raise TypeError("map_blocks: needs an array to go over the chunks of")
    given = {"chunks": chunks, **{word: keywords.get(word) for word in ("drop_axis", "new_axis", "block_id", "block_info")}}
    for word, value in given.items():
        if value is not None:
            raise TypeError(f"map_blocks: {word}= is not there yet: func is given chunks alone, and what it gives has their shape")
    first = args[at[0]]._node
    nodes = [first]
    for k in at[1:]:
        other = args[k]._node
        if other.shape != first.shape:
            other = other.broadcast_to(list(first.shape))
        nodes.append(other if other.chunks == first.chunks else other.rechunk(first.chunks))
    others = [type(arg) for k, arg in enumerate(args) if k not in at and type(arg).__module__.partition(".")[0] == "dask"]
    if others:
        raise TypeError("map_blocks: a Dask array among the arguments: gl.from_dask() makes it one of ours")
    call = _Call(func, args, at, keywords)
    if dtype is None:
        dtype = np.asarray(call(*(np.ones((1,) * x.ndim, DTYPES[x.dtype]) for x in nodes))).dtype
    title = name or getattr(func, "__name__", None) or type(func).__name__
    return wrap(_core.map_chunks(call, _convert.elements, f"map {title}", nodes, _short(dtype)))


def _short(dtype):
    return name(canonical(dtype))


class _Call:
    """A function with all arguments but the chunks."""

    def __init__(self, func, args, at, keywords):
        self.func = partial(func, **keywords) if keywords else func
        self.args = [None if k in at else arg for k, arg in enumerate(args)]
        self.at = at

    def __call__(self, *chunks):
        args = list(self.args)
        for k, chunk in zip(self.at, chunks, strict=True):
            args[k] = chunk
        return self.func(*args)
