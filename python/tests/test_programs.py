"""Random programs against NumPy: dtypes, shapes, chunks, indices and chains of operations. GRIDLOOM_TEST_EXAMPLES says how many."""

import os

import numpy as np
from common import DTYPES, assert_same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import gridloom as gl

EXAMPLES = int(os.environ.get("GRIDLOOM_TEST_EXAMPLES", "700"))
checked = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES <= 700)

NUMBERS = {"b": st.booleans(), "u": st.integers(0, 9), "i": st.integers(-9, 9), "f": st.floats(-9, 9, width=16)}
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6)


def arrays(shape, dtypes=DTYPES):
    """Arrays of small numbers."""
    return st.sampled_from(dtypes).flatmap(lambda dtype: hnp.arrays(dtype, shape, elements=NUMBERS[dtype.kind]))


@st.composite
def pairs(draw, shapes=SHAPES):
    """A NumPy array, and a lazy one of the same elements in some chunks."""
    x = draw(arrays(shapes))
    chunks = tuple(draw(st.integers(1, max(1, n))) for n in x.shape)
    return x, gl.from_array(x, chunks) if x.ndim else gl.asarray(x)


def unary(draw, x, y):
    name = draw(
        st.sampled_from(["negative", "absolute", "square", "sign", "sin", "exp", "sqrt", "floor", "isfinite", "logical_not", "cos"])
    )
    if (x.dtype.kind == "b" and name in ("negative", "square", "sign")) or (name in ("sin", "exp", "sqrt", "cos") and x.dtype.itemsize < 4):
        return x, y
    if name == "exp":
        x, y = np.clip(x, -20, 20), np.clip(y, -20, 20)
    return getattr(np, name)(x), getattr(np, name)(y)


def binary(draw, x, y):
    name = draw(st.sampled_from(["add", "subtract", "multiply", "maximum", "minimum", "less", "equal", "logical_and", "greater_equal"]))
    other = draw(st.one_of(st.integers(0, 5), arrays(x.shape), arrays(x.shape[1:])))
    kinds = {x.dtype.kind, np.asarray(other).dtype.kind}
    if name == "subtract" and kinds == {"b"}:
        return x, y
    if isinstance(other, int) and x.dtype.kind == "b":
        other = np.int64(other)
    lazily = gl.from_array(other) if isinstance(other, np.ndarray) and other.ndim else other
    return getattr(np, name)(x, other), getattr(np, name)(y, lazily)


def index(draw, x, y):
    key = draw(hnp.basic_indices(x.shape, allow_newaxis=True, allow_ellipsis=True))
    return x[key], y[key]


def rearrange(draw, x, y):
    match draw(st.sampled_from(["T", "reshape", "ravel", "rechunk", "flip", "stack", "concatenate", "broadcast"])):
        case "T":
            return x.T, y.T
        case "reshape":
            return x.reshape(-1, 1), y.reshape(-1, 1)
        case "ravel":
            return x.ravel(), y.ravel()
        case "rechunk":
            return x, y.rechunk(draw(st.integers(1, 4)))
        case "flip":
            return np.flip(x), np.flip(y)
        case "stack":
            return np.stack([x, x], -1), np.stack([y, y], -1)
        case "concatenate" if x.ndim:
            return np.concatenate([x, x[:1]]), np.concatenate([y, y[:1]])
        case "broadcast":
            return np.broadcast_to(x, (2, *x.shape)), np.broadcast_to(y, (2, *x.shape))
    return x, y


def reduce(draw, x, y):
    name = draw(st.sampled_from(["sum", "prod", "mean", "max", "min", "any", "all", "argmax", "std", "count_nonzero"]))
    axis = draw(st.one_of(st.none(), st.integers(0, x.ndim - 1))) if x.ndim else None
    if x.size == 0 and name not in ("sum", "prod", "any", "all", "count_nonzero"):
        return x, y
    keep = draw(st.booleans())
    function = getattr(np, name)
    with np.errstate(all="ignore"):
        return np.asarray(function(x, axis=axis, keepdims=keep)), function(y, axis=axis, keepdims=keep)


def scan(draw, x, y):
    if not x.ndim or (x.dtype.kind == "f" and not np.isfinite(x).all()):
        return x, y
    axis = draw(st.integers(0, x.ndim - 1))
    return np.cumsum(x, axis=axis), np.cumsum(y, axis=axis)


def mask(draw, x, y):
    return (x[x > 1], y[y > 1]) if x.ndim == 1 else (np.where(x > 1, x, 0), np.where(y > 1, y, 0))


def assign(draw, x, y):
    if not x.ndim:
        return x, y
    key = draw(hnp.basic_indices(x.shape, allow_newaxis=False, allow_ellipsis=True))
    x, y = x.copy(), y.copy()
    if None in y.shape:
        return x, y
    x[key] = 3
    y[key] = 3
    return x, y


STEPS = [unary, unary, binary, binary, index, rearrange, reduce, scan, mask, assign]


@checked
@given(st.data())
def test_chains_of_operations(data):
    """Up to five steps, each of which may change shape and dtype."""
    x, y = data.draw(pairs())
    with np.errstate(all="ignore"):
        for _ in range(data.draw(st.integers(1, 5))):
            if None in y.shape:
                break
            x, y = data.draw(st.sampled_from(STEPS))(data.draw, x, y)
            x = np.asarray(x)
            if x.ndim > 5 or x.size > 20000 or (x.dtype.kind == "f" and x.size and not np.abs(x[np.isfinite(x)]).max(initial=0) < 1e6):
                break
            if x.dtype == np.float16:
                return
    if x.dtype.kind == "f":
        # Sums of what nearly cancels differ by rounding of their largest terms.
        assert y.dtype == x.dtype
        np.testing.assert_allclose(
            np.asarray(y.compute()), x, rtol=2e-3 if x.dtype.itemsize == 4 else 1e-9, atol=1e-2 if x.dtype.itemsize == 4 else 1e-6
        )
    else:
        assert_same(y, x)


@checked
@given(pairs(), st.data())
def test_indices(pair, data):
    """Basic and boolean indices, and lists, of every shape."""
    x, y = pair
    key = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True))
    assert_same(y[key], x[key])
    if x.ndim:
        mask = data.draw(hnp.arrays(bool, x.shape))
        assert_same(y[mask], x[mask])
        if x.shape[0]:
            places = data.draw(st.lists(st.integers(-x.shape[0], x.shape[0] - 1), max_size=7))
            assert_same(y[places], x[np.array(places, dtype=int)])


@checked
@given(SHAPES, st.data())
def test_chunks_do_not_matter(shape, data):
    """An expression of an array in any chunks has the same values."""
    x = data.draw(hnp.arrays(np.float64, shape, elements=st.floats(-5, 5, width=16)))
    make = lambda chunks: gl.from_array(x, chunks) if x.ndim else gl.asarray(x)
    chunks = tuple(data.draw(st.integers(1, max(1, n))) for n in shape)
    one, other = ((np.exp(y) * 2 - y.mean()).T for y in (make("auto"), make(chunks)))
    np.testing.assert_allclose(one.compute(), other.compute(), rtol=1e-13)
