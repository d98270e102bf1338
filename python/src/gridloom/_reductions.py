"""Reductions and scans: NumPy's arguments, and the rows of the library's tables that they are.

Dask's `method` of scans is taken, and means nothing here.
"""

import builtins

import numpy as np

from . import _core
from ._convert import axes, node
from ._convert import axis as one_axis
from ._dtypes import DTYPES, name
from ._handle import into, wrap


def _identity(row, x):
    """What leaves the result as it is, for elements that `where` takes out; None where there is nothing such."""
    kind = DTYPES[x.dtype].kind
    match row:
        case "sum" | "nansum" | "any" | "count_nonzero":
            return 0
        case "prod" | "nanprod" | "all":
            return 1
        case "nanmin" | "nanmax" | "nanmean" | "nanvar" | "nanstd" if kind == "f":
            return np.nan
    return None


def _reduce(row, a, axis, keepdims, *, dtype=None, out=None, ddof=0, initial=None, where=True):
    x, over, keepdims = node(a), axes(axis), builtins.bool(keepdims)
    if dtype is not None and row not in ("any", "all"):
        x = x.cast(name(dtype))
    if over is not None and len(x.shape) == 0 and builtins.all(k in (0, -1) for k in over):
        over = None
    if where is not True:
        x = _masked(row, x, node(where).cast("bool"), over, keepdims, initial, ddof)
    elif initial is not None and row in ("min", "max"):
        x = x.reduce({"min": "least", "max": "greatest"}[row], over, keepdims, 0.0)
    else:
        x = x.reduce(row, over, keepdims, float(ddof))
    if initial is not None:
        x = _with_initial(row, x, initial)
    if dtype is not None and row not in ("any", "all"):
        x = x.cast(name(dtype))
    return into(out, x, row)


def _with_initial(row, x, initial):
    """A result and what it began with, in the result's dtype."""
    rows = {"sum": "add", "prod": "mul", "min": "minimum", "max": "maximum", "nanmin": "fmin", "nanmax": "fmax"}
    rows |= {"nansum": "add", "nanprod": "mul"}
    return _core.binary(rows[row], x, node(initial).cast(x.dtype))


def _masked(row, x, mask, over, keepdims, initial, ddof):
    """A reduction of the elements where a mask is true."""
    mask = mask.broadcast_to(_known(row, x.shape))
    if row in ("min", "max"):
        if initial is None:
            raise ValueError(f"{row}: where= needs initial=, the result where nothing is true")
        chosen = _core.select(mask, x, node(initial).cast(x.dtype))
        return chosen.reduce({"min": "least", "max": "greatest"}[row], over, keepdims, 0.0)
    if row in ("mean", "var", "std"):
        return _moments(row, x, mask, over, keepdims, ddof)
    if row.startswith("nan") and (neutral := _identity(row, x)) is not None and neutral != neutral:
        return _core.select(mask, x, neutral).reduce(row, over, keepdims, float(ddof))
    neutral = _identity(row, x)
    if neutral is None:
        raise TypeError(f"{row}: there is no where= for {DTYPES[x.dtype]}: index the array by the mask")
    neutral = builtins.bool(neutral) if x.dtype == "bool" else neutral
    return _core.select(mask, x, neutral).reduce(row, over, keepdims, float(ddof))


def _moments(row, x, mask, over, keepdims, ddof):
    x = x if DTYPES[x.dtype].kind == "f" else x.cast("f64")
    count = mask.reduce("sum", over, True, 0.0).cast(x.dtype)
    mean = _core.divide(_core.select(mask, x, 0.0).reduce("sum", over, True, 0.0), count)
    if row != "mean":
        apart = _core.binary("sub", x, mean).unary("square")
        total = _core.select(mask, apart, 0.0).reduce("sum", over, True, 0.0)
        mean = _core.divide(total, _core.binary("maximum", _core.binary("sub", count, float(ddof)), 0.0))
        mean = mean.unary("sqrt") if row == "std" else mean
    if keepdims:
        return mean
    gone = range(len(mean.shape)) if over is None else sorted(axis % len(mean.shape) for axis in over)
    return _core.rearranged("squeeze", mean, list(gone))


def _known(op, lengths):
    if None in lengths:
        raise ValueError(f"{op}: shape {lengths} has an unknown length: compute_chunk_sizes() first, or filter by the mask")
    return list(lengths)


def sum(a, axis=None, dtype=None, out=None, *, keepdims=False, initial=None, where=True):
    """The sum of elements: integers and bool in 64 bits, floats in their own dtype (with partial sums in float64); 0 of nothing."""
    return _reduce("sum", a, axis, keepdims, dtype=dtype, out=out, initial=initial, where=where)


