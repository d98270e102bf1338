"""Every function of NumPy's that can be overridden: of lazy arrays it is lazy and gives NumPy's values, or raises a `TypeError`."""

import numpy as np
import pytest
from common import assert_same, lazy, sample
from numpy.testing import overrides

import gridloom as gl

A = sample((6, 5), "f8")
B = sample((6, 5), "f8", 1)
V = sample(6, "f8", 2)
I = sample((6, 5), "i8", 3)
M = A > 0

#: How each function is called that is there: arrays are given as they are to NumPy, and lazily to ours.
CALLS = {
    "all": [(M,), (M, 0)],
    "amax": [(A,)],
    "amin": [(A, 1)],
    "any": [(M,), (M, 1)],
    "angle": [(A,), (A, True)],
    "apply_along_axis": [(np.sort, 0, A), (np.sum, 1, A)],
    "apply_over_axes": [(np.sum, A, [0]), (np.mean, A, [0, 1])],
    "argmax": [(A,), (A, 0)],
    "argmin": [(A,), (A, 1)],
    "around": [(A, 1)],
    "astype": [(A, np.float32)],
    "bincount": [(np.array([1, 2, 2, 7]),), (np.array([1, 2, 2, 7]), np.array([0.5, 1.0, 2.0, 3.0]), 9)],
    "block": None,
    "broadcast_arrays": [(A, A[0])],
    "broadcast_to": [(A, (2, 6, 5))],
    "can_cast": None,
    "clip": [(A, -1, 1), (A, None, 1), (I, -2, None)],
    "common_type": None,
    "compress": [(M[0], A, 1)],
    "concat": [((A, B),)],
    "concatenate": [((A, B), 1), ((A, B), None), ((A, I),)],
    "convolve": [(V, V[:3]), (V[:2], V, "same"), (V, V, "valid")],
    "copy": [(A,)],
    "correlate": [(V, V[:3]), (V[:2], V, "full"), (V[:3], V, "same")],
    "count_nonzero": [(I,), (I, 0)],
    "cumprod": [(A, 0)],
    "cumsum": [(A, 1), (A,)],
    "cumulative_prod": [(V,)],
    "cumulative_sum": [(V,)],
    "delete": [(A, 1, 0), (A, [0, -1], 1), (A, 3)],
    "diff": [(A,), (A, 2, 0)],
    "dot": [(A, B.T)],
    "empty_like": None,
    "expand_dims": [(A, 0), (A, (0, 3))],
    "extract": [(M, A)],
    "fix": [(A,)],
    "flip": [(A,), (A, 1)],
    "full_like": [(A, 3)],
    "histogram": [(A, 7, (-2, 2)), (A, np.array([-2.0, 0.0, 1.0]))],
    "i0": [(A,)],
    "imag": [(A,)],
    "insert": [(A, 1, 7.0, 0), (A, [0, 5], 1.5, 1), (V, [1, 1], [3, 4])],
    "iscomplex": [(A,)],
    "iscomplexobj": None,
    "isreal": [(A,)],
    "isrealobj": None,
    "linspace": None,
    "matrix_transpose": [(A,)],
    "matmul": [(A, B.T)],
    "max": [(A,), (A, 0)],
    "mean": [(A,), (I, 1)],
    "min": [(A,), (A, 0)],
    "min_scalar_type": None,
    "moveaxis": [(A[None], 0, -1)],
    "nanargmax": [(A,)],
    "nanargmin": [(A, 0)],
    "nancumprod": [(A, 0)],
    "nancumsum": [(A, 0)],
    "nanmax": [(A,)],
    "nanmean": [(A, 0)],
    "nanmin": [(A,)],
    "nanprod": [(A,)],
    "nanstd": [(A, 1)],
    "nansum": [(A,)],
    "nanvar": [(A, 1)],
    "ndim": None,
    "ones_like": [(A,)],
    "pad": [(A, 2), (A, ((1, 0), (2, 3)), "edge"), (A, 1, "mean")],
    "permute_dims": [(A,)],
    "prod": [(A,), (I, 0)],
    "ravel": [(A,)],
    "real": [(A,)],
    "real_if_close": [(A,)],
    "reshape": [(A, (5, 6)), (A, -1)],
    "resize": [(A, (3, 4)), (V, 20)],
    "result_type": None,
    "round": [(A,), (A, 2)],
    "shape": None,
    "size": None,
    "squeeze": [(A[None],)],
    "stack": [((A, B),), ((A, B), -1)],
    "std": [(A,), (A, 0)],
    "sum": [(A,), (I,), (M, 1)],
    "swapaxes": [(A, 0, 1)],
    "take": [(A, [1, 0, -1], 0), (A, [[1, 2], [3, 4]])],
    "transpose": [(A,), (A[None], (2, 0, 1))],
    "unstack": [(A,)],
    "var": [(A,), (A, 1)],
    "unwrap": [(A * 9,), (A * 9, 4.0, 0), (I,)],
    "where": [(M, A, B), (M, 0, I)],
    "zeros_like": [(A,)],
    "argpartition": None,
    "argsort": [(A,), (I, 0, "stable"), (A, None)],
    "digitize": [(A, np.array([-1.0, 0.0, 2.0])), (A, np.array([2.0, 0.0, -1.0]), True)],
    "interp": [(A, np.array([-1.0, 0.0, 2.0]), np.array([3.0, 1.0, 5.0]))],
    "intersect1d": [(I, I[:2])],
    "lexsort": [((V, A[:, 0]),), ((I[0], I[1]),)],
    "median": [(A,), (I, 0)],
    "searchsorted": [(np.sort(V), A), (np.sort(V), A, "right"), (V, A, "left", np.argsort(V))],
    "setdiff1d": [(I, I[:2])],
    "setxor1d": [(I, I[:2])],
    "take_along_axis": [(A, np.argsort(A, 1), 1), (A, np.argsort(A, None), None)],
    "union1d": [(I, I[:2])],
    "unique": [(I,), (I, True, True, True)],
    "unique_all": None,
    "unique_counts": None,
    "unique_inverse": None,
    # In no order there.
    "unique_values": None,
    "nanmedian": [(A, 1)],
    "nanpercentile": [(A, 30)],
    "nanquantile": [(A, [0.1, 0.2], 0)],
    "partition": None,
    "percentile": [(A, [20, 40]), (A, 90, 0)],
    "quantile": [(A, 0.3), (A, [0.1, 0.9], 1)],
    "sort": [(A,), (I, 0), (A, None), (M, 1)],
    "allclose": [(A, A + 1e-9), (A, B)],
    "append": [(A, B), (A, B, 1)],
    "array_equal": [(A, A), (A, V)],
    "array_equiv": [(A, A[:1])],
    "array_split": [(A, 4), (A, [1, 4], 1)],
    "atleast_1d": [(A,), (V,)],
    "atleast_2d": [(V,)],
    "atleast_3d": [(A,)],
    "column_stack": [((V, A),)],
    "dsplit": [(A[..., None], 1)],
    "dstack": [((A, B),)],
    "flatnonzero": [(I,)],
    "fliplr": [(A,)],
    "flipud": [(A,)],
    "hsplit": [(A, 5)],
    "hstack": [((A, B),), ((V, V),)],
    "isclose": [(A, A * (1 + 1e-6)), (A, B, 0.5, 0.1)],
    "isin": [(I, [1, 2])],
    "isneginf": [(np.array([1, -np.inf, np.nan]),)],
    "isposinf": [(np.array([1, np.inf, np.nan]),)],
    "meshgrid": [(V, A[0])],
    "nan_to_num": [(np.array([1, -np.inf, np.nan]),)],
    "nonzero": [(I,)],
    "repeat": [(A, 2), (A, 3, 1), (A, [0, 2, 1, 0, 3], 1)],
    "roll": [(A, 7), (A, -2, 1), (A, (1, 2), (0, 1))],
    "rollaxis": [(A[None], 2), (A[None], 0, 3)],
    "rot90": [(A,), (A, -1)],
    "sinc": [(A,), (np.zeros(3),)],
    "split": [(A, 3), (A, [2, 3])],
    "tile": [(A, 2), (A, (2, 1, 2))],
    "tril": [(A,), (A, 1)],
    "triu": [(A,), (A, -2)],
    "vsplit": [(A, 2)],
    "vstack": [((A, B),), ((V, V),)],
    "average": [(A,), (A, 0), (A, 0, np.abs(V)), (A, None, np.abs(A))],
    "corrcoef": [(A,)],
    "cov": [(A,), (A, B)],
    "diag": [(A,), (A, -1), (V, 2), (V, -1)],
    "diagflat": [(A,), (V, 1)],
    "diagonal": [(A,), (A, 1), (A, -2)],
    "ediff1d": [(A,)],
    "geomspace": [],
    "gradient": [(V,), (V, 0.5)],
    "cross": [(A[:, :3], B[:, :3])],
    "einsum": [("ij->i", A), ("ij,kj->ik", A, B), ("ij,ij->", A, B), (A, [0, 1], B, [2, 1], [0, 2])],
    "einsum_path": [],
    "inner": [(V, V)],
    "kron": [(A, I), (V, A)],
    "logspace": [],
    "outer": [(V, A[0])],
    "ptp": [(A,), (A, 0)],
    "tensordot": [(A, B, 2), (A, B, [[0], [0]])],
    "trace": [(A,), (I, 1)],
    "trapezoid": [(A,), (A, A[0])],
    "vander": [(V,), (V, 3, True), (I[0], 4)],
    "vdot": [(A, B)],
    "norm": [(V,), (A,)],
    "vector_norm": [(A,)],
    "vecdot": [(A, B)],
    "argwhere": [(I,)],
    "choose": [(np.abs(I) % 2, (A, B))],
    # Those that write give their handle other elements: test_places.py.
    "copyto": None,
    "diag_indices_from": [(A[:5],)],
    "fill_diagonal": None,
    "ix_": [(M[0], np.array([1, 0]))],
    "piecewise": [(A, [M, ~M], [1, 2])],
    "place": None,
    "put": None,
    "put_along_axis": None,
    "putmask": None,
    "ravel_multi_index": [((np.array([1, 0]), np.array([4, 2])), (6, 5))],
    "select": [((M, ~M), (A, B)), ((M,), (A,), 7)],
    "tril_indices_from": [(A,), (A, 1)],
    "trim_zeros": [(np.array([0, 0, 3, 0]),), (I, "b", 0)],
    "triu_indices_from": [(A, -2)],
    "unravel_index": [(np.array([7, 0]), (6, 5))],
    "histogram2d": [(V, V, 3), (V, V, (2, np.array([-3.0, 0.0, 3.0])), None, True)],
    "histogramdd": [(A, 2), ((V, V), 3)],
    "packbits": [(M,), (I, 1), (M, 0, "little")],
    "poly": [(V,)],
    "polyadd": [(V, A[0])],
    # Zeros in front stay: test_moving.py.
    "polydiv": None,
    "polyder": [(V,), (I[0], 2)],
    "polyint": [(V,), (I[0], 2, [1, 2])],
    "polymul": [(V, A[0])],
    "polysub": [(V, A[0])],
    "polyval": [(V, A), (I[0], A)],
    "savetxt": None,
    "savez": None,
    "savez_compressed": None,
    "sliding_window_view": None,
    "unpackbits": [(np.arange(7, dtype="u1"),), (np.arange(6, dtype="u1").reshape(2, 3), 1, 5)],
}

