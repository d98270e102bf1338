"""Random arrays: every element is a function of the seed, the array's number and the element's place alone, so chunks change nothing."""

import numpy as np

from . import _convert, _core
from ._convert import cut
from ._dtypes import canonical, name
from ._handle import wrap

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

    def __init__(self, seed=None):
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

    def random(self, size=None, dtype=np.float64, *, chunks="auto"):
        """Floats in [0, 1), each equally likely."""
        return self._floats("uniform", 0, 1, size, dtype, chunks)

    def uniform(self, low=0.0, high=1.0, size=None, *, dtype=np.float64, chunks="auto"):
        """Floats in [low, high), each equally likely."""
        return self._floats("uniform", low, high, size, dtype, chunks)

    def normal(self, loc=0.0, scale=1.0, size=None, *, dtype=np.float64, chunks="auto"):
        """Normal floats of mean `loc` and standard deviation `scale`, by Box and Muller's method."""
        return self._floats("normal", loc, scale, size, dtype, chunks)

    def standard_normal(self, size=None, dtype=np.float64, *, chunks="auto"):
        """Normal floats of mean 0 and standard deviation 1."""
        return self._floats("normal", 0, 1, size, dtype, chunks)

    def exponential(self, scale=1.0, size=None, *, dtype=np.float64, chunks="auto"):
        """Exponential floats of mean `scale`."""
        return self._floats("exponential", scale, 0, size, dtype, chunks)

    def standard_exponential(self, size=None, dtype=np.float64, *, chunks="auto"):
        """Exponential floats of mean 1."""
        return self._floats("exponential", 1, 0, size, dtype, chunks)

    def integers(self, low, high=None, size=None, dtype=np.int64, endpoint=False, *, chunks="auto"):
        """Integers from `low` to `high` (from 0 to `low` without it), each equally likely; `high` belongs to them with `endpoint`."""
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

    def bernoulli(self, p=0.5, size=None, *, chunks="auto"):
        """True with probability `p`, within 2^-32."""
        return self._floats("bernoulli", p, 0, size, np.bool, chunks)


def default_rng(seed=None):
    """A generator; without a seed, one like no other."""
    if isinstance(seed, Generator):
        return seed
    return Generator(seed)


RandomState = Generator
_generator = [None]


def seed(seed=None):
    """Gives the module's functions a seed."""
    _generator[0] = Generator(seed)


def _shared():
    if _generator[0] is None:
        seed()
    return _generator[0]


def random(size=None, *, chunks="auto"):
    """Floats in [0, 1), each equally likely."""
    return _shared().random(size, chunks=chunks)


random_sample = random


def uniform(low=0.0, high=1.0, size=None, *, chunks="auto"):
    """Floats in [low, high), each equally likely."""
    return _shared().uniform(low, high, size, chunks=chunks)


def normal(loc=0.0, scale=1.0, size=None, *, chunks="auto"):
    """Normal floats of mean `loc` and standard deviation `scale`."""
    return _shared().normal(loc, scale, size, chunks=chunks)


def standard_normal(size=None, *, chunks="auto"):
    """Normal floats of mean 0 and standard deviation 1."""
    return _shared().standard_normal(size, chunks=chunks)


def exponential(scale=1.0, size=None, *, chunks="auto"):
    """Exponential floats of mean `scale`."""
    return _shared().exponential(scale, size, chunks=chunks)


def randint(low, high=None, size=None, dtype=np.int64, *, chunks="auto"):
    """Integers from `low` up to but not including `high` (from 0 to `low` without it), each equally likely."""
    return _shared().integers(low, high, size, dtype, chunks=chunks)


def rand(*shape):
    """Floats in [0, 1)."""
    return random(shape or None)


def randn(*shape):
    """Normal floats of mean 0 and standard deviation 1."""
    return standard_normal(shape or None)
