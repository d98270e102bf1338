"""`Array`: what it is, its operators, indices, assignments and conversions, by NumPy's rules."""

import copy
import operator

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl

A = sample((7, 5, 3), "i8")


@pytest.mark.parametrize("key", [
    0, -1, (1, 2, 1), slice(None), slice(2, 5), slice(None, None, -1), slice(-2, None), slice(100, 2, -2), slice(3, 3), Ellipsis,
    (..., 0), (0, ..., 1), None, (None, 1, None), (slice(1, 6, 2), slice(None), slice(None, None, -1)), ([2, 0, -1],), (slice(None), [1, 1]),
    ([1, 2], slice(None), 0), np.array([3, 1]), np.array([[0, 1], [2, 3]]), (slice(None), np.array([[0, 1]])), (), [],
    np.array([True, False, True, True, False, False, True]), (slice(None), np.array([True, False, True, True, False]), 1), np.int64(2),
    A > 0, (np.array([[1, 2]]), slice(None), 0), ([1, 2, 3], [3, 2, 1]), ([1, -1], slice(None), [0, 2]), (..., [[0, 1]], [[2], [1]]), True, False,
    (0, [1, 2], [2, 2]), ([0, 1], [0, 1], [0, 1]), (None, [1, 2], [0, 0]), (np.array([True] * 3 + [False] * 4), [0, 1, 2]), np.array(True),
], ids=repr)  # fmt: skip
@pytest.mark.parametrize("chunks", ["auto", 2])
def test_reads_as_numpy_does(key, chunks):
    """Slices, places, lists, masks."""
    assert_same(lazy(A, chunks)[key], A[key])


def test_lazy_indices():
    """A mask stays lazy, places are computed."""
    x = lazy(A, 2)
    assert (x[x > 1]).shape == (None,)
    assert_same(x[x > 1], A[A > 1])
    assert_same(x[gl.asarray([1, 0])], A[[1, 0]])
    assert_same(x[lazy(A[:, 0, 0] > 0)], A[A[:, 0, 0] > 0])
    assert_same(x[gl.asarray(3)], A[3])


@pytest.mark.parametrize(("key", "kind"), [
    (7, IndexError), ((0, 0, 0, 0), IndexError), (1.0, IndexError), ("a", IndexError), (slice(1.5), TypeError), ([[True]], IndexError),
    ((..., ...), IndexError), (np.array([True, False]), IndexError), (np.array([1.5]), IndexError), ([9], IndexError), (2**70, IndexError),
    (slice(None, None, 0), ValueError), (([1, 2], [1, 2, 3]), IndexError),
], ids=repr)  # fmt: skip
def test_refuses_what_is_no_index(key, kind):
    """The exceptions of NumPy."""
    with pytest.raises(kind):
        lazy(A)[key]


@pytest.mark.parametrize("key", [
    0, -2, slice(None), slice(1, 4), slice(None, None, 2), slice(None, None, -1), slice(5, 1, -3), (slice(1, 3), 2), (..., 1), (1, 2, 0),
    (slice(None, None, 3), slice(1, None, 2), slice(None, None, -2)), Ellipsis, slice(2, 2), (None, 1), (slice(0, 6, 5), None, slice(1, 3)),
], ids=repr)  # fmt: skip
@pytest.mark.parametrize("chunks", ["auto", 2])
def test_writes_as_numpy_does(key, chunks):
    """`x[key] = value` of numbers and arrays; other handles keep their elements."""
    for value in (-9, np.arange(A[key].size).reshape(A[key].shape)):
        x = lazy(A, chunks)
        old, expected = x.copy(), A.copy()
        x[key] = value
        expected[key] = value
        assert_same(x, expected)
        assert_same(old, A)
        assert x.chunks == old.chunks


def test_writes_by_masks_and_in_place():
    """Masks take numbers; `x[k] += 1` is both."""
    x, expected = lazy(A, 2), A.copy()
    x[x < 0] = 0
    expected[expected < 0] = 0
    x[1] += 5
    expected[1] += 5
    x[:, 1] *= lazy(A)[:, 2]
    expected[:, 1] *= A[:, 2]
    x[np.array([True, False, False, True, False, False, False])[:, None, None] & (A > -99)] = 8
    expected[[0, 3]] = 8
    assert_same(x, expected)
    x[0, 0, 0] = 2.7
    assert x[0, 0, 0].item() == 2
    with pytest.raises(ValueError, match="broadcast"):
        x[0] = np.zeros(4)
    with pytest.raises(OverflowError):
        gl.zeros(3, dtype="u1")[0] = 300


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.eq, operator.ne, operator.lt,
             operator.le, operator.gt, operator.ge]  # fmt: skip


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)
def test_operators_of_all_dtypes(op):
    """Arrays beside arrays, NumPy's arrays and numbers, in NumPy's dtypes."""
    with np.errstate(all="ignore"):
        for a in DTYPES:
            x = sample(12, a)
            for other in [sample(12, b, 1) for b in DTYPES] + [2, 2.5, True, np.float32(1.5), np.int8(3)]:
                try:
                    expected = op(x, other)
                except (TypeError, OverflowError) as error:
                    with pytest.raises(type(error)):
                        op(lazy(x), other)
                    continue
                if expected.dtype in (np.float16, np.int8) and (a.kind == "b" or a.itemsize == 1):
                    continue  # NumPy divides bytes in float16, and bools as int8: in the README
                is_float = op in (operator.floordiv, operator.mod) and expected.dtype.kind == "f"
                got = op(lazy(x), lazy(other) if isinstance(other, np.ndarray) else other)
                if is_float:
                    assert got.dtype == expected.dtype
                    continue
                assert_same(got, expected)
                if not isinstance(other, np.ndarray):
                    assert_same(op(other, lazy(x)), op(other, x))


