"""`Array`: a lazy n-d array in chunks, as NumPy's users know arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np

from . import (
    _core,
    _creation,
    _elements,
    _elementwise,
    _indexing,
    _overlap,
    _products,
    _protocols,
    _reductions,
    _scans,
    _shape,
    _sorting,
    _sources,
    _statistics,
)
from ._client import compute, default_client, persist
from ._dtypes import DTYPES, name
from ._handle import Handle, register, replace, wrap

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._client import Drawing, Text
    from ._typing import ArrayLike, Axis, Casting, Device, DType, DTypeLike, Lengths, Order, Out, Shape

    _Two: TypeAlias = "Callable[[Array, Any], Array]"
    _One: TypeAlias = "Callable[[Array], Array]"


def _operator(name: str) -> tuple[_Two, _Two, _Two]:
    function = _elements.FUNCTIONS[name]

    def forward(self: Array, other: Any) -> Any:
        if _protocols.defers(other):
            return NotImplemented
        return function(self, other)

    def reflected(self: Array, other: Any) -> Any:
        if _protocols.defers(other):
            return NotImplemented
        return function(other, self)

    def inplace(self: Array, other: Any) -> Any:
        if _protocols.defers(other):
            return NotImplemented
        return replace(self, function(self, other)._node, name)

    return forward, reflected, inplace


def _equality(name: str, otherwise: bool) -> _Two:
    """A comparison, which of what no number equals (None, text) is the same everywhere."""
    compare = _operator(name)[0]

    def forward(self: Array, other: Any) -> Array:
        if other is None or isinstance(other, (str, bytes)):
            return _creation.full_like(self, otherwise, dtype=bool)
        return compare(self, other)

    return forward


def _own(function: Callable[..., Array]) -> _One:
    """A function of one array as an operator of it."""
    return lambda self: function(self)


@register
class Array(Handle):
    """A lazy n-d array in chunks, with the methods of NumPy's.

    Nothing is computed until it is asked for: by `compute()`, which gives a NumPy array; by `float(x)`, `len(x)`, `np.asarray(x)` and the
    like. Arrays are made by the functions of the package (`gl.zeros`, `gl.from_array`, `gl.random.default_rng(0).normal`, ...), and by
    NumPy's functions of arrays (`np.sin(x)`).

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(6).reshape(2, 3)
    >>> (x * 2).sum(axis=0).compute()
    array([ 6, 10, 14])
    """

    __slots__ = ()
    # As NumPy's, whose equality is of elements.
    __hash__ = None  # type: ignore[assignment]
    # NumPy's own arrays leave operators to this class.
    __array_priority__ = 20

    def __init__(self, *args: Any, **keywords: Any) -> None:
        raise TypeError("arrays are made by functions: gl.asarray(values), gl.from_array(data, chunks), gl.zeros(shape), ...")

    # ---- what it is

    @property
    def dtype(self) -> DType:
        """The elements' dtype, one of NumPy's."""
        return DTYPES[self._node.dtype]

    @property
    def shape(self) -> Lengths:
        """The length of each axis; None where it is known after computing only (see `compute_chunk_sizes`)."""
        return self._node.shape

    @shape.setter
    def shape(self, shape: Shape) -> None:
        self._node = _shape.reshape(self, shape)._node

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._node.ndim

    @property
    def size(self) -> int | None:
        """Number of elements; None where it is known after computing only."""
        return None if None in self.shape else math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self._node.itemsize

    @property
    def nbytes(self) -> int | None:
        """Bytes of all elements; None where they are not known."""
        return None if self.size is None else self.size * self.itemsize

    @property
    def chunks(self) -> tuple[tuple[Any, ...], ...]:
        """The sizes of the chunks along each axis."""
        return self._node.chunks

    @property
    def numblocks(self) -> tuple[int, ...]:
        """The number of chunks along each axis."""
        return self._node.numblocks

    @property
    def npartitions(self) -> int:
        """The number of chunks."""
        return int(np.prod(self.numblocks, dtype=object))

    @property
    def chunksize(self) -> Lengths:
        """The shape of the largest chunk."""
        return self._node.chunksize

    @property
    def device(self) -> str:
        """Where results are: on the host. Where kernels run is the client's matter."""
        return "cpu"

    @property
    def T(self) -> Array:
        """The axes in reverse order."""
        return _shape.transpose(self)

    @property
    def mT(self) -> Array:
        """The last two axes exchanged."""
        return _shape.matrix_transpose(self)

    @property
    def real(self) -> Array:
        """The array itself: there are no complex ones yet."""
        return self

    @property
    def imag(self) -> Array:
        """Zeros: there are no complex arrays yet."""
        return _creation.zeros_like(self)

    @property
    def flat(self) -> Array:
        """All elements in C order, on one axis."""
        return _shape.ravel(self)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """The package, for code that is written for the Array API."""
        import gridloom

        return gridloom._array_api.namespace(api_version)

    # ---- computing

    def compute(self, **keywords: Any) -> Any:
        """The values, as a NumPy array; a number of 0-d arrays."""
        return compute(self, **keywords)[0]

    def persist(self, **keywords: Any) -> Array:
        """The same array, computed: its chunks are kept where they were made, and whatever is built on it reads them."""
        return persist(self, **keywords)[0]

    def compute_chunk_sizes(self) -> Array:
        """Computes lengths that are not known, keeps the chunks, and returns the array."""
        self._node = default_client()._core.resolve(self._node)
        return self

    def item(self, *args: Any) -> Any:
        """The only element (or the one at the place given), as one of Python's numbers."""
        if args:
            return self[args[0] if len(args) == 1 else args].item() if self.ndim == len(args) else self.flat[args[0]].item()
        if self.size is not None and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return np.asarray(self.compute()).item()

    def to_numpy(self) -> npt.NDArray[Any]:
        """The values as a NumPy array, of 0-d arrays too."""
        return np.asarray(self.compute())

    def tolist(self) -> Any:
        """The values as nested lists."""
        return np.asarray(self.compute()).tolist()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            raise ValueError("a lazy array has no memory that could be shared: copy=None computes it")
        return np.asarray(self.compute(), dtype=dtype)

    def __dlpack__(self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.compute()).__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def _number(self, kind):
        if self.size is not None and self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return kind(self.item())

    def __bool__(self) -> bool:
        if self.size is not None and self.size != 1:
            raise ValueError("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()")
        return bool(self.item())

    def __int__(self) -> int:
        return self._number(int)

    def __float__(self) -> float:
        return self._number(float)

    def __complex__(self) -> complex:
        return self._number(complex)

    def __index__(self) -> int:
        if self.ndim != 0 or self.dtype.kind not in "iu":
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return self.item()

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len() of unsized object")
        if self.shape[0] is None:
            self.compute_chunk_sizes()
        return self.shape[0]

    def __iter__(self) -> Iterator[Array]:
        return (self[k] for k in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __copy__(self) -> Array:
        return wrap(self._node)

    def __deepcopy__(self, memo: Any) -> Array:
        return wrap(self._node)

    def copy(self, order: Order = "C") -> Array:
        """Another handle of the same: assignments to one do not reach the other."""
        return wrap(self._node)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a lazy array is not pickled yet: compute() it, or write it by to_npy()")

    # ---- showing

    def explain(self) -> Text:
        """What the default client would run, in words: stages, where each runs and why, bytes, predicted memory."""
        return default_client().explain(self)

    def visualize(self, filename: str | PathLike[str] | None = None, colours: str | None = None) -> Drawing:
        """The plan as a drawing: shown by notebooks, and written into an SVG file where a name is given."""
        return default_client().visualize(self, filename, colours)

    def __repr__(self) -> str:
        chunks = ", ".join(str(size) for size in self.chunksize)
        chunks = f"({chunks},)" if self.ndim == 1 else f"({chunks})"
        return f"gridloom.Array<shape={self.shape}, dtype={self.dtype}, chunksize={chunks}>"

    def _repr_html_(self) -> str:
        return self._node.to_html()

    # ---- files and chunks

    def to_npy(self, path: str | PathLike[str]) -> None:
        """Computes the array into a file of NumPy's format, chunk by chunk; the file is whole or not there."""
        default_client().to_npy(self, path)

    def map_blocks(self, func: Callable[..., Any], *args: Any, **keywords: Any) -> Array:
        """`func` of each chunk: see `gl.map_blocks`."""
        return _sources.map_blocks(func, self, *args, **keywords)

    def map_overlap(self, func: Callable[..., Any], depth: Any, boundary: Any = None, trim: bool = True, **keywords: Any) -> Array:
        """`func` of each chunk with a halo of its neighbours: see `gl.map_overlap`."""
        return _overlap.map_overlap(func, self, depth=depth, boundary=boundary, trim=trim, **keywords)

    @property
    def places(self) -> dict[str, int] | None:
        """Bytes of a persisted array's chunks by where they are: host, device, disk. None for other arrays."""
        places = self._node.places()
        return None if places is None else dict(zip(("host", "device", "disk"), places, strict=True))

    # ---- elements

    __getitem__ = _indexing.getitem
    __setitem__ = _indexing.setitem
    __array_ufunc__ = _protocols.array_ufunc
    __array_function__ = _protocols.array_function

    def astype(
        self,
        dtype: DTypeLike,
        order: Order = "K",
        casting: Casting = "unsafe",
        subok: bool = True,
        copy: bool = True,
        *,
        device: Device = None,
    ) -> Array:
        """The elements as another dtype; floats become integers by truncation, within the dtype's limits, and NaN 0."""
        if not np.can_cast(self.dtype, dtype, casting=casting):
            raise TypeError(f"Cannot cast array data from {self.dtype!r} to {np.dtype(dtype)!r} according to the rule '{casting}'")
        return _elementwise.astype(self, dtype)

    def view(self, dtype: DTypeLike | None = None) -> Array:
        """The bytes of the elements as those of another dtype; of another width, along the last axis.

        Parameters
        ----------
        dtype : dtype, optional

        Returns
        -------
        Array
            A lazy array of its own, as all are: what is assigned to it does not reach this one.

        Raises
        ------
        ValueError
            For a last axis that is not whole elements of the dtype.

        Examples
        --------
        >>> import gridloom as gl
        >>> gl.asarray([1.0, -2.0]).view("u8").shape, gl.asarray([1, 2], dtype="u1").view("u2").shape
        ((2,), (1,))
        """
        return wrap(self._node if dtype is None else _core.reinterpret(self._node, name(dtype)))

    def to_device(self, device: str, /, *, stream: None = None) -> Array:
        """The array itself: results are on the host."""
        if device != "cpu" or stream is not None:
            raise ValueError(f"to_device: {device!r} is not there: which adapter kernels run on is set by gl.Client(backend=...)")
        return self

    def flatten(self, order: Order = "C") -> Array:
        """All elements in C order on one axis."""
        return _shape.ravel(self, order)

    def conj(self) -> Array:
        """The array itself: there are no complex ones yet."""
        return self

    conjugate = conj
    transpose, reshape = _shape._method_transpose, _shape._method_reshape
    ravel, squeeze, swapaxes, rechunk = _shape.ravel, _shape.squeeze, _shape.swapaxes, _shape.rechunk
    repeat, nonzero = _shape.repeat, _indexing.nonzero
    dot, take, round, clip = _products.dot, _indexing.take, _elementwise.round, _elementwise.clip
    sum, prod, mean, std, var = _reductions.sum, _reductions.prod, _reductions.mean, _reductions.std, _reductions.var
    min, max, any, all = _reductions.min, _reductions.max, _reductions.any, _reductions.all
    diagonal, trace = _statistics.diagonal, _statistics.trace
    argsort, argpartition, topk, argtopk = _sorting.argsort, _sorting.argpartition, _sorting.topk, _sorting.argtopk
    argmin, argmax, cumsum, cumprod = _reductions.argmin, _reductions.argmax, _scans.cumsum, _scans.cumprod

    def compress(self, condition: ArrayLike, axis: Axis | None = None, out: Out = None) -> Array:
        """What lies at the places of an axis where a condition is true."""
        return _indexing.compress(condition, self, axis, out)

    # ---- operators

    __add__, __radd__, __iadd__ = _operator("add")
    __sub__, __rsub__, __isub__ = _operator("subtract")
    __mul__, __rmul__, __imul__ = _operator("multiply")
    __truediv__, __rtruediv__, __itruediv__ = _operator("true_divide")
    __floordiv__, __rfloordiv__, __ifloordiv__ = _operator("floor_divide")
    __mod__, __rmod__, __imod__ = _operator("remainder")
    __pow__, __rpow__, __ipow__ = _operator("power")
    __and__, __rand__, __iand__ = _operator("bitwise_and")
    __or__, __ror__, __ior__ = _operator("bitwise_or")
    __xor__, __rxor__, __ixor__ = _operator("bitwise_xor")
    __lshift__, __rlshift__, __ilshift__ = _operator("left_shift")
    __rshift__, __rrshift__, __irshift__ = _operator("right_shift")

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.ndim == 0 else format(repr(self), spec)

    def __round__(self, ndigits: int | None = None) -> Array:
        return _elementwise.round(self, ndigits or 0)

    __lt__, __le__ = _operator("less")[0], _operator("less_equal")[0]
    __gt__, __ge__ = _operator("greater")[0], _operator("greater_equal")[0]
    __eq__ = _equality("equal", False)  # type: ignore[assignment]
    __ne__ = _equality("not_equal", True)  # type: ignore[assignment]
    __neg__, __pos__ = _own(_elements.FUNCTIONS["negative"]), _own(_elements.FUNCTIONS["positive"])
    __abs__, __invert__ = _own(_elements.FUNCTIONS["absolute"]), _own(_elements.FUNCTIONS["invert"])

    def __matmul__(self, other: ArrayLike) -> Array:
        return NotImplemented if _protocols.defers(other) else _products.matmul(self, other)

    def __rmatmul__(self, other: ArrayLike) -> Array:
        return NotImplemented if _protocols.defers(other) else _products.matmul(other, self)

    def __imatmul__(self, other: ArrayLike) -> Array:
        return replace(self, _products.matmul(self, other)._node, "matmul")

    def __divmod__(self, other: ArrayLike) -> tuple[Array, Array]:
        return _elementwise.divmod(self, other)

    def __rdivmod__(self, other: ArrayLike) -> tuple[Array, Array]:
        return _elementwise.divmod(other, self)
