"""Windows that move, blocks of neighbours, bits and polynomials beside NumPy's and Dask's."""

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample
from numpy.lib.stride_tricks import sliding_window_view

import gridloom as gl


@pytest.mark.parametrize("seed", range(15))
def test_windows(seed):
    """Over axes in any order, of one repeated; and what is made of them."""
    rng = np.random.default_rng(seed)
    for _ in range(3):
        shape = tuple(int(n) for n in rng.integers(1, 9, rng.integers(1, 4)))
        a = sample(shape, rng.choice(["f8", "i2", "u1", "f4"]), seed)
        x = lazy(a, tuple(int(rng.integers(1, n + 1)) for n in shape))
        axes = [int(axis) for axis in rng.permutation(len(shape))[: rng.integers(1, len(shape) + 1)]]
        window = [int(rng.integers(1, shape[axis] + 1)) for axis in axes]
        for ours in (gl.sliding_window_view, sliding_window_view):
            assert_same(ours(x, window, axes), sliding_window_view(a, window, axes))
            assert_same(ours(x, shape), sliding_window_view(a, shape))
        ours, theirs = gl.sliding_window_view(x, window, axes), sliding_window_view(a, window, axes)
        over = tuple(range(-len(axes), 0))
        for name in ("sum", "mean", "min", "max", "std"):
            assert_same(getattr(ours, name)(axis=over), getattr(theirs, name)(axis=over), 1e-6 if a.dtype == np.float32 else None)


def test_windows_of_long_arrays():
    """A moving mean, least and median of windows longer than chunks; windows along an axis twice."""
    a = sample(5000, "f8")
    x = lazy(a, 700)
    ours, theirs = gl.sliding_window_view(x, 90), sliding_window_view(a, 90)
    assert_same(ours.mean(-1), theirs.mean(-1))
    assert_same(ours.min(axis=-1), theirs.min(axis=-1))
    assert_same(gl.median(gl.sliding_window_view(x[:300], 31), axis=-1), np.median(sliding_window_view(a[:300], 31), axis=-1))
    assert_same(gl.sliding_window_view(x[:9], (3, 2), (0, 0)), sliding_window_view(a[:9], (3, 2), (0, 0)))


def test_windows_refused():
    """What NumPy refuses, and windows of nothing."""
    x = lazy(sample((3, 4), "f8"))
    for call in (lambda: gl.sliding_window_view(x, 2), lambda: gl.sliding_window_view(x, (4, 1)), lambda: gl.sliding_window_view(x, (2, 2), 0),
                 lambda: gl.sliding_window_view(x, 0, 0), lambda: gl.sliding_window_view(x, -1, 0), lambda: gl.sliding_window_view(x, 1, 2)):  # fmt: skip
        with pytest.raises(ValueError):
            call()


def test_blocks_of_neighbours():
    """`coarsen` beside Dask's, with functions of ours and of NumPy's."""
    da = pytest.importorskip("dask.array")
    a = sample((12, 9, 4), "f8")
    for axes in ({0: 3}, {1: 3, 0: 4}, {-1: 2}, {0: 12, 1: 9, 2: 4}, {}):
        for name in ("sum", "mean", "max"):
            # Dask looks for no negative axes.
            theirs = da.coarsen(getattr(np, name), da.from_array(a), {axis % 3: n for axis, n in axes.items()}).compute() if axes else a
            for function in (getattr(gl, name), getattr(np, name)):
                assert_same(gl.coarsen(function, lazy(a, 5), axes), theirs)
    theirs = da.coarsen(np.mean, da.from_array(a, chunks=-1), {0: 5, 1: 2}, trim_excess=True).compute()
    assert_same(gl.coarsen(np.mean, lazy(a, 5), {0: 5, 1: 2}, trim_excess=True), theirs)
    assert_same(gl.coarsen(np.var, lazy(a), {0: 4}, ddof=1), a.reshape(3, 4, 9, 4).var(axis=1, ddof=1))
    for axes in ({0: 5}, {0: 0}, {3: 1}):
        with pytest.raises(ValueError):
            gl.coarsen(np.mean, lazy(a), axes)


@pytest.mark.parametrize("bitorder", ["big", "little"])
def test_bits(bitorder):
    """Packed and unpacked along all axes, of all lengths."""
    for shape in ((1,), (8,), (9,), (31,), (3, 17), (16, 2, 3), (0,), (2, 0), ()):
        for dtype in DTYPES:
            if dtype.kind == "f":
                continue
            a = sample(shape, dtype)
            x = lazy(a, 3)
            for axis in (None, *range(len(shape))):
                assert_same(gl.packbits(x, axis, bitorder), np.packbits(a, axis, bitorder))
        a = np.random.default_rng(0).integers(0, 256, shape).astype("u1")
        x = lazy(a, 2)
        for axis in (None, *range(len(shape))):
            n = 8 * (a.size if axis is None else shape[axis])
            # Of no bytes NumPy leaves the zeros that follow as memory was.
            for count in (None, 0, n // 2, n, n + 5 if a.size else 0, -n // 3):
                assert_same(gl.unpackbits(x, axis, count, bitorder), np.unpackbits(a, axis, count, bitorder))
            assert_same(np.packbits(np.unpackbits(x, axis, None, bitorder), axis, bitorder), a.ravel() if axis is None else a)


def test_bits_refused():
    """What NumPy refuses."""
    with pytest.raises(TypeError, match="integer or boolean"):
        gl.packbits([1.5])
    with pytest.raises(TypeError):
        gl.unpackbits([1, 2])
    with pytest.raises(ValueError, match="must begin with"):
        gl.packbits([1], bitorder="x")
    with pytest.raises(ValueError, match="left out"):
        gl.unpackbits(np.array([3], "u1"), count=-9)
    with pytest.raises(np.exceptions.AxisError):
        gl.packbits([1], 1)


def same_polynomial(got, expected):
    """Coefficients, without the zeros in front that NumPy leaves out."""
    expected = np.atleast_1d(expected)
    length = got.shape[0]
    assert length >= len(expected)
    assert_same(got, np.concatenate([np.zeros(length - len(expected), expected.dtype), expected]))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "i8", "u2", "i1"])
