"""What stands between brackets, for reading and for writing."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import numpy as np

from . import _convert, _core
from ._convert import node
from ._dtypes import DTYPES
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, Key, Out

__all__ = [
    "compress",
    "extract",
    "flatnonzero",
    "nonzero",
    "take",
]


def getitem(self: Array, key: Key) -> Array:
    """The part of an array that a key names, by NumPy's rules.

    Parameters
    ----------
    key : integers, slices, `...`, None, lists and arrays of places, masks, or a tuple of them
        A lazy array of places is computed first; a lazy mask is not.

    Returns
    -------
    Array
        A view for integers and slices; of unknown length for masks.

    Raises
    ------
    IndexError
        For places that are not there, too many of them, and masks of another shape.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(12).reshape(3, 4)
    >>> x[::2, [3, 0]].compute()
    array([[ 3,  0],
           [11,  8]])
    >>> x[x > 8].compute()
    array([ 9, 10, 11])
    """
    entries = _entries(self, key)
    x = self._node
    if len(entries) == 1 and isinstance(entries[0], _Mask):
        mask = entries[0].node
        if len(mask.shape) == 0:
            return wrap(x.insert_axis(0).filter_axis(mask.reshape([1]), 0))
        if len(mask.shape) == len(x.shape):
            # Of no elements, none are chosen: a length that is known.
            return wrap(x.filter(mask) if x.size != 0 else _nothing(x, mask))
    return wrap(_indexed(x, entries))


def _nothing(x, mask):
    if mask.shape != x.shape:
        raise IndexError(f"boolean index of shape {mask.shape} did not match an array of shape {x.shape}")
    return x.reshape([0])


class _Mask:
    """A mask of one axis or of several."""

    def __init__(self, mask):
        self.node = mask


class _Places:
    """Places along an axis, in an array of any shape."""

    def __init__(self, places):
        self._given = places

    @property
    def places(self):
        """What they are: computed, if they are not known."""
        if _convert.is_array(self._given):
            self._given = np.asarray(self._given.compute())
        return self._given

    @property
    def later(self):
        """What they will be, where only their number is known."""
        return self._given._node if _convert.is_array(self._given) and None not in self._given.shape else None


def _entries(self, key):
    entries = list(key) if isinstance(key, tuple) else [key]
    return [_entry(entry) for entry in entries]


def _entry(entry):
    """One entry as what the library takes, or a mask, or places."""
    if entry is None or entry is Ellipsis or isinstance(entry, slice):
        return entry
    if isinstance(entry, (bool, np.bool)):
        return _Mask(_core.full([], bool(entry), "bool", "auto"))
    if isinstance(entry, (int, np.integer)):
        return int(entry)
    if _convert.is_array(entry):
        x = entry._node
        if x.dtype == "bool":
            return _Mask(x)
        if x.dtype.startswith("f"):
            raise IndexError("arrays used as indices must be of integer (or boolean) type")
        return int(entry) if len(x.shape) == 0 else _Places(entry)
    if not isinstance(entry, (list, np.ndarray)) and hasattr(entry, "__index__"):
        return entry.__index__()
    if not isinstance(entry, (list, np.ndarray)) and not hasattr(entry, "__array__"):
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None (`gl.newaxis`) and integer or boolean arrays are valid indices, "
            f"not {type(entry).__name__}"
        )
    array = np.asarray(entry)
    if array.size == 0 and not isinstance(entry, np.ndarray):
        array = array.astype(np.int64)
    if array.dtype == bool:
        return _Mask(node(array)) if array.ndim != 1 else _Known(array)
    if array.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    return int(array) if array.ndim == 0 else _Places(array)


class _Known(_Places):
    """A mask of one axis whose places are known."""

    def __init__(self, mask):
        super().__init__(np.flatnonzero(mask))
        self.length = len(mask)
        self.mask = node(mask)


def _indexed(x, entries):
    """The library's own index, with a mask of one axis or places of several dimensions beside it."""
    special = [at for at, entry in enumerate(entries) if isinstance(entry, (_Mask, _Places))]
    if not special:
        return x.index(tuple(entries))
    for at in special:
        _check_length(x, entries, at)
    if len(special) == 1 and isinstance(entries[special[0]], _Places) and entries[special[0]].later is not None:
        whole, axis = _beside(x, entries, special[0])
        return whole.take_at(entries[special[0]].later, axis)
    if builtins.all(isinstance(entries[at], _Places) for at in special):
        return _placed(x, entries, special)
    if len(special) > 1:
        raise IndexError("a lazy mask stands alone between the brackets, or beside slices: index by one after another")
    (at,) = special
    entry = entries[at]
    if len(entry.node.shape) != 1:
        raise IndexError("a mask of several axes stands alone between the brackets: index what it gives")
    whole, axis = _beside(x, entries, at)
    return whole.filter_axis(entry.node, axis)


