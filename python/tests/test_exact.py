"""Functions of bits, angles that go on, Bessel's, views of bytes, dtypes: NumPy's values over all kinds of numbers, dtypes and chunkings."""

import numpy as np
import pytest

import gridloom as gl

FLOATS = ["f2", "f4", "f8"]
INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def numbers(dtype):
    """Zeros, subnormal numbers, ends, infinities, NaN, and numbers between them."""
    info = np.finfo(dtype)
    some = [
        0.0,
        -0.0,
        info.smallest_subnormal,
        -3 * info.smallest_subnormal,
        info.tiny,
        1,
        -1,
        0.75,
        -6.5,
        1000,
        info.max,
        info.min,
        np.inf,
        -np.inf,
        np.nan,
    ]
    return np.array(some, dtype)


def same_bits(lazy, expected):
    """Equal with signs of zero, of one dtype; NaN is NaN."""
    made = np.asarray(lazy.compute())
    assert made.dtype == expected.dtype and made.shape == expected.shape
    np.testing.assert_array_equal(made, expected)
    if made.dtype.kind == "f":
        kept = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(made)[kept], np.signbit(expected)[kept])


@pytest.mark.parametrize("dtype", FLOATS)
def test_neighbours_and_parts(dtype):
    """`nextafter`, `spacing`, `frexp` and `ldexp`, bit by bit."""
    x = numbers(dtype)
    lazy, across = gl.from_array(x, chunks=4), gl.from_array(x[:, None], chunks=(3, 1))
    with np.errstate(all="ignore"):
        expected = np.nextafter(x, x[:, None])
        # Where both are zero, the second one, which NumPy does not give of halves.
        expected = np.where((x == 0) & (x[:, None] == 0), x[:, None], expected)
        same_bits(gl.nextafter(lazy, across), expected)
        same_bits(np.nextafter(lazy, x[::-1].copy()), np.nextafter(x, x[::-1]))
        same_bits(gl.spacing(lazy), np.spacing(x))
        for made, expected in zip(np.frexp(lazy), np.frexp(x), strict=True):
            same_bits(made, expected)
        powers = np.arange(-2300, 2300, 7, dtype="i4") if dtype == "f8" else np.arange(-200, 200, dtype="i4")
        same_bits(gl.ldexp(lazy, gl.from_array(powers[:, None], chunks=(100, 1))), np.ldexp(x, powers[:, None]))
        some = np.random.default_rng(1).normal(size=500).astype(dtype)
        same_bits(np.ldexp(gl.from_array(some, chunks=77), -20), np.ldexp(some, -20))
    fractions, whole = gl.frexp(lazy)
    same_bits(gl.ldexp(fractions, whole), x)
    with pytest.raises(TypeError):
        gl.ldexp(lazy, 0.5)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_divisors(dtype):
    """`gcd` and `lcm` with ends, zeros and signs."""
    info = np.iinfo(dtype)
    x = np.array([0, 1, 2, 12, 18, 97, 120, info.max, info.min, info.min + 1, info.max - 1], object).astype(dtype)
    for name in ("gcd", "lcm"):
        ours, theirs = getattr(gl, name), getattr(np, name)
        same_bits(ours(gl.from_array(x, chunks=3), gl.from_array(x[:, None], chunks=(5, 1))), theirs(x, x[:, None]))
        same_bits(theirs(gl.from_array(x, chunks=3), 12), theirs(x, np.array(12, dtype)))
        same_bits(ours(12, gl.from_array(x, chunks=3)), theirs(np.array(12, dtype), x))
    with pytest.raises(TypeError):
        gl.gcd(gl.ones(3), 2)
    with pytest.raises(ValueError):
        gl.lcm(gl.arange(3), gl.arange(4))


def test_bessel():
    """`i0` and `kaiser`, within some units in the last place."""
    x = np.concatenate((np.linspace(-30, 30, 601), [0.0, -0.0, 8, -8, 700, np.inf, np.nan]))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(gl.i0(gl.from_array(x, chunks=100)).compute(), np.i0(x), rtol=4e-15)
        single = x[np.abs(x) < 80].astype("f4")
        made = gl.i0(gl.asarray(single)).compute()
    assert made.dtype == np.i0(single).dtype
    np.testing.assert_allclose(made, np.i0(single), rtol=3e-6)
    np.testing.assert_allclose(gl.i0(gl.arange(5)).compute(), np.i0(np.arange(5)), rtol=4e-15)
    for count in (0, 1, 2, 5, 12):
        for beta in (0, 1.5, 14.0):
            np.testing.assert_allclose(gl.kaiser(count, beta).compute(), np.kaiser(count, beta), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("seed", range(40))
def test_unwrap(seed):
    """Random walks, jumps of half a period, integers, axes, periods, gaps that stay."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 9, rng.integers(1, 4)))
    axis = int(rng.integers(-len(shape), len(shape)))
    whole = seed % 3 == 0
    x = rng.integers(-20, 20, shape) if whole else rng.integers(-20, 20, shape) * (np.pi / 2) + (0 if seed % 2 else rng.normal(size=shape))
    more = {}
    if seed % 4:
        more["period"] = [2 * np.pi, 4, 3, 2.5][seed % 4]
    if seed % 5 == 0:
        more["discont"] = 3.5
    lazy = gl.from_array(x, chunks=tuple(int(rng.integers(1, n + 1)) for n in shape))
    made, expected = gl.unwrap(lazy, axis=axis, **more).compute(), np.unwrap(x, axis=axis, **more)
    assert made.dtype == expected.dtype
    np.testing.assert_allclose(made, expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, *FLOATS])
def test_views(dtype):
    """The bytes as every other dtype, in chunks that do not fit them."""
    x = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 256, (3, 24 * np.dtype(dtype).itemsize), "u1").view(dtype)
    for other in ["u1", *INTEGERS, *FLOATS]:
        made = gl.from_array(x, chunks=(2, 5)).view(other).compute()
        assert made.dtype == np.dtype(other) and made.tobytes() == x.view(other).tobytes() and made.shape == x.view(other).shape
    for wrong in (gl.ones((2, 3), dtype="u1"), gl.asarray(np.uint8(1))):
        with pytest.raises(ValueError):
            wrong.view("u2")
    assert gl.ones(3).view().dtype == np.float64


def test_real_numbers():
    """Parts of complex numbers that are real ones, and what dtypes are."""
    for x in (np.array([1.5, -2, 0.0, -0.0, np.nan, -np.inf]), np.array([1, -2], "f4"), np.array([3, -4])):
        lazy = gl.from_array(x, chunks=2)
        for name in ("angle", "real", "imag", "conj", "conjugate", "isreal", "iscomplex", "real_if_close"):
            same_bits(getattr(gl, name)(lazy), np.asarray(getattr(np, name)(x)))
        assert gl.isrealobj(lazy) and not gl.iscomplexobj(lazy) and np.isrealobj(lazy) and gl.iscomplexobj(1j)
    assert gl.common_type(gl.ones(2, dtype="f4"), gl.arange(3)) is np.float64
    with pytest.raises(TypeError):
        gl.common_type(gl.ones(2, dtype=bool))
    assert gl.min_scalar_type(gl.asarray(300)) == np.uint16 and gl.min_scalar_type(-5) == np.int8
    assert gl.issubdtype(gl.ones(2).dtype, np.floating) and gl.mintypecode(["d", "f"]) == "d"
