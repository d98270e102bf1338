"""Random arrays: every element is a function of the seed, the array's number and the element's place alone, so chunks change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import cut, is_array, node
from ._dtypes import canonical, name
from ._handle import into, replace, wrap
from ._laws import Laws

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, Chunks, DTypeLike, Out, Shape


__all__ = [
    "Generator",
    "RandomState",
    "choice",
    "default_rng",
    "exponential",
    "normal",
    "permutation",
    "rand",
    "randint",
    "randn",
    "random",
    "random_sample",
    "seed",
    "shuffle",
    "standard_normal",
    "uniform",
]


def __dir__():
    return __all__


class Generator(Laws):
    """Makes random arrays, by the names of `numpy.random.Generator`: two of one seed make the same arrays in the same order."""

    def __init__(self, seed: Any = None) -> None:
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        seed = _convert.index(seed)
        if seed < 0:
            raise ValueError("expected non-negative integer")
        self._core = _core.Generator(seed & 0xFFFF_FFFF_FFFF_FFFF)

    def _floats(self, draw, a, b, size, dtype, chunks, out=None):
        if size is None and out is not None:
            size = out.shape
        shape = _convert.shape(size)
        made = self._core.floats(draw, float(a), float(b), name(dtype), shape, cut(chunks, len(shape)))
        return into(out, made, draw)

    def _scaled(self, law, a, b, size, dtype, chunks):
        """A law of two parameters: numbers make the same draws as they always did, arrays are broadcast."""
        if np.ndim(a) or np.ndim(b) or is_array(a) or is_array(b):
            return self._law(law, [a] if law == "exponential" else [a, b], size, dtype, chunks)
        return self._floats(law, a, b, size, dtype, chunks)

    def random(self, size: Shape | None = None, dtype: DTypeLike = np.float64, out: Out = None, *, chunks: Chunks = "auto") -> Array:
        """Floats in [0, 1), each equally likely.

        Parameters
        ----------
        size : int or tuple of int, optional
            The shape; 0-d without it.
        dtype : dtype, optional
        out : Array, optional
            Is given the result, and returned.
        chunks : optional
            How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

        Returns
        -------
        Array

        Notes
        -----
        An element is a function of the seed, the array's number and its place alone: chunks change nothing, devices at most rounding.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).random((100, 100), chunks=50)
        >>> bool((x >= 0).all() & (x < 1).all())
        True
        """
        return self._floats("uniform", 0, 1, size, dtype, chunks, out)

    def uniform(
        self,
        low: ArrayLike = 0.0,
        high: ArrayLike = 1.0,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Floats in [low, high), each equally likely.

        Parameters
        ----------
        low, high : array_like
        size : int or tuple of int, optional
            The shape; 0-d without it.
        dtype : dtype, optional
        chunks : optional
            How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

        Returns
        -------
        Array

        Notes
        -----
        An element is a function of the seed, the array's number and its place alone: chunks change nothing, devices at most rounding.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).uniform(-1, 1, 1000)
        >>> bool((x >= -1).all() & (x < 1).all())
        True
        """
        if not (is_array(low) or is_array(high)):
            width = np.asarray(high, np.float64) - np.asarray(low, np.float64)
            if not np.isfinite(width).all():
                raise OverflowError("high - low range exceeds valid bounds")
            if (width < 0).any():
                raise ValueError("high - low < 0")
        return self._scaled("uniform", low, high, size, dtype, chunks)

    def normal(
        self,
        loc: ArrayLike = 0.0,
        scale: ArrayLike = 1.0,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Normal floats.

        Parameters
        ----------
        loc : array_like
            Their mean.
        scale : array_like
            Their standard deviation.
        size : int or tuple of int, optional
            The shape; 0-d without it.
        dtype : dtype, optional
        chunks : optional
            How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

        Returns
        -------
        Array

        Raises
        ------
        ValueError
            For a negative deviation.

        Notes
        -----
        By Box and Muller's method.
        An element is a function of the seed, the array's number and its place alone: chunks change nothing, devices at most rounding.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).normal(9, 1, 10**6)
        >>> abs(float(x.mean()) - 9) < 0.01
        True
        """
        return self._scaled("normal", loc, scale, size, dtype, chunks)

    def standard_normal(
        self, size: Shape | None = None, dtype: DTypeLike = np.float64, out: Out = None, *, chunks: Chunks = "auto"
    ) -> Array:
        """Normal floats of mean 0 and standard deviation 1."""
        return self._floats("normal", 0, 1, size, dtype, chunks, out)

    def exponential(
        self, scale: ArrayLike = 1.0, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Exponential floats of mean `scale`."""
        return self._scaled("exponential", scale, 0, size, dtype, chunks)

    def standard_exponential(
        self, size: Shape | None = None, dtype: DTypeLike = np.float64, method: str = "inv", out: Out = None, *, chunks: Chunks = "auto"
    ) -> Array:
        """Exponential floats of mean 1: by the inverse of their distribution function, whichever `method` of NumPy's is named."""
        if method not in ("zig", "inv"):
            raise ValueError(f"method must be 'zig' or 'inv', not {method!r}")
        return self._floats("exponential", 1, 0, size, dtype, chunks, out)

    def standard_gamma(
        self, shape: ArrayLike, size: Shape | None = None, dtype: DTypeLike = np.float64, out: Out = None, *, chunks: Chunks = "auto"
    ) -> Array:
        """Gamma numbers of scale 1: `gamma(shape)`."""
        if size is None and is_array(out):
            size = out.shape
        return into(out, self._law("gamma", [shape, 1.0], size, dtype, chunks)._node, "standard_gamma")

    def integers(
        self,
        low: int,
        high: int | None = None,
        size: Shape | None = None,
        dtype: DTypeLike = np.int64,
        endpoint: bool = False,
        *,
        chunks: Chunks = "auto",
    ) -> Array:
        """Integers, each equally likely.

        Parameters
        ----------
        low, high : int
            From `low` up to but not including `high`; from 0 to `low` without it.
        endpoint : bool
            Whether `high` belongs to them.
        size : int or tuple of int, optional
            The shape; 0-d without it.
        dtype : dtype, optional
        chunks : optional
            How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

        Returns
        -------
        Array

        Raises
        ------
        ValueError
            For no integers between the two, and bounds beyond the dtype.

        Notes
        -----
        An element is a function of the seed, the array's number and its place alone: chunks change nothing, devices at most rounding.

        Examples
        --------
        >>> import gridloom as gl
        >>> dice = gl.random.default_rng(0).integers(1, 6, 1000, endpoint=True)
        >>> int(dice.min()), int(dice.max())
        (1, 6)
        """
        low, high = (0, low) if high is None else (low, high)
        low, high = int(low), int(high) - (0 if endpoint else 1)
        dtype = canonical(dtype)
        if dtype.kind in "iu":
            info = np.iinfo(dtype)
            if low < info.min:
                raise ValueError(f"low is out of bounds for {dtype}")
            if high > info.max:
                raise ValueError(f"high is out of bounds for {dtype}")
        if low > high:
            raise ValueError("low >= high")
        shape = _convert.shape(size)
        return wrap(self._core.integers(low, high, name(dtype), shape, cut(chunks, len(shape))))

    def bernoulli(self, p: float = 0.5, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """True with probability `p`, within 2^-32."""
        return self._floats("bernoulli", p, 0, size, np.bool, chunks)

    def permutation(self, x: ArrayLike, axis: Axis = 0, *, chunks: Chunks = "auto") -> Array:
        """The integers below `x` in a random order, or the entries of an array.

        Parameters
        ----------
        x : int or array_like
        axis : int
            Whose entries move.
        chunks : optional
            How the integers are cut.

        Returns
        -------
        Array

        Notes
        -----
        More than 4096 integers are made each from its place, by a cipher: a slice of them costs what the slice is long.

        Examples
        --------
        >>> import gridloom as gl
        >>> order = gl.random.default_rng(0).permutation(10**12)
        >>> order[10**11:10**11 + 5].shape
        (5,)
        >>> sorted(gl.random.default_rng(0).permutation(5).tolist())
        [0, 1, 2, 3, 4]
        """
        if not is_array(x) and np.ndim(x) == 0:
            return wrap(self._core.permutation(_convert.index(x), cut(chunks, 1)))
        return wrap(self._core.shuffle(node(x), _convert.axis(axis)))

    def shuffle(self, x: Array, axis: Axis = 0) -> Array:
        """Puts the entries of a lazy array in a random order.

        Arrays do not change; as with `x[0] = 1`, the handle is given another one, and other handles keep theirs. It is returned, too.

        Parameters
        ----------
        x : Array
        axis : int
            Whose entries move.

        Returns
        -------
        Array
            `x`.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.arange(5)
        >>> y = gl.random.default_rng(0).shuffle(x)
        >>> sorted(x.tolist()) == [0, 1, 2, 3, 4] and y is x
        True
        """
        if not is_array(x):
            raise TypeError(f"shuffle: a lazy array is needed, not {type(x).__name__}; permutation() takes others")
        return replace(x, self._core.shuffle(x._node, _convert.axis(axis)), "shuffle")

    def permuted(self, x: ArrayLike, *, axis: Axis | None = None, out: Out = None) -> Array:
        """An array with each line along an axis in a random order of its own, or all its elements in one.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).permuted(gl.asarray([[1, 2, 3], [10, 20, 30]]), axis=1)
        >>> x.sum(axis=1).tolist()
        [6, 60]
        """
        return into(out, self._core.permuted(node(x), None if axis is None else _convert.axis(axis)), "permuted")

    def choice(
        self,
        a: ArrayLike,
        size: Shape | None = None,
        replace: bool = True,
        p: ArrayLike | None = None,
        axis: Axis = 0,
        shuffle: bool = True,
        *,
        chunks: Chunks = "auto",
    ) -> Array:
        """Entries of an array, or integers below a number, at random.

        Parameters
        ----------
        a : int or array_like
            What is chosen from; an array's axis is held whole.
        size : int or tuple of int, optional
            The shape of the choice; one without it.
        replace : bool
            Whether an entry may be chosen again.
        p : array_like, optional
            Their probabilities; lazy ones are computed.
        axis : int
            Of which the entries are.
        shuffle : bool
            Is taken as NumPy's: they are always in a random order.
        chunks : optional
            How integers are cut.

        Returns
        -------
        Array

        Examples
        --------
        >>> import gridloom as gl
        >>> rng = gl.random.default_rng(0)
        >>> sorted(rng.choice(5, 5, replace=False).tolist())
        [0, 1, 2, 3, 4]
        >>> rng.choice(gl.asarray([10, 20, 30]), 4, p=[0, 1, 0]).tolist()
        [20, 20, 20, 20]
        """
        of_array = is_array(a) or np.ndim(a) > 0
        x = node(a) if of_array else None
        at = 0 if x is None else _convert.axis_of(axis, len(x.shape))
        count = _convert.index(a) if x is None else x.shape[at]
        shape = _convert.shape(size)
        if count < 1 and 0 not in shape:
            raise ValueError(
                "a must be a positive integer unless no samples are taken" if x is None else "a cannot be empty unless no samples are taken"
            )
        if p is not None:
            p = np.asarray(p.compute() if is_array(p) else p, np.float64)
            if p.ndim != 1:
                raise ValueError("p must be 1-dimensional")
            p = p.tolist()
        places = self._core.choice(count, shape, bool(replace), p, cut(chunks, len(shape)))
        if x is None:
            return wrap(places)
        chosen = _core.take_held(x, places.reshape([-1]), at)
        return wrap(chosen.reshape([*x.shape[:at], *shape, *x.shape[at + 1 :]]))

    def multinomial(self, n: int, pvals: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """How often each of several outcomes turns up in `n` trials, along a new last axis. One `n` and one list of probabilities.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).multinomial(20, [0.5, 0.25, 0.25], 100)
        >>> x.shape, bool((x.sum(axis=1) == 20).all())
        ((100, 3), True)
        """
        n = _convert.index(n)
        if n < 0:
            raise ValueError("n < 0")
        shape = _convert.shape(size)
        return wrap(self._core.multinomial(n, _vector("pvals", pvals), shape, cut(chunks, len(shape) + 1)))

    def multivariate_hypergeometric(
        self, colors: ArrayLike, nsample: int, size: Shape | None = None, method: str = "marginals", *, chunks: Chunks = "auto"
    ) -> Array:
        """How many of each colour are among `nsample` out of a bag, along a new last axis; by marginals, whichever method is named.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).multivariate_hypergeometric([16, 8, 4], 6, 100)
        >>> x.shape, bool((x.sum(axis=1) == 6).all())
        ((100, 3), True)
        """
        if method not in ("count", "marginals"):
            raise ValueError('method must be "count" or "marginals".')
        counts, nsample = [_convert.index(count) for count in np.asarray(colors)], _convert.index(nsample)
        if nsample < 0 or min(counts, default=0) < 0:
            raise ValueError("nsample and colors must be nonnegative")
        shape = _convert.shape(size)
        return wrap(self._core.multivariate_hypergeometric(counts, nsample, shape, cut(chunks, len(shape) + 1)))

    def dirichlet(self, alpha: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """Shares of a whole, along a new last axis.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).dirichlet([10, 5, 3], 100)
        >>> x.shape, bool(gl.allclose(x.sum(axis=1), 1))
        ((100, 3), True)
        """
        shape = _convert.shape(size)
        return wrap(self._core.dirichlet(_vector("alpha", alpha), shape, cut(chunks, len(shape) + 1)))

    def multivariate_normal(
        self,
        mean: ArrayLike,
        cov: ArrayLike,
        size: Shape | None = None,
        check_valid: str = "warn",
        tol: float = 1e-8,
        *,
        method: str = "cholesky",
        chunks: Chunks = "auto",
    ) -> Array:
        """Normal vectors, along a new last axis.

        Parameters
        ----------
        mean, cov : array_like
            Of a length, and of its square; lazy ones are computed.
        size : int or tuple of int, optional
            The shape before the last axis.
        check_valid, tol
            Are taken as NumPy's; a covariance that is none is always refused.
        method : {"cholesky"}
            NumPy's others, of the same distribution, are not there.
        chunks : optional

        Returns
        -------
        Array

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).multivariate_normal([1, 9], [[2, 1], [1, 1]], 10**4)
        >>> x.shape, abs(float(x[:, 1].mean()) - 9) < 0.1
        ((10000, 2), True)
        """
        if method not in ("cholesky", "eigh", "svd"):
            raise ValueError("method must be one of {'eigh', 'svd', 'cholesky'}")
        if method != "cholesky":
            raise TypeError(f"multivariate_normal: method={method!r} is not in gridloom yet: 'cholesky' is the same distribution")
        if check_valid not in ("warn", "raise", "ignore"):
            raise ValueError("check_valid must equal 'warn', 'raise', or 'ignore'")
        means = _vector("mean", mean)
        matrix = np.asarray(cov.compute() if is_array(cov) else cov, np.float64)
        if matrix.shape != (len(means), len(means)):
            raise ValueError("cov must be 2 dimensional and square" if matrix.ndim != 2 else "mean and cov must have same length")
        shape = _convert.shape(size)
        made = self._core.multivariate_normal(means, matrix.ravel().tolist(), shape, cut(chunks, len(shape) + 1))
        return wrap(made)

    def bytes(self, length: int) -> bytes:
        """So many random bytes, computed.

        Examples
        --------
        >>> import gridloom as gl
        >>> len(gl.random.default_rng(0).bytes(10))
        10
        """
        return np.asarray(self.integers(256, size=_convert.index(length), dtype=np.uint8).compute()).tobytes()

    def spawn(self, n_children: int) -> list[Generator]:
        """Generators of seeds of their own, others with each call.

        Examples
        --------
        >>> import gridloom as gl
        >>> [one, other] = gl.random.default_rng(0).spawn(2)
        >>> bool((one.random(3) == other.random(3)).any())
        False
        """
        n_children = _convert.index(n_children)
        if n_children < 0:
            raise ValueError("n_children must be non-negative")
        made = []
        for core in self._core.spawn(n_children):
            child = object.__new__(Generator)
            child._core = core
            made.append(child)
        return made


def _vector(what, values):
    """A list of floats, from an array on one axis."""
    values = np.asarray(values.compute() if is_array(values) else values, np.float64)
    if values.ndim != 1:
        raise ValueError(f"{what} must be 1-dimensional")
    return values.tolist()


def default_rng(seed: Any = None) -> Generator:
    """A generator; without a seed, one like no other."""
    if isinstance(seed, Generator):
        return seed
    return Generator(seed)


RandomState = Generator
_generator: list[Generator | None] = [None]


def seed(seed: Any = None) -> None:
    """Gives the module's functions a seed."""
    _generator[0] = Generator(seed)


def _shared() -> Generator:
    made = _generator[0]
    if made is None:
        _generator[0] = made = Generator()
    return made


def random(size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
    """Floats in [0, 1), each equally likely."""
    return _shared().random(size, chunks=chunks)


random_sample = random


def uniform(low: float = 0.0, high: float = 1.0, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
    """Floats in [low, high), each equally likely."""
    return _shared().uniform(low, high, size, chunks=chunks)


def normal(loc: float = 0.0, scale: float = 1.0, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
    """Normal floats of mean `loc` and standard deviation `scale`."""
    return _shared().normal(loc, scale, size, chunks=chunks)


def standard_normal(size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
    """Normal floats of mean 0 and standard deviation 1."""
    return _shared().standard_normal(size, chunks=chunks)


def exponential(scale: float = 1.0, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
    """Exponential floats of mean `scale`."""
    return _shared().exponential(scale, size, chunks=chunks)


def randint(low: int, high: int | None = None, size: Shape | None = None, dtype: DTypeLike = np.int64, *, chunks: Chunks = "auto") -> Array:
    """Integers from `low` up to but not including `high` (from 0 to `low` without it), each equally likely."""
    return _shared().integers(low, high, size, dtype, chunks=chunks)


def choice(a: ArrayLike, size: Shape | None = None, replace: bool = True, p: ArrayLike | None = None, *, chunks: Chunks = "auto") -> Array:
    """Entries of an array, or integers below a number, at random."""
    return _shared().choice(a, size, replace, p, chunks=chunks)


def permutation(x: ArrayLike, *, chunks: Chunks = "auto") -> Array:
    """The integers below `x` in a random order, or the entries of an array."""
    return _shared().permutation(x, chunks=chunks)


def shuffle(x: Array) -> Array:
    """Puts the entries of a lazy array in a random order: see `Generator.shuffle`."""
    return _shared().shuffle(x)


def rand(*shape: int) -> Array:
    """Floats in [0, 1)."""
    return random(shape or None)


def randn(*shape: int) -> Array:
    """Normal floats of mean 0 and standard deviation 1."""
    return standard_normal(shape or None)


if not TYPE_CHECKING:
    # A type checker would take any name to be there.
    def __getattr__(name):
        from ._protocols import missing_name

        raise missing_name(name, "random")