def _beside(x, entries, at):
    """What the other entries leave, and which of its axes the one at `at` is of."""
    whole = x.index((*entries[:at], slice(None), *entries[at + 1 :]))
    axis = _axis_of(x, entries, at)
    if not _is_together(entries):
        # What other entries separate comes first, as NumPy's does.
        whole, axis = _core.rearranged("move_axis", whole, [axis], [0]), 0
    return whole, axis


def _is_together(entries):
    """Whether no other entries are between places, masks and integers."""
    is_place = [isinstance(entry, (int, _Places, _Mask)) for entry in entries]
    first, last = is_place.index(True), len(is_place) - 1 - is_place[::-1].index(True)
    return builtins.all(is_place[first : last + 1])


def _list(places):
    """Places as a list that the library reads, one after another."""
    if places.dtype == np.uint64 and places.size and places.max() >= 2**63:
        raise IndexError(f"index {places.max()} is out of range for any axis")
    return np.ascontiguousarray(places.ravel(), dtype=np.int64)


def _axis_of(x, entries, at):
    """Which axis of the result an entry's axis is, where nothing moves."""
    before = entries[:at]
    axis = builtins.sum(not isinstance(entry, int) and entry is not Ellipsis for entry in before)
    if Ellipsis in [entry for entry in before if entry is None or entry is Ellipsis]:
        axis += len(x.shape) - builtins.sum(entry is not None and entry is not Ellipsis for entry in entries)
    return axis


def _own_axis(x, entries, at):
    """Which axis of the array an entry is of."""
    before = entries[:at]
    axis = builtins.sum(entry is not None and entry is not Ellipsis for entry in before)
    if builtins.any(entry is Ellipsis for entry in before):
        axis += len(x.shape) - builtins.sum(entry is not None and entry is not Ellipsis for entry in entries)
    return axis


def _check_length(x, entries, at):
    entry = entries[at]
    length = entry.length if isinstance(entry, _Known) else None
    if length is None:
        return
    axis = _own_axis(x, entries, at)
    if axis < len(x.shape) and x.shape[axis] is not None and x.shape[axis] != length:
        raise IndexError(
            f"boolean index did not match indexed array along axis {axis}; size of axis is {x.shape[axis]} "
            f"but size of boolean axis is {length}"
        )


def _placed(x, entries, at):
    """What lies at places: of several axes, those of each that belong together, once they are broadcast."""
    try:
        places = np.broadcast_arrays(*(entries[k].places for k in at))
    except ValueError:
        shapes = " ".join(str(entries[k].places.shape) for k in at)
        raise IndexError(f"shape mismatch: indexing arrays could not be broadcast together with shapes {shapes}") from None
    flat = dict(zip(at, map(_list, places), strict=True))
    made = x.index(tuple(flat.get(k, entry) for k, entry in enumerate(entries)))
    shape = places[0].shape
    if len(shape) == 1:
        return made
    axis = _axis_of(x, entries, at[0]) if _is_together(entries) else 0
    lengths = list(made.shape)
    return made.reshape([*lengths[:axis], *shape, *lengths[axis + 1 :]])


