"""Random arrays: of one seed always the same, whatever their chunks; in NumPy's ranges and dtypes."""

import numpy as np
import pytest

import gridloom as gl


def test_seeds_say_everything():
    """Two generators of a seed, any chunks."""
    one, other = gl.random.default_rng(7), gl.random.default_rng(7)
    for chunks in ("auto", 10):
        a, b = one.normal(size=(30, 40)), other.normal(size=(30, 40), chunks=chunks)
        np.testing.assert_array_equal(a.compute(), b.compute())
    assert (gl.random.default_rng(8).random(5).compute() != gl.random.default_rng(9).random(5).compute()).any()
    gl.random.seed(3)
    a = gl.random.rand(4).compute()
    gl.random.seed(3)
    np.testing.assert_array_equal(a, gl.random.random(4).compute())


def test_distributions():
    """Means, deviations, ranges, dtypes."""
    rng = gl.random.default_rng(0)
    x = rng.normal(9, 2, (500, 500)).compute()
    assert abs(x.mean() - 9) < 0.02 and abs(x.std() - 2) < 0.02
    x = rng.uniform(-1, 3, 100000, dtype="f4").compute()
    assert x.dtype == np.float32 and x.min() >= -1 and x.max() < 3 and abs(x.mean() - 1) < 0.02
    x = rng.integers(3, 7, 10000, dtype="u1").compute()
    assert x.dtype == np.uint8 and set(np.unique(x)) == {3, 4, 5, 6}
    assert set(rng.integers(2, size=1000, endpoint=True).tolist()) == {0, 1, 2}
    assert abs(rng.exponential(3, 100000).mean().compute() - 3) < 0.05
    assert abs(rng.bernoulli(0.25, 100000).mean().compute() - 0.25) < 0.01
    assert gl.random.randint(0, 100, (4, 5)).shape == (4, 5) and gl.random.randn(2, 3).dtype == np.float64
    assert np.ndim(rng.random().compute()) == 0


def test_bad_parameters():
    """As NumPy refuses them."""
    rng = gl.random.default_rng(0)
    for call, kind in [
        (lambda: rng.normal(0, -1, 3), ValueError), (lambda: rng.integers(5, 5, 3), ValueError), (lambda: rng.integers(300, dtype="u1", size=3), ValueError),
        (lambda: rng.random(3, dtype="i4"), TypeError), (lambda: rng.random(-1), ValueError), (lambda: rng.bernoulli(2, 3), ValueError),
    ]:  # fmt: skip
        with pytest.raises(kind):
            call()