def test_polynomials(dtype):
    """Sums, products, quotients, derivatives, integrals and values, of polynomials of all lengths."""
    rng = np.random.default_rng(1)
    for n, m in [(1, 1), (5, 3), (3, 5), (2, 2), (1, 4), (4, 1), (9, 8)]:
        p, q = sample(n, dtype, n), sample(m, dtype, m + 10)
        q[0] = 2
        x, y = lazy(p, 2), lazy(q, 2)
        assert_same(gl.polyadd(x, y), np.polyadd(p, q))
        assert_same(gl.polysub(x, q), np.polysub(p, q))
        same_polynomial(gl.polymul(x, y), np.polymul(p, q))
        same_polynomial(np.polymul(x, y), np.polymul(p, q))
        if dtype[0] == "f":
            for (got, rest), (expected, remains) in ((gl.polydiv(x, y), np.polydiv(p, q)), (np.polydiv(x, y), np.polydiv(p, q))):
                assert_same(got, expected)
                same_polynomial(rest, remains)
        for order in (0, 1, 2, n, n + 2):
            assert_same(gl.polyder(x, order), np.polyder(p, order))
        for order, constants in ((0, None), (1, None), (1, 3), (3, None), (2, [1.5, 2]), (2, 7)):
            assert_same(gl.polyint(x, order, constants), np.polyint(p, order, constants))
        for at in (sample((3, 4), dtype, 3), rng.normal(size=5), rng.normal(size=5).astype("f4"), np.float64(2.5), 3, [1, 2]):
            given = lazy(at, 2) if isinstance(at, np.ndarray) else at
            assert_same(gl.polyval(x, given), np.polyval(p, at), 1e-4 if dtype == "f4" else 1e-11)
        assert_same(gl.poly(x), np.poly(p), 1e-3 if dtype == "f4" else 1e-11)


def test_polynomials_at_the_edges():
    """Numbers for coefficients, none of them, division by 0, infinite places."""
    assert_same(gl.polyadd(1, [1, 2]), np.polyadd(1, [1, 2]))
    assert_same(gl.poly([]), np.poly([]))
    assert_same(gl.polyder([5]), np.polyder([5]))
    assert_same(gl.polyval([], [1, 2]), np.polyval([], [1, 2]))
    with np.errstate(all="ignore"):
        assert_same(gl.polyval([1.0, 2.0], [np.inf, np.nan, 0]), np.polyval([1.0, 2.0], [np.inf, np.nan, 0]))
    with np.errstate(all="ignore"):
        assert_same(gl.polyval([3.0], [np.inf, 0]), np.polyval([3.0], np.array([np.inf, 0])))
    quotient, rest = gl.polydiv([3.0, 5.0, 2.0], [4.0])
    assert_same(quotient, np.array([0.75, 1.25, 0.5]))
    assert_same(rest, np.array([0.0]))
    with np.errstate(all="ignore"):
        assert_same(gl.polydiv([1.0, 2.0], [0.0])[0], np.polydiv([1.0, 2.0], [0.0])[0])
    roots = np.arange(1.0, 11)
    assert_same(gl.polyval(gl.poly(roots), gl.asarray(roots)), np.polyval(np.poly(roots), roots), 1e-6)


def test_polynomials_refused():
    """What NumPy refuses, and what is not there yet."""
    for call in (lambda: gl.polyder([1, 2], -1), lambda: gl.polyint([1, 2], -1), lambda: gl.polyint([1, 2], 3, [1, 2]), lambda: gl.polyadd([[1]], [1]),
                 lambda: gl.polydiv([], [1]), lambda: gl.polymul([1], []), lambda: gl.poly(3.0), lambda: gl.polyval([[1]], [1])):  # fmt: skip
        with pytest.raises(ValueError):
            call()
    with pytest.raises(TypeError, match="eigenvalues"):
        gl.poly([[1, 2], [3, 4]])
    with pytest.raises(TypeError, match="polynomials of polynomials"):
        gl.polyval([1, 2], np.poly1d([1, 2]))
    for name in ("polyfit", "roots"):
        with pytest.raises(AttributeError, match="has no"):
            getattr(gl, name)
