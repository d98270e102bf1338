"""What NumPy's and Dask's users do without thinking about it, as a newcomer tried it."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from common import assert_same, lazy

import gridloom as gl

A = np.arange(12.0).reshape(3, 4)


def test_arrays_that_change_later_do_not_reach_operands():
    """Operators, functions and assignments keep what NumPy's arrays held; `from_array` shares."""
    for use in (
        lambda b: gl.zeros(4) + b,
        lambda b: np.add(gl.zeros(4), b),
        lambda b: gl.where(gl.ones(4, dtype=bool), b, 0),
        lambda b: gl.concatenate([gl.zeros(0), b]),
        gl.asarray,
        lambda b: assigned(b),
    ):
        buffer, made = np.zeros(4), []
        for k in range(3):
            buffer[:] = k
            made.append(use(buffer))
        assert_same(gl.stack(made)[:, 0], np.arange(3.0))
    buffer = np.zeros(4)
    shared = gl.from_array(buffer)
    buffer[:] = 7
    assert_same(shared, buffer)


def assigned(values):
    x = gl.ones(4)
    x[:] = values
    return x


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "any", "all", "nansum", "nanmean", "nanstd"])
@pytest.mark.parametrize("axis", [None, 0, (0, 1), -1])
@pytest.mark.parametrize("keepdims", [0, 1])
def test_reductions_of_a_part(name, axis, keepdims):
    """`where=`, with NaN outside it."""
    values = A.copy()
    values[1, 1] = np.nan
    mask = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1]], dtype=bool)
    expected = getattr(np, name)(values, axis=axis, keepdims=bool(keepdims), where=mask)
    assert_same(getattr(np, name)(lazy(values), axis=axis, keepdims=keepdims, where=mask), expected)


def test_initial_and_empty():
    """`initial=`."""
    assert_same(lazy(A).max(initial=99.0), A.max(initial=99.0))
    assert_same(gl.zeros(0).min(initial=3.0), np.float64(3.0))
    assert_same(lazy(A).sum(axis=1, initial=5), A.sum(axis=1, initial=5))
    assert_same(lazy(A).max(where=A > 5, initial=-1.0), A.max(where=A > 5, initial=-1.0))


def test_one_axis_is_one():
    """Scans and places take one axis."""
    x = lazy(A)
    for call in (gl.cumsum, gl.cumprod, gl.argmax, gl.nancumsum):
        with pytest.raises(TypeError):
            call(x, axis=(0, 1))
    for axis in ("a", 1.0):
        with pytest.raises(TypeError, match="an axis is an integer"):
            x.sum(axis=axis)


def test_negative_powers_of_integers():
    """Refused, as NumPy refuses them."""
    for call in (lambda: gl.asarray([1, 2]) ** -1, lambda: gl.asarray([1, 2], dtype="u1") ** np.int64(-2)):
        with pytest.raises(ValueError, match="negative integer powers"):
            call()
    assert_same(gl.asarray([1.0, 2.0]) ** -1, np.array([1.0, 0.5]))


def test_what_no_number_equals():
    """`== None` is an array of False."""
    assert_same(lazy(A) == None, np.zeros((3, 4), dtype=bool))  # noqa: E711
    assert_same(lazy(A) != "a", np.ones((3, 4), dtype=bool))


def test_numbers_are_printed():
    """Formats and rounding of 0-d results."""
    mean = lazy(A).mean()
    assert f"{mean:.3f}" == "5.500" and round(mean, 1).item() == 5.5 and "%.1f" % mean == "5.5"  # noqa: UP031
    assert isinstance(mean.to_numpy(), np.ndarray)


def test_messages_are_in_numpys_words():
    """Names of functions and dtypes."""
    for call, words in [
        (lambda: gl.asarray([1], dtype="int8") + 200, "beside an array of int8"),
        (lambda: -gl.asarray([True]), "negative: "),
        (lambda: gl.ones(5)[gl.ones(5) > 0][0], r"\\(None,\\)|compute_chunk_sizes"),
        (lambda: np.linalg.inv(lazy(A)), "compute"),
        (lambda: np.save("a", lazy(A)), "to_npy"),
        (lambda: gl.polyfit, "np.polyfit"),
        (lambda: gl.nonsense, "no attribute 'nonsense'"),
        (lambda: gl.map_blocks(lambda a: a, lazy(A), meta=A), "meta= is not taken"),
        (lambda: gl.map_blocks(lambda a: a, lazy(A), drop_axis=5, dtype=int), "axis 5 is out of range"),
        (lambda: gl.from_array(object()), "shape, dtype"),
        (lambda: lazy(A).__setitem__((slice(None), gl.asarray([True, False, True, False])), 1), "gl.where"),
    ]:
        with pytest.raises((TypeError, ValueError, AttributeError, OverflowError), match=words.replace("\\\\", "\\")):
            call()


