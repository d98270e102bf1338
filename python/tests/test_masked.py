"""Masked arrays: what counts, and the values there, are those of `numpy.ma`, over dtypes, masks and chunkings."""

import numpy as np
import pytest

import gridloom as gl

DTYPES = ["f8", "f4", "i4", "u1"]


def made(dtype, shape=(7, 5), share=0.3, seed=0):
    """A masked array of NumPy's, and the same lazily in chunks."""
    rng = np.random.default_rng([seed, *shape])
    values = rng.integers(0, 9, shape).astype(dtype)
    mask = rng.random(shape) < share
    chunks = tuple(int(rng.integers(1, n + 1)) for n in shape)
    return np.ma.MaskedArray(values, mask), gl.ma.masked_array(gl.from_array(values, chunks=chunks), gl.from_array(mask, chunks="auto"))


def same(lazy, expected, rtol=1e-6, dtypes=True):
    """Equal where elements count, which are the same ones; of one shape, and of one dtype (where NumPy's is that of arrays without masks)."""
    ours = lazy.compute()
    mask, theirs = np.ma.getmaskarray(expected), np.ma.getdata(expected)
    assert np.shape(ours) == np.shape(expected)
    np.testing.assert_array_equal(np.ma.getmaskarray(ours), mask)
    if expected is not np.ma.masked:
        assert not dtypes or ours.dtype == theirs.dtype
        np.testing.assert_allclose(np.ma.getdata(ours)[~mask], theirs[~mask], rtol=rtol)


@pytest.mark.parametrize("dtype", DTYPES)
def test_elements(dtype):
    """Operators and functions, with numbers, arrays and masked ones on either side."""
    (a, x), (b, y) = made(dtype), made(dtype, seed=1)
    plain = np.ma.getdata(b)
    with np.errstate(all="ignore"):
        for f in [
            lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q, lambda p, q: p / q, lambda p, q: p // q, lambda p, q: p % q, lambda p, q: p > q,
            lambda p, q: p == q, lambda p, q: p != q, lambda p, q: p <= q,
        ]:  # fmt: skip
            same(f(x, y), f(a, b))
            same(f(x, gl.asarray(plain)), f(a, plain))
            same(f(x, 2), f(a, np.dtype(dtype).type(2)))
            same(f(x, b), f(a, b))
        same(3 - x, np.dtype(dtype).type(3) - a)
        same(2 / x, np.dtype(dtype).type(2) / a)
        for name in ("sqrt", "log", "log2", "log10", "exp", "arcsin", "arctanh", "arccosh", "absolute", "floor"):
            if dtype[0] == "f":
                same(getattr(np, name)(x), getattr(np.ma, name)(a) if hasattr(np.ma, name) else getattr(np, name)(a), rtol=1e-5)
        if dtype == "i4":
            same(x & 3, a & 3, dtypes=False)
            same(-x, -a)
            same(~x, ~a)
        same(x[2:5, ::-1], a[2:5, ::-1])
        same(x.reshape(5, 7), a.reshape(5, 7))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_reductions(dtype, share):
    """Over axes and all, where some, few or no elements count."""
    a, x = made(dtype, share=share)
    with np.errstate(all="ignore"):
        for name in ("sum", "prod", "mean", "var", "std", "min", "max", "any", "all"):
            for axis in (None, 0, 1, -1):
                same(getattr(x, name)(axis=axis), getattr(a, name)(axis=axis), rtol=2e-5, dtypes=dtype != "f4")
        same(x.var(axis=0, ddof=1), a.var(axis=0, ddof=1), rtol=2e-5, dtypes=dtype != "f4")
    for axis in (None, 0, 1):
        np.testing.assert_array_equal(x.count(axis=axis).compute(), a.count(axis=axis))
        np.testing.assert_array_equal(gl.ma.count(x, axis).compute(), np.ma.count(a, axis))
        weights = np.random.default_rng(3).random(a.shape)
        same(gl.ma.average(x, axis, gl.asarray(weights)), np.ma.average(a, axis, weights), rtol=2e-5)
        for ours, theirs in zip(
            gl.ma.average(x, axis, weights, returned=True), np.ma.average(a, axis, weights, returned=True), strict=True
        ):
            np.testing.assert_allclose(np.ma.filled(ours.compute(), -1), np.ma.filled(theirs, -1), rtol=2e-5)
    np.testing.assert_array_equal(x.compressed().compute(), a.compressed())
    for ours, theirs in zip(gl.ma.nonzero(x), np.ma.nonzero(a), strict=True):
        np.testing.assert_array_equal(ours.compute(), theirs)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_left_out(dtype):
    """By values, conditions, and what is no number."""
    a, x = made(dtype)
    values, lazy = np.ma.getdata(a), x.data
    for name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "values"):
        for theirs, ours in [(values, lazy), (a, x)]:
            same(getattr(gl.ma, f"masked_{name}")(ours, 4), getattr(np.ma, f"masked_{name}")(theirs, 4))
    for name in ("inside", "outside"):
        same(getattr(gl.ma, f"masked_{name}")(x, 6, 2), getattr(np.ma, f"masked_{name}")(a, 6, 2))
    same(gl.ma.masked_where(lazy > 3, x), np.ma.masked_where(values > 3, a))
    with pytest.raises(IndexError):
        gl.ma.masked_where(lazy[0] > 3, x)
    if dtype[0] == "f":
        broken = np.where(values == 4, np.nan, np.where(values == 5, -np.inf, values)).astype(dtype)
        same(gl.ma.masked_invalid(gl.asarray(broken)), np.ma.masked_invalid(broken))
        fixed = gl.ma.fix_invalid(gl.asarray(broken), 7)
        same(fixed, np.ma.fix_invalid(broken, fill_value=7))
        np.testing.assert_array_equal(fixed.data.compute(), np.ma.fix_invalid(broken, fill_value=7).data)
    np.testing.assert_array_equal(gl.ma.getdata(x).compute(), values)
    np.testing.assert_array_equal(gl.ma.getmaskarray(x).compute(), a.mask)
    np.testing.assert_array_equal(gl.ma.getmaskarray(lazy).compute(), np.ma.getmaskarray(values))
    np.testing.assert_array_equal(gl.ma.filled(x, 3).compute(), np.ma.filled(a, 3))
    np.testing.assert_array_equal(gl.ma.filled(lazy, 3).compute(), values)
    gl.ma.set_fill_value(x, 8)
    np.ma.set_fill_value(a, 8)
    np.testing.assert_array_equal(x.filled().compute(), a.filled())
    b, y = made(dtype, seed=2)
    c, z = made("bool", seed=3)
    same(gl.ma.where(z, x, y), np.ma.where(c, a, b))
    same(gl.ma.where(z, x, y.data), np.ma.where(c, a, np.ma.getdata(b)))
    for name in ("ones_like", "zeros_like"):
        same(getattr(gl.ma, name)(x), getattr(np.ma, name)(a))
    assert gl.ma.empty_like(x).shape == a.shape and gl.ma.empty_like(x).dtype == a.dtype
    same(gl.ma.masked_array(a), a)
    with pytest.raises(ValueError):
        gl.ma.masked_array(lazy, mask=np.ones(3, bool))
    with pytest.raises(TypeError, match="is not in gridloom yet"):
        np.add.reduce(x)


