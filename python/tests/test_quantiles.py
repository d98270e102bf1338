"""Medians and quantiles beside NumPy's: all methods, axes, dtypes, vectors of q, NaN."""

import warnings

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl
from gridloom._quantiles import METHODS

Q = [0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1]


def gaps(shape, dtype="f8"):
    """Numbers with NaN between them, as many in each line as there may be, and no number in one."""
    a = sample(shape, dtype, 5)
    a[np.random.default_rng(1).random(shape) < 0.3] = np.nan
    a[1] = np.nan
    return a


def quietly(function, *args, **keywords):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return function(*args, **keywords)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)], ids=str)
def test_methods(method, axis):
    """NumPy's thirteen."""
    a, g = sample((5, 6, 7), "f8"), gaps((5, 6, 7))
    for chunks in ("auto", (2, 3, 4)):
        x, y = lazy(a, chunks), lazy(g, chunks)
        for keepdims in (False, True):
            keywords = {"axis": axis, "method": method, "keepdims": keepdims}
            assert_same(gl.quantile(x, Q, **keywords), np.quantile(a, Q, **keywords))
            assert_same(gl.percentile(x, 37.5, **keywords), np.percentile(a, 37.5, **keywords))
            expected = quietly(np.nanquantile, g, Q, **keywords)
            assert_same(gl.nanquantile(y, Q, **keywords), expected)
            assert_same(gl.quantile(y, [0.5], **keywords), quietly(np.quantile, g, [0.5], **keywords))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes(dtype):
    """Values of each dtype: integers make float64, or themselves."""
    a = sample((4, 9), dtype)
    x = lazy(a, (3, 4))
    for axis in (None, 0, 1, (0, 1)):
        for keepdims in (False, True):
            assert_same(gl.median(x, axis, keepdims=keepdims), np.median(a, axis, keepdims=keepdims))
            assert_same(gl.nanmedian(x, axis, keepdims=keepdims), np.nanmedian(a, axis, keepdims=keepdims))
    if dtype.kind != "b":
        for method in METHODS:
            assert_same(gl.quantile(x, 0.3, 1, method=method), np.quantile(a, 0.3, 1, method=method))


def test_vectors_of_q():
    """The axes of q come first."""
    a = sample((4, 6), "f8")
    for q in ([0.5], [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], np.zeros((0,)), 0.25):
        for axis in (None, 1):
            for keepdims in (False, True):
                assert_same(gl.quantile(lazy(a, (2, 2)), q, axis, keepdims=keepdims), np.quantile(a, q, axis, keepdims=keepdims))
    assert_same(gl.quantile(lazy(a), lazy(np.array([0.5, 1.0]))), np.quantile(a, [0.5, 1.0]))


def test_out():
    """A lazy array takes the result."""
    a, out = sample((4, 6), "f8"), gl.zeros(4)
    assert gl.median(lazy(a), 1, out=out) is out
    assert_same(out, np.median(a, 1))
    assert np.median(lazy(a), 1, out=out) is out


def test_refused():
    """In NumPy's exceptions."""
    x = lazy(sample((3, 4), "f8"))
    for q in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="from 0 to 1"):
            gl.quantile(x, q)
    with pytest.raises(ValueError, match="not a valid method"):
        gl.quantile(x, 0.5, method="best")
    with pytest.raises(np.exceptions.AxisError):
        gl.median(x, 2)
    with pytest.raises(ValueError, match=r"repeated|twice|duplicate"):
        gl.median(x, (0, 0))
    with pytest.raises(ValueError, match=r"no elements|empty|identity"):
        gl.median(gl.zeros((0, 3)))
