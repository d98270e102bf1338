"""`x[key] = value` by lists of places and by masks, as NumPy does it, without a run."""

import numpy as np
import pytest
from common import assert_same, lazy
from hypothesis import given, settings
from hypothesis import strategies as st

import gridloom as gl

A = np.arange(60).reshape(3, 4, 5)


def same(key, value, chunks=2, values=A):
    """Both arrays after the same assignment are equal."""
    x, expected = lazy(values, chunks), values.copy()
    x[key] = value
    expected[key] = value.compute() if isinstance(value, gl.Array) else value
    assert_same(x, expected)
    assert x.chunks == lazy(values, chunks).chunks


@pytest.mark.parametrize(
    "key",
    [
        [1], [2, 0], [-1, 0, 1], (slice(None), [3, 1]), (slice(None), slice(None, None, 2), [4, 0]), (1, [0, 2]), ([0, 2], [1, 3]),
        ([0, 2], slice(None), [4, 1]), (slice(None), [0, 1], [2, 3]), (0, slice(None), [1, 2]), (..., [0, 4]), (None, [1], None, [2]),
        np.array([[0, 1], [2, 2]]), (np.array([[0], [2]]), [1, 3]), (slice(None), np.array([[0, 1], [3, 2]]), 1), ([], 0), [],
        ([True, False, True], 1), (slice(None), [True, False, False, True]), ([0, 1], slice(1, 3), 2), (slice(None, None, -1), [3, 0, 1]),
    ],
    ids=str,
)  # fmt: skip
def test_places(key):
    """Of any axes, beside slices and integers, with values of the part's shape and of fewer axes."""
    shape = A[key].shape
    same(key, -7)
    same(key, -np.arange(np.prod(shape, dtype=int)).reshape(shape))
    if len(shape) and shape[-1]:
        same(key, -np.arange(shape[-1]) - 1)
        same(key, lazy(np.array(-np.arange(shape[-1]) - 1.7)))


def test_of_equal_places_the_last_counts():
    """As NumPy says."""
    same([1, 2, 1], np.array([[[10]], [[20]], [[30]]]))
    same((slice(None), [0, -4, 0]), np.array([[1], [2], [3]]))
    same(([0, 0], [1, 1], [2, 2]), [5, 6])


@settings(deadline=None)
@given(st.lists(st.integers(-8, 7), max_size=12), st.integers(1, 9), st.integers(0, 3))
def test_any_places(places, chunk, before):
    """Random lists, of the second of two axes where `before` is positive."""
    values = np.arange(8 * (before or 1)).reshape((before, 8) if before else (8,))
    key = (slice(None), places) if before else places
    same(key, 100 + np.arange(len(places)), chunk, values)


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=12, max_size=12), st.integers(1, 5), st.sampled_from(["i4", "f8", "?"]))
def test_masks_take_an_element_each(bits, chunk, dtype):
    """In C order, of known and of lazy masks, in other chunks."""
    values, mask = np.arange(12).reshape(3, 4).astype(dtype), np.array(bits).reshape(3, 4)
    new = (np.arange(mask.sum()) + 100).astype(dtype)
    same(mask, new, chunk, values)
    x, expected = lazy(values, chunk), values.copy()
    x[lazy(mask, 3)] = lazy(new, 2)
    expected[mask] = new
    assert_same(x, expected)


def test_a_function_of_what_the_mask_chose_is_a_choice():
    """`x[m] = f(x[m])` needs no order of elements."""
    x, expected = lazy(A, 2), A.copy()
    m = x % 3 == 1
    x[m] = np.maximum(x[m] * 2.5, 10) + lazy(A)[m]
    expected[A % 3 == 1] = np.maximum(A[A % 3 == 1] * 2.5, 10) + A[A % 3 == 1]
    assert_same(x, expected)
    assert "assign by mask" not in x.explain()
    x[x > 20] -= 20
    expected[expected > 20] -= 20
    assert_same(x, expected)
    y = lazy(A, 2)
    y[m] = y[m].cumsum().compute()
    expected = A.copy()
    expected[A % 3 == 1] = A[A % 3 == 1].cumsum()
    assert_same(y, expected)


def test_masks_of_the_first_axes():
    """Whose value is the same behind each."""
    rows, expected = np.array([True, False, True]), A.copy()
    x = lazy(A, 2)
    x[gl.asarray(rows)] = 5
    expected[rows] = 5
    x[lazy(A[:, :, 0] % 2 == 0), :] = np.arange(5)
    expected[A[:, :, 0] % 2 == 0, :] = np.arange(5)
    x[gl.asarray(rows), ...] = np.arange(20).reshape(1, 4, 5)
    expected[rows, ...] = np.arange(20).reshape(1, 4, 5)
    assert_same(x, expected)
    x[True] = 1
    x[False] = 2
    assert_same(x, np.ones_like(A))


def test_what_does_not_fit():
    """Shapes at once, lengths of masks when they are computed; nothing is assigned then."""
    x = lazy(A, 2)
    for key, value, error in [
        ([0, 1], np.zeros(4), ValueError), ([0, 3], 1, IndexError), (([0, 1], [1, 2, 3]), 1, IndexError), ([0.5], 1, IndexError),
        (A > 3, np.zeros((2, 2)), ValueError), (gl.asarray([True, False]), 1, IndexError), (slice(None), "a", TypeError),
        (lazy(A > 3), lazy(A)[lazy(A > 5)], ValueError),
    ]:  # fmt: skip
        with pytest.raises(error):
            x[key] = value
    assert_same(x, A)
    x[x > 3] = np.arange(3)
    with pytest.raises(ValueError, match="3 elements for 56 places where the mask is true"):
        x.compute()
