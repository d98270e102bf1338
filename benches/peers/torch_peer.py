"""The headline suite in PyTorch, on a CPU or a GPU. Chains of functions of elements are compiled."""

import common
import torch
import torch._dynamo
from common import OPTIONS, SHAPE

torch.set_num_threads(OPTIONS.threads)
# Where a compiler is missing, compiled functions run uncompiled.
torch._dynamo.config.suppress_errors = True

DEVICE = torch.device("cuda" if OPTIONS.device == "gpu" else "cpu")
DTYPE = torch.float64 if OPTIONS.dtype == "f64" else torch.float32
INTEGER = torch.int64 if OPTIONS.dtype == "f64" else torch.int32
rng = torch.Generator(device=DEVICE)
rng.manual_seed(42)


def normal():
    """Normal numbers, drawn into a new array."""
    return torch.empty(SHAPE, dtype=DTYPE, device=DEVICE).normal_(9, 1, generator=rng)


def counts(x, high):
    """Counts in 100 bins from 0; on GPUs, torch.histc is what PyTorch has."""
    return torch.histc(x, bins=100, min=0, max=high)


def exercise():
    """Draw, add, select, count."""
    x = normal() + torch.ones(SHAPE, dtype=DTYPE, device=DEVICE)
    return counts(x[x < 10], 10)


def randint_mean():
    """The mean of integers, in the dtype of the run."""
    return torch.randint(0, 100, SHAPE, generator=rng, dtype=INTEGER, device=DEVICE).to(DTYPE).mean()


@torch.compile
def elementwise(a):
    """One kernel, where it can be compiled."""
    return (torch.sin(a) * 2 + torch.exp(-a)).sum()


@torch.compile
def transpose_sum(a):
    """The same."""
    return (a + a.T).sum()


@torch.compile
def anomaly_std(a):
    """The same."""
    return (a - a.mean(dim=0)).std(correction=0)


def summary(a):
    """Five results of one array."""
    numbers = torch.stack([a.min(), a.max(), a.mean(), a.std(correction=0)])
    return torch.cat([numbers, counts(a, 1).to(DTYPE)])


def finish(result):
    """Waits for the device."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return result


def clock(run):
    """Seconds that the GPU took, what it waited for the host between kernels included."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1e3


def copy():
    """What a copy of 1 GiB moves: the reading and the writing."""
    x = torch.ones(1 << 28, device=DEVICE)
    y = torch.empty_like(x)
    times = [clock(lambda: y.copy_(x)) for _ in range(6)]
    return 2 * x.nbytes / 1e9 / min(times), "GB/s"


WORKLOADS = {
    "exercise": exercise,
    "randint_mean": randint_mean,
    "normal": normal,
    "dot": lambda a: a @ (a + a.T),
    "elementwise": elementwise,
    "sum": lambda a: a.sum(),
    "col_sum": lambda a: a.sum(dim=0),
    "row_sum": lambda a: a.sum(dim=1),
    "var": lambda a: a.var(correction=0),
    "transpose_sum": transpose_sum,
    "masked_mean": lambda a: a[a > 0.5].mean(),
    "filter": lambda a: a[a > 0.5],
    "histogram": lambda a: counts(a, 1),
    "slice_sum": lambda a: a[::3, ::3].sum(),
    "gather": lambda a, index: a.index_select(0, index),
    "summary": summary,
    "moments_cols": lambda a: torch.cat([a.mean(dim=0), a.var(dim=0, correction=0)]),
    "anomaly_std": anomaly_std,
    "matvec": lambda a, row: a @ row,
    "chain": torch.compile(common.chain),
    "small": lambda v: (v * 2 + 1).sum(),
}

if __name__ == "__main__":
    device = torch.cuda.get_device_name() if DEVICE.type == "cuda" else common.processor()
    common.main(
        "torch",
        torch.__version__,
        device,
        WORKLOADS,
        put=lambda _, array: finish(torch.from_numpy(array).to(DEVICE)),
        finish=finish,
        host=lambda result: result.cpu().numpy(),
        clock=clock if DEVICE.type == "cuda" else None,
        limits={"copy": copy},
    )
