"""Elements chosen from several arrays, and NumPy's functions that write into an array.

Those give their array's handle another node, as `x[key] = value` does: other handles of the same elements keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import _convert, _core, _creation, _indexing
from ._convert import is_array, is_number, node, operand
from ._dtypes import DTYPES
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, Casting, Out

__all__ = [
    "choose",
    "copyto",
    "fill_diagonal",
    "piecewise",
    "place",
    "put",
    "put_along_axis",
    "putmask",
    "select",
]


def select(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: ArrayLike = 0) -> Array:
    """Of each element the choice beside the first condition that is true.

    Parameters
    ----------
    condlist : sequence of array_like of bool
    choicelist : sequence of array_like
        As many.
    default : array_like
        Where no condition is true.

    Returns
    -------
    Array
        Of all broadcast together, in the dtype that choices and default meet in; fused.

    Raises
    ------
    ValueError
        For no conditions, or another number of choices.
    TypeError
        For conditions that are not bool.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(6)
    >>> gl.select([x < 3, x > 3], [x, x**2], 42).compute()
    array([ 0,  1,  2, 42, 16, 25])
    """
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions = [node(condition) for condition in condlist]
    for at, condition in enumerate(conditions):
        if condition.dtype != "bool":
            raise TypeError(f"invalid entry {at} in condlist: should be boolean ndarray")
    return wrap(_core.selected(conditions, [operand(choice) for choice in choicelist], operand(default)))


def choose(a: ArrayLike, choices: Any, out: Out = None, mode: str = "raise") -> Array:
    """Of each element, which is a number, the choice of that number.

    Parameters
    ----------
    a : array_like of int
    choices : sequence of array_like, or an array whose first axis they are on
    out : Array, optional
        Is given the result.
    mode : {"raise", "wrap", "clip"}
        What numbers are that no choice has.

    Returns
    -------
    Array
        Of all broadcast together, in the dtype that the choices meet in; fused.

    Raises
    ------
    ValueError
        When it is computed, for a number that no choice has.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.choose(gl.asarray([1, 0, 1]), [[1, 2, 3], 40]).compute()
    array([40,  2, 40])
    """
    if is_array(choices):
        choices = [choices[k] for k in range(_convert.known("choose", choices.shape)[0])]
    return into(out, _core.choose(node(a), [operand(choice) for choice in choices], mode), "choose")


def piecewise(x: ArrayLike, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Array:
    """A function made of pieces, each where a condition is true; zeros where none is.

    Parameters
    ----------
    x : array_like
    condlist : sequence of array_like of bool
        The last one that is true counts.
    funclist : sequence
        For each condition a number, or a function that is given the elements where it is true, `*args` and `**kw`. One more than conditions
        is for the elements where none is true.

    Returns
    -------
    Array
        Of the dtype of `x`.

    Raises
    ------
    ValueError
        For another number of functions.

    Notes
    -----
    Functions of elements alone are fused choices. Of another one, the elements where the condition is true are held whole.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.linspace(-2.5, 2.5, 6)
    >>> gl.piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: 10 * x]).compute()
    array([ 2.5,  1.5,  0.5,  5. , 15. , 25. ])
    """
    whole = wrap(node(x))
    several = is_array(condlist) and condlist.ndim > max(whole.ndim, 1)
    if (
        np.isscalar(condlist)
        or (is_array(condlist) and not several)
        or (not several and whole.ndim != 0 and np.ndim(_first(condlist)) == 0)
    ):
        condlist = [condlist]
    # Of no axes, there is nothing to filter.
    flat = whole.reshape(1) if whole.ndim == 0 else whole
    conditions = [wrap(node(condition).cast("bool").broadcast_to(list(whole.shape))).reshape(flat.shape) for condition in condlist]
    if len(funclist) == len(conditions) + 1:
        none = ~conditions[0]
        for condition in conditions[1:]:
            none = none & ~condition
        conditions.append(none)
    if len(funclist) != len(conditions):
        count = len(conditions)
        raise ValueError(f"with {count} condition(s), either {count} or {count + 1} functions are expected")
    made = _creation.zeros_like(flat)
    for condition, function in zip(conditions, funclist, strict=True):
        made[condition] = function(flat[condition], *args, **kw) if callable(function) else function
    return made.reshape(whole.shape)


def _first(conditions):
    """The first of conditions, of which lazy ones are arrays of some axes."""
    first = conditions[0]
    return np.empty((0,) * first.ndim) if is_array(first) else first


def _written(a, op):
    """The node of an array that is written into."""
    if not is_array(a):
        raise TypeError(f"np.{op}: a lazy result cannot be written into a NumPy array: compute() it first")
    return a._node


def _mask_of(x, mask, op):
    """A mask of an array's size, in its shape."""
    mask = node(mask).cast("bool")
    if mask.shape != x.shape and mask.size == x.size and None not in x.shape:
        return mask.reshape(list(x.shape))
    if mask.shape != x.shape:
        raise ValueError(f"{op}: mask and data must be the same size, got shapes {mask.shape} and {x.shape}")
    return mask


def _places(indices, op):
    places = np.asarray(indices.compute() if is_array(indices) else indices)
    places = places.astype(np.int64) if places.size == 0 else places
    if places.dtype.kind not in "iub":
        raise TypeError(f"{op}: indices are integers, not {places.dtype}")
    return _indexing._list(places)


