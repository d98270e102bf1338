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


#: NumPy's laws, with parameters, and other ones for arrays of them.
LAWS = {
    "beta": (2, 3), "binomial": (20, 0.3), "chisquare": (3,), "exponential": (2,), "f": (4, 12), "gamma": (0.7, 2), "geometric": (0.2,), "gumbel": (1, 2),
    "hypergeometric": (10, 20, 6), "laplace": (1, 2), "logistic": (1, 2), "lognormal": (0.5, 0.5), "logseries": (0.6,), "negative_binomial": (3.5, 0.4),
    "noncentral_chisquare": (0.7, 2), "noncentral_f": (4, 12, 2), "normal": (1, 2), "pareto": (3,), "poisson": (7,), "power": (0.4,), "rayleigh": (2,),
    "standard_cauchy": (), "standard_exponential": (), "standard_gamma": (1.5,), "standard_normal": (), "standard_t": (4,), "triangular": (0, 1, 5),
    "uniform": (-1, 3), "vonmises": (0.5, 3), "wald": (3, 2), "weibull": (0.8,), "zipf": (3,),
}  # fmt: skip


def apart(x, y):
    """The largest distance between two samples' distributions (Kolmogorov and Smirnov)."""
    x, y = np.sort(x), np.sort(y)
    both = np.concatenate((x, y))
    return np.abs(np.searchsorted(x, both, "right") / x.size - np.searchsorted(y, both, "right") / y.size).max()


@pytest.mark.parametrize("name", LAWS)
def test_laws_are_numpys(name):
    """Samples of both have one distribution, of one dtype, by numbers and by arrays of them, and chunks change nothing."""
    n, parameters = 40000, LAWS[name]
    theirs = getattr(np.random.default_rng(1), name)(*parameters, size=n)
    x = getattr(gl.random.default_rng(2), name)(*parameters, size=n, chunks=7001)
    ours = x.compute()
    assert ours.dtype == theirs.dtype
    # Exceeded once in 10^7 by equal distributions.
    limit = np.sqrt(np.log(2e7) / n)
    assert apart(ours, theirs) < limit
    np.testing.assert_array_equal(getattr(gl.random.default_rng(2), name)(*parameters, size=(n,)).compute(), ours)
    if parameters:
        arrays = [
            gl.full((n, 1), value, dtype="f8", chunks=(999, 1)) if k == 0 else np.full(1, value) for k, value in enumerate(parameters)
        ]
        made = getattr(gl.random.default_rng(3), name)(*arrays)
        assert made.shape == (n, 1) and apart(made.compute().ravel(), theirs) < limit
        with pytest.raises(ValueError):
            getattr(gl.random.default_rng(3), name)(*arrays, size=(n + 1, 1))


def test_every_name_of_a_generator_is_there():
    """NumPy's methods, but for the one that is about its bit generator."""
    theirs = {name for name in dir(np.random.Generator) if not name.startswith("_")} - {"bit_generator"}
    assert {name for name in theirs if not hasattr(gl.random.Generator, name)} == set()
    assert set(LAWS) | {
        "bytes", "choice", "dirichlet", "integers", "multinomial", "multivariate_hypergeometric", "multivariate_normal", "permutation", "permuted",
        "random", "shuffle", "spawn",
    } == theirs  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_numbers_that_numpy_refuses(name):
    """Each parameter below its domain, alone and in an array."""
    for k in range(len(LAWS[name])):
        for wrong in (-1.0, np.nan, 2.0):
            given = [float(value) for value in LAWS[name]]
            given[k] = wrong
            try:
                getattr(np.random.default_rng(0), name)(*given, size=3)
            except (ValueError, OverflowError) as error:
                with pytest.raises(type(error)):
                    getattr(gl.random.default_rng(0), name)(*given, size=3)
                given[k] = np.array([LAWS[name][k], wrong])
                if name not in ("hypergeometric", "triangular"):
                    with pytest.raises(type(error)):
                        getattr(gl.random.default_rng(0), name)(*given)


