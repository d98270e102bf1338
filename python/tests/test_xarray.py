"""xarray's datasets of gridloom's arrays, against the same of NumPy's."""

import numpy as np
import pytest

import gridloom as gl

xr = pytest.importorskip("xarray")

from gridloom import _xarray


@pytest.fixture(scope="module")
def both():
    """A dataset of NumPy's arrays, and of ours."""
    gl.xarray.register()
    gl.xarray.register()
    rng = np.random.default_rng(0)
    eager = xr.Dataset(
        {
            "t": (("time", "y", "x"), rng.normal(9, 1, (6, 4, 5))),
            "n": (("y", "x"), np.arange(20).reshape(4, 5)),
            "gap": (("time", "x"), np.where(rng.random((6, 5)) < 0.3, np.nan, rng.random((6, 5)))),
        },
        coords={"time": np.arange(6), "x": np.linspace(0, 1, 5)},
    )
    return eager, eager.chunk({"time": 2, "x": 3}, chunked_array_type="gridloom")


def same(lazy, expected):
    """Lazy, and the same once it is loaded."""
    for name in expected.data_vars if isinstance(expected, xr.Dataset) else [None]:
        part = lazy if name is None else lazy[name]
        assert isinstance(part.data, gl.Array), (name, type(part.data))
    xr.testing.assert_allclose(lazy.compute(), expected)


def test_chunks_and_compute(both):
    eager, lazy = both
    assert lazy.t.chunks == ((2, 2, 2), (4,), (3, 2))
    assert lazy.chunksizes["time"] == (2, 2, 2)
    same(lazy, eager)
    same(lazy.chunk({"time": -1}, chunked_array_type="gridloom"), eager)
    same(lazy.persist(), eager)
    loaded = eager.chunk(chunked_array_type="gridloom").load()
    assert isinstance(loaded.t.data, np.ndarray)


@pytest.mark.parametrize("name", ["mean", "sum", "min", "max", "std", "var", "count", "prod", "any", "all"])
@pytest.mark.parametrize("over", ["time", ["time", "x"], None])
def test_reductions(both, name, over):
    eager, _ = both
    lazy = eager.chunk({"time": 2, "x": 3}, chunked_array_type="gridloom")
    same(getattr(lazy, name)(over), getattr(eager, name)(over))


def test_arithmetic_and_indexing(both):
    eager, _ = both
    lazy = eager.chunk({"time": 2}, chunked_array_type="gridloom")
    for change in (
        lambda d: d.t - d.t.mean("time"), lambda d: np.sqrt(d.t) * d.n, lambda d: d.t.isel(time=slice(1, 4), x=[0, 3]), lambda d: d.t.sel(x=0.25),
        lambda d: d.t.where(d.t > 9), lambda d: d.gap.fillna(0), lambda d: d.t.transpose("x", ...), lambda d: d.t.cumsum("time"),
        lambda d: xr.concat([d.t, d.t + 1], "time"), lambda d: d.t.clip(8, 10), lambda d: d.t.round(1), lambda d: d.t.astype("f4"), lambda d: d.t.diff("time"),
        lambda d: xr.where(d.n > 3, d.n, 0), lambda d: d.gap.isnull(), lambda d: d.t.stack(z=("y", "x")).mean("z"),
        lambda d: d.t.coarsen(time=2).sum(),
    ):  # fmt: skip
        same(change(lazy), change(eager))


def test_apply_ufunc(both):
    eager, _ = both
    lazy = eager.chunk({"time": 2, "x": 3}, chunked_array_type="gridloom")
    same(xr.apply_ufunc(lambda a: a * 2 + 1, lazy.t, dask="allowed"), eager.t * 2 + 1)
    same(xr.apply_ufunc(np.hypot, lazy.t, lazy.n, dask="allowed"), np.hypot(eager.t, eager.n))
    ranks = xr.apply_ufunc(
        lambda a: np.sort(a, axis=-1), lazy.t, input_core_dims=[["x"]], output_core_dims=[["x"]], dask="parallelized",
        output_dtypes=[float], dask_gufunc_kwargs={"allow_rechunk": True},
    )  # fmt: skip
    same(ranks, xr.apply_ufunc(lambda a: np.sort(a, axis=-1), eager.t, input_core_dims=[["x"]], output_core_dims=[["x"]]))
    products = {
        "input_core_dims": [["x"], ["x"]],
        "dask": "parallelized",
        "output_dtypes": [float],
        "dask_gufunc_kwargs": {"allow_rechunk": True},
    }
    same(xr.apply_ufunc(lambda a, b: (a * b).sum(-1), lazy.t, lazy.n, **products), (eager.t * eager.n).sum("x"))
    same(xr.apply_ufunc(lambda a, b: float(a @ b), lazy.t, lazy.n, vectorize=True, **products), (eager.t * eager.n).sum("x"))
    low, high = xr.apply_ufunc(
        lambda a: (a.min(-1), a.max(-1)), lazy.t, input_core_dims=[["x"]], output_core_dims=[[], []], dask="parallelized",
        output_dtypes=[float, float], dask_gufunc_kwargs={"allow_rechunk": True},
    )  # fmt: skip
    same(low, eager.t.min("x"))
    same(high, eager.t.max("x"))
    ends = xr.apply_ufunc(
        lambda a: a[..., [0, -1]], lazy.t, input_core_dims=[["x"]], output_core_dims=[["end"]], exclude_dims={"x"}, dask="parallelized",
        output_dtypes=[float], dask_gufunc_kwargs={"allow_rechunk": True, "output_sizes": {"end": 2}},
    )  # fmt: skip
    np.testing.assert_array_equal(ends.values, eager.t.values[..., [0, -1]])


def test_shifts_and_products(both):
    """What `np.pad` and `np.einsum` are needed for."""
    eager, lazy = both
    same(lazy.t.shift(time=1), eager.t.shift(time=1))
    same(lazy.n @ lazy.n, eager.n @ eager.n)


def test_chunks_that_are_asked_for():
    """As files are opened: by words, sizes, bytes, and of dtypes that there are no arrays of."""
    made = _xarray.normalize_chunks(("auto", 100), shape=(1000, 1000), dtype=np.dtype("f8"), limit=80_000)
    assert sum(made[0]) == 1000 and made[1] == (100,) * 10 and made[0][0] * 100 * 8 <= 80_000
    assert _xarray.normalize_chunks({0: 3, 1: -1}, shape=(5, 4), dtype="M8[ns]") == ((3, 2), (4,))
    assert _xarray.normalize_chunks(((2, 3), (4,))) == ((2, 3), (4,))


def test_files_are_written_chunk_by_chunk():
    """Into what is assigned by slices."""
    x, target = gl.arange(20).reshape(4, 5).rechunk((3, 2)), np.zeros((6, 5), int)
    _xarray.store([x], [target], regions=[(slice(1, 5), slice(0, 5))])
    np.testing.assert_array_equal(target[1:5], np.arange(20).reshape(4, 5))
    assert not target[0].any() and not target[5].any()
    with pytest.raises(TypeError, match="compute=False"):
        _xarray.store(x, target, compute=False)