def test_dasks_arrays_are_not_mixed_by_accident():
    """They are made ours by name."""
    da = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="from_dask"):
        lazy(A) + da.ones((3, 4))
    assert gl.asarray(da.ones((3, 4), chunks=2)).chunks == ((2, 1), (2, 2))


def test_dtype_of_functions_is_what_they_are_computed_in():
    """Arguments are cast where NumPy casts them, and predicates are not."""
    assert_same(np.less(lazy(np.array([1, 5])), lazy(np.array([3, 4])), dtype=bool), np.array([True, False]))
    assert_same(np.isnan(lazy(np.array([1, np.nan])), dtype=bool), np.array([False, True]))
    assert_same(np.add(lazy(A), 1, dtype="f4"), np.add(A, 1, dtype="f4"))
    for call in (
        lambda: np.add(lazy(A), 1.5, dtype="i4"),
        lambda: np.concatenate([lazy(A)], dtype="i4"),
        lambda: np.less(lazy(A), 1, dtype=int),
    ):
        with pytest.raises(TypeError):
            call()
    assert_same(np.fabs(gl.asarray([-1, 2])), np.fabs([-1, 2]))
    assert_same(np.rint(gl.asarray([-1, 2])), np.rint([-1, 2]))


def test_lazy_masks_and_integers_apart():
    """What others separate comes first."""
    values = np.arange(24).reshape(2, 3, 4)
    x, mask = lazy(values, 2), np.array([True, False, True, False])
    lazily = gl.asarray(mask)
    assert_same(x[0, :, lazily], values[0, :, mask])
    assert_same(x[0, ..., lazily], values[0, ..., mask])
    assert_same(x[:, 0, lazily], values[:, 0, mask])
    assert_same(lazy(np.zeros((2, 3, 0)))[[[0]], np.zeros((1, 0), int)], np.zeros((2, 3, 0))[[[0]], np.zeros((1, 0), int)])


def test_corners_of_functions():
    """What an attack found."""
    v = np.array([1, 2, 3])
    for call in (
        lambda m, x: m.roll(x, (1, 1)),
        lambda m, x: m.rollaxis(m.broadcast_to(x, (2, 4, 3)), 0, -1),
        lambda m, x: m.diff(x, n=0, prepend=0),
        lambda m, x: m.cov(m.broadcast_to(x, (1, 3)), rowvar=False),
        lambda m, x: m.sum(x, initial=1.5),
        lambda m, x: m.max(x.astype("u1"), initial=np.int64(7)),
        lambda m, x: m.nanmax(x[:0].astype("f8"), initial=2.0),
        lambda m, x: m.max(x[:0], initial=4, where=x[:0] > 1),
        lambda m, x: m.sum(x[0], axis=0),
        lambda m, x: m.std(x * 1.0, ddof=2, where=x == 1, keepdims=True),
    ):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = call(np, v)
        assert_same(call(gl, lazy(v)), expected)
    for ours, theirs in [(np.logical_and.reduce, False), (np.logical_or.reduce, True)]:
        assert_same(ours(lazy(v), initial=theirs), np.asarray(ours(v, initial=theirs)))
    assert_same(np.maximum.reduce(lazy(v), dtype="f4"), np.maximum.reduce(v, dtype="f4"))
    with pytest.raises(ValueError, match="broadcast"):
        gl.zeros(5)[2:2] = [1, 2, 3]


def test_lists_are_bounded_and_axes_many():
    """A refusal in the place of all memory; results of up to 64 axes."""
    for call in (
        lambda: gl.array_split(gl.ones(4), 2**40),
        lambda: gl.split(gl.zeros(0), 2**62),
        lambda: gl.unstack(gl.zeros(2**40)),
        lambda: gl.zeros(2**40, chunks=1).chunks,
    ):
        with pytest.raises(MemoryError, match="a list of"):
            call()
    assert gl.ones((1,) * 40).compute().shape == (1,) * 40
    assert gl.map_blocks(lambda a: a + 1, gl.ones((1,) * 40)).compute().ndim == 40
    with pytest.raises(ValueError):
        gl.ones((1,) * 70).compute()


def test_the_end_of_the_interpreter():
    """While a run calls Python: its threads are let out first."""
    program = """
import sys, threading, time, numpy as np, gridloom as gl
class S:
    shape, dtype = (2**24,), np.dtype("f8")
    def __getitem__(self, k):
        time.sleep(0.02)
        return np.ones(k[0].stop - k[0].start)
threading.Thread(target=gl.from_array(S(), 2**16).compute, daemon=True).start()
time.sleep(0.3)
sys.exit(3)
"""
    for _ in range(3):
        assert subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).returncode == 3


