"""The distributions of NumPy's `Generator`: each method one of the library's laws, with numbers or arrays as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import cut, is_array, node
from ._dtypes import name
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Chunks, DTypeLike, Shape


def parameter(law: str, number: int, value: Any) -> Any:
    """A law's parameter: one of Python's numbers, or a node; what is no lazy array is looked at now.

    Raises
    ------
    ValueError
        For numbers outside its domain.
    """
    if is_array(value):
        return value._node
    values = np.asarray(value)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{law}: parameters are numbers or arrays of them, not {values.dtype}")
    if values.ndim == 0:
        return float(values)
    for end in (values.min(), values.max()) if values.size else ():
        _core.check_law(law, number, float(end))
    return node(values)


def shape_of(size: Any, parameters: list[Any]) -> list[int]:
    """The shape that is asked for, or that parameters have together."""
    if size is not None:
        return _convert.shape(size)
    return list(np.broadcast_shapes(*(tuple(p.shape) for p in parameters if isinstance(p, _core.Node))))


class Laws:
    """The methods that `random.Generator` has for distributions.

    Each element is a function of the seed, the array's number, its place and the parameters there: chunks change nothing, devices at
    most rounding.
    """

    _core: _core.Generator

    def _law(self, law, parameters, size, dtype, chunks):
        parameters = [parameter(law, number, value) for number, value in enumerate(parameters)]
        shape = shape_of(size, parameters)
        return wrap(self._core.law(law, parameters, name(dtype), shape, cut(chunks, len(shape))))

    def gamma(
        self, shape: ArrayLike, scale: ArrayLike = 1.0, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Gamma numbers.

        Parameters
        ----------
        shape : array_like
            How many exponential numbers they are sums of, were it whole.
        scale : array_like
            What they are multiplied by.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).gamma(2.0, 3.0, 10**4)
        >>> abs(float(x.mean()) - 6) < 0.3
        True
        """
        return self._law("gamma", [shape, scale], size, dtype, chunks)

    def beta(
        self, a: ArrayLike, b: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Beta numbers, between 0 and 1.

        Parameters
        ----------
        a, b : array_like
            Shapes of the two gamma numbers, of whose sum the first one is a share.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).beta(2, 2, 10**4)
        >>> abs(float(x.mean()) - 0.5) < 0.02
        True
        """
        return self._law("beta", [a, b], size, dtype, chunks)

    def chisquare(self, df: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto") -> Array:
        """Sums of squares of normal numbers.

        Parameters
        ----------
        df : array_like
            Degrees of freedom.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).chisquare(3, 10**4)
        >>> abs(float(x.mean()) - 3) < 0.2
        True
        """
        return self._law("chisquare", [df], size, dtype, chunks)

    def noncentral_chisquare(
        self, df: ArrayLike, nonc: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Sums of squares of normal numbers about another centre.

        Parameters
        ----------
        df : array_like
            Degrees of freedom.
        nonc : array_like
            The square of the distance of the centre.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).noncentral_chisquare(3, 2, 10**4)
        >>> abs(float(x.mean()) - 5) < 0.3
        True
        """
        return self._law("noncentral_chisquare", [df, nonc], size, dtype, chunks)

    def f(
        self, dfnum: ArrayLike, dfden: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Ratios of mean squares.

        Parameters
        ----------
        dfnum, dfden : array_like
            Degrees of freedom above and below.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).f(3, 20, 10**4)
        >>> abs(float(x.mean()) - 20 / 18) < 0.1
        True
        """
        return self._law("f", [dfnum, dfden], size, dtype, chunks)

    def noncentral_f(
        self,
        dfnum: ArrayLike,
        dfden: ArrayLike,
        nonc: ArrayLike,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Ratios of mean squares about different centres.

        Parameters
        ----------
        dfnum, dfden : array_like
            Degrees of freedom above and below.
        nonc : array_like
            The square of the distance of the numerator's centre.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).noncentral_f(3, 20, 3, 10**4)
        >>> abs(float(x.mean()) - 2 * 20 / 18) < 0.2
        True
        """
        return self._law("noncentral_f", [dfnum, dfden, nonc], size, dtype, chunks)

    def standard_t(self, df: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto") -> Array:
        """Student's t.

        Parameters
        ----------
        df : array_like
            Degrees of freedom.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).standard_t(10, 10**4)
        >>> abs(float(x.mean())) < 0.1
        True
        """
        return self._law("standard_t", [df], size, dtype, chunks)

    def vonmises(
        self, mu: ArrayLike, kappa: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Angles, from -pi to pi.

        Parameters
        ----------
        mu : array_like
            The direction they are about.
        kappa : array_like
            How close they are.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).vonmises(0.5, 4, 10**4)
        >>> abs(float(x.mean()) - 0.5) < 0.1
        True
        """
        return self._law("vonmises", [mu, kappa], size, dtype, chunks)

    def laplace(
        self,
        loc: ArrayLike = 0.0,
        scale: ArrayLike = 1.0,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Exponential numbers to both sides.

        Parameters
        ----------
        loc : array_like
            The middle.
        scale : array_like
            The mean distance from it.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).laplace(size=10**4)
        >>> abs(float(x.mean())) < 0.1
        True
        """
        return self._law("laplace", [loc, scale], size, dtype, chunks)

    def logistic(
        self,
        loc: ArrayLike = 0.0,
        scale: ArrayLike = 1.0,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Logarithms of odds of uniform numbers.

        Parameters
        ----------
        loc : array_like
            The middle.
        scale : array_like
            How wide they are.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).logistic(size=10**4)
        >>> abs(float(x.mean())) < 0.1
        True
        """
        return self._law("logistic", [loc, scale], size, dtype, chunks)

    def gumbel(
        self,
        loc: ArrayLike = 0.0,
        scale: ArrayLike = 1.0,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Extreme values.

        Parameters
        ----------
        loc : array_like
            The mode.
        scale : array_like
            How wide they are.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).gumbel(size=10**4)
        >>> abs(float(x.mean()) - 0.5772) < 0.1
        True
        """
        return self._law("gumbel", [loc, scale], size, dtype, chunks)

    def rayleigh(
        self, scale: ArrayLike = 1.0, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Lengths of normal vectors of two numbers.

        Parameters
        ----------
        scale : array_like
            The mode.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).rayleigh(size=10**4)
        >>> abs(float(x.mean()) - 1.2533) < 0.05
        True
        """
        return self._law("rayleigh", [scale], size, dtype, chunks)

    def power(self, a: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto") -> Array:
        """Numbers between 0 and 1, of a density that is a power.

        Parameters
        ----------
        a : array_like
            The density is `a * x**(a - 1)`.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).power(3, 10**4)
        >>> abs(float(x.mean()) - 0.75) < 0.02
        True
        """
        return self._law("power", [a], size, dtype, chunks)

    def lognormal(
        self,
        mean: ArrayLike = 0.0,
        sigma: ArrayLike = 1.0,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Numbers whose logarithm is normal.

        Parameters
        ----------
        mean, sigma : array_like
            Mean and deviation of the logarithm.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).lognormal(0, 0.5, 10**4)
        >>> abs(float(gl.log(x).mean())) < 0.05
        True
        """
        return self._law("lognormal", [mean, sigma], size, dtype, chunks)

    def weibull(self, a: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto") -> Array:
        """Exponential numbers to the power of `1 / a`.

        Parameters
        ----------
        a : array_like
            The shape.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).weibull(2, 10**4)
        >>> abs(float(x.mean()) - 0.8862) < 0.03
        True
        """
        return self._law("weibull", [a], size, dtype, chunks)

    def pareto(self, a: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto") -> Array:
        """Lomax numbers, from 0: one more is Pareto's own.

        Parameters
        ----------
        a : array_like
            The shape.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).pareto(3, 10**4)
        >>> abs(float(x.mean()) - 0.5) < 0.05
        True
        """
        return self._law("pareto", [a], size, dtype, chunks)

    def standard_cauchy(self, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto") -> Array:
        """Ratios of normal numbers.

        Parameters
        ----------
        size : int or tuple of int, optional
            The shape; 0-d without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).standard_cauchy(size=10**4)
        >>> abs(float(gl.median(x))) < 0.1
        True
        """
        return self._law("standard_cauchy", [], size, dtype, chunks)

    def triangular(
        self,
        left: ArrayLike,
        mode: ArrayLike,
        right: ArrayLike,
        size: Shape | None = None,
        *,
        dtype: DTypeLike = np.float64,
        chunks: Chunks = "auto",
    ) -> Array:
        """Numbers between two ends.

        Parameters
        ----------
        left, mode, right : array_like
            Where the density begins to rise, is highest, and is 0 again.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).triangular(0, 1, 5, 10**4)
        >>> abs(float(x.mean()) - 2) < 0.1
        True
        """
        return self._law("triangular", [left, mode, right], size, dtype, chunks)

    def wald(
        self, mean: ArrayLike, scale: ArrayLike, size: Shape | None = None, *, dtype: DTypeLike = np.float64, chunks: Chunks = "auto"
    ) -> Array:
        """Inverse Gaussian numbers.

        Parameters
        ----------
        mean : array_like
            Their mean.
        scale : array_like
            The larger, the closer they are.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        dtype : dtype, optional
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).wald(3, 2, 10**4)
        >>> abs(float(x.mean()) - 3) < 0.3
        True
        """
        return self._law("wald", [mean, scale], size, dtype, chunks)

    def geometric(self, p: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """How many trials it takes to succeed, from 1.

        Parameters
        ----------
        p : array_like
            The probability of success.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).geometric(0.25, 10**4)
        >>> abs(float(x.mean()) - 4) < 0.2
        True
        """
        return self._law("geometric", [p], size, np.int64, chunks)

    def poisson(self, lam: ArrayLike = 1.0, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """How many events there are.

        Parameters
        ----------
        lam : array_like
            How many are expected.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).poisson(4, 10**4)
        >>> abs(float(x.mean()) - 4) < 0.1
        True
        """
        return self._law("poisson", [lam], size, np.int64, chunks)

    def binomial(self, n: ArrayLike, p: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """How many trials succeed.

        Parameters
        ----------
        n : array_like
            How many trials.
        p : array_like
            The probability of success.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).binomial(10, 0.3, 10**4)
        >>> abs(float(x.mean()) - 3) < 0.1
        True
        """
        return self._law("binomial", [n, p], size, np.int64, chunks)

    def negative_binomial(self, n: ArrayLike, p: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """How many trials fail before so many succeed.

        Parameters
        ----------
        n : array_like
            How many have to succeed.
        p : array_like
            The probability of success.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).negative_binomial(3, 0.5, 10**4)
        >>> abs(float(x.mean()) - 3) < 0.2
        True
        """
        return self._law("negative_binomial", [n, p], size, np.int64, chunks)

    def hypergeometric(
        self, ngood: ArrayLike, nbad: ArrayLike, nsample: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto"
    ) -> Array:
        """How many good ones are taken out of a bag.

        Parameters
        ----------
        ngood, nbad : array_like
            What is in the bag.
        nsample : array_like
            How many are taken out.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).hypergeometric(10, 20, 6, 10**4)
        >>> abs(float(x.mean()) - 2) < 0.1
        True
        """
        return self._law("hypergeometric", [ngood, nbad, nsample], size, np.int64, chunks)

    def zipf(self, a: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """`k` with a probability like `k**-a`, from 1.

        Parameters
        ----------
        a : array_like
            Above 1.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).zipf(4.0, 10**4)
        >>> int(x.min())
        1
        """
        return self._law("zipf", [a], size, np.int64, chunks)

    def logseries(self, p: ArrayLike, size: Shape | None = None, *, chunks: Chunks = "auto") -> Array:
        """`k` with a probability like `p**k / k`, from 1.

        Parameters
        ----------
        p : array_like
            0 or more, and below 1.
        size : int or tuple of int, optional
            The shape; that of the parameters together without it.
        chunks : optional

        Examples
        --------
        >>> import gridloom as gl
        >>> x = gl.random.default_rng(0).logseries(0.5, 10**4)
        >>> int(x.min())
        1
        """
        return self._law("logseries", [p], size, np.int64, chunks)
