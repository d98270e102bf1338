"""The headline suite in Dask arrays, on the threaded scheduler. Chunks are Dask's choice unless --chunk is given."""

import common
import dask
import dask.array as da
import numpy as np
from common import CHUNKED_LENGTH, DTYPE, INTEGER, OPTIONS, SHAPE
from threadpoolctl import threadpool_limits

dask.config.set(scheduler="threads", num_workers=OPTIONS.threads)
# A chunk a worker: products must not start threads of their own beside them, as Dask's documentation says.
threadpool_limits(1, "blas")

CHUNKS = OPTIONS.chunk or "auto"
rng = da.random.default_rng(42)

# Chunks of `chunks`: a tenth of their number, so that a run ends within a minute; the time is scaled. The array is
# as long as everybody's. What elements cost, under a thousandth of the time, is so counted ten times.
CHUNKED_COUNT, CHUNKED_SCALE = 10**5, 10


def normal():
    """Normal numbers; NumPy draws f32 in the standard form only."""
    if DTYPE == np.float64:
        return rng.normal(9, 1, SHAPE, chunks=CHUNKS)
    return rng.standard_normal(SHAPE, chunks=CHUNKS, dtype=DTYPE) + DTYPE.type(9)


def exercise():
    """Draw, add, select, count."""
    x = normal() + da.ones(SHAPE, chunks=CHUNKS, dtype=DTYPE)
    low = x[x < 10]
    return da.histogram(low, bins=100, range=(0, 10))[0].compute()


def summary(a):
    """Five results in one run."""
    counts = da.histogram(a, bins=100, range=(0, 1))[0]
    *numbers, counts = dask.compute(a.min(), a.max(), a.mean(), a.std(), counts)
    return np.concatenate([numbers, counts])


def chain(a):
    """Dask runs all steps of a chunk in one task."""
    return common.chain(a).compute()


def chunks(x):
    """Wide combining and no optimizer, which take less time than what they would save."""
    return (x + 1).sum(split_every=100).compute(optimize_graph=False)


def put(name, array):
    """A resident dask array; indices stay NumPy's, and the long array is lazy."""
    if name == "index":
        return array
    if name == "x":
        return da.arange(CHUNKED_LENGTH, chunks=CHUNKED_LENGTH // CHUNKED_COUNT)
    chunks = CHUNKS if name == "a" else "auto"
    return da.from_array(array, chunks=chunks).persist()


WORKLOADS = {
    "exercise": exercise,
    "randint_mean": lambda: rng.integers(0, 100, SHAPE, chunks=CHUNKS, dtype=INTEGER).mean().compute(),
    "normal": lambda: normal().compute(),
    "dot": lambda a: da.dot(a, a + a.T).compute(),
    "elementwise": lambda a: (da.sin(a) * 2 + da.exp(-a)).sum().compute(),
    "sum": lambda a: a.sum().compute(),
    "col_sum": lambda a: a.sum(axis=0).compute(),
    "row_sum": lambda a: a.sum(axis=1).compute(),
    "var": lambda a: a.var().compute(),
    "transpose_sum": lambda a: (a + a.T).sum().compute(),
    "masked_mean": lambda a: a[a > 0.5].mean().compute(),
    "filter": lambda a: a[a > 0.5].compute(),
    "histogram": lambda a: da.histogram(a, bins=100, range=(0, 1))[0].compute(),
    "summary": summary,
    "moments_cols": lambda a: np.concatenate(dask.compute(a.mean(axis=0), a.var(axis=0))),
    "slice_sum": lambda a: a[::3, ::3].sum().compute(),
    "gather": lambda a, index: da.take(a, index, axis=0).compute(),
    "anomaly_std": lambda a: (a - a.mean(axis=0)).std().compute(),
    "matvec": lambda a, row: da.dot(a, row).compute(),
    "chain": chain,
    "small": lambda v: (v * 2 + 1).sum().compute(),
    "chunks": chunks,
}

if __name__ == "__main__":
    common.main(
        "dask",
        dask.__version__,
        f"{common.processor()}, {common.blas()}",
        WORKLOADS,
        put=put,
        loops={"small": 200},
        scale={"chunks": CHUNKED_SCALE},
    )
