"""Sorts, searches, sets, borders and joins where values are odd: NaN, infinities, limits of dtypes, other shapes; beside NumPy's."""

import warnings

import numpy as np
import pytest

import gridloom as gl

inf, nan = np.inf, np.nan


def cut(x, size=2):
    """A lazy array in small chunks."""
    x = np.asarray(x)
    return gl.from_array(x, tuple(size for _ in x.shape))


def test_medians_are_means_of_two():
    """And not points on the line between them, which are NaN beside infinity and lose digits."""
    for values in ([1.0, inf], [-inf, inf], [-1.7e308, 1.7e308], [1.0, inf, nan], [3.0], [nan, nan]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            np.testing.assert_array_equal(gl.median(cut(values)).compute(), np.median(values))
            np.testing.assert_array_equal(gl.nanmedian(cut(values)).compute(), np.nanmedian(values))
    # The sum of the two is beyond the largest number, and their mean is not.
    assert gl.median(cut([1.7e308, 1.7e308])).compute() == 1.7e308
    rng = np.random.default_rng(0)
    for dtype in ("f2", "f4", "f8"):
        for length in (2, 5, 8, 31):
            x = rng.normal(0, 3, (4, length)).astype(dtype)
            np.testing.assert_array_equal(gl.median(cut(x), axis=1).compute(), np.median(x, axis=1))
            x[0, 0] = nan
            np.testing.assert_array_equal(gl.nanmedian(cut(x), axis=1).compute(), np.nanmedian(x, axis=1))


@pytest.mark.parametrize("method", ["linear", "midpoint", "lower", "nearest", "weibull", "median_unbiased", "averaged_inverted_cdf"])
def test_many_quantiles_are_those_one_by_one(method):
    """Of more than a few the elements beside them are taken at once."""
    x = np.random.default_rng(1).normal(size=(7, 5))
    x[2, 3] = nan
    q = np.linspace(0, 1, 41)
    for axis in (0, 1, None):
        many = gl.quantile(cut(x), q, axis=axis, method=method).compute()
        few = np.stack([gl.quantile(cut(x), one, axis=axis, method=method).compute() for one in q])
        np.testing.assert_array_equal(many, few)
    whole = gl.quantile(cut(np.arange(9)), q, method=method).compute()
    np.testing.assert_allclose(whole, np.quantile(np.arange(9), q, method=method), rtol=1e-15)


def test_sets_of_odd_values():
    """NaN is one for `unique`, and each its own for the Array API's functions; dtypes meet as NumPy's do."""
    x = cut([nan, 1.0, nan, 1.0])
    np.testing.assert_array_equal(gl.unique(x).compute(), [1, nan])
    np.testing.assert_array_equal(gl.unique(x, equal_nan=False).compute(), [1, nan, nan])
    values, counts = (made.compute() for made in gl.unique_counts(x))
    np.testing.assert_array_equal(values, [1, nan, nan])
    np.testing.assert_array_equal(counts, [2, 1, 1])
    assert gl.unique_inverse(x)[1].compute().tolist() == [1, 0, 2, 0]
    both = gl.intersect1d(cut(np.array([1, 2], "i1")), cut([1, 300])).compute()
    assert both.dtype == np.int64 and both.tolist() == [1]
    assert gl.setdiff1d(cut([3, 1, 3, 2]), [1], assume_unique=True).compute().tolist() == [3, 3, 2]
    with pytest.raises(np.exceptions.AxisError):
        gl.unique(cut([2, 1, 2]), axis=1)


def test_searches_of_odd_shapes():
    """Keys of different shapes, sorters of another length, edges that end with NaN, places of a number."""
    with pytest.raises(ValueError, match=r"lexsort: the pair of shapes of keys is \(2, 2\) and \(1, 2\)"):
        gl.lexsort((cut([[3, 1], [2, 9]]), cut([[5, 6]])))
    with pytest.raises(ValueError, match="sorter must have the shape of a"):
        gl.searchsorted(cut([1, 2, 3]), [1], sorter=[0, 1])
    for edges in ([1.0, 2.0, nan], [nan, 2.0, 1.0]):
        np.testing.assert_array_equal(gl.digitize(cut([1.0, nan, 3.0]), edges).compute(), np.digitize([1.0, nan, 3.0], edges))
    assert gl.argsort(gl.asarray(7)).compute().tolist() == np.argsort(np.array(7)).tolist()
    assert gl.lexsort([3, 1, 2]).compute() == np.lexsort([3, 1, 2])
    with pytest.raises(TypeError, match="must be real"):
        gl.quantile(cut([1.0, 2.0]), 1j)
    table = np.sort(np.random.default_rng(2).integers(0, 1000, 500))
    np.testing.assert_array_equal(gl.searchsorted(cut(table, 50), cut(np.arange(100), 3)).compute(), np.searchsorted(table, np.arange(100)))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_what_slides_beyond_the_ends_is_not_there(mode):
    """Terms that are infinite or NaN reach as far as they lie, and no farther."""
    for taps in ([inf, 1.0], [nan, 1.0, 1.0], [1.0, -inf, nan]):
        for values in ([1.0, 2.0, 3.0, 4.0], [inf, 0.0, -1.0, nan]):
            for name in ("convolve", "correlate"):
                expected = getattr(np, name)(values, taps, mode)
                np.testing.assert_array_equal(getattr(gl, name)(cut(values), taps, mode).compute(), expected)


def test_borders_of_numbers_that_do_not_fit():
    """Signed integers refuse them, and what is no number; unsigned ones wrap."""
    for value, error in [(300, OverflowError), (nan, ValueError), (1e300, OverflowError)]:
        with pytest.raises(error):
            gl.pad(cut(np.arange(3, dtype="i1")), 1, constant_values=value)
    assert gl.pad(cut(np.arange(3, dtype="u1")), 1, constant_values=300).compute().tolist() == [44, 0, 1, 2, 44]
    with pytest.raises(np.exceptions.AxisError):
        gl.pad(cut([1, 2]), {5: 1})


def test_filtered_arrays_beside_each_other():
    """A column of them has as many rows as each, not as they have columns."""
    x = np.arange(12.0).reshape(6, 2)
    filtered = cut(x)[cut(x[:, 0] >= 0)]
    for made, expected in [
        (gl.hstack([filtered, filtered])[:, :1], x[:, :1]),
        (-gl.hstack([filtered, filtered])[:, 1], -x[:, 1]),
        (gl.roll(filtered, 1, 1)[:, 0], x[:, 1]),
        (gl.concatenate([filtered, filtered])[:, 1:], np.concatenate([x, x])[:, 1:]),
    ]:
        np.testing.assert_array_equal(made.compute(), expected)


def test_windows_and_ratios():
    """What is made of a few numbers, and their odd counts."""
    for name in ("bartlett", "blackman", "hamming", "hanning"):
        for count in (0, 1, 2, 5, 12, -3):
            np.testing.assert_allclose(getattr(gl, name)(count).compute(), getattr(np, name)(count), rtol=1e-14, atol=1e-16)
    for args in [(0, 3, 7), (2.0, -1.0, 5, False), (0, 1, 1), (0, 1, 0), (1, 4, 4, True, 2.0)]:
        np.testing.assert_allclose(gl.logspace(*args).compute(), np.logspace(*args), rtol=1e-13)
    for args in [(1, 1000, 4), (-8.0, -0.5, 6), (3.0, 3.0, 3), (1, 256, 9, False), (5, 7, 1)]:
        np.testing.assert_allclose(gl.geomspace(*args).compute(), np.geomspace(*args), rtol=1e-13)
    assert gl.geomspace(1, 1000, 4, dtype=int).dtype == np.int64
    for ends in [(0, 1), (-1, 1)]:
        with pytest.raises(ValueError):
            gl.geomspace(*ends)
    for dims in [(2, 3), (4,), (), (0, 2)]:
        np.testing.assert_array_equal(gl.indices(dims).compute(), np.indices(dims))
        for ours, theirs in zip(gl.indices(dims, np.int32, sparse=True), np.indices(dims, np.int32, sparse=True), strict=True):
            np.testing.assert_array_equal(ours.compute(), theirs)
    with pytest.raises(ValueError, match="1- or 2-d"):
        gl.diag(gl.zeros((2, 2, 2)))


def test_places_that_are_computed_stay_lazy():
    x = np.arange(60.0).reshape(5, 12)
    gx = gl.asarray(x, chunks=(2, 5))
    places = np.array([[4, 0, -1], [2, 2, 1]])
    calls = []
    lazy = gl.map_blocks(lambda chunk: calls.append(1) or chunk, gl.asarray(places), dtype=np.int64)
    made = [gx[lazy], gx[1:, lazy], gx[:, lazy[0]], gx[None, lazy, ..., 2], gx[2, lazy], gl.take(gx, lazy, axis=1), gl.take(gx, lazy)]
    assert not calls
    wanted = [x[places], x[1:, places], x[:, places[0]], x[None, places, ..., 2], x[2, places], x.take(places, 1), x.take(places)]
    for got, want in zip(made, wanted, strict=True):
        assert got.shape == want.shape
        np.testing.assert_array_equal(got.compute(), want)
    beyond = gx[gl.asarray([0, 5])]
    with pytest.raises(IndexError, match="5"):
        beyond.compute()
    # Of an unknown number, or several together: computed at once.
    np.testing.assert_array_equal(gx[gl.nonzero(gx[:, 0] > 20)[0]].compute(), x[np.nonzero(x[:, 0] > 20)[0]])
    np.testing.assert_array_equal(gx[lazy[0], lazy[1]].compute(), x[places[0], places[1]])


def test_numbers_in_lists_keep_what_they_are():
    for values, dtype in [([2**64 - 1, 1], "u8"), ([[2**63 + 1, 0]], "u8"), ([2**62 + 1, 0.0], "i8"), ([np.uint64(2**64 - 1), 1], "u8")]:
        got = gl.asarray(values, dtype=dtype)
        want = np.asarray(values, dtype=dtype)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got.compute(), want)
    for values, dtype, error in [
        ([300], "i1", OverflowError),
        (300, "i1", OverflowError),
        ([-1], "u8", OverflowError),
        ([np.nan], "i4", ValueError),
    ]:
        with pytest.raises(error):
            np.asarray(values, dtype=dtype)
        with pytest.raises(error):
            gl.asarray(values, dtype=dtype)


def test_arrays_that_wait_for_data_many_times():
    x = np.random.default_rng(3).normal(size=300_000)
    gx, h = gl.asarray(x), x
    for _ in range(4):
        gx, h = gx - gl.median(gx), h - np.median(h)
        gx, h = gx / gl.median(abs(gx)), h / np.median(abs(h))
    np.testing.assert_allclose(gx.compute(), h, rtol=1e-12, atol=1e-12)
    order = gl.arange(100.0)
    for _ in range(9):
        order = order[gl.argsort(-order)]
    np.testing.assert_array_equal(order.compute(), np.arange(100.0)[::-1])
    with pytest.raises(MemoryError, match="decided by"), gl.Client(memory_limit="4 MiB", set_as_default=False) as client:
        client.compute(gl.arange(1000)[gl.zeros(10**6, dtype="i8", chunks=10**5)].sum())


def test_counts_and_diagonals_of_nothing():
    for x in ([], [True, False, True], np.array([True, True])):
        got, want = gl.bincount(x).compute(), np.bincount(x)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want)
    x = gl.ones((3, 3))
    gl.fill_diagonal(x, [])
    np.testing.assert_array_equal(x.compute(), np.ones((3, 3)))
