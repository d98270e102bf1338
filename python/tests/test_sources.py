"""Chunks that Python makes: objects read by slices, functions of chunks, Dask's arrays and memory maps."""

import threading

import numpy as np
import pytest
from common import assert_same, lazy

import gridloom as gl

A = np.arange(24.0).reshape(4, 6)


class Store:
    """An array that notes what is read of it."""

    shape, dtype = A.shape, A.dtype

    def __init__(self, of=lambda part: part):
        self.read, self.of, self.lock = [], of, threading.Lock()

    def __getitem__(self, key):
        with self.lock:
            self.read.append(key)
        return self.of(A[key])


def test_chunks_are_read_when_they_are_needed():
    """Only those, once each, by slices."""
    store = Store()
    x = gl.from_array(store, chunks=(2, 3))
    assert store.read == []
    assert_same(x[:2, :3] + 1, A[:2, :3] + 1)
    assert store.read == [(slice(0, 2, 1), slice(0, 3, 1))]
    assert_same((x - x.mean()).sum(axis=0), (A - A.mean()).sum(axis=0))


@pytest.mark.parametrize(("of", "kind", "words"), [
    (lambda part: part[:1], ValueError, "shape"),
    (lambda part: 1 / 0, ZeroDivisionError, "division"),
    (lambda part: object(), ValueError, "shape"),
    (lambda part: gl.ones(part.shape), TypeError, "inside a chunk"),
])  # fmt: skip
def test_what_goes_wrong_in_a_source_is_raised(of, kind, words):
    """The exception itself, from the run."""
    with pytest.raises(kind, match=words):
        gl.from_array(Store(of), chunks=2).sum().compute()
    assert gl.ones(2).sum().compute() == 2


def test_other_dtypes_and_orders_are_made_to_fit():
    """A source that gives Fortran's order, or another dtype than it said."""
    for of in (np.asfortranarray, lambda part: part.astype("f4"), lambda part: part.astype(">f8"), lambda part: part.tolist()):
        assert_same(gl.from_array(Store(of), chunks=(3, 2)), A)


def test_locks():
    """One chunk at a time."""
    assert_same(gl.from_array(Store(), chunks=1, lock=True).sum(axis=1), A.sum(axis=1))


def test_memory_maps(tmp_path):
    """Read as they are needed."""
    np.save(tmp_path / "a.npy", A)
    assert_same(gl.from_array(np.load(tmp_path / "a.npy", mmap_mode="r"), chunks=2), A)


