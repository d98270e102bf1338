"""xarray's arrays of gridloom's: `ds.chunk(chunked_array_type="gridloom")`, once `gl.xarray.register()` was called.

It is not registered by itself: xarray takes Dask where one kind of chunked arrays is there, and asks which where there are several.
"""

__all__ = ["register"]


def register() -> None:
    """Makes gridloom one of xarray's kinds of chunked arrays, under that name. Calling it again does nothing.

    Raises
    ------
    ImportError
        Where xarray is not there.

    Examples
    --------
    >>> import gridloom as gl, numpy as np, xarray as xr
    >>> gl.xarray.register()
    >>> ds = xr.Dataset({"t": (("time", "x"), np.arange(12.0).reshape(4, 3))})
    >>> lazy = ds.chunk({"time": 2}, chunked_array_type="gridloom")
    >>> lazy.t.data
    gridloom.Array<shape=(4, 3), dtype=float64, chunksize=(2, 3)>
    >>> lazy.mean("time").t.values
    array([4.5, 5.5, 6.5])
    """
    from xarray.namedarray.parallelcompat import list_chunkmanagers

    from ._xarray import GridloomManager

    managers = list_chunkmanagers()
    if "gridloom" not in managers:
        managers["gridloom"] = GridloomManager()