def put(a: Array, ind: ArrayLike, v: ArrayLike, mode: str = "raise") -> None:
    """Gives an array other elements at places in C order: its handle is given another node, and other handles keep theirs.

    Parameters
    ----------
    a : Array
    ind : array_like of int
        A lazy array of places is computed. Of a place that is named twice the last element counts.
    v : array_like
        The elements, again and again where there are fewer than places.
    mode : {"raise", "wrap", "clip"}
        What places are that are not there.

    Raises
    ------
    IndexError
        For places that are not there.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(5)
    >>> gl.put(x, [0, -1], [-44, -55])
    >>> x.compute()
    array([-44,   1,   2,   3, -55])
    """
    x = _written(a, "put")
    a._node = _core.put(x, _places(ind, "put"), _indexing._assigned(a, v), mode)


def place(arr: Array, mask: ArrayLike, vals: ArrayLike) -> None:
    """Gives an array the elements of `vals`, one after another and again and again, where a mask is true: its handle is given another node.

    Parameters
    ----------
    arr : Array
    mask : array_like
        Of the array's size.
    vals : array_like
        In C order, in one chunk.

    Raises
    ------
    ValueError
        For a mask of another size; when it is computed, for no elements where the mask is true anywhere.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(6)
    >>> gl.place(x, x > 1, [44, 55])
    >>> x.compute()
    array([ 0,  1, 44, 55, 44, 55])
    """
    x = _written(arr, "place")
    arr._node = _core.put_where("place", x, _mask_of(x, mask, "place"), _indexing._assigned(arr, vals))


def putmask(a: Array, mask: ArrayLike, values: ArrayLike) -> None:
    """Gives an array the elements of `values` where a mask is true, each at its own place: its handle is given another node.

    Parameters
    ----------
    a : Array
    mask : array_like
        Of the array's size.
    values : array_like
        Are repeated to the array's size.

    Raises
    ------
    ValueError
        For a mask of another size.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(5)
    >>> gl.putmask(x, x > 1, [-33, -44])
    >>> x.compute()
    array([  0,   1, -33, -44, -33])
    """
    x = _written(a, "putmask")
    a._node = _core.put_where("putmask", x, _mask_of(x, mask, "putmask"), _indexing._assigned(a, values))


def put_along_axis(arr: Array, indices: ArrayLike, values: ArrayLike, axis: Axis | None) -> None:
    """Gives an array other elements along an axis, at places as `argsort` gives them: its handle is given another node.

    Parameters
    ----------
    arr : Array
    indices : array_like of int
        Are broadcast to the array along other axes.
    values : array_like
        Are broadcast to the places. Of a place that is named twice the last counts.
    axis : int or None
        Of the array in C order where it is None. It is one chunk.

    Raises
    ------
    IndexError
        When it is computed, for places that are not there.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.asarray([[10, 30, 20], [60, 40, 50]])
    >>> gl.put_along_axis(x, gl.argmax(x, axis=1, keepdims=True), 99, axis=1)
    >>> x.compute()
    array([[10, 99, 20],
           [99, 40, 50]])
    """
    x = _written(arr, "put_along_axis")
    places, values = node(indices), _indexing._assigned(arr, values)
    if axis is None:
        if len(places.shape) != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        flat = _core.put_along_axis(x.reshape([-1]), places, values, 0)
        arr._node = flat.reshape(_convert.known("put_along_axis", x.shape)).rechunk(_cut(x))
        return
    arr._node = _core.put_along_axis(x, places, values, _convert.axis_of(axis, len(x.shape)))


def fill_diagonal(a: Array, val: ArrayLike, wrap: bool = False) -> None:
    """Gives an array other elements on its diagonal: its handle is given another node.

    Parameters
    ----------
    a : Array
        Of two axes, or of more of one length.
    val : array_like
        A number, or elements in C order, again and again.
    wrap : bool
        Whether the diagonal of a tall matrix begins again where it has ended.

    Raises
    ------
    ValueError
        For other arrays.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.zeros((2, 3), int)
    >>> gl.fill_diagonal(x, [7, 8])
    >>> x.compute()
    array([[7, 0, 0],
           [0, 8, 0]])
    """
    x = _written(a, "fill_diagonal")
    if len(x.shape) < 2:
        raise ValueError("array must be at least 2-d")
    if isinstance(val, (list, tuple)) and not len(val):
        return
    a._node = _core.fill_diagonal(x, _indexing._assigned(a, val), bool(wrap))


def copyto(dst: Array, src: ArrayLike, casting: Casting = "same_kind", where: ArrayLike = True) -> None:
    """Gives an array the elements of another, broadcast to it, where a mask is true: its handle is given another node.

    Parameters
    ----------
    dst : Array
    src : array_like
    casting : str
        Which dtypes may be cast, by NumPy's rule.
    where : array_like of bool
        Is broadcast, too.

    Raises
    ------
    TypeError
        For dtypes that are not to be cast.
    ValueError
        For arrays that do not broadcast.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.zeros(3, int)
    >>> gl.copyto(x, [1, 2, 3], where=[True, False, True])
    >>> x.compute()
    array([1, 0, 3])
    """
    x = _written(dst, "copyto")
    kept, value, lengths = DTYPES[x.dtype], cast("Any", operand(src)), _convert.known("copyto", x.shape)
    # One of Python's numbers has a kind alone, and the dtype must hold it.
    given = np.result_type(kept, value) if is_number(value) else DTYPES[value.dtype]
    if not np.can_cast(given, kept, casting=casting):
        raise TypeError(f"Cannot cast array data from {given!r} to {kept!r} according to the rule '{casting}'")
    source = _core.full([], value, x.dtype, "auto") if is_number(value) else value.cast(x.dtype)
    source = source.broadcast_to(lengths)
    if where is not True:
        source = _core.select(node(where).cast("bool").broadcast_to(lengths), source, x)
    dst._node = source.rechunk(_cut(x))


def _cut(x):
    """The chunks of a node, as they are asked for."""
    return tuple(tuple(sizes) for sizes in x.chunks)
