"""What xarray asks of a kind of chunked arrays. It is imported where xarray is there (`gl.xarray.register`)."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from xarray.namedarray.parallelcompat import ChunkManagerEntrypoint

from . import _convert, _core, _creation, _shape, _sources
from ._array import Array
from ._client import compute, persist
from ._dtypes import NAMES

__all__: list[str] = []


def normalize_chunks(chunks: Any, shape: Any = None, limit: int | None = None, dtype: Any = None, previous_chunks: Any = None) -> Any:
    """The sizes of chunks that are asked for, along each axis."""
    if limit is not None:
        auto = lambda entry: f"{limit} B" if isinstance(entry, str) and entry == "auto" else entry
        chunks = tuple(map(auto, chunks)) if isinstance(chunks, (tuple, list)) else auto(chunks)
    # Chunks of dtypes that there are no arrays of are those of one with elements of as many bytes.
    dtype = np.dtype(np.float64 if dtype is None else dtype)
    name = NAMES.get(dtype) or {1: "u8", 2: "u16", 4: "u32"}.get(dtype.itemsize, "u64")
    shape = tuple(sum(sizes) for sizes in chunks) if shape is None else shape
    return _core.full(list(shape), 0, name, _convert.cut(chunks, len(shape))).chunks


def from_array(data: Any, chunks: Any = "auto", **keywords: Any) -> Array:
    """An array over one of xarray's: read chunk by chunk, where it is not NumPy's."""
    name = keywords.get("name")
    return _creation.from_array(data, chunks, name if isinstance(name, str) else None, lock=keywords.get("lock", False))


def apply_gufunc(
    func: Callable[..., Any],
    signature: str,
    *args: Any,
    axes: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    output_dtypes: Sequence[Any] | None = None,
    output_sizes: dict[str, int] | None = None,
    vectorize: bool | None = None,
    allow_rechunk: bool = False,
    meta: Any = None,
    **keywords: Any,
) -> Any:
    """A function over the last axes of arrays, as NumPy's generalized ones: `"(i,j),(j)->(i)"`. It is given chunks that are whole along
    those; of several results, each calls it.

    Raises
    ------
    TypeError
        For `axes`, `axis` and `keepdims`: move the axes to the end first.
    ValueError
        For another number of arrays than the signature has, and new axes without `output_sizes`.
    """
    if axes is not None or axis is not None or keepdims:
        raise TypeError("apply_gufunc: axes=, axis= and keepdims= are not there: move the axes to the end first")
    before, after = (_cores(side) for side in signature.replace(" ", "").split("->"))
    if len(before) != len(args):
        raise ValueError(f"apply_gufunc: {signature!r} is of {len(before)} arrays, and {len(args)} are given")
    arrays = [_creation.asarray(arg) for arg in args]
    order = list(dict.fromkeys(name for cores in before for name in cores))
    sizes = {**{name: x.shape[at - len(cores)] for x, cores in zip(arrays, before, strict=True) for at, name in enumerate(cores)}}
    sizes.update(output_sizes or {})
    loops = max(x.ndim - len(cores) for x, cores in zip(arrays, before, strict=True))
    spread = [_spread(x, cores, order, loops) for x, cores in zip(arrays, before, strict=True)]
    loop_chunks = [next((x.chunks[k] for x in spread if x.shape[k] != 1), (1,)) for k in range(loops)]
    spread = [x.rechunk({k: sizes for k, sizes in enumerate(loop_chunks) if x.shape[k] != 1}) for x in spread]
    called = np.vectorize(func, signature=signature) if vectorize else func
    gone = list(range(loops, loops + len(order)))

    def run(*chunks, which, **more):
        given = [_taken(chunk, cores, order, loops) for chunk, cores in zip(chunks, before, strict=True)]
        made = called(*given, **more)
        return np.asarray(made if len(after) == 1 else made[which])

    results = []
    for which, cores in enumerate(after):
        if missing := [name for name in cores if name not in sizes]:
            raise ValueError(f"apply_gufunc: output_sizes= says nothing of {missing}")
        dtype = None if output_dtypes is None else output_dtypes[which]
        new = list(range(loops, loops + len(cores)))
        cut = (*loop_chunks, *((sizes[name],) for name in cores))
        name = getattr(func, "__name__", None)
        results.append(
            _sources.map_blocks(
                functools.partial(run, which=which), *spread, name=name, dtype=dtype, chunks=cut, drop_axis=gone, new_axis=new, **keywords
            )
        )
    return results[0] if len(results) == 1 else tuple(results)


def _cores(side):
    """The names of axes in each pair of brackets."""
    return [tuple(name for name in part.split(",") if name) for part in re.findall(r"\(([^()]*)\)", side)]


def _spread(x, cores, order, loops):
    """An array with all loop axes and one axis for each name, of length 1 where it has none."""
    own = x.ndim - len(cores)
    x = x.transpose(*range(own), *(own + cores.index(name) for name in order if name in cores))
    gaps = [loops + at for at, name in enumerate(order) if name not in cores]
    return _shape.expand_dims(x, [*range(loops - own), *gaps]) if gaps or loops > own else x


def _taken(chunk, cores, order, loops):
    """A chunk with its own names alone, in their order."""
    chunk = np.squeeze(chunk, tuple(loops + at for at, name in enumerate(order) if name not in cores))
    there = [name for name in order if name in cores]
    return chunk.transpose(*range(loops), *(loops + there.index(name) for name in cores))


def unify_chunks(*args: Any, **keywords: Any) -> tuple[dict[Any, Any], list[Any]]:
    """Arrays and the names of their axes, by turns: the chunks of each name, and the arrays cut so."""
    arrays, names = args[::2], args[1::2]
    chunks: dict[Any, Any] = {}
    for x, own in zip(arrays, names, strict=True):
        for name, sizes in zip(own or (), getattr(x, "chunks", ()), strict=False):
            chunks.setdefault(name, sizes)
    made = [
        x.rechunk(tuple(chunks[name] for name in own)) if _convert.is_array(x) and own else x for x, own in zip(arrays, names, strict=True)
    ]
    return chunks, made


def store(sources: Any, targets: Any, *, regions: Any = None, compute: bool = True, **keywords: Any) -> None:
    """Writes arrays into what is assigned by slices (files' variables), chunk by chunk.

    Raises
    ------
    TypeError
        For `compute=False`: writing is not lazy.
    """
    if not compute:
        raise TypeError("store: compute=False is not there: chunks are written at once")
    sources, targets = (value if isinstance(value, (list, tuple)) else [value] for value in (sources, targets))
    regions = regions if isinstance(regions, (list, tuple)) and len(regions) == len(sources) else [regions] * len(sources)
    for source, target, region in zip(sources, targets, regions, strict=True):
        ends = [np.cumsum(sizes) for sizes in source.chunks]
        for place in np.ndindex(*source.numblocks):
            part = tuple(slice(int(end[at] - sizes[at]), int(end[at])) for end, sizes, at in zip(ends, source.chunks, place, strict=True))
            where = part if region is None else tuple(_within(one, own) for one, own in zip(part, region, strict=True))
            target[where] = np.asarray(source[part].compute())


def _within(part, region):
    start = region.start or 0
    return slice(start + part.start, start + part.stop)


class GridloomManager(ChunkManagerEntrypoint[Any]):
    """What xarray asks of a kind of chunked arrays."""

    chunks = staticmethod(lambda data: data.chunks)
    normalize_chunks = staticmethod(normalize_chunks)
    from_array = staticmethod(from_array)
    compute = staticmethod(lambda *data, **keywords: compute(*data))
    persist = staticmethod(lambda *data, **keywords: persist(*data))
    map_blocks = staticmethod(_sources.map_blocks)
    apply_gufunc = staticmethod(apply_gufunc)
    unify_chunks = staticmethod(unify_chunks)
    store = staticmethod(store)  # type: ignore[assignment]  # what it takes, by name

    def __init__(self):
        self.array_cls = Array

    @property
    def array_api(self):
        """The package."""
        return sys.modules["gridloom"]

    def rechunk(self, data, chunks, **keywords):
        """The array in other chunks."""
        return data.rechunk(chunks)

    def get_auto_chunk_size(self):
        """Bytes of a chunk where none are asked for."""
        return 16 << 20
