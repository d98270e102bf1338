"""gridloom: NumPy's functions on lazy arrays in chunks, larger than memory, as fused kernels on CPUs and GPUs.

    import gridloom as gl

    x = gl.random.default_rng(0).normal(9, 1, (5000, 5000)) + 1
    counts, edges = gl.histogram(x[x < 10], bins=100, range=(-9, 11))   # lazy
    counts.compute()                                                     # one kernel a chunk, nothing stored

Names, keywords, dtypes and indices are NumPy's; chunks, `compute`, `persist` and `visualize` are Dask's.
"""

from typing import TYPE_CHECKING

from numpy import (  # the dtypes there are, and constants
    bool,
    e,
    float16,
    float32,
    float64,
    inf,
    int8,
    int16,
    int32,
    int64,
    nan,
    newaxis,
    pi,
    uint8,
    uint16,
    uint32,
    uint64,
)

from . import linalg, ma, plot, random, xarray
from ._array import Array
from ._array_api import *
from ._array_api import __array_api_version__, __array_namespace_info__
from ._borders import *
from ._choosing import *
from ._client import *
from ._creation import *
from ._dask import *
from ._elements import *
from ._elementwise import *
from ._files import *
from ._histogram import *
from ._indexing import *
from ._moving import *
from ._nan_reductions import *
from ._overlap import *
from ._places import *
from ._polynomials import *
from ._products import *
from ._quantiles import *
from ._real import *
from ._reductions import *
from ._scans import *
from ._search import *
from ._shape import *
from ._sorting import *
from ._sources import *
from ._special import *
from ._statistics import *
from ._windows import *

if not TYPE_CHECKING:
    # A type checker would take any name to be there.
    def __getattr__(name):
        from ._protocols import missing_name

        raise missing_name(name)


__version__ = "0.1.0"

# One list, of which tests see that it is that of all modules: type checkers take no sums.
__all__ = [
    "Array",
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "e", "inf", "nan", "newaxis", "pi",
    "linalg", "ma", "plot", "random", "xarray",
    "Client", "__array_api_version__", "__array_namespace_info__", "abs", "absolute", "acos", "acosh", "adapters", "add", "all",
    "allclose", "amax", "amin", "angle", "any", "append", "apply_along_axis", "apply_over_axes", "arange", "arccos", "arccosh",
    "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argpartition", "argsort", "argtopk", "argwhere", "around",
    "array", "array_equal", "array_equiv", "array_split", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray",
    "asfortranarray", "asin", "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d", "atleast_3d", "average",
    "bartlett", "bincount", "bitwise_and", "bitwise_count", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "blackman", "block", "broadcast_arrays", "broadcast_shapes", "broadcast_to", "can_cast",
    "cbrt", "ceil", "choose", "clip", "coarsen", "column_stack", "common_type", "compress", "compute", "concat", "concatenate", "conj",
    "conjugate", "convolve", "copysign", "copyto", "corrcoef", "correlate", "cos", "cosh", "count_nonzero", "cov", "cross", "cummax",
    "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "default_client", "deg2rad", "degrees", "delete", "diag",
    "diag_indices", "diag_indices_from", "diagflat", "diagonal", "diff", "digitize", "divide", "divmod", "dot", "dsplit", "dstack",
    "ediff1d", "einsum", "einsum_path", "empty", "empty_like", "equal", "exp", "exp2", "expand_dims", "expm1", "extract", "eye", "fabs",
    "fill_diagonal", "finfo", "fix", "flatnonzero", "flip", "fliplr", "flipud", "float_power", "floor", "floor_divide", "fma", "fmax",
    "fmin", "fmod", "frexp", "from_array", "from_dask", "from_dlpack", "from_npy", "frombuffer", "fromfile", "fromfunction", "fromiter",
    "fromstring", "full", "full_like", "gcd", "genfromtxt", "geomspace", "gradient", "greater", "greater_equal", "hamming", "hanning",
    "heaviside", "histogram", "histogram2d", "histogramdd", "hsplit", "hstack", "hypot", "i0", "identity", "iinfo", "imag", "indices",
    "inner", "insert", "interp", "intersect1d", "invert", "isclose", "iscomplex", "iscomplexobj", "isdtype", "isfinite", "isin",
    "isinf", "isnan", "isneginf", "isposinf", "isreal", "isrealobj", "issubdtype", "ix_", "kaiser", "kron", "lcm", "ldexp",
    "left_shift", "less", "less_equal", "lexsort", "linspace", "loadtxt", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logspace", "map_blocks", "map_overlap", "mask_indices", "matmul",
    "matrix_transpose", "matvec", "max", "maximum", "mean", "median", "meshgrid", "min", "min_scalar_type", "minimum", "mintypecode",
    "mod", "modf", "moveaxis", "multiply", "nan_to_num", "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean",
    "nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile", "nanstd", "nansum", "nanvar", "negative", "nextafter", "nonzero",
    "not_equal", "ones", "ones_like", "outer", "packbits", "pad", "partition", "percentile", "permute_dims", "persist", "piecewise",
    "place", "poly", "polyadd", "polyder", "polydiv", "polyint", "polymul", "polysub", "polyval", "positive", "pow", "power", "prod",
    "promote_types", "ptp", "put", "put_along_axis", "putmask", "quantile", "rad2deg", "radians", "ravel", "ravel_multi_index", "real",
    "real_if_close", "rechunk", "reciprocal", "remainder", "repeat", "reshape", "resize", "result_type", "right_shift", "rint", "roll",
    "rollaxis", "rot90", "round", "row_stack", "savetxt", "savez", "savez_compressed", "searchsorted", "select", "setdiff1d",
    "setxor1d", "sign", "signbit", "sin", "sinc", "sinh", "sliding_window_view", "sort", "spacing", "split", "sqrt", "square",
    "squeeze", "stack", "std", "subtract", "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "to_dask",
    "topk", "trace", "transpose", "trapezoid", "tri", "tril", "tril_indices", "tril_indices_from", "trim_zeros", "triu", "triu_indices",
    "triu_indices_from", "true_divide", "trunc", "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
    "unpackbits", "unravel_index", "unstack", "unwrap", "vander", "var", "vdot", "vecdot", "vecmat", "vsplit", "vstack", "where",
    "zeros", "zeros_like",
]  # fmt: skip
