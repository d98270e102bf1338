"""What all peers of the headline suite share: timing and output. Import it before the peer's own library."""

import contextlib
import json
import platform
import resource
import statistics
import sys
import time
import traceback

from options import DTYPE, INTEGER, OPTIONS, SHAPE, SIZE, WORKLOADS  # first: it sets NumPy's threads
from data import CHUNKED_LENGTH, INPUTS, MAKERS, check_value, expected  # isort: skip
import numpy as np  # isort: skip

__all__ = ["CHUNKED_LENGTH", "DTYPE", "INTEGER", "OPTIONS", "SHAPE", "SIZE", "blas", "main", "processor"]

# Runs of the expression that one measurement is made of; a peer may do fewer.
LOOPS = {"small": 10_000}


def chain(a):
    """The 40 steps, then a sum: the same operators in every library with NumPy's."""
    y = a
    for _ in range(20):
        y = y * 1.0001 + 0.5
        y = y - 0.25
    return y.sum()


def bytes_moved(name, result):
    """Bytes that must move at least: the matrix read once where it is resident, and the result written."""
    if name in ("exercise", "randint_mean", "small", "chunks"):
        return None
    read = {"normal": 0, "slice_sum": (SIZE + 2) // 3 * SIZE}.get(name, SIZE**2)
    return read * DTYPE.itemsize + np.asarray(result).nbytes


def measure(name, function, inputs, finish, loops):
    """The result of a warm-up, and the times of the runs after it."""
    times = []
    result = finish(function(*inputs))
    while len(times) < OPTIONS.repeat or sum(times) < OPTIONS.seconds:
        start = time.perf_counter()
        for _ in range(loops):
            finish(function(*inputs))
        times.append((time.perf_counter() - start) * (LOOPS.get(name, 1) / loops))
    return result, times


def report(name, backend, device, result, times):
    """One workload's numbers, with the keys that every program prints."""
    median = statistics.median(times)
    moved = bytes_moved(name, result)
    operations = {"dot": 2 * SIZE**3, "matvec": 2 * SIZE**2}.get(name)
    return {
        "workload": name,
        "backend": backend,
        "device": device,
        "dtype": OPTIONS.dtype,
        "size": SIZE,
        "chunk": OPTIONS.chunk,
        "threads": OPTIONS.threads,
        "median_s": median,
        "min_s": min(times),
        "gb_per_s": moved and moved / 1e9 / median,
        "gflop_per_s": operations and operations / 1e9 / median,
        "limit_share": None,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "check": check_value(name, result),
    }


def show(line):
    """Prints one workload's numbers."""
    if OPTIONS.json:
        print(json.dumps(line), flush=True)
        return
    rates = [f"{line[key]:8.2f} {unit}" for key, unit in (("gb_per_s", "GB/s"), ("gflop_per_s", "GFLOP/s")) if line[key]]
    print(f"{line['workload']:<14} {line['median_s'] * 1e3:10.3f} ms  {'  '.join(rates)}", flush=True)


def blas():
    """The BLAS that NumPy has loaded, and the processor that its kernels are written for."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "BLAS unknown"
    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join(f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}" for pool in found)


def processor():
    """The model of the processor."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def main(backend, version, device, workloads, put=lambda _, array: array, finish=lambda result: result,
         host=np.asarray, loops=None, scale=None):
    """Runs the workloads that the command line names.

    `workloads` has a function for each workload that the peer can do. `put` makes a host array resident, `finish`
    waits for a result within the clock, `host` brings it to the host outside. `loops` has fewer LOOPS for peers
    that are slow; `scale` has factors for times of workloads that a peer does a part of.
    """
    if OPTIONS.version:
        print(f"{backend} {version}, Python {platform.python_version()}: {device}")
        return
    code, skipped = 0, []
    for name in WORKLOADS if OPTIONS.workload == "all" else [OPTIONS.workload]:
        if name not in workloads:
            skipped.append(name)
            continue
        try:
            inputs = [put(key, MAKERS[key]()) for key in INPUTS[name]]
            count = (loops or {}).get(name, LOOPS.get(name, 1))
            result, times = measure(name, workloads[name], inputs, finish, count)
            times = [seconds * (scale or {}).get(name, 1) for seconds in times]
            line = report(name, backend, device, host(result), times)
            del inputs, result
            show(line)
            value, tolerance = expected(name)
            if not abs(line["check"] - value) <= tolerance:
                print(f"{backend} {name}: {line['check']!r} is not {value!r} within {tolerance}", file=sys.stderr)
                code = 1
        except Exception:  # one workload that fails must not hide the others
            traceback.print_exc()
            print(f"{backend} {name}: failed", file=sys.stderr)
            code = 1
    if skipped:
        print(f"{backend}: no workload {' '.join(skipped)}", file=sys.stderr)
    sys.exit(code)
