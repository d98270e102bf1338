"""Ten workloads as a user writes them, in gridloom, NumPy and dask.array: `python headline.py [--size 5000] [--repeat 3]`.

Times are of whole computes, in milliseconds, the least of a few; each result is compared with NumPy's. The last lines are what a call from
Python costs.
"""

import argparse
import time

import dask.array as da
import numpy as np

import gridloom as gl

WORKLOADS = {
    "sum": lambda m, x, y: x.sum(),
    "row_sum": lambda m, x, y: x.sum(axis=1),
    "col_mean": lambda m, x, y: x.mean(axis=0),
    "std": lambda m, x, y: x.std(),
    "elementwise": lambda m, x, y: (m.sin(x) * 2 + m.exp(-x)).sum(),
    "chain": lambda m, x, y: ((x + 1) * (y - 2) / (x * x + 1)).mean(),
    "anomaly": lambda m, x, y: (x - x.mean(axis=0)).std(),
    "transpose_sum": lambda m, x, y: (x + x.T).sum(),
    "masked_mean": lambda m, x, y: x[x > 0.5].mean(),
    "histogram": lambda m, x, y: m.histogram(x, bins=100, range=(0, 1))[0],
}


def least(run, repeat):
    """The least time of a few runs, in milliseconds, and the result."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times), result


def calls():
    """Microseconds of a call, and of a compute of a few numbers."""
    x = gl.ones(100)
    n = 20000
    for title, call in [
        ("x + 1", lambda: x + 1),
        ("np.sin(x)", lambda: np.sin(x)),
        ("x[1:5]", lambda: x[1:5]),
        ("(x + 1).sum().compute()", lambda: (x + 1).sum().compute()),
    ]:
        start = time.perf_counter()
        for _ in range(n):
            call()
        print(f"{title:26} {1e6 * (time.perf_counter() - start) / n:6.2f} us")


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    gl.Client(dashboard_address=None, progress=False)
    rng = np.random.default_rng(0)
    a, b = rng.random((options.size, options.size)), rng.random((options.size, options.size))
    ours = gl.from_array(a), gl.from_array(b)
    theirs = da.from_array(a), da.from_array(b)
    print(f"{options.size} x {options.size}, float64, ms: {'gridloom':>20} {'NumPy':>10} {'dask.array':>11}   against NumPy, Dask")
    for name, work in WORKLOADS.items():
        numpy, expected = least(lambda work=work: work(np, a, b), options.repeat)
        mine, got = least(lambda work=work: work(gl, *ours).compute(), options.repeat)
        dask, _ = least(lambda work=work: work(da, *theirs).compute(), options.repeat)
        np.testing.assert_allclose(got, expected, rtol=1e-9)
        print(f"{name:30} {mine:21.1f} {numpy:10.1f} {dask:11.1f}   {numpy / mine:5.1f} {dask / mine:5.1f}")
    calls()


if __name__ == "__main__":
    main()