def prod(a, axis=None, dtype=None, out=None, *, keepdims=False, initial=None, where=True):
    """The product of elements: integers and bool in 64 bits; 1 of nothing."""
    return _reduce("prod", a, axis, keepdims, dtype=dtype, out=out, initial=initial, where=where)


def mean(a, axis=None, dtype=None, out=None, *, keepdims=False, where=True):
    """The arithmetic mean, of integers in float64; NaN of nothing."""
    return _reduce("mean", a, axis, keepdims, dtype=dtype, out=out, where=where)


def _degrees(ddof, correction):
    if correction is not None:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        return correction
    return ddof


def std(a, axis=None, dtype=None, out=None, ddof=0, *, keepdims=False, where=True, correction=None):
    """The standard deviation, by Chan's formula, which loses no digits of a large mean; NaN of nothing."""
    ddof = _degrees(ddof, correction)
    return _reduce("std", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def var(a, axis=None, dtype=None, out=None, ddof=0, *, keepdims=False, where=True, correction=None):
    """The variance, by Chan's formula, which loses no digits of a large mean; NaN of nothing."""
    ddof = _degrees(ddof, correction)
    return _reduce("var", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def min(a, axis=None, out=None, *, keepdims=False, initial=None, where=True):
    """The smallest element; NaN if there is one. A `ValueError` of nothing, without `initial`."""
    return _reduce("min", a, axis, keepdims, out=out, initial=initial, where=where)


def max(a, axis=None, out=None, *, keepdims=False, initial=None, where=True):
    """The largest element; NaN if there is one. A `ValueError` of nothing, without `initial`."""
    return _reduce("max", a, axis, keepdims, out=out, initial=initial, where=where)


amin, amax = min, max


def any(a, axis=None, out=None, *, keepdims=False, where=True):
    """Whether any element is true (not zero); False of nothing."""
    return _reduce("any", a, axis, keepdims, out=out, where=where)


def all(a, axis=None, out=None, *, keepdims=False, where=True):
    """Whether all elements are true (not zero); True of nothing."""
    return _reduce("all", a, axis, keepdims, out=out, where=where)


def count_nonzero(a, axis=None, *, keepdims=False):
    """How many elements are not zero, as int64."""
    return _reduce("count_nonzero", a, axis, keepdims)


def argmin(a, axis=None, out=None, *, keepdims=False):
    """The place of the (first) smallest element, or of the first NaN; in the ravelled array without an axis."""
    return _reduce("argmin", a, None if axis is None else one_axis(axis), keepdims, out=out)


def argmax(a, axis=None, out=None, *, keepdims=False):
    """The place of the (first) largest element, or of the first NaN; in the ravelled array without an axis."""
    return _reduce("argmax", a, None if axis is None else one_axis(axis), keepdims, out=out)


def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """The sum of what is not NaN; 0 of nothing."""
    made = _reduce("nansum", a, axis, keepdims, dtype=dtype, where=where)._node
    return into(out, made if initial is None else _with_initial("nansum", made, initial), "nansum")


def nanprod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """The product of what is not NaN; 1 of nothing."""
    made = _reduce("nanprod", a, axis, keepdims, dtype=dtype, where=where)._node
    return into(out, made if initial is None else _with_initial("nanprod", made, initial), "nanprod")


def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    """The mean of what is not NaN; NaN of nothing."""
    return _reduce("nanmean", a, axis, keepdims, dtype=dtype, out=out, where=where)


def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, correction=None):
    """The standard deviation of what is not NaN; NaN of nothing."""
    ddof = _degrees(ddof, correction)
    return _reduce("nanstd", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, correction=None):
    """The variance of what is not NaN; NaN of nothing."""
    ddof = _degrees(ddof, correction)
    return _reduce("nanvar", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def nanmin(a, axis=None, out=None, keepdims=False, initial=None, where=True):
    """The smallest of what is not NaN; NaN if all are."""
    made = _reduce("nanmin", a, axis, keepdims, where=where)._node
    return into(out, made if initial is None else _with_initial("nanmin", made, initial), "nanmin")


def nanmax(a, axis=None, out=None, keepdims=False, initial=None, where=True):
    """The largest of what is not NaN; NaN if all are."""
    made = _reduce("nanmax", a, axis, keepdims, where=where)._node
    return into(out, made if initial is None else _with_initial("nanmax", made, initial), "nanmax")


def nanargmin(a, axis=None, out=None, *, keepdims=False):
    """The place of the smallest of what is not NaN; an error when it is computed if all are."""
    return _reduce("nanargmin", a, None if axis is None else one_axis(axis), keepdims, out=out)


def nanargmax(a, axis=None, out=None, *, keepdims=False):
    """The place of the largest of what is not NaN; an error when it is computed if all are."""
    return _reduce("nanargmax", a, None if axis is None else one_axis(axis), keepdims, out=out)


# ---- scans


def _scan(row, a, axis, dtype, out):
    x = node(a)
    if dtype is not None:
        x = x.cast(name(dtype))
    x = x.scan(row, None if axis is None else one_axis(axis))
    return into(out, x if dtype is None else x.cast(name(dtype)), row)


def cumsum(a, axis=None, dtype=None, out=None, *, method=None):
    """The sums of the elements up to each, along an axis or in C order."""
    return _scan("cumsum", a, axis, dtype, out)


def cumprod(a, axis=None, dtype=None, out=None, *, method=None):
    """The products of the elements up to each, along an axis or in C order."""
    return _scan("cumprod", a, axis, dtype, out)


def nancumsum(a, axis=None, dtype=None, out=None, *, method=None):
    """The sums of the elements up to each that are not NaN."""
    return _scan("nancumsum", a, axis, dtype, out)


def nancumprod(a, axis=None, dtype=None, out=None, *, method=None):
    """The products of the elements up to each that are not NaN."""
    return _scan("nancumprod", a, axis, dtype, out)


def cummax(a, axis=None):
    """The largest of the elements up to each; NaN from the first NaN on (`np.maximum.accumulate`)."""
    return _scan("cummax", a, axis, None, None)


def cummin(a, axis=None):
    """The smallest of the elements up to each; NaN from the first NaN on (`np.minimum.accumulate`)."""
    return _scan("cummin", a, axis, None, None)


def diff(a, n=1, axis=-1, prepend=None, append=None):
    """The differences of neighbours along an axis, `n` times."""
    x = node(a)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if n == 0:
        return wrap(x)
    if len(x.shape) == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    parts = [_beside(prepend, x, axis), x, _beside(append, x, axis)]
    parts = [part for part in parts if part is not None]
    x = _core.concatenate(parts, axis) if len(parts) > 1 else x
    if x.dtype == "bool" and n > 0:
        raise TypeError("diff: bool has no differences: use x[1:] ^ x[:-1]")
    return wrap(x.diff(n, axis))


def _beside(value, x, axis):
    if value is None:
        return None
    value = node(value)
    if len(value.shape) == 0:
        lengths = [1 if k == axis % len(x.shape) else n for k, n in enumerate(_known("diff", x.shape))]
        value = value.broadcast_to(lengths)
    return value


def histogram(a, bins=10, range=None, density=False, weights=None):
    """Counts (sums of weights, densities) of values in bins, and the bins' edges; both lazy.

    Parameters
    ----------
    bins : int or sequence
        A number of equal bins, or the edges of bins.
    range : (low, high), optional
        Where the first bin begins and the last one ends; the smallest and the largest value, which are found first, by default.
    density : bool
        Whether the result integrates to 1.
    weights : array, optional
        What each value counts, in float64.

    Returns
    -------
    counts, edges : Array, Array
        int64, or float64 for weights and densities; float64.

    Examples
    --------
    >>> import gridloom as gl
    >>> counts, edges = gl.histogram(gl.arange(10), bins=2, range=(0, 10))
    >>> counts.compute(), edges.compute()
    (array([5, 5]), array([ 0.,  5., 10.]))
    """
    x = node(a)
    if isinstance(bins, str):
        raise TypeError(f"histogram: bins={bins!r} is not there yet; give a number of bins, or their edges")
    if not isinstance(bins, (int, np.integer)):
        bins = [float(edge) for edge in np.asarray(bins)]
    elif bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    if range is not None:
        low, high = range
        range = (float(low), float(high))
        if range[0] > range[1]:
            raise ValueError("max must be larger than min in range parameter.")
    counts, edges = x.histogram(bins, range, None if weights is None else node(weights), builtins.bool(density))
    return wrap(counts), wrap(edges)


def bincount(x, /, weights=None, minlength=0):
    """How often each of 0, 1, 2, .. occurs, as int64, of unknown length.

    Raises
    ------
    TypeError
        For weights, which are not there yet: use `histogram`.
    """
    if weights is not None:
        raise TypeError("bincount: weights= is not there yet; histogram(x, edges, weights=...) sums them")
    values = node(x)
    if len(values.shape) != 1:
        raise ValueError(f"bincount: needs a 1-d array, not one of {len(values.shape)} axes")
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    return wrap(values.bincount(minlength))