def test_orders_and_choices():
    """Permutations, shuffles in place and not, choices from arrays by an axis, with and without replacement and probabilities."""
    rng = gl.random.default_rng(5)
    for n in (0, 1, 10, 5000):
        order = rng.permutation(n, chunks=64)
        assert order.dtype == np.int64 and sorted(order.tolist()) == list(range(n))
    a = np.arange(60).reshape(12, 5)
    x = gl.from_array(a, chunks=(5, 2))
    for axis in (0, 1, -1):
        y = rng.permutation(x, axis=axis).compute()
        assert y.shape == a.shape and (np.sort(np.take(y, 0, 1 - axis % 2)) == np.take(a, 0, 1 - axis % 2)).all() and (y != a).any()
    other, kept = x, x + 0
    assert rng.shuffle(x) is other and (x.compute() != a).any() and (kept.compute() == a).all() and (np.sort(x.compute(), 0) == a).all()
    y = rng.permuted(kept, axis=1).compute()
    assert (np.sort(y, 1) == a).all() and (y != a).any() and (np.sort(rng.permuted(kept).compute(), None) == a.ravel()).all()
    out = gl.zeros((12, 5), dtype=a.dtype)
    assert rng.permuted(kept, axis=0, out=out) is out and (np.sort(out.compute(), 0) == a).all()
    with pytest.raises(TypeError):
        rng.shuffle([1, 2])
    with pytest.raises(np.exceptions.AxisError):
        rng.permutation(x, axis=2)
    assert rng.choice(a, (3, 2), axis=1).shape == (12, 3, 2) and rng.choice(a).shape == (5,) and rng.choice(9).shape == ()
    few = rng.choice(x, 5, replace=False, axis=1).compute()
    assert (np.sort(few, 1) == x.compute()).all()
    p = np.array([0.1, 0, 0.4, 0.5])
    share = np.bincount(rng.choice(4, 40000, p=p, chunks=999).compute(), minlength=4) / 40000
    assert np.abs(share - p).max() < 0.015 and share[1] == 0
    assert sorted(rng.choice(4, 3, p=p, replace=False).tolist()) == [0, 2, 3]
    # The order of unequal ones, beside NumPy's.
    firsts = np.array([rng.choice(4, 2, p=p, replace=False).compute() for _ in range(1500)])
    theirs = np.random.default_rng(0)
    theirs = np.array([theirs.choice(4, 2, p=p, replace=False) for _ in range(1500)])
    assert np.abs(np.bincount(firsts.ravel()) - np.bincount(theirs.ravel())).max() < 150
    for call in [
        lambda r: r.choice(3, 4, replace=False), lambda r: r.choice(3, 2, p=[0.5, 0.5]), lambda r: r.choice(2, 2, p=[0.9, 0.2]),
        lambda r: r.choice(2, 2, p=[-0.5, 1.5]), lambda r: r.choice(2, 2, p=[np.nan, 1]), lambda r: r.choice(0, 2), lambda r: r.choice([], 2),
        lambda r: r.choice(3, 3, replace=False, p=[0, 0.5, 0.5]), lambda r: r.choice(2, 2, p=[[0.5, 0.5]]),
        lambda r: r.multinomial(-1, [0.5, 0.5]), lambda r: r.multinomial(3, [0.9, 0.9, 0.1]), lambda r: r.dirichlet([-1, 2]),
        lambda r: r.multivariate_hypergeometric([1, 2], 4), lambda r: r.multivariate_hypergeometric([1, -2], 1),
        lambda r: r.multivariate_normal([0], [[1, 2], [2, 1]], method="cholesky")
    ]:  # fmt: skip
        with pytest.raises(ValueError):
            call(np.random.default_rng(0))
        with pytest.raises(ValueError):
            call(gl.random.default_rng(0))
    with pytest.raises(ValueError, match="non-negative"):
        rng.spawn(-1)


def test_vectors():
    """Shapes and means of random vectors are NumPy's."""
    ours, theirs = gl.random.default_rng(1), np.random.default_rng(1)
    for call in [
        lambda r, size: r.multinomial(20, [0.2, 0.3, 0.5], size), lambda r, size: r.dirichlet([1, 2, 3], size), lambda r, size: r.dirichlet([0.01, 0.02], size),
        lambda r, size: r.multivariate_hypergeometric([5, 10, 15], 7, size),
        lambda r, size: r.multivariate_normal([1, 2], [[2, 1], [1, 3]], size, method="cholesky"),
    ]:  # fmt: skip
        for size in (None, 3, (2, 3), (200, 200)):
            x, y = call(ours, size).compute(), call(theirs, size)
            assert x.shape == y.shape and x.dtype == y.dtype
        axes = (0, 1)
        assert (
            np.abs((x.mean(axes) - y.mean(axes)) / (y.std(axes) + 1e-9)).max() < 0.035
            and np.abs(x.std(axes) / y.std(axes) - 1).max() < 0.05
        )
    assert len(ours.bytes(7)) == 7 and ours.bytes(8) != ours.bytes(8)
    with pytest.raises(TypeError, match="cholesky"):
        ours.multivariate_normal([0], [[1]], method="svd")


def test_results_are_written_into_lazy_arrays():
    """`out`, whose shape is the result's."""
    rng = gl.random.default_rng(1)
    for name, parameters in [("random", ()), ("standard_normal", ()), ("standard_exponential", ()), ("standard_gamma", (2.0,))]:
        out = gl.zeros((3, 4))
        assert getattr(rng, name)(*parameters, out=out) is out and (out.compute() != 0).all()