def take(a: ArrayLike, indices: ArrayLike, axis: Axis | None = None, out: Out = None, mode: str = "raise") -> Array:
    """The elements at places along an axis.

    Parameters
    ----------
    a : array_like
    indices : array_like of int
        The places, negative from the end; a lazy array of them is computed, and checked, with the result.
    axis : int, optional
        Of the ravelled array without one.
    out : Array, optional
        Is given the result.
    mode : {"raise", "wrap", "clip"}
        What places are that are not there: errors, counted on from the other end, or the nearest that is.

    Returns
    -------
    Array

    Raises
    ------
    IndexError
        For places that are not there.
    ValueError
        For another `mode`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.take(gl.arange(10), [7, 0, -1]).compute()
    array([7, 0, 9])
    """
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"clipmode must be one of 'clip', 'raise', or 'wrap' (got {mode!r})")
    x = node(a)
    if axis is None:
        x, axis = x.reshape([-1]), 0
    axis = _convert.axis(axis)
    if not -len(x.shape) <= axis < len(x.shape):
        raise np.exceptions.AxisError(axis, len(x.shape))
    axis %= len(x.shape)
    if mode == "raise" and _convert.is_array(indices) and None not in indices.shape:
        if indices.dtype.kind not in "iu":
            raise TypeError(f"take: indices are integers, not {indices.dtype}")
        return into(out, x.take_at(indices._node, axis), "take")
    places = np.asarray(indices.compute() if _convert.is_array(indices) else indices)
    places = places.astype(np.int64) if places.size == 0 else places
    if places.dtype.kind not in "iu":
        raise TypeError(f"take: indices are integers, not {places.dtype}")
    length = x.shape[axis]
    if mode != "raise" and length:
        places = np.mod(places, length) if mode == "wrap" else np.clip(places, 0, length - 1)
    made = x.take(_list(places), axis)
    if places.ndim != 1:
        lengths = list(made.shape)
        made = made.reshape([*lengths[:axis], *places.shape, *lengths[axis + 1 :]])
    return into(out, made, "take")


def nonzero(a: ArrayLike) -> tuple[Array, ...]:
    """The places of the elements that are not zero, along each axis.

    Parameters
    ----------
    a : array_like

    Returns
    -------
    tuple of Array
        Of int64, all of one unknown length, in C order.

    Examples
    --------
    >>> import gridloom as gl
    >>> [places.compute() for places in gl.nonzero(gl.asarray([[0, 7], [8, 0]]))]
    [array([0, 1]), array([1, 0])]
    """
    return tuple(wrap(places) for places in node(a).nonzero())


def flatnonzero(a: ArrayLike) -> Array:
    """The places of the elements that are not zero, in C order."""
    return wrap(node(a).reshape([-1]).nonzero()[0])


def compress(condition: ArrayLike, a: ArrayLike, axis: Axis | None = None, out: Out = None) -> Array:
    """What lies at the places of an axis where a condition is true."""
    x, mask = node(a), node(condition).cast("bool")
    if axis is None:
        x, axis = x.reshape([-1]), 0
    return into(out, x.filter_axis(mask, _convert.axis(axis)), "compress")


def extract(condition: ArrayLike, arr: ArrayLike) -> Array:
    """The elements where a condition is true, in C order."""
    return wrap(node(arr).reshape([-1]).filter(node(condition).cast("bool").reshape([-1])))


