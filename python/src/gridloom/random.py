"""Random arrays: every element is a function of the seed, the array's number and the element's place alone, so chunks change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import cut
from ._dtypes import canonical, name
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, Chunks, DTypeLike, Shape


__all__ = [
    "Generator",
    "RandomState",
    "default_rng",
    "exponential",
    "normal",
    "rand",
    "randint",
    "randn",
    "random",
    "random_sample",
    "seed",
    "standard_normal",
    "uniform",
]


def __dir__():
    return __all__


class Generator:
    """Makes random arrays, by the names of `numpy.random.Generator`: two of one seed make the same arrays in the same order."""

    def __init__(self, seed: Any = None) -> None:
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        seed = _convert.index(seed)
        if seed < 0:
            raise ValueError("expected non-negative integer")
        self._core = _core.Generator(seed & 0xFFFF_FFFF_FFFF_FFFF)

    def _floats(self, draw, a, b, size, dtype, chunks):
        shape = _convert.shape(size)
        made = self._core.floats(draw, float(a), float(b), name(dtype), shape, cut(chunks, len(shape)))
        return wrap(made)

    def random(self, size: Shape | None = None, dtype: DTypeLike = np.float64, *, chunks: Chunks = "auto") -> Array:
        """Floats in [0, 1), each equally likely.

        Parameters
        ----------
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
        An element is a function of the seed, the array's number and its place alone: chunks and devices change nothing.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).random((100, 100), chunks=50)
        >>> bool((x >= 0).all() & (x < 1).all())
        True
        """
        return self._floats("uniform", 0, 1, size, dtype, chunks)

    def uniform(
        self, low: float = 0.0, high: float = 1.0, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Floats in [low, high), each equally likely.

        Parameters
        ----------
        low, high : float
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
        An element is a function of the seed, the array's number and its place alone: chunks and devices change nothing.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).uniform(-1, 1, 1000)
        >>> bool((x >= -1).all() & (x < 1).all())
        True
        """
        return self._floats("uniform", low, high, size, dtype, chunks)

    def normal(
        self, loc: float = 0.0, scale: float = 1.0, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Normal floats.

        Parameters
        ----------
        loc : float
            Their mean.
        scale : float
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
        An element is a function of the seed, the array's number and its place alone: chunks and devices change nothing.

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).normal(9, 1, 10**6)
        >>> abs(float(x.mean()) - 9) < 0.01
        True
        """
        return self._floats("normal", loc, scale, size, dtype, chunks)

    def standard_normal(self, size: Shape | None = None, dtype: DTypeLike = np.float64, *, chunks: Chunks = "auto") -> Array:
        """Normal floats of mean 0 and standard deviation 1."""
        return self._floats("normal", 0, 1, size, dtype, chunks)

    def exponential(
        self, scale: float = 1.0, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Exponential floats of mean `scale`."""
        return self._floats("exponential", scale, 0, size, dtype, chunks)

    def standard_exponential(self, size: Shape | None = None, dtype: DTypeLike = np.float64, *, chunks: Chunks = "auto") -> Array:
        """Exponential floats of mean 1."""
        return self._floats("exponential", 1, 0, size, dtype, chunks)

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
        An element is a function of the seed, the array's number and its place alone: chunks and devices change nothing.

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