#: Arguments that suit functions which are not there, so that they come as far as our arrays.
OTHERS = {
    "apply_along_axis": lambda f, x: f(np.sum, 0, x),
    "apply_over_axes": lambda f, x: f(np.sum, x, [0]),
    "array2string": lambda f, x: f(x),
    "busday_count": lambda f, x: f(x, x),
    "busday_offset": lambda f, x: f(x, 1),
    "fromfile": None,
    "insert": lambda f, x: f(x, 0, 1),
    "tensorsolve": lambda f, x: f(x, x),
}


def of(name):
    """The calls of a function, as NumPy's arguments and ours."""
    for args in CALLS[name]:
        ours = [
            tuple(map(lazy, a))
            if isinstance(a, tuple) and isinstance(a[0], np.ndarray)
            else lazy(a)
            if isinstance(a, np.ndarray) and a.ndim
            else a
            for a in args
        ]
        yield args, ours


@pytest.mark.parametrize("name", sorted(name for name, calls in CALLS.items() if calls))
def test_lazy_and_equal(name):
    """What is there gives NumPy's values, lazily, through NumPy's function and ours."""
    theirs = getattr(np, name, None) or getattr(np.linalg, name)
    for args, ours in of(name):
        expected = theirs(*args)
        assert_same(theirs(*ours), expected)
        if hasattr(gl, name):
            assert_same(getattr(gl, name)(*ours), expected)


