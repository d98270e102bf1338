"""What is looked up in whole arrays, and sets, beside NumPy's: dtypes, chunks, NaN, both sides."""

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("other", ["i4", "u8", "f8", "f4"])
def test_places(dtype, other):
    """Numbers meet in the dtype that NumPy would choose."""
    table, values = np.sort(sample(40, dtype)), sample((7, 8), other, 1)
    for chunks in ("auto", (2, 3)):
        for side in ("left", "right"):
            x = lazy(values, chunks)
            assert_same(gl.searchsorted(table, x, side), np.searchsorted(table, values, side))
            assert_same(gl.searchsorted(lazy(table, 7), x, side), np.searchsorted(table, values, side))
        assert_same(gl.isin(x, lazy(table, 9)), np.isin(values, table))
        assert_same(gl.isin(x, np.tile(table, 2), invert=True), np.isin(values, table, invert=True))


def test_bins():
    """Edges that ascend, descend, or do neither."""
    a = np.array([-1.0, 0.0, 0.5, 1.0, 7.0, np.nan, np.inf])
    for bins in ([0.0, 1.0, 1.0, 5.0], [5.0, 1.0, 0.0], [2.0], []):
        for right in (False, True):
            assert_same(gl.digitize(lazy(a, 3), np.array(bins), right), np.digitize(a, np.array(bins), right))
    with pytest.raises(ValueError, match="monotonically"):
        gl.digitize(lazy(a), [0, 2, 1])
    with pytest.raises(ValueError, match="side"):
        gl.searchsorted([1, 2], lazy(a), "middle")


def test_lines_between_points():
    """Ends, periods, infinite points, NaN."""
    a = np.array([-np.inf, -2.0, -1.0, 0.3, 1.0, 2.2, 9.0, np.inf, np.nan]).reshape(3, 3)
    xp, fp = np.array([-1.0, 0.0, 2.0, 2.5]), np.array([3.0, 1.0, 5.0, 4.0])
    for keywords in ({}, {"left": -7, "right": 8}):
        assert_same(gl.interp(lazy(a, 2), xp, fp, **keywords), np.interp(a, xp, fp, **keywords))
    for values in ([1.0, np.inf, 2.0, np.inf], [np.nan, 1.0, 1.0, -np.inf]):
        assert_same(gl.interp(lazy(a, 2), xp, np.array(values)), np.interp(a, xp, values))
    finite = sample((4, 5), "f8") * 200
    for period in (360, -90.5):
        assert_same(gl.interp(lazy(finite), xp * 40, fp, period=period), np.interp(finite, xp * 40, fp, period=period))
    with pytest.raises(ValueError, match="period"):
        gl.interp(lazy(a), xp, fp, period=0)
    with pytest.raises(ValueError, match=r"3|4"):
        gl.interp(lazy(a), xp, fp[:3])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_sets(dtype):
    """NumPy's functions of sets, which are in order there, too."""
    a, b = sample((6, 7), dtype), sample(30, dtype, 1)
    for chunks in ("auto", 5, 1):
        x, y = lazy(a, chunks), lazy(b, chunks)
        for name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
            assert_same(getattr(gl, name)(x, y), getattr(np, name)(a, b))
        assert_same(gl.unique(x), np.unique(a))
        assert_same(gl.unique(x, True, True, True), np.unique(a, True, True, True))
    counts, inverse, every = gl.unique_counts(x), gl.unique_inverse(x), gl.unique_all(x)
    assert_same(counts.counts, np.unique_counts(a).counts)
    assert_same(inverse.inverse_indices, np.unique_inverse(a).inverse_indices)
    assert_same(every.indices, np.unique_all(a).indices)
    assert_same(gl.unique_values(x), np.unique(a))


def test_nan_is_one_value():
    """As NumPy's `unique` has it by default."""
    a = np.array([np.nan, 2.0, np.nan, -np.inf, 2.0])
    assert_same(gl.unique(lazy(a, 2), return_counts=True), np.unique(a, return_counts=True))
    assert_same(gl.isin(lazy(a, 2), lazy(a)), np.isin(a, a))
    assert_same(
        gl.unique(gl.zeros(0), return_counts=True, return_inverse=True), np.unique(np.zeros(0), return_counts=True, return_inverse=True)
    )


def test_places_that_are_computed():
    """`take_along_axis` with places of other lengths, and keys of several kinds."""
    a = sample((4, 6), "i4")
    x = lazy(a, (2, 3))
    for axis in (0, 1, -1):
        places = np.argsort(a, axis, kind="stable")
        assert_same(gl.take_along_axis(x, gl.argsort(x, axis), axis), np.take_along_axis(a, places, axis))
    assert_same(gl.take_along_axis(x, np.array([[0, -1]]), 1), np.take_along_axis(a, np.array([[0, -1]]), 1))
    assert_same(gl.take_along_axis(x, np.array([5, 23]), None), np.take_along_axis(a, np.array([5, 23]), None))
    keys = [sample((3, 20), dtype, 3) for dtype in ("bool", "f4", "i8")]
    for axis in (0, 1):
        assert_same(gl.lexsort([lazy(key, (2, 7)) for key in keys], axis), np.lexsort(keys, axis))
    with pytest.raises(IndexError):
        gl.take_along_axis(x, np.array([[6]]), 1).compute()
    with pytest.raises(IndexError, match="integer"):
        gl.take_along_axis(x, np.array([[0.5]]), 1)
    with pytest.raises(TypeError, match="keys"):
        gl.lexsort([])