def setitem(self: Array, key: Key, value: ArrayLike) -> None:
    """`x[key] = value`: the handle is given an array with the elements of `value` where the key says; other handles keep theirs.

    The key is as for reading. `value` is broadcast to `x[key]`. By a mask, it is a number, or an array of one axis, whose elements go to
    the places where the mask is true in C order; how many those are is seen when it is computed. Of a place that is named twice, the
    last element counts.

    Raises
    ------
    ValueError
        For a value of another shape; when it is computed, for one of another length than the mask has true elements.
    TypeError
        For a lazy mask of one axis beside other keys than whole axes.
    """
    entries = _entries(self, key)
    value = _assigned(self, value)
    masks = [at for at, entry in enumerate(entries) if isinstance(entry, _Mask)]
    if masks:
        self._node = _assigned_by_mask(self._node, entries, masks, value)
        return
    for at, entry in enumerate(entries):
        if isinstance(entry, _Known):
            _check_length(self._node, entries, at)
    if len(entries) == 1 and isinstance(entries[0], _Known) and (_convert.is_number(value) or len(value.shape) == 0):
        # A choice, and no list of places.
        entries = [entries[0].mask]
    special = [at for at, entry in enumerate(entries) if isinstance(entry, _Places)]
    if special:
        entries, value = _flat(self._node, entries, special, value)
    self._node = self._node.assign(tuple(entries), value)


def _assigned_by_mask(x, entries, masks, value):
    """A mask of the first axes; other entries are whole axes behind it."""
    (first, *others) = masks
    mask = entries[first].node
    whole = (Ellipsis, slice(None))
    alone = builtins.all(entry is None or entry in whole for at, entry in enumerate(entries) if at != first and not hasattr(entry, "node"))
    if others or first != 0 or not alone or None in entries:
        raise TypeError(
            "x[mask, ...] = value: a lazy mask stands first, and whole axes behind it: x = gl.where(mask, value, x) takes any mask that "
            "broadcasts, and places are assigned: x[:, np.flatnonzero(mask)]"
        )
    if len(mask.shape) == 0:
        # Of the whole array, or of nothing.
        return _core.select(mask, _as_whole(x, value), x).cast(x.dtype)
    if len(mask.shape) < len(x.shape) and mask.shape != x.shape[: len(mask.shape)]:
        raise IndexError(f"boolean index of shape {mask.shape} did not match an array of shape {x.shape}")
    return x.assign((mask,), value)


def _as_whole(x, value):
    """What is assigned to all of `x`, in its shape: the mask of no axes is one of length 1 in front."""
    if _convert.is_number(value) or None in x.shape:
        return value
    shape = list(value.shape)
    if len(shape) == len(x.shape) + 1 and shape[0] == 0:
        # Nothing, for a mask that is false.
        return x
    while len(shape) > len(x.shape) and shape[0] == 1:
        del shape[0]
    return value.reshape(shape).broadcast_to(list(x.shape)) if shape != list(x.shape) else value.reshape(shape)


def _flat(x, entries, at, value):
    """Entries with lists in place of arrays of places, and the value with one axis in place of theirs."""
    try:
        places = np.broadcast_arrays(*(entries[k].places for k in at))
    except ValueError:
        shapes = " ".join(str(entries[k].places.shape) for k in at)
        raise IndexError(f"shape mismatch: indexing arrays could not be broadcast together with shapes {shapes}") from None
    flat = dict(zip(at, map(_list, places), strict=True))
    made = [flat.get(k, entry) for k, entry in enumerate(entries)]
    if places[0].ndim != 1 and not _convert.is_number(value):
        # As what is read there has it.
        shape = _placed(x, entries, at).shape
        while len(value.shape) > len(shape) and value.shape[0] == 1:
            value = value.reshape(list(value.shape[1:]))
        value = value.broadcast_to(list(shape))
        axis = _axis_of(x, entries, at[0]) if _is_together(entries) else 0
        value = value.reshape([*shape[:axis], places[0].size, *shape[axis + places[0].ndim :]])
    return made, value


def _assigned(self, value):
    """A value as the dtype of what it is assigned to, by NumPy's rules: floats lose their fraction in integers."""
    value = _convert.operand(value)
    if _convert.is_number(value) and DTYPES[self._node.dtype].kind in "iu" and isinstance(value, float):
        if not np.isfinite(value):
            raise ValueError(f"cannot convert float {value} to integer")
        return int(value)
    return value