def test_paths_are_of_numbers():
    """`einsum_path` gives which arrays go together, and no array."""
    for function in (np.einsum_path, gl.einsum_path):
        path, text = function("ij,jk,k->i", lazy(A), lazy(B.T), lazy(A[:, 0]))
        assert path == ["einsum_path", (1, 2), (0, 1)] and "ij,jk,k->i" in text


def test_attributes_need_no_values():
    """Functions that ask for no elements."""
    x = lazy(A)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((6, 5), 2, 30)
    assert np.isrealobj(x) and not np.iscomplexobj(x)
    assert np.empty_like(x).shape == (6, 5)
    assert np.can_cast(x, "f4", casting="same_kind") and np.result_type(x, np.float32) == np.float64
    assert np.common_type(x, lazy(I)) is np.float64 and np.min_scalar_type(x) == np.float64
    assert_same(np.linspace(gl.asarray(0.0), 3, 4), np.linspace(0, 3, 4))
    assert_same(np.logspace(gl.asarray(0.0), 3, 4), np.logspace(0, 3, 4))
    assert_same(np.geomspace(gl.asarray(1.0), 3, 4), np.geomspace(1, 3, 4))


def call_of_missing(function, x):
    """Calls a function that is not there so that it sees our array."""
    name = function.__name__
    if name in OTHERS:
        return OTHERS[name] and OTHERS[name](function, x)
    last = None
    for args in [(x,), (x, x), (x, 1), ([x, x],), (x, x, x), (1, x), (x, 1, 1), (x, [x], [x]), ("i", x)]:
        try:
            return function(*args)
        except TypeError as error:
            last = error
            if "gridloom" in str(error) or "lazy" in str(error):
                raise
    raise last


