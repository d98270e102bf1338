"""`Array`: a lazy n-d array in chunks, as NumPy's users know arrays."""

import numpy as np

from . import _creation, _elementwise, _indexing, _protocols, _reductions, _shape, _statistics
from ._client import compute, default_client, persist
from ._dtypes import DTYPES
from ._handle import Handle, register, replace, wrap


def _operator(name):
    function = _elementwise.FUNCTIONS[name]

    def forward(self, other):
        if _protocols.defers(other):
            return NotImplemented
        return function(self, other)

    def reflected(self, other):
        if _protocols.defers(other):
            return NotImplemented
        return function(other, self)

    def inplace(self, other):
        if _protocols.defers(other):
            return NotImplemented
        return replace(self, function(self, other)._node, name)

    return forward, reflected, inplace


def _equality(name, otherwise):
    """A comparison, which of what no number equals (None, text) is the same everywhere."""
    compare = _operator(name)[0]

    def forward(self, other):
        if other is None or isinstance(other, (str, bytes)):
            return _creation.full_like(self, otherwise, dtype=bool)
        return compare(self, other)

    return forward


def _own(function):
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
    __hash__ = None
    # NumPy's own arrays leave operators to this class.
    __array_priority__ = 20

    def __init__(self, *args, **keywords):
        raise TypeError("arrays are made by functions: gl.asarray(values), gl.from_array(data, chunks), gl.zeros(shape), ...")

    # ---- what it is

    @property
    def dtype(self):
        """The elements' dtype, one of NumPy's."""
        return DTYPES[self._node.dtype]

    @property
    def shape(self):
        """The length of each axis; None where it is known after computing only (see `compute_chunk_sizes`)."""
        return self._node.shape

    @shape.setter
    def shape(self, shape):
        self._node = _shape.reshape(self, shape)._node

    @property
    def ndim(self):
        """Number of axes."""
        return self._node.ndim

    @property
    def size(self):
        """Number of elements; None where it is known after computing only."""
        return self._node.size

    @property
    def itemsize(self):
        """Bytes of an element."""
        return self._node.itemsize

    @property
    def nbytes(self):
        """Bytes of all elements; None where they are not known."""
        return None if self.size is None else self.size * self.itemsize

    @property
    def chunks(self):
        """The sizes of the chunks along each axis."""
        return self._node.chunks

    @property
    def numblocks(self):
        """The number of chunks along each axis."""
        return self._node.numblocks

    @property
    def npartitions(self):
        """The number of chunks."""
        return int(np.prod(self.numblocks, dtype=object))

    @property
    def chunksize(self):
        """The shape of the largest chunk."""
        return self._node.chunksize

    @property
    def device(self):
        """Where results are: on the host. Where kernels run is the client's matter."""
        return "cpu"

    @property
    def T(self):
        """The axes in reverse order."""
        return _shape.transpose(self)

    @property
    def mT(self):
        """The last two axes exchanged."""
        return _shape.matrix_transpose(self)

    @property
    def real(self):
        """The array itself: there are no complex ones yet."""
        return self

    @property
    def imag(self):
        """Zeros: there are no complex arrays yet."""
        return _creation.zeros_like(self)

    @property
    def flat(self):
        """All elements in C order, on one axis."""
        return _shape.ravel(self)

    def __array_namespace__(self, *, api_version=None):
        """The package, for code that is written for the Array API."""
        import gridloom

        return gridloom._array_api.namespace(api_version)

    # ---- computing

    def compute(self, **keywords):
        """The values, as a NumPy array; a number of 0-d arrays."""
        return compute(self, **keywords)[0]

    def persist(self, **keywords):
        """The same array, computed: its chunks are kept where they were made, and whatever is built on it reads them."""
        return persist(self, **keywords)[0]

    def compute_chunk_sizes(self):
        """Computes lengths that are not known, keeps the chunks, and returns the array."""
        self._node = default_client()._core.resolve(self._node)
        return self

    def item(self, *args):
        """The only element (or the one at the place given), as one of Python's numbers."""
        if args:
            return self[args[0] if len(args) == 1 else args].item() if self.ndim == len(args) else self.flat[args[0]].item()
        if self.size is not None and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return np.asarray(self.compute()).item()

    def to_numpy(self):
        """The values as a NumPy array, of 0-d arrays too."""
        return np.asarray(self.compute())

    def tolist(self):
        """The values as nested lists."""
        return np.asarray(self.compute()).tolist()

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("a lazy array has no memory that could be shared: copy=None computes it")
        return np.asarray(self.compute(), dtype=dtype)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        return np.asarray(self.compute()).__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)

    def __dlpack_device__(self):
        return (1, 0)

    def _number(self, kind):
        if self.size is not None and self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return kind(self.item())

    def __bool__(self):
        if self.size is not None and self.size != 1:
            raise ValueError("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()")
        return bool(self.item())

    def __int__(self):
        return self._number(int)

    def __float__(self):
        return self._number(float)

    def __complex__(self):
        return self._number(complex)

    def __index__(self):
        if self.ndim != 0 or self.dtype.kind not in "iu":
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return self.item()

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len() of unsized object")
        if self.shape[0] is None:
            self.compute_chunk_sizes()
        return self.shape[0]

    def __iter__(self):
        return (self[k] for k in range(len(self)))

    def __contains__(self, value):
        return bool((self == value).any())

    def __copy__(self):
        return wrap(self._node)

    def __deepcopy__(self, memo):
        return wrap(self._node)

    def copy(self, order="C"):
        """Another handle of the same: assignments to one do not reach the other."""
        return wrap(self._node)

    def __reduce__(self):
        raise TypeError("a lazy array is not pickled yet: compute() it, or write it by to_npy()")

    # ---- showing

    def explain(self):
        """What the default client would run, in words: stages, where each runs and why, bytes, predicted memory."""
        return default_client().explain(self)

    def visualize(self, filename=None, colours=None):
        """The plan as a drawing: shown by notebooks, and written into an SVG file where a name is given."""
        return default_client().visualize(self, filename, colours)

    def __repr__(self):
        chunks = ", ".join(str(size) for size in self.chunksize)
        chunks = f"({chunks},)" if self.ndim == 1 else f"({chunks})"
        return f"gridloom.Array<shape={self.shape}, dtype={self.dtype}, chunksize={chunks}>"

    def _repr_html_(self):
        return self._node.to_html()

    # ---- files and chunks

    def to_npy(self, path):
        """Computes the array into a file of NumPy's format, chunk by chunk; the file is whole or not there."""
        default_client().to_npy(self, path)

    def map_blocks(self, func, *args, dtype=None, **keywords):
        """`func` of each chunk: see `gl.map_blocks`."""
        from ._sources import map_blocks

        return map_blocks(func, self, *args, dtype=dtype, **keywords)

    @property
    def places(self):
        """Bytes of a persisted array's chunks by where they are: host, device, disk. None for other arrays."""
        places = self._node.places()
        return None if places is None else dict(zip(("host", "device", "disk"), places, strict=True))

    # ---- elements

    __getitem__ = _indexing.getitem
    __setitem__ = _indexing.setitem
    __array_ufunc__ = _protocols.array_ufunc
    __array_function__ = _protocols.array_function

    def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True, *, device=None):
        """The elements as another dtype; floats become integers by truncation, within the dtype's limits, and NaN 0."""
        if not np.can_cast(self.dtype, dtype, casting=casting):
            raise TypeError(f"Cannot cast array data from {self.dtype!r} to {np.dtype(dtype)!r} according to the rule '{casting}'")
        return _elementwise.astype(self, dtype)

    def to_device(self, device, /, *, stream=None):
        """The array itself: results are on the host."""
        if device != "cpu" or stream is not None:
            raise ValueError(f"to_device: {device!r} is not there: which adapter kernels run on is set by gl.Client(backend=...)")
        return self

    def flatten(self, order="C"):
        """All elements in C order on one axis."""
        return _shape.ravel(self, order)

    def conj(self):
        """The array itself: there are no complex ones yet."""
        return self

    conjugate = conj
    transpose, reshape = _shape._method_transpose, _shape._method_reshape
    ravel, squeeze, swapaxes, rechunk = _shape.ravel, _shape.squeeze, _shape.swapaxes, _shape.rechunk
    repeat, nonzero = _shape.repeat, _indexing.nonzero
    dot, take, round, clip = _shape.dot, _indexing.take, _elementwise.round, _elementwise.clip
    sum, prod, mean, std, var = _reductions.sum, _reductions.prod, _reductions.mean, _reductions.std, _reductions.var
    min, max, any, all = _reductions.min, _reductions.max, _reductions.any, _reductions.all
    diagonal, trace = _statistics.diagonal, _statistics.trace
    argmin, argmax, cumsum, cumprod = _reductions.argmin, _reductions.argmax, _reductions.cumsum, _reductions.cumprod

    def compress(self, condition, axis=None, out=None):
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

    def __format__(self, spec):
        return format(self.item(), spec) if spec and self.ndim == 0 else format(repr(self), spec)

    def __round__(self, ndigits=None):
        return _elementwise.round(self, ndigits or 0)

    __lt__, __le__ = _operator("less")[0], _operator("less_equal")[0]
    __gt__, __ge__ = _operator("greater")[0], _operator("greater_equal")[0]
    __eq__, __ne__ = _equality("equal", False), _equality("not_equal", True)
    __neg__, __pos__ = _own(_elementwise.FUNCTIONS["negative"]), _own(_elementwise.FUNCTIONS["positive"])
    __abs__, __invert__ = _own(_elementwise.FUNCTIONS["absolute"]), _own(_elementwise.FUNCTIONS["invert"])

    def __matmul__(self, other):
        return NotImplemented if _protocols.defers(other) else _shape.matmul(self, other)

    def __rmatmul__(self, other):
        return NotImplemented if _protocols.defers(other) else _shape.matmul(other, self)

    def __imatmul__(self, other):
        return replace(self, _shape.matmul(self, other)._node, "matmul")

    def __divmod__(self, other):
        return _elementwise.divmod(self, other)

    def __rdivmod__(self, other):
        return _elementwise.divmod(other, self)