def test_sources_that_give_another_dtype():
    """What would lose values is refused."""
    for given in (np.array([1j, 2j]), np.array(["1.5", "2"]), np.array(["2020-01-01"] * 2, dtype="M8[D]")):
        with pytest.raises(TypeError, match="was asked for"):
            gl.map_blocks(lambda a, given=given: given, gl.ones(2), dtype="f8").compute()
    with pytest.raises(TypeError, match="was asked for"):
        gl.map_blocks(lambda a: a * 0.5, gl.ones(2), dtype="i4").compute()


def test_casting_is_numpys():
    """Of results into `out`, and of arguments into `dtype`."""
    for casting in ("no", "equiv", "safe", "same_kind", "unsafe"):
        for out, function in [("i4", np.sqrt), ("f4", np.sqrt), ("f8", np.sqrt), ("i4", np.negative)]:
            a, theirs, ours = np.array([4.0, 9.0]), np.zeros(2, out), gl.zeros(2, dtype=out)
            try:
                expected = function(a, out=theirs, casting=casting)
            except TypeError:
                with pytest.raises(TypeError, match="cast"):
                    function(gl.asarray(a), out=ours, casting=casting)
                continue
            assert_same(function(gl.asarray(a), out=ours, casting=casting), expected)
    with pytest.raises(TypeError, match="casting='same_kind'"):
        np.add(gl.asarray([1.5]), 1, out=gl.zeros(1, dtype=int))
    with pytest.raises(TypeError):
        np.add(gl.asarray([1.5]), 1, dtype=int)
    assert np.add(gl.asarray([1.5]), 1, dtype=int, casting="unsafe").compute().tolist() == [2]


def test_average_with_weights_and_axes():
    """`returned` and `keepdims` as NumPy's."""
    a, w = np.arange(12.0).reshape(3, 4), np.array([1.0, 2.0, 0.5, 3.0])
    for axis, weights in [(None, None), (0, None), ((0, 1), None), (1, w), (None, a + 1), (0, a + 1), (-1, w)]:
        for keepdims in (False, True):
            expected = np.average(a, axis, weights, returned=True, keepdims=keepdims)
            got = gl.average(lazy(a, 2), axis, weights, returned=True, keepdims=keepdims)
            assert_same(got, tuple(np.asarray(part) for part in expected))
            assert_same(gl.average(lazy(a, 2), axis, weights, keepdims=keepdims), expected[0])


def test_sizes_beyond_64_bits():
    """Python's integers do not end."""
    x = gl.ones((2**31, 2**31))
    assert x.size == 2**62 and x.nbytes == 2**65
    y = np.stack([x] * 8)
    assert y.size == 2**65 and y.nbytes == 2**68


def test_clip_round_and_pairs():
    """What the library composes: one-sided limits beyond the dtype, decimals, `modf`, `divmod`."""
    a = np.array([-300, -1, 0, 7, 300], "i2")
    for low, high in [(None, 5), (-2, None), (None, 10**9), (-(10**9), None), (-1, 10**6)]:
        assert_same(gl.clip(lazy(a, 2), low, high), np.clip(a, *(x if x is None else int(np.clip(x, -32768, 32767)) for x in (low, high))))
    b = np.array([2.345, -17.5, 1e300, np.nan, np.inf, 0.5, -0.5])
    for decimals in (-1, 0, 1, 3):
        assert_same(gl.round(lazy(b, 2), decimals), np.round(b, decimals))
    assert_same(np.modf(lazy(b, 2)), np.modf(b))
    assert_same(np.divmod(lazy(a, 2), 7), np.divmod(a, 7))
    assert_same(divmod(7, gl.asarray([2, 3])), divmod(7, np.array([2, 3])))
    with pytest.raises(TypeError, match="round"):
        gl.round(lazy(a), -1)


def test_notebooks_see_numpys_dtypes():
    """In tables, too."""
    shown = gl.zeros((3, 4), dtype="f4")._repr_html_()
    assert "float32" in shown and "f32" not in shown


def test_what_computes_itself_is_refused():
    """A source or a function that reads what is made of it: an exception, small arrays (on one thread) and large ones (on many)."""

    class Itself:
        dtype = np.dtype("f8")

        def __init__(self, n):
            self.shape = (n,)

        def __getitem__(self, key):
            return (self.array + 1).compute()[key]

    for n, chunks in [(4, 4), (4, 2), (2**18, 2**17)]:
        source = Itself(n)
        source.array = gl.from_array(source, chunks=chunks)
        with pytest.raises(RecursionError, match="within each other"):
            source.array.compute()
    again = []
    again.append(gl.map_blocks(lambda a: again[0].compute(), gl.ones(4), dtype=float))
    with pytest.raises(RecursionError, match="within each other"):
        again[0].compute()
    deep = gl.ones(4)
    for _ in range(30):
        deep = gl.map_blocks(lambda a, x=deep: x.compute() + a, gl.ones(4), dtype=float)
    assert deep.compute().tolist() == [31] * 4


