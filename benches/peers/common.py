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


def measure(run, factor):
    """The times of runs, each of which stands for so many."""
    times = []
    while True:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * factor)
        spent = sum(times) / factor
        if (len(times) >= OPTIONS.repeat and spent >= OPTIONS.seconds) or spent >= OPTIONS.at_most:
            return times


def summary(times, device_s=None):
    """What is said of the times of one kind."""
    out = {"median_s": statistics.median(times), "min_s": min(times), "runs": len(times)}
    return out if device_s is None else out | {"device_s": device_s}


def report(name, backend, device, result, resident, host):
    """One workload's numbers, with the keys that every program prints. On GPUs rates are of results that stay there."""
    median = (resident or host)["median_s"]
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
        "median_s": host["median_s"],
        "min_s": host["min_s"],
        "host": host,
        "resident": resident,
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
    units = (("gb_per_s", "GB/s"), ("gflop_per_s", "GFLOP/s"))
    rates = [f"{line[key]:8.2f} {unit}" for key, unit in units if line.get(key)]
    if "median_s" not in line:
        print(f"{line['workload']:<14} {line.get('rate') or line.get('version')} {line.get('unit', '')}", flush=True)
        return
    kept = f"resident {line['resident']['median_s'] * 1e3:.3f} ms, to host" if line["resident"] else ""
    print(f"{line['workload']:<14} {kept} {line['median_s'] * 1e3:10.3f} ms  {'  '.join(rates)}", flush=True)


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


def one(name, function, inputs, peer):
    """The result of a warm-up on the host, and times of the runs after it: with the result left on a GPU, and on the host."""
    loops = peer["loops"].get(name, LOOPS.get(name, 1))
    factor = LOOPS.get(name, 1) / loops * peer["scale"].get(name, 1)
    finish, host = peer["finish"], peer["host"]

    def run(take):
        for _ in range(loops):
            take(finish(function(*inputs)))

    result = host(finish(function(*inputs)))
    resident = None
    if OPTIONS.device == "gpu":
        # What brings arrays to the host may need to be warmed up, too.
        times = measure(lambda: run(lambda kept: kept), factor)
        clock = peer["clock"]
        device_s = clock and clock(lambda: run(lambda kept: kept)) * factor
        resident = summary(times, device_s)
        return result, resident, summary(measure(lambda: run(host), factor))
    return result, resident, summary(measure(lambda: run(lambda kept: kept), factor))


def main(backend, version, device, workloads, put=lambda _, array: array, finish=lambda result: result,
         host=np.asarray, loops=None, scale=None, clock=None, variants=None, limits=None):
    """Runs the workloads that the command line names.

    `workloads` has a function for each workload that the peer can do. `put` makes a host array resident, `finish`
    waits for a result where it was made, `host` brings it to the host: outside the clock on CPUs, and on GPUs once
    outside and once within. `loops` has fewer LOOPS for peers that are slow; `scale` has factors for times of
    workloads that a peer does a part of. `clock` gives the seconds that a GPU took, by its own events. `variants`
    has workloads done in another way, by the name of the way; `limits` has what is measured beside `all` on a GPU: a
    function by name, which gives a rate and its unit.
    """
    if OPTIONS.version:
        print(f"{backend} {version}, Python {platform.python_version()}: {device}")
        return
    peer = {"finish": finish, "host": host, "loops": loops or {}, "scale": scale or {}, "clock": clock}
    code, skipped, kept = 0, [], {}
    if OPTIONS.workload == "all" and OPTIONS.device == "gpu":
        facts = {"backend": backend, "device": device, "dtype": OPTIONS.dtype, "size": SIZE}
        show({"workload": "version", "version": f"{version}, Python {platform.python_version()}"} | facts)
        for name, function in (limits or {}).items():
            try:
                rate, unit = function()
                show({"workload": name, "rate": rate, "unit": unit} | facts)
            except Exception:
                traceback.print_exc()
                code = 1
    names = WORKLOADS if OPTIONS.workload == "all" else [OPTIONS.workload]
    # What may take longest last: a run that is stopped has the others then.
    for name in sorted(names, key=lambda name: name in ("filter", "small")) if OPTIONS.device == "gpu" else names:
        if name not in workloads:
            skipped.append(name)
            continue
        try:
            for key in INPUTS[name]:
                if key not in kept:
                    kept[key] = put(key, MAKERS[key]())
            inputs = [kept[key] for key in INPUTS[name]]
            for way, functions in ({"": workloads} | (variants or {})).items():
                if name not in functions:
                    continue
                result, resident, times = one(name, functions[name], inputs, peer)
                line = report(name, f"{backend} {way}".strip(), device, result, resident, times)
                del result
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