def test_all_names_of_the_page_are_there():
    """Those of NumPy's that the page of names lists."""
    theirs = [name for name in gl.ma.__all__ if name != "MaskedArray"]
    assert len(theirs) == 24 and all(hasattr(np.ma, name) for name in theirs)


def test_masked_arrays_and_what_an_attacker_found():
    false = gl.ma.masked_array(gl.asarray([False, False]), mask=[1, 0])
    assert not bool(false.max()) and not bool((gl.ma.masked_array([1.0, 2.0], mask=[0, 1]) > 100).any())
    assert 2.0 in gl.ma.masked_array([1.0, 2.0]) and 5.0 not in gl.ma.masked_array([1.0, 2.0])
    for values, weights in [(np.array([200, 100], "u1"), np.array([3, 2], "u1")), (np.array([2**62, 2**62]), np.array([3, 3]))]:
        got = gl.ma.average(gl.ma.masked_array(gl.asarray(values)), weights=weights)
        np.testing.assert_allclose(float(got), np.average(values.astype(float), weights=weights))
    half = gl.full(70_000, 0.5, dtype=np.float16)
    masked = gl.ma.masked_array(half, mask=gl.arange(70_000) == 0)
    assert float(masked.mean()) == 0.5 and float(masked.var()) == 0.0 and masked.mean().dtype == np.float16
    assert float(gl.mean(half, where=gl.arange(70_000) > 0)) == 0.5
    power = gl.ma.masked_array([-1.0, 4.0, 0.0]) ** 0.5
    np.testing.assert_array_equal(np.ma.getmaskarray(power.compute()), [True, False, False])
    for dtype, value in [("i1", 300), ("u2", -1), ("i8", np.nan)]:
        with pytest.raises(TypeError, match="Cannot convert fill_value"):
            gl.ma.masked_array(gl.ones(3, dtype=dtype)).filled(value)
    m = gl.ma.masked_array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    total, inside = gl.compute(m.sum(), {"m": m})
    assert float(total) == 4.0 and isinstance(inside["m"], np.ma.MaskedArray)
    with gl.Client(memory_limit="64 MiB", set_as_default=False) as client:
        assert float(client.compute(m.mean())) == 2.0
    assert isinstance(gl.persist(m)[0], gl.ma.MaskedArray)
    for call in (lambda: np.asarray(m), lambda: np.where(m > 1, m, 0), lambda: np.concatenate([m, m]), lambda: np.sum(m)):
        with pytest.raises(TypeError, match="masked array"):
            call()
    np.testing.assert_array_equal(np.ma.getmaskarray(gl.ma.masked_outside([0.0, 5.0], np.nan, 1).compute()), [False, True])
    assert len(m) == 3 and [float(x) for x in m.filled(0)] == [1.0, 0.0, 3.0]
