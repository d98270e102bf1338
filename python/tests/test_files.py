"""What NumPy reads and writes whole, and numbers in files without a header, which are read chunk by chunk."""

import io
import os

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl


def test_finite_numbers():
    """At once for what is there, for lazy arrays when they are computed."""
    for dtype in ("f2", "f4", "f8"):
        a = sample(50, dtype)
        made = gl.asarray_chkfinite(lazy(a, 7))
        assert made.dtype == a.dtype and np.array_equal(made.compute(), a)
        for bad in (np.nan, np.inf, -np.inf):
            a[30] = bad
            with pytest.raises(ValueError, match="infs or NaNs"):
                gl.asarray_chkfinite(a)
            made = gl.asarray_chkfinite(lazy(a, 7))
            with pytest.raises(ValueError, match="without NaN and infinities"):
                made.compute()
            a[30] = 1
    assert_same(gl.asarray_chkfinite([1, 2], dtype="f4"), np.array([1, 2], "f4"))
    assert_same(gl.asarray_chkfinite(lazy(np.arange(3))), np.arange(3))


def test_orders_of_memory():
    """C order is the only one there is."""
    a = sample((3, 4), "f8")
    assert_same(gl.ascontiguousarray(3), np.ascontiguousarray(3))
    assert_same(gl.ascontiguousarray(a.T, "f4"), a.T.astype("f4"))
    assert_same(gl.asfortranarray(lazy(a)), a)
    assert gl.asfortranarray(a).compute().flags.c_contiguous


def test_buffers_iterators_and_text():
    """`frombuffer`, `fromiter`, `fromstring`, `loadtxt`, `genfromtxt`."""
    raw = np.arange(10, dtype="i4").tobytes()
    assert_same(gl.frombuffer(raw, "i4", 3, 8, chunks=2), np.frombuffer(raw, "i4", 3, 8))
    assert gl.frombuffer(raw, "i4", chunks=4).chunks == ((4, 4, 2),)
    assert_same(gl.frombuffer(raw, ">i4"), np.frombuffer(raw, ">i4").astype("i4"))
    assert_same(gl.fromiter((k * 0.5 for k in range(7)), "f4", 5), np.fromiter((k * 0.5 for k in range(7)), "f4", 5))
    assert_same(gl.fromstring("1, 2,3", int, sep=","), np.fromstring("1, 2,3", int, sep=","))
    text = "# head\n1 2 3\n4 5 6\n"
    assert_same(gl.loadtxt(io.StringIO(text), usecols=(0, 2), chunks=1), np.loadtxt(io.StringIO(text), usecols=(0, 2)))
    assert_same(gl.loadtxt(io.StringIO(text), dtype="i2", unpack=True), np.loadtxt(io.StringIO(text), dtype="i2", unpack=True))
    assert_same(gl.genfromtxt(io.StringIO("1,,3\n4,5,x"), delimiter=","), np.genfromtxt(io.StringIO("1,,3\n4,5,x"), delimiter=","))
    with pytest.raises(TypeError):
        gl.genfromtxt(io.StringIO("a b\n1 2"), names=True)


@pytest.mark.parametrize("dtype", [*DTYPES, np.dtype("f2"), np.dtype(">f4")], ids=str)
def test_numbers_in_files(dtype, tmp_path):
    """`fromfile` by path, part of it, in pieces; of a file that is open, of text, of nothing."""
    a = sample(1001, dtype.newbyteorder("=")).astype(dtype)
    path = tmp_path / "numbers.raw"
    a.tofile(path)
    native = a.astype(dtype.newbyteorder("="))
    for given in (path, str(path)):
        assert_same(gl.fromfile(given, dtype, chunks=100).astype("f8"), native.astype("f8"))
    cut = gl.fromfile(path, dtype, 40, offset=3 * dtype.itemsize, chunks=7)
    assert_same(cut.astype("f8"), native[3:43].astype("f8"))
    assert cut.chunks == ((7, 7, 7, 7, 7, 5),)
    assert gl.fromfile(path, dtype, 5000).shape == (1001,)
    with open(path, "rb") as opened:
        assert_same(gl.fromfile(opened, dtype, 10).astype("f8"), native[:10].astype("f8"))
    assert gl.fromfile(path, dtype, offset=1001 * dtype.itemsize).shape == (0,)
    with pytest.raises(FileNotFoundError):
        gl.fromfile(tmp_path / "nothing.raw", dtype)


def test_text_in_files(tmp_path):
    """`fromfile` of text, and `savetxt`, through NumPy's function and ours."""
    path = tmp_path / "numbers.txt"
    a = sample((4, 3), "f8")
    for save in (gl.savetxt, np.savetxt):
        save(path, lazy(a, 2), delimiter=",")
        assert_same(gl.loadtxt(path, delimiter=","), a)
    np.savetxt(path, a[0][None])
    assert_same(gl.fromfile(path, sep=" "), a[0])


def test_several_arrays_in_a_file(tmp_path):
    """`savez`, compressed or not, of lazy arrays and others, by place and name."""
    a, b = sample((4, 3), "f8"), sample(5, "i2")
    path = os.fspath(tmp_path / "both.npz")
    for save in (gl.savez, gl.savez_compressed, np.savez, np.savez_compressed):
        save(path, lazy(a, 2), b, other=lazy(b), plain=a, allow_pickle=False)
        with np.load(path) as held:
            assert sorted(held.files) == ["arr_0", "arr_1", "other", "plain"]
            for name, expected in (("arr_0", a), ("arr_1", b), ("other", b), ("plain", a)):
                np.testing.assert_array_equal(held[name], expected)