def overridable():
    """NumPy's functions that ask `__array_function__`, but those that make arrays of no array."""
    return sorted(overrides.get_overridable_numpy_array_functions(), key=lambda f: (f.__module__, f.__name__))


MAKERS = {"arange", "array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "empty", "eye", "frombuffer", "fromfile", "fromfunction", "fromiter",
          "fromstring", "full", "genfromtxt", "identity", "loadtxt", "ones", "require", "tri", "zeros", "from_dlpack", "fromregex"}  # fmt: skip


@pytest.mark.parametrize("function", [f for f in overridable() if f.__name__ not in MAKERS], ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_nothing_becomes_a_numpy_array_silently(function):
    """What has no call above raises a `TypeError` that says what to do, and gives nothing."""
    from gridloom import _protocols

    if function in _protocols.functions():
        name = function.__name__
        assert name in CALLS, f"np.{name} is lazy: give it a call above"
        return
    with pytest.raises(TypeError, match=r"is not in gridloom yet: compute|written into a NumPy array"):
        result = call_of_missing(function, lazy(A))
        pytest.fail(f"np.{function.__name__} gave {type(result)}")


FLOATS = {"float_power", "logaddexp", "logaddexp2"}
POSITIVE = {"log", "log2", "log10", "log1p", "sqrt", "arccosh"}
UNIT = {"arcsin", "arccos", "arctanh"}
BITS = {"gcd", "lcm", "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "invert", "bitwise_count", "bitwise_not"}


def arguments(ufunc):
    """Arrays that a universal function is defined for."""
    name = ufunc.__name__
    x = np.abs(I) if name in ("left_shift", "right_shift") else I if name in BITS else A
    if name in POSITIVE:
        x = np.abs(A) + 1
    if name in UNIT:
        x = A / 4
    if ufunc.nin == 2:
        y = np.abs(I) if name in ("left_shift", "right_shift") else I + 3 if name in BITS else B
        y = I if name == "ldexp" else y
        return (np.abs(x), y) if name in ("power", "float_power") else (x, y)
    return (x,)


UFUNCS = sorted(overrides.get_overridable_numpy_ufuncs(), key=lambda f: f.__name__)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_universal_functions(ufunc):
    """Lazy and equal, or a `TypeError`."""
    from gridloom import _elements, _protocols

    name = ufunc.__name__
    if ufunc is np.matmul:
        assert_same(np.matmul(lazy(A), lazy(B.T)), A @ B.T)
        return
    if name == "clip":
        assert_same(ufunc(lazy(A), -1.0, 1.0), ufunc(A, -1.0, 1.0))
        return
    if name in ("vecdot", "matvec", "vecmat"):
        args = {"vecdot": (A, B), "matvec": (A, B[:2]), "vecmat": (B.T[:2], A)}[name]
        assert_same(ufunc(*map(lazy, args)), ufunc(*args))
        return
    there = name in _elements.FUNCTIONS or name in _protocols._PAIRS
    if not there:
        with pytest.raises(TypeError, match="is not in gridloom yet"):
            ufunc(*[lazy(A)] * ufunc.nin)
        return
    args = arguments(ufunc)
    expected = ufunc(*args)
    assert_same(ufunc(*map(lazy, args)), expected, rtol=1e-11)
    # A NumPy array on either side leaves it lazy.
    if ufunc.nin == 2:
        assert_same(ufunc(args[0], lazy(args[1])), expected, rtol=1e-11)
        assert_same(ufunc(lazy(args[0]), args[1]), expected, rtol=1e-11)


@pytest.mark.parametrize("method", ["reduce", "accumulate", "outer", "at", "reduceat"])
def test_methods_of_universal_functions(method):
    """`np.add.reduce` and the like."""
    x = lazy(A)
    if method == "reduce":
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logical_and, np.logical_or):
            assert_same(ufunc.reduce(x), ufunc.reduce(A))
            assert_same(ufunc.reduce(x, axis=1, keepdims=True), ufunc.reduce(A, axis=1, keepdims=True))
    elif method == "accumulate":
        for ufunc in (np.add, np.multiply, np.maximum, np.minimum):
            assert_same(ufunc.accumulate(x, axis=1), ufunc.accumulate(A, axis=1))
    elif method == "outer":
        assert_same(np.subtract.outer(lazy(V), x), np.subtract.outer(V, A))
    else:
        with pytest.raises(TypeError, match="is not in gridloom yet"):
            getattr(np.add, method)(x, [0, 1], 1) if method == "at" else np.add.reduceat(x, [0, 1])


def test_results_are_not_written_into_numpy_arrays():
    """`out=` and in-place operators of NumPy arrays."""
    with pytest.raises(TypeError, match="cannot be written into a NumPy array"):
        np.add(lazy(A), 1, out=np.zeros_like(A))
    with pytest.raises(TypeError, match="cannot be written into a NumPy array"):
        a = A.copy()
        a += lazy(A)


def test_out_and_where():
    """`out=` gives a lazy array another node, of other handles none."""
    x, out = lazy(A), gl.zeros((6, 5))
    other = out.copy()
    made = np.add(x, 1, out=out, where=M)
    assert made is out
    assert_same(out, np.where(M, A + 1, 0))
    assert_same(other, np.zeros((6, 5)))
