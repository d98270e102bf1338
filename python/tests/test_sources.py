"""Chunks that Python makes: objects read by slices, functions of chunks, Dask's arrays and memory maps."""

import threading

import numpy as np
import pytest
from common import assert_same

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