@pytest.mark.parametrize("k", [2**63, -(2**63) - 1, 10**30])
def test_diagonals_beyond_all_numbers(k):
    for make in [lambda m, k: m.eye(3, 4, k=k), lambda m, k: m.tril(m.ones((3, 4)), k), lambda m, k: m.triu(m.ones((3, 4)), k)]:
        near = max(-9, min(9, k))
        np.testing.assert_array_equal(make(gl, k).compute(), make(np, near))
    assert gl.trace(gl.ones((3, 4)), k).compute() == 0


def test_masks_of_no_axes_assign_all_or_nothing():
    for value, shape in [([7.0], ()), (8.0, ()), ([[1.0, 2.0, 3.0]], (2, 3)), (np.ones((1, 2, 3)), (2, 3))]:
        for true in [True, False]:
            a = np.arange(6.0)[: int(np.prod(shape))].reshape(shape)
            x = gl.from_array(a.copy(), -1)
            a[np.array(true)] = value
            x[gl.asarray(true)] = value
            assert x.shape == a.shape
            np.testing.assert_array_equal(x.compute(), a)
    x = gl.zeros((2, 3))
    for value in [np.ones((4, 2, 3)), [[1, 2, 3]] * 3]:
        with pytest.raises(ValueError):
            x[gl.asarray(True)] = value
    assert x.shape == (2, 3)


def test_truth_values_are_numbers_where_a_dtype_of_numbers_is_asked_for():
    a = np.array([True, False])
    x = gl.asarray(a)
    for called, args in [("add", 2), ("invert", 1), ("negative", 1), ("subtract", 2), ("square", 1), ("less", 2), ("logical_and", 2)]:
        for dtype in ["int64", "int8", "float32", "bool"]:
            try:
                expected = getattr(np, called)(*[a] * args, dtype=dtype)
            except TypeError:
                continue
            made = getattr(gl, called)(*[x] * args, dtype=dtype)
            assert made.dtype == expected.dtype, (called, dtype)
            np.testing.assert_array_equal(made.compute(), expected)


def test_small_floats_where_numpy_takes_wide_ones():
    a = np.array([[1000, 2000, 3000], [300, -2000, 500]], np.float16)
    x = gl.asarray(a)
    for ours, theirs in [
        (gl.cov(x), np.cov(a)), (gl.corrcoef(x), np.corrcoef(a)), (x**-1, a**-1), (x ** np.int8(-2), a ** np.int8(-2)),
        (gl.average(gl.asarray(np.uint8([3, 255])), weights=gl.asarray(np.float16([1, 300]))), np.average(np.uint8([3, 255]), weights=np.float16([1, 300]))),
        (gl.average(gl.asarray(np.arange(6.0).reshape(2, 3)), axis=(1, 0), weights=np.ones((3, 2))), np.float64(2.5)),
    ]:  # fmt: skip
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours.compute(), theirs, rtol=1e-3)
    for bounds in [(0, 500, 0.3), (0, 1000, 0.3), (65.2, 47.35, -0.3)]:
        assert gl.arange(*bounds, dtype="float16").shape == np.arange(*bounds, dtype="float16").shape
    pairs = np.random.default_rng(0).normal(0, 4, (2, 5000)).astype(np.float16)
    wide = np.logaddexp(*pairs.astype(np.float64)).astype(np.float16)
    got = gl.logaddexp(*map(gl.asarray, pairs)).compute()
    assert np.abs(got.view(np.int16).astype(int) - wide.view(np.int16)).max() <= 1


def test_powers_of_truth_values():
    n, b = np.array([2, 3]), np.array([True, False])
    for x, y in [(n, True), (n, b), (b, 2), (b, n), (2, b), (b, b)]:
        expected = np.power(x, y)
        ours = gl.power(*(gl.asarray(value) if isinstance(value, np.ndarray) else value for value in (x, y)))
        assert ours.dtype == expected.dtype
        np.testing.assert_array_equal(ours.compute(), expected)


def test_places_that_are_not_there_are_refused_where_nothing_is_assigned():
    for x, key in [(gl.zeros((3, 0)), ([5],)), (gl.arange(6).reshape(2, 3), (slice(2, None), [7])), (gl.arange(6), (0, 0))]:
        with pytest.raises(IndexError):
            x[key] = 1
    assert gl.nanmax(gl.asarray([1, 5]), where=gl.asarray([True, False]), initial=0).compute() == 1
    for chunks in [2**63, ((2**63,), 4)]:
        with pytest.raises(ValueError, match="is no size"):
            gl.ones((2, 4), chunks=chunks)
