"""What tests have in common."""

import numpy as np

import gridloom as gl

DTYPES = [np.dtype(name) for name in "bool u1 u2 u4 u8 i1 i2 i4 i8 f4 f8".split()]


def sample(shape, dtype, seed=0):
    """Numbers of a dtype that most functions are defined for: small ones, of both signs where there are signs."""
    rng = np.random.default_rng([seed, *np.atleast_1d(shape)])
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "f":
        return rng.uniform(-3, 3, shape).astype(dtype)
    return rng.integers(-5 if dtype.kind == "i" else 0, 6, shape).astype(dtype)


def lazy(array, chunks="auto"):
    """A lazy array of the same elements."""
    return gl.from_array(array, chunks)


def assert_same(got, expected, rtol=None):
    """The values, dtype and shape of a lazy result are NumPy's; floats within a few units in the last place."""
    if isinstance(expected, tuple | list):
        assert isinstance(got, tuple | list) and len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other, rtol)
        return
    expected = np.asarray(expected)
    assert isinstance(got, gl.Array), f"not lazy: {type(got)}"
    values = np.asarray(got.compute())
    assert values.dtype == got.dtype
    assert got.dtype == expected.dtype, f"{got.dtype} for {expected.dtype}"
    assert values.shape == expected.shape, f"{values.shape} for {expected.shape}"
    if expected.dtype.kind == "f":
        bound = rtol if rtol is not None else {4: 3e-5, 8: 1e-12}[expected.dtype.itemsize]
        np.testing.assert_allclose(values, expected, rtol=bound, atol=bound, equal_nan=True)
    else:
        np.testing.assert_array_equal(values, expected)
