"""What NumPy's and Dask's users do without thinking about it, as a newcomer tried it."""

import numpy as np
import pytest

import gridloom as gl
from common import assert_same, lazy

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
    assert f"{mean:.3f}" == "5.500" and round(mean, 1).item() == 5.5 and "%.1f" % mean == "5.5"
    assert isinstance(mean.to_numpy(), np.ndarray)


def test_messages_are_in_numpys_words():
    """Names of functions and dtypes."""
    for call, words in [
        (lambda: gl.asarray([1], dtype="int8") + 200, "beside an array of int8"),
        (lambda: -gl.asarray([True]), "negative: "),
        (lambda: gl.ones(5)[gl.ones(5) > 0][0], r"\\(None,\\)|compute_chunk_sizes"),
        (lambda: np.percentile(lazy(A), 5), "compute"),
        (lambda: np.save("a", lazy(A)), "to_npy"),
        (lambda: gl.median, "np.median"),
        (lambda: gl.nonsense, "no attribute 'nonsense'"),
        (lambda: gl.map_blocks(lambda a: a, lazy(A), drop_axis=1), "drop_axis"),
        (lambda: gl.from_array(object()), "shape, dtype"),
        (lambda: lazy(A).__setitem__(A > 2, np.zeros(3)), "gl.where"),
    ]:
        with pytest.raises((TypeError, ValueError, AttributeError, OverflowError), match=words.replace("\\\\", "\\")):
            call()


def test_dasks_arrays_are_not_mixed_by_accident():
    """They are made ours by name."""
    da = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="from_dask"):
        lazy(A) + da.ones((3, 4))
    assert gl.asarray(da.ones((3, 4), chunks=2)).chunks == ((2, 1), (2, 2))
