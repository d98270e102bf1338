"""The headline suite in CuPy, on a GPU."""

import common
import cupy
from common import DTYPE, INTEGER, SHAPE

rng = cupy.random.default_rng(42)


def normal():
    """Normal numbers of mean 9; CuPy's generators draw the standard form."""
    x = rng.standard_normal(SHAPE, dtype=DTYPE)
    x += 9
    return x


def exercise():
    """Draw, add, select, count."""
    x = normal() + cupy.ones(SHAPE, DTYPE)
    low = x[x < 10]
    return cupy.histogram(low, bins=100, range=(0, 10))[0]


@cupy.fuse()
def elementwise(a):
    """One kernel."""
    return cupy.sin(a) * 2 + cupy.exp(-a)


@cupy.fuse()
def steps(a):
    """All steps in one kernel."""
    y = a
    for _ in range(20):
        y = y * 1.0001 + 0.5
        y = y - 0.25
    return y


def summary(a):
    """Five results of one array."""
    numbers = cupy.stack([a.min(), a.max(), a.mean(), a.std()])
    return cupy.concatenate([numbers, cupy.histogram(a, bins=100, range=(0, 1))[0]])


def finish(result):
    """Waits for the device."""
    cupy.cuda.get_current_stream().synchronize()
    return result


WORKLOADS = {
    "exercise": exercise,
    "randint_mean": lambda: rng.integers(0, 100, SHAPE, dtype=INTEGER).mean(),
    "normal": normal,
    "dot": lambda a: cupy.dot(a, a + a.T),
    "elementwise": lambda a: elementwise(a).sum(),
    "sum": lambda a: a.sum(),
    "col_sum": lambda a: a.sum(axis=0),
    "row_sum": lambda a: a.sum(axis=1),
    "var": lambda a: a.var(),
    "transpose_sum": lambda a: (a + a.T).sum(),
    "masked_mean": lambda a: a[a > 0.5].mean(),
    "filter": lambda a: a[a > 0.5],
    "histogram": lambda a: cupy.histogram(a, bins=100, range=(0, 1))[0],
    "summary": summary,
    "moments_cols": lambda a: cupy.concatenate([a.mean(axis=0), a.var(axis=0)]),
    "slice_sum": lambda a: a[::3, ::3].sum(),
    "gather": lambda a, index: a.take(index, axis=0),
    "anomaly_std": lambda a: (a - a.mean(axis=0)).std(),
    "matvec": lambda a, row: a.dot(row),
    "chain": lambda a: steps(a).sum(),
    "small": lambda v: (v * 2 + 1).sum(),
}


def clock(run):
    """Seconds that the GPU took, what it waited for the host between kernels included."""
    start, end = cupy.cuda.Event(), cupy.cuda.Event()
    start.record()
    run()
    end.record()
    end.synchronize()
    return cupy.cuda.get_elapsed_time(start, end) / 1e3


def copy():
    """What a copy of 1 GiB moves: the reading and the writing."""
    x = cupy.ones(1 << 28, cupy.float32)
    y = cupy.empty_like(x)
    times = [clock(lambda: cupy.copyto(y, x)) for _ in range(6)]
    return 2 * x.nbytes / 1e9 / min(times), "GB/s"


def put(_, array):
    """A copy on the device."""
    return finish(cupy.asarray(array))


if __name__ == "__main__":
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"]
    device = name.decode() if isinstance(name, bytes) else str(name)
    common.main(
        "cupy",
        cupy.__version__,
        device,
        WORKLOADS,
        put=put,
        finish=finish,
        host=cupy.asnumpy,
        clock=clock,
        limits={"copy": copy},
    )