def test_in_place_operators_rebind():
    """`x += 1` changes this handle alone."""
    x = lazy(A)
    y, same = x, x.copy()
    x += 1
    assert y is x
    assert_same(y, A + 1)
    assert_same(same, A)
    x **= 2
    assert_same(x, (A + 1) ** 2)
    with pytest.raises(TypeError, match="cast"):
        x += 0.5
    f = gl.ones(3, dtype="f4")
    f += 1.5
    assert f.dtype == np.float32


def test_values_where_python_asks_for_them():
    """`bool int float complex index len iter in tolist item` compute."""
    x = gl.asarray([3])
    assert (bool(x), int(x), float(x), complex(x), len(x), x.tolist(), x.item()) == (True, 3, 3.0, 3 + 0j, 1, [3], 3)
    assert [10, 20, 30, 40][gl.asarray(3)] == 40
    assert 3 in x and 4 not in x
    y = lazy(np.arange(10))
    assert len(y[y % 3 == 0]) == 4
    assert [int(v) for v in y[:3]] == [0, 1, 2]
    for call in (bool, int, float):
        with pytest.raises((ValueError, TypeError)):
            call(y)
    for call in (len, iter):
        with pytest.raises(TypeError):
            list(call(gl.asarray(1))) if call is iter else call(gl.asarray(1))
    with pytest.raises(TypeError):
        hash(y)


def test_conversions_to_numpy():
    """`np.asarray`, DLPack, copies."""
    x = lazy(A)
    np.testing.assert_array_equal(np.asarray(x), A)
    assert np.asarray(x, dtype="f4").dtype == np.float32
    np.testing.assert_array_equal(np.from_dlpack(x), A)
    assert_same(copy.deepcopy(x), A)
    with pytest.raises(ValueError, match="copy=None"):
        np.asarray(x, copy=False)
    assert isinstance(x.sum().compute(), np.int64)


def test_attributes():
    """What needs no values."""
    x = lazy(A.astype("f4"), (4, 5, 2))
    assert (x.shape, x.ndim, x.size, x.nbytes, x.itemsize, x.dtype) == ((7, 5, 3), 3, 105, 420, 4, np.float32)
    assert (x.chunks, x.numblocks, x.npartitions, x.chunksize) == (((4, 3), (5,), (2, 1)), (2, 1, 2), 4, (4, 5, 2))
    assert repr(x) == "gridloom.Array<shape=(7, 5, 3), dtype=float32, chunksize=(4, 5, 2)>"
    assert "<svg" in x._repr_html_() and x.T.shape == (3, 5, 7) and x.mT.shape == (7, 3, 5)
    assert x.reshape(5, -1).shape == (5, 21) and x.rechunk({0: 7}).chunks == ((7,), (5,), (2, 1))
    with pytest.raises(AttributeError):
        x.nonsense = 1


def test_names_of_ours_are_documented():
    """Each public name has a text."""
    for name in gl.__all__:
        value = getattr(gl, name)
        if callable(value):
            assert value.__doc__, name
    for name in dir(gl.Array):
        if not name.startswith("_"):
            assert getattr(gl.Array, name).__doc__, name


def test_float16_is_held_as_such_and_computed_in_float32(tmp_path):
    rng = np.random.default_rng(0)
    a = rng.normal(0, 3, (37, 41)).astype(np.float16)
    b = rng.normal(0, 3, (37, 41)).astype(np.float16)
    x, y = gl.from_array(a, (10, 17)), gl.from_array(b, (10, 17))
    # NumPy, too, computes each function in float32 and rounds its result.
    for ours, theirs in [
        (x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (x * 0.3 + 1, a * 0.3 + 1), (-x, -a),
        (np.sqrt(abs(x)), np.sqrt(abs(a))), (np.maximum(x, y), np.maximum(a, b)), (x < y, a < b), (x.T, a.T),
        (np.where(x < 0, y, x), np.where(a < 0, b, a)), (x.max(0), a.max(0)), (x.argmin(), a.argmin()), (x[x > 1], a[a > 1]),
    ]:  # fmt: skip
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours.compute(), theirs)
    # Sums are rounded once, at their end.
    assert x.sum(dtype=None).dtype == np.float16
    np.testing.assert_array_equal(x.sum(axis=0).compute(), a.astype(np.float64).sum(axis=0).astype(np.float16))
    for name in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint64", "float32", "float64"]:
        other = np.ones(3, name)
        assert (gl.asarray(a[0, :3]) + gl.asarray(other)).dtype == (a[0, :3] + other).dtype
        if name[0] != "u":  # of negative numbers C makes anything
            np.testing.assert_array_equal(x.astype(name).compute(), a.astype(np.float64).astype(name))
    x.to_npy(tmp_path / "x.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), a)
    assert gl.from_npy(tmp_path / "x.npy").dtype == np.float16