def test_functions_of_chunks():
    """`map_blocks` with NumPy's functions, of several arrays, with other arguments."""
    x = gl.from_array(A, (2, 3))
    assert_same(gl.map_blocks(np.sort, x, axis=1), np.concatenate([np.sort(A[:, :3]), np.sort(A[:, 3:])], axis=1))
    assert_same(gl.map_blocks(lambda a, b, k: a * b + k, x, x[0], 3), A * A[0] + 3)
    assert_same(x.map_blocks(lambda a: a > 3, dtype=bool), A > 3)
    with pytest.raises(ValueError, match="shape"):
        x.map_blocks(lambda a: a[:1], dtype=float).compute()
    with pytest.raises(ValueError, match="read-only"):
        x.map_blocks(lambda a: a.__iadd__(1), dtype=float).compute()
    with pytest.raises(ZeroDivisionError):
        x.map_blocks(lambda a: 1 // 0, dtype=float).compute()


def test_dask():
    """There and back, chunk by chunk."""
    da = pytest.importorskip("dask.array")
    theirs = da.from_array(A, chunks=(2, 3)) + 1
    ours = gl.from_dask(theirs)
    assert ours.chunks == theirs.chunks
    assert_same(ours, A + 1)
    assert_same(gl.from_array(theirs), A + 1)
    back = gl.to_dask(ours * 2)
    assert back.chunks == theirs.chunks
    np.testing.assert_array_equal(back.sum(axis=0).compute(scheduler="threads"), ((A + 1) * 2).sum(axis=0))
    with pytest.raises(ValueError, match="unknown"):
        gl.to_dask(ours[ours > 3])


def test_map_blocks_may_change_shapes():
    """Axes that go, that are new, and other sizes; arrays that are broadcast."""
    values = np.arange(24.0).reshape(4, 6)
    x = lazy(values, (2, 3))
    assert_same(gl.map_blocks(lambda a: a.sum(axis=1), x, drop_axis=1), values.sum(axis=1))
    assert_same(gl.map_blocks(lambda a: a.sum(axis=0), x, drop_axis=-2, dtype=float), values.sum(axis=0))
    assert_same(gl.map_blocks(lambda a: a.sum(), x, drop_axis=[0, 1], dtype=float), values.sum())
    for at in (0, 1, 2, -1):
        made = gl.map_blocks(lambda a, at=at: np.expand_dims(a, at), x, new_axis=at)
        assert_same(made, np.expand_dims(values, at))
    made = gl.map_blocks(lambda a: np.stack([a, -a, a], axis=1), x, new_axis=1, chunks=((2, 2), 3, (3, 3)), dtype=float)
    assert_same(made, np.stack([values, -values, values], axis=1))
    assert made.chunks == ((2, 2), (3,), (3, 3))
    swapped = gl.map_blocks(lambda a: a.max(axis=0)[:, None], x, drop_axis=0, new_axis=1)
    assert_same(swapped, values.max(axis=0)[:, None])
    made = gl.map_blocks(lambda a: a[:1, ::2], x, chunks=(1, 2), dtype=float)
    assert made.shape == (2, 4)
    assert_same(made, values[::2, [0, 2, 3, 5]])
    column, row = lazy(values[:, :1], 2), lazy(values[0], 3)
    assert_same(gl.map_blocks(lambda a, b, c: a + b * c, row, column, 2), values[0] + values[:, :1] * 2)
    shapes = []
    gl.map_blocks(lambda a, b: (shapes.append((a.shape, b.shape)), a + b)[1], x, column, dtype=float).compute()
    assert set(shapes) == {((2, 3), (2, 1))} or set(shapes) == {((2, 3), (4, 1))}
    filtered = x.reshape(-1)[x.reshape(-1) > 3]
    assert_same(filtered.map_blocks(lambda a: a * 2, dtype=float), values[values > 3] * 2)
    for word, value in [("chunks", (1,)), ("chunks", (1, (2, 2, 2))), ("chunks", (-1, 1)), ("drop_axis", 2), ("new_axis", [0, 0])]:
        with pytest.raises(ValueError):
            gl.map_blocks(lambda a: a, x, dtype=float, **{word: value})


def test_map_blocks_says_where_a_chunk_is():
    """Dask's `block_id` and `block_info`."""
    x = lazy(np.zeros((4, 6)), (2, 3))
    places = gl.map_blocks(lambda a, block_id: a + 10 * block_id[0] + block_id[1], x)
    assert_same(places[::2, ::3], np.array([[0.0, 1.0], [10.0, 11.0]]))
    seen = {}

    def look(a, b, block_info=None):
        if None in block_info:
            seen[block_info[None]["chunk-location"]] = block_info
        return a + b

    gl.map_blocks(look, x, x[0]).compute()
    info = seen[1, 1]
    assert info[0] == {"shape": (4, 6), "num-chunks": (2, 2), "chunk-location": (1, 1), "array-location": [(2, 4), (3, 6)]}
    assert info[1] == {"shape": (6,), "num-chunks": (2,), "chunk-location": (1,), "array-location": [(3, 6)]}
    assert (
        info[None]["dtype"] == np.dtype(float) and info[None]["chunk-shape"] == (2, 3) and info[None]["array-location"] == [(2, 4), (3, 6)]
    )
    da = pytest.importorskip("dask.array")
    theirs = {}

    def note(a, block_info=None):
        if block_info:
            theirs[block_info[None]["chunk-location"]] = block_info
        return a

    da.map_blocks(note, da.zeros((4, 6), chunks=(2, 3)), dtype=float).compute(scheduler="synchronous")
    ours = {}
    gl.map_blocks(lambda a, block_info: (ours.update({block_info[None]["chunk-location"]: block_info}), a)[1], x, dtype=float).compute()
    assert ours == theirs


def test_chunks_as_dask_writes_them():
    """Bytes, words, -1, None, dicts, arrays; what is no size is refused."""
    for chunks, expected in [
        ("auto", ((1000,), (1000,))), ("4 MB", None), ("1MiB", None), (-1, ((1000,), (1000,))), (None, ((1000,), (1000,))),
        ({0: 500}, ((500, 500), (1000,))), ({-1: "1 MB"}, None), (("1 MiB", -1), None), ((500, "auto"), None), ((-1, 250), ((1000,), (250,) * 4)),
        (((400, 600), None), ((400, 600), (1000,))), (np.array([500, 1000]), ((500, 500), (1000,))), (np.int64(500), ((500, 500), (500, 500))),
    ]:  # fmt: skip
        made = gl.zeros((1000, 1000), chunks=chunks)
        assert made.shape == (1000, 1000) and (expected is None or made.chunks == expected), chunks
        assert gl.ones((1000, 1000)).rechunk(chunks).shape == (1000, 1000)
    assert np.prod(gl.zeros((1000, 1000), chunks="1 MiB").chunksize) * 8 <= 2**20
    assert (
        gl.zeros((1000, 1000), chunks=("100 kB", -1)).chunksize == (13, 1000)
        or np.prod(gl.zeros((1000, 1000), chunks=("100 kB", -1)).chunksize) * 8 <= 100_000
    )
    for chunks, error in [
        ("large", ValueError), ("3 pigs", ValueError), (2.5, TypeError), (True, TypeError), ((1, 2.5), TypeError), (object(), TypeError),
        ({5: 2}, ValueError), ((1, 2, 3), ValueError), (-2, ValueError), (((1, 2), 3), ValueError), (float("nan"), ValueError),
    ]:  # fmt: skip
        with pytest.raises(error):
            gl.zeros((1000, 1000), chunks=chunks)
