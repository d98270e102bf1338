"""Borders, entries put in and taken out, and blocks: NumPy's values over random shapes, widths, chunks and keywords."""

import numpy as np
import pytest
from common import assert_same

import gridloom as gl

MODES = ["constant", "edge", "linear_ramp", "maximum", "mean", "minimum", "reflect", "symmetric", "wrap"]
SEEDS = range(40)


def sample(rng, shape):
    """Small numbers of one of several dtypes: sums of them are exact."""
    dtype = rng.choice(["?", "u1", "i2", "i4", "i8", "f4", "f8"])
    low = 0 if np.dtype(dtype).kind in "bu" else -9
    return rng.integers(low, 9, shape).astype(dtype)


def cut(rng, values):
    """The same lazily, in random chunks."""
    return gl.from_array(values, chunks=tuple(int(rng.integers(1, n + 1)) if n else 1 for n in values.shape))


def keywords(rng, mode, ndim):
    """Keywords of a mode, in one of NumPy's spellings."""
    spell = [lambda: int(rng.integers(0, 9)), lambda: tuple(rng.integers(0, 9, 2).tolist()), lambda: rng.integers(0, 9, (ndim, 2)).tolist()]
    value = spell[rng.integers(0, 3)]()
    return {
        "constant": {"constant_values": value},
        "linear_ramp": {"end_values": value},
        "reflect": {"reflect_type": str(rng.choice(["even", "odd"]))},
        "symmetric": {"reflect_type": str(rng.choice(["even", "odd"]))},
    }.get(mode, {} if mode in ("edge", "wrap") or rng.integers(0, 2) else {"stat_length": int(rng.integers(1, 5))})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", SEEDS)
def test_pads(mode, seed):
    """Of any widths, beyond the array's length too."""
    rng = np.random.default_rng([seed, MODES.index(mode)])
    shape = tuple(rng.integers(1, 7, rng.integers(1, 4)))
    values = sample(rng, shape)
    if values.dtype == bool and mode in ("mean", "linear_ramp"):
        values = values.astype("i4")
    most = 25 if len(shape) == 1 else 9
    widths = [int(rng.integers(0, most)), rng.integers(0, most, (1, 2)).tolist(), rng.integers(0, most, (len(shape), 2))][
        rng.integers(0, 3)
    ]
    named = keywords(rng, mode, len(shape))
    expected = np.pad(values, widths, mode, **named)
    assert_same(gl.pad(cut(rng, values), widths, mode, **named), expected)


def test_pads_by_dicts_and_what_is_refused():
    """Widths of some axes, and NumPy's exceptions."""
    x = np.arange(6).reshape(2, 3)
    assert_same(gl.pad(x, {-1: (1, 2)}, "edge"), np.pad(x, {-1: (1, 2)}, "edge"))
    assert_same(gl.pad(x, {0: 1}), np.pad(x, {0: 1}))
    assert_same(gl.pad(np.float32(3), 2), np.pad(np.float32(3), 2))
    assert gl.pad(x, 1, "empty").shape == (4, 5)
    for module in (np, gl):
        with pytest.raises(ValueError, match="not supported"):
            module.pad(x, 1, "mirror")
        with pytest.raises(ValueError, match="unsupported keyword"):
            module.pad(x, 1, "edge", constant_values=1)
        with pytest.raises(ValueError, match="negative"):
            module.pad(x, -1)
        with pytest.raises(TypeError, match="integral"):
            module.pad(x, 1.5)
        with pytest.raises(ValueError):
            module.pad(x, ((1, 1), (1, 1), (1, 1)))
        with pytest.raises(ValueError):
            module.pad(np.zeros((0, 3)), 1, "edge")
        with pytest.raises(ValueError):
            module.pad(x, 1, "maximum", stat_length=0)
    assert_same(gl.pad(x.astype("u1"), 1, constant_values=(-1, 300)), np.pad(x.astype("u1"), 1, constant_values=(-1, 300)))
    with pytest.raises(ValueError, match="median"):
        gl.pad(x, 1, "median")


@pytest.mark.parametrize("seed", SEEDS)
def test_entries_come_and_go(seed):
    """By integers, slices, lists and masks, along an axis or flat."""
    rng = np.random.default_rng(seed)
    values = sample(rng, tuple(rng.integers(1, 7, rng.integers(1, 4))))
    axis = [None, *range(-values.ndim, values.ndim)][rng.integers(0, 2 * values.ndim + 1)]
    length = values.size if axis is None else values.shape[axis]
    places = rng.integers(-length, length, rng.integers(0, 5))
    objects = [
        int(rng.integers(-length, length)),
        slice(None, None, int(rng.choice([-2, 2, 3]))),
        places.tolist(),
        rng.integers(0, 2, length).astype(bool),
    ]
    for obj in objects:
        assert_same(gl.delete(cut(rng, values), obj, axis), np.delete(values, obj, axis))
        new = 1 if isinstance(obj, (int, slice)) or axis is None else rng.integers(0, 2, [1] * values.ndim)
        assert_same(gl.insert(cut(rng, values), obj, new, axis), np.insert(values, obj, new, axis))
    assert_same(gl.resize(cut(rng, values), (3, length)), np.resize(values, (3, length)))


def test_several_entries_before_one_place():
    """NumPy moves the first axis of the new entries for a single integer."""
    x = np.arange(12).reshape(3, 4)
    for obj, new, axis in [
        (1, [7, 8, 9], 1),
        ([1], [[7], [8], [9]], 1),
        (1, [[1, 2, 3, 4], [5, 6, 7, 8]], 0),
        (-1, 5, 0),
        (4, [1, 2, 3], 1),
    ]:
        assert_same(gl.insert(x, obj, new, axis), np.insert(x, obj, new, axis))
    assert_same(gl.insert(x, 3, [7, 8]), np.insert(x, 3, [7, 8]))
    for module in (np, gl):
        with pytest.raises(IndexError):
            module.delete(x, 3, 0)
        with pytest.raises(IndexError):
            module.insert(x, [4], 0, 0)
        with pytest.raises(ValueError):
            module.delete(x, [True, False], 0)


def test_blocks():
    """Of several depths, axes and dtypes."""
    a, b, c = np.ones((2, 2)), np.full((2, 3), 2, "i4"), np.arange(5)
    for arrays in [[a, b], [[a, b], [c]], [[[a]], [[a]]], c, [c, 1.5], [[1, 2], [3, 4]], [[a[None], b[None]]]]:
        assert_same(gl.block(arrays), np.block(arrays))
    assert_same(np.block([[gl.asarray(a), b]]), np.block([[a, b]]))
    for module in (np, gl):
        with pytest.raises(ValueError, match="depths are mismatched"):
            module.block([[a], a])
        with pytest.raises(ValueError, match="empty"):
            module.block([])
        with pytest.raises(TypeError, match="tuple"):
            module.block((a, b))
