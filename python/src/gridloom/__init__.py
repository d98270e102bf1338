"""gridloom: NumPy's functions on lazy arrays in chunks, larger than memory, as fused kernels on CPUs and GPUs.

    import gridloom as gl

    x = gl.random.default_rng(0).normal(9, 1, (5000, 5000)) + 1
    counts, edges = gl.histogram(x[x < 10], bins=100, range=(-9, 11))   # lazy
    counts.compute()                                                     # one kernel a chunk, nothing stored

Names, keywords, dtypes and indices are NumPy's; chunks, `compute`, `persist` and `visualize` are Dask's.
"""

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

from . import _array_api, _protocols, linalg, plot, random
from ._array import Array
from ._array_api import (
    __array_api_version__,
    __array_namespace_info__,
    can_cast,
    finfo,
    iinfo,
    isdtype,
    promote_types,
)
from ._client import Client, adapters, compute, default_client, persist
from ._creation import (
    arange,
    array,
    asanyarray,
    asarray,
    empty,
    empty_like,
    eye,
    from_array,
    from_dlpack,
    from_npy,
    fromfunction,
    full,
    full_like,
    identity,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from ._dask import from_dask, to_dask
from ._elementwise import FUNCTIONS as _functions_of_elements
from ._elementwise import (
    allclose,
    around,
    array_equal,
    array_equiv,
    astype,
    clip,
    conj,
    divmod,
    fma,
    imag,
    isclose,
    isin,
    modf,
    nan_to_num,
    real,
    result_type,
    round,
    where,
)
from ._indexing import compress, extract, flatnonzero, nonzero, take
from ._reductions import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    bincount,
    count_nonzero,
    cummax,
    cummin,
    cumprod,
    cumsum,
    diff,
    histogram,
    max,
    mean,
    min,
    nanargmax,
    nanargmin,
    nancumprod,
    nancumsum,
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
    prod,
    std,
    sum,
    var,
)
from ._shape import (
    append,
    array_split,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    broadcast_shapes,
    broadcast_to,
    column_stack,
    concat,
    concatenate,
    dot,
    dsplit,
    dstack,
    expand_dims,
    flip,
    fliplr,
    flipud,
    hsplit,
    hstack,
    matmul,
    matrix_transpose,
    meshgrid,
    moveaxis,
    permute_dims,
    ravel,
    rechunk,
    repeat,
    reshape,
    roll,
    rollaxis,
    rot90,
    row_stack,
    split,
    squeeze,
    stack,
    swapaxes,
    tile,
    transpose,
    tri,
    tril,
    triu,
    unstack,
    vsplit,
    vstack,
)
from ._sources import map_blocks
from ._statistics import (
    average,
    corrcoef,
    cov,
    cumulative_prod,
    cumulative_sum,
    diagonal,
    ediff1d,
    gradient,
    inner,
    outer,
    ptp,
    tensordot,
    trace,
    trapezoid,
    vdot,
    vecdot,
)

globals().update(_functions_of_elements)
del _functions_of_elements


def __getattr__(name):
    raise _protocols.missing_name(name)


__version__ = "0.1.0"

__all__ = sorted(name for name in globals() if not name.startswith("_"))
