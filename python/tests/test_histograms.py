"""Counts over several axes, sums by key, distinct rows and quantiles with weights, beside NumPy's."""

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl

WHOLE = [dtype for dtype in DTYPES if dtype.kind in "iu"]


@pytest.mark.parametrize("dtype", WHOLE, ids=str)
def test_sums_by_key(dtype):
    """`bincount` with weights of any dtype, in pieces, with more counts than there are keys."""
    rng = np.random.default_rng(0)
    for n, chunks in ((1, 1), (1000, 77), (1000, "auto")):
        keys = rng.integers(0, 40, n).astype(dtype)
        x = lazy(keys, chunks)
        for weights in (rng.normal(size=n), rng.integers(-5, 5, n).astype("i2"), rng.random(n) < 0.5, rng.random(n).astype("f4")):
            for minlength in (0, 100):
                expected = np.bincount(keys.astype("i8"), weights, minlength)
                assert_same(gl.bincount(x, lazy(weights, 13), minlength), expected)
                assert_same(np.bincount(x, weights, minlength), expected)
    # Sums are float64 here, of nothing too.
    assert_same(gl.bincount(lazy(keys[:0]), [], 2), np.zeros(2))
    for weights in ([1.0], np.ones((2, 500))):
        with pytest.raises(ValueError, match="same length"):
            gl.bincount(x, weights)


def check_grid(points, bins, range=None, weights=None, density=False, chunks="auto"):
    """The counts and edges of points, which are rows."""
    expected, edges = np.histogramdd(points, bins, range, density, weights)
    x = lazy(points, chunks)
    given = None if weights is None else lazy(weights, 17)
    for got, lines in (gl.histogramdd(x, bins, range, density, given), np.histogramdd(x, bins, range, density, given)):
        assert_same(got, expected)
        assert_same(lines, tuple(np.asarray(line, "f8") for line in edges))
    assert_same(gl.histogramdd(tuple(lazy(line, 11) for line in points.T), bins, range, density, given)[0], expected)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "u1", "bool", "i8"])
def test_grids(dtype):
    """Of one axis to three: numbers of bins, ranges, edges, weights, densities."""
    for axes in (1, 2, 3):
        points = sample((400, axes), dtype)
        points = points.astype("u1") if dtype == "bool" else points
        weights = sample(400, "f8", 1)
        check_grid(points, 4, chunks=(57, 1))
        check_grid(points, list(range(2, 2 + axes)), weights=weights)
        check_grid(points, [np.array([-2.0, 0.0, 1.0, 2.0])] * axes, density=True)
        check_grid(points, [3] * axes, [(-2, 2)] * axes, density=True, weights=np.abs(weights))
        check_grid(points, 3, [None, (0, 3), None][:axes])


def test_edges_of_grids():
    """Points on edges, outside, NaN and infinite ones; points of one value, and none."""
    points = np.array([[0, 0], [1, 1], [2, 2], [2, 0.5], [0.5, 2], [3, 0], [-1, 1], [np.nan, 1], [1, np.inf], [1, 2]])
    check_grid(points, 2, [(0, 2), (0, 2)])
    check_grid(points, [[0, 1, 1, 2], [0, 2]])
    check_grid(points, [[0, np.inf], [-np.inf, 1, 2]])
    check_grid(np.full((5, 2), 3.0), 3)
    check_grid(np.empty((0, 2)), 3)
    rng = np.random.default_rng(1)
    fine = rng.integers(0, 1000, (3000, 2)) / 10
    check_grid(fine, [100, 37], [(0, 100), (0, 99.9)])
    check_grid(fine.astype("f4"), [100, 37])
    check_grid(fine.astype("f4"), [100, 37], [(0.1, 33.3), (0.7, 99.9)])


def test_planes():
    """`histogram2d` with all kinds of bins, of lists and of two dtypes."""
    x, y = sample(300, "f8"), sample(300, "i4", 1)
    edges = np.array([-3.0, -1.0, 0.5, 3.0])
    for bins in (5, (3, 4), edges, (edges, 3), [2, edges]):
        for keywords in ({}, {"weights": sample(300, "f4", 2)}, {"density": True}):
            assert_same(gl.histogram2d(lazy(x, 31), lazy(y, 100), bins, **keywords), np.histogram2d(x, y, bins, **keywords))
    assert_same(gl.histogram2d(list(x), y, 4, [[-1, 1], [0, 2]]), np.histogram2d(x, y, 4, [[-1, 1], [0, 2]]))


def test_planes_of_what_a_mask_chose():
    """Of lengths that are not known yet, with weights that the same mask chose."""
    x, y, w = sample(300, "f8"), sample(300, "f4", 1), sample(300, "f8", 2)
    ours, mask = [lazy(a, 70) for a in (x, y, w)], np.hypot(x, y) < 2
    is_near = lazy(mask, 70)
    chosen = [a[is_near] for a in ours]
    assert_same(gl.histogram2d(*chosen[:2], 5, weights=chosen[2]), np.histogram2d(x[mask], y[mask], 5, weights=w[mask]))
    assert_same(
        gl.histogram2d(*chosen[:2], (3, [0.0, 1, 2]), density=True), np.histogram2d(x[mask], y[mask], (3, [0.0, 1, 2]), density=True)
    )
    with pytest.raises(ValueError):
        gl.histogram2d(chosen[0], ours[1][ours[0] > 0], 5)


