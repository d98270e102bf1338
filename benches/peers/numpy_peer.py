"""The headline suite in NumPy."""

import common
import numpy as np
from common import DTYPE, INTEGER, SHAPE

rng = np.random.default_rng(42)


def normal():
    """Normal numbers; NumPy draws f32 in the standard form only."""
    if DTYPE == np.float64:
        return rng.normal(9, 1, SHAPE)
    x = rng.standard_normal(SHAPE, dtype=DTYPE)
    x += 9
    return x


def exercise():
    """Draw, add, select, count."""
    x = normal() + np.ones(SHAPE, DTYPE)
    low = x[x < 10]
    return np.histogram(low, bins=100, range=(0, 10))[0]


def summary(a):
    """Five results of one array, five walks."""
    return np.concatenate([[a.min(), a.max(), a.mean(), a.std()], np.histogram(a, bins=100, range=(0, 1))[0]])


WORKLOADS = {
    "exercise": exercise,
    "randint_mean": lambda: rng.integers(0, 100, SHAPE, dtype=INTEGER).mean(),
    "normal": normal,
    "dot": lambda a: np.dot(a, a + a.T),
    "elementwise": lambda a: (np.sin(a) * 2 + np.exp(-a)).sum(),
    "sum": lambda a: a.sum(),
    "col_sum": lambda a: a.sum(axis=0),
    "row_sum": lambda a: a.sum(axis=1),
    "var": lambda a: a.var(),
    "transpose_sum": lambda a: (a + a.T).sum(),
    "masked_mean": lambda a: a[a > 0.5].mean(),
    "filter": lambda a: a[a > 0.5],
    "histogram": lambda a: np.histogram(a, bins=100, range=(0, 1))[0],
    "summary": summary,
    "moments_cols": lambda a: np.concatenate([a.mean(axis=0), a.var(axis=0)]),
    "slice_sum": lambda a: a[::3, ::3].sum(),
    "gather": lambda a, index: a.take(index, axis=0),
    "anomaly_std": lambda a: (a - a.mean(axis=0)).std(),
    "matvec": lambda a, row: a.dot(row),
    "chain": common.chain,
    "small": lambda v: (v * 2 + 1).sum(),
}

if __name__ == "__main__":
    common.main("numpy", np.__version__, f"{common.processor()}, {common.blas()}", WORKLOADS)
