"""Sorts and parts of them beside NumPy's: over dtypes, axes, chunks, and values that compare in their own way."""

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl

SPECIAL = np.array([np.nan, 1, -0.0, 0.0, -np.inf, np.inf, np.nan, -1, 0.0, 1])


@pytest.mark.parametrize("dtype", [*DTYPES, np.dtype("f2")], ids=str)
@pytest.mark.parametrize("chunks", ["auto", (3, 4), (1, -1)], ids=str)
def test_sorts(dtype, chunks):
    """Elements and places, along each axis and flat, both ways."""
    a = sample((7, 9), dtype)
    x = lazy(a, chunks)
    for axis in (0, 1, -1, None):
        assert_same(gl.sort(x, axis=axis).astype("f8"), np.sort(a, axis=axis).astype("f8"))
        assert_same(gl.argsort(x, axis=axis), np.argsort(a, axis=axis, kind="stable"))
        down = gl.sort(x, axis=axis, descending=True)
        assert_same(down.astype("f8"), np.flip(np.sort(a, axis=axis), axis=axis).astype("f8"))
        places = np.asarray(gl.argsort(x, axis=axis, descending=True).compute())
        assert_same(
            down.astype("f8"), np.take_along_axis(a if axis is not None else a.ravel(), places, 0 if axis is None else axis).astype("f8")
        )


def test_special_values():
    """NaN is last, and zeros are equal."""
    for dtype in ("f2", "f4", "f8"):
        a = SPECIAL.astype(dtype)
        for chunks in (10, 3, 1):
            x = lazy(a, chunks)
            np.testing.assert_array_equal(gl.sort(x).compute(), np.sort(a))
            np.testing.assert_array_equal(gl.argsort(x).compute(), np.argsort(a, kind="stable"))
            assert np.isnan(gl.sort(x, descending=True).compute()[-2:]).all()


def test_parts_of_sorts():
    """Dask's and NumPy's names for the ends of lines."""
    a = sample((6, 8), "i4")
    x = lazy(a, (2, 3))
    for axis in (0, 1):
        ordered = np.sort(a, axis=axis)
        assert_same(gl.topk(x, 3, axis), np.flip(ordered, axis).take(range(3), axis))
        assert_same(gl.topk(x, -3, axis), ordered.take(range(3), axis))
        assert_same(gl.argtopk(x, -2, axis), np.argsort(a, axis, kind="stable").take(range(2), axis))
        for kth in (2, [0, -1]):
            made = np.asarray(gl.partition(x, kth, axis).compute())
            np.testing.assert_array_equal(made.take(kth, axis), ordered.take(kth, axis))
            places = np.asarray(gl.argpartition(x, kth, axis).compute())
            np.testing.assert_array_equal(np.take_along_axis(a, places, axis), made)
            np.testing.assert_array_equal(np.partition(x, kth, axis).compute(), made)
            np.testing.assert_array_equal(np.argpartition(x, kth, axis).compute(), places)


def test_refused():
    """What NumPy refuses, in its exceptions."""
    x = lazy(sample((3, 4), "f8"))
    for call in (lambda: gl.sort(x, 2), lambda: gl.argsort(x, 2)):
        with pytest.raises(np.exceptions.AxisError):
            call()
    with pytest.raises(ValueError, match="sort kind"):
        gl.sort(x, kind="bubble")
    with pytest.raises(TypeError, match="order"):
        gl.sort(x, order="f")
    with pytest.raises(ValueError, match="at most as many"):
        gl.topk(x, 5)
    with pytest.raises((ValueError, IndexError), match="4"):
        gl.partition(x, 4)
    with pytest.raises(TypeError, match="integer"):
        gl.partition(x, 1.5)