def test_grids_refused():
    """What NumPy refuses, and too many bins."""
    x = lazy(sample((10, 2), "f8"))
    for call in (
        lambda: gl.histogramdd(x, [1, 2, 3]), lambda: gl.histogramdd(x, 2, [(0, 1)]), lambda: gl.histogramdd(x, 0), lambda: gl.histogramdd(x, [[1, 0], 2]),
        lambda: gl.histogramdd(x, 1 << 13), lambda: gl.histogramdd(x, 2, [(1, 0), (0, 1)]), lambda: gl.histogram2d(x[:, 0], x[1:, 0]),
        lambda: gl.histogramdd((x[:, 0], x[1:, 1])), lambda: gl.histogramdd(x, 2, weights=[1.0]), lambda: gl.histogramdd(x[None]),
        lambda: gl.histogramdd(x, [[[1]], 2]),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError, match="finite"):
        gl.histogramdd(lazy(np.array([[np.nan, 1], [0, 1]])), 2)[0].compute()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_distinct_rows(dtype):
    """`unique` along axes: values, places, inverse, counts."""
    for shape in ((40, 2), (2, 30), (30, 2, 2), (7, 1), (1, 5), (0, 3)):
        a = sample(shape, dtype)
        for chunks in ("auto", 3):
            x = lazy(a, chunks)
            for axis in range(-1, len(shape)):
                if np.delete(shape, axis).prod() == 0:
                    continue
                assert_same(gl.unique(x, axis=axis), np.unique(a, axis=axis))
                assert_same(np.unique(x, True, True, True, axis), np.unique(a, True, True, True, axis))
    with pytest.raises(np.exceptions.AxisError):
        gl.unique(x, axis=2)


def test_distinct_rows_of_special_values():
    """Zeros are equal; NaN is like no other."""
    a = np.array([[0.0, np.nan], [-0.0, np.nan], [1, 2], [np.nan, 0], [1, 2], [0, 1], [-0.0, 1], [-np.inf, 0]])
    assert_same(gl.unique(lazy(a), True, True, True, 0), np.unique(a, True, True, True, 0))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "u1", "i8"])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.filterwarnings("ignore:All-NaN slice")
def test_quantiles_with_weights(dtype, skip):
    """Over axes, with weights of the array's shape and of the axes that go; NaN; weights of 0 at the ends."""
    rng = np.random.default_rng(5)
    name = "nanquantile" if skip else "quantile"
    theirs, ours = getattr(np, name), getattr(gl, name)
    a = sample((6, 7, 5), dtype)
    q = [0.0, 0.1, 0.37, 0.5, 1.0]
    keywords = {"method": "inverted_cdf"}
    for holes in (False, True):
        if holes:
            if np.dtype(dtype).kind != "f":
                break
            a[rng.random(a.shape) < 0.2] = np.nan
            a[2] = np.nan
        x = lazy(a, 3)
        for axis in (None, 0, 1, -1, (0, 2), (2, 1), (0, 1, 2)):
            weights = rng.integers(0, 4, a.shape) + (rng.random(a.shape) < 0.1)
            weights[..., :1] = 1
            if skip and holes:
                # NumPy divides 0 by 0 where all that weighs something is NaN.
                weights = weights + 1
            with np.errstate(all="ignore"):
                expected = theirs(a, q, axis, weights=weights + (axis is not None), **keywords)
            assert_same(ours(x, q, axis, weights=lazy(weights + (axis is not None), 4), **keywords), expected)
            assert_same(
                getattr(np, name)(x, 0.3, axis, weights=weights + 1, **keywords), theirs(a, 0.3, axis, weights=weights + 1, **keywords)
            )
            if axis is not None:
                over = [axis] if isinstance(axis, int) else axis
                line = rng.random([a.shape[one] for one in over]) + 0.1
                # NumPy's nanquantile takes no others than those of all elements.
                along = line.transpose(np.argsort([one % 3 for one in over])).reshape(
                    [n if k in [one % 3 for one in over] else 1 for k, n in enumerate(a.shape)]
                )
                for keepdims in (False, True):
                    expected = theirs(a, q, axis, weights=np.broadcast_to(along, a.shape), keepdims=keepdims, **keywords)
                    assert_same(ours(x, q, axis, weights=line, keepdims=keepdims, **keywords), expected)


def test_weights_refused():
    """What NumPy refuses; when it is computed where it depends on values."""
    x = lazy(sample((4, 5), "f8"))
    with pytest.raises(ValueError, match="supports weights"):
        gl.quantile(x, 0.5, weights=x)
    with pytest.raises(TypeError, match="Axis must be specified"):
        gl.quantile(x, 0.5, weights=[1, 2], method="inverted_cdf")
    with pytest.raises(ValueError, match="shape of the weights"):
        gl.quantile(x, 0.5, 0, weights=[1, 2], method="inverted_cdf")
    with pytest.raises(ValueError, match="between 0 and 1"):
        gl.quantile(x, 1.5, 0, weights=np.ones(4), method="inverted_cdf")
    for weights in ([1, -1, 1, 1], [0, 0, 0, 0], [1, np.nan, 1, 1], [np.inf, 1, 1, 1]):
        with pytest.raises(ValueError, match="weight"):
            gl.quantile(x, 0.5, 0, weights=weights, method="inverted_cdf").compute()
    with pytest.raises(ValueError):
        gl.quantile(x[:0], 0.5, 0, weights=[], method="inverted_cdf")
