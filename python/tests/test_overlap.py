"""Functions of chunks with halos and of lines, and sums of products along an axis, against NumPy's values of the whole."""

import numpy as np
import pytest
from common import assert_same

import gridloom as gl

SEEDS = range(30)


def near(depth):
    """The sums of each element and those around it, as far as they are there."""

    def sums(chunk):
        made = np.zeros_like(chunk)
        for at in np.ndindex(chunk.shape):
            made[at] = chunk[tuple(slice(max(0, k - b), k + a + 1) for k, (b, a) in zip(at, depth, strict=True))].sum()
        return made

    return sums


@pytest.mark.parametrize("seed", SEEDS)
def test_chunks_with_halos(seed):
    """Of any depth, with every boundary, by tuples and dicts."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 8, rng.integers(1, 3)))
    values = rng.integers(-9, 9, shape)
    x = gl.from_array(values, chunks=tuple(int(rng.integers(1, n + 1)) for n in shape))
    depth = [tuple(rng.integers(0, 6, 2).tolist()) for _ in shape]
    spelled = dict(enumerate(depth)) if seed % 2 else tuple(depth)
    for boundary, mode in [("none", None), ("reflect", "symmetric"), ("nearest", "edge"), ("periodic", "wrap"), (5, "constant")]:
        got = gl.map_overlap(near(depth), x, depth=spelled, boundary=boundary)
        if mode is None:
            expected = near(depth)(values)
        else:
            padded = np.pad(values, depth, mode, **({"constant_values": 5} if mode == "constant" else {}))
            expected = near(depth)(padded)[tuple(slice(b, b + n) for (b, _), n in zip(depth, shape, strict=True))]
        assert got.chunks == x.chunks
        assert_same(got, expected)
    assert x.map_overlap(lambda c: c, 1, "none", trim=False).shape[0] >= shape[0]


def test_several_arrays_and_what_is_refused():
    """Arrays are cut as the first one is."""
    x, y = np.arange(12.0), np.arange(12.0)[::-1].copy()
    lazy = gl.from_array(x, chunks=5)
    assert_same(gl.map_overlap(lambda a, b, k: k * a + np.roll(b, 1), lazy, y, 3, depth=1, boundary="periodic"), 3 * x + np.roll(y, 1))
    for keywords in [{"boundary": "mirror"}, {"depth": (1, 1)}, {"depth": -1}, {"depth": {0: (1, 2, 3)}}]:
        with pytest.raises(ValueError):
            gl.map_overlap(lambda c: c, lazy, **{"depth": 1, **keywords})
    with pytest.raises(ValueError, match="one shape"):
        gl.map_overlap(lambda a, b: a, lazy, x[:3], depth=1)
    with pytest.raises(TypeError):
        gl.map_overlap(lambda c: c, 3, depth=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_taps(seed):
    """Convolutions and correlations of any lengths."""
    rng = np.random.default_rng(seed)
    dtype = rng.choice(["i4", "f8", "?", "u1"])
    a, v = (rng.integers(0, 5, rng.integers(1, most)).astype(dtype) for most in (30, 12))
    x = gl.from_array(a, chunks=int(rng.integers(1, len(a) + 1)))
    for mode in ("full", "same", "valid"):
        assert_same(gl.convolve(x, v, mode), np.convolve(a, v, mode))
        assert_same(gl.correlate(x, v, mode), np.correlate(a, v, mode))
    with pytest.raises(ValueError):
        gl.convolve(x, [])
    with pytest.raises(ValueError):
        gl.convolve(np.ones(200), np.ones(200))
    with pytest.raises(ValueError):
        gl.convolve(x, v, "half")


def test_lines():
    """Functions of lines that make numbers, lines and more."""
    a = np.arange(24.0).reshape(2, 3, 4)
    x = gl.from_array(a, chunks=(1, 2, 3))
    for func in (np.median, np.sort, lambda line: line[:2], lambda line: np.outer(line, line), lambda line, k=1: line * k):
        for axis in range(-3, 3):
            assert_same(gl.apply_along_axis(func, axis, x), np.apply_along_axis(func, axis, a))
    assert_same(gl.apply_along_axis(lambda line, k: line * k, 0, x, k=3), a * 3)
    assert_same(gl.apply_over_axes(gl.sum, x, [0, -1]), np.apply_over_axes(np.sum, a, [0, -1]))
    for module in (np, gl):
        with pytest.raises(np.exceptions.AxisError):
            module.apply_along_axis(np.sum, 3, a)
