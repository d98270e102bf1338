"""The command line of a peer, and the cores and threads that it may use.

Import this module before NumPy and the peer's own library: they read the environment that it sets.
"""

import argparse
import os

WORKLOADS = (
    "exercise randint_mean normal dot elementwise sum col_sum row_sum var transpose_sum masked_mean filter "
    "histogram summary moments_cols slice_sum gather anomaly_std matvec chain small chunks"
).split()


def parse_options():
    """The command line, with the threads and cores that this process may use."""
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description="One peer of the headline suite.")
    parser.add_argument("workload", nargs="?", default="all", choices=[*WORKLOADS, "all"], metavar="WORKLOAD|all")
    parser.add_argument("--dtype", choices=["f64", "f32"], default="f64")
    parser.add_argument("--size", type=int, default=5000, help="rows and columns (5000)")
    parser.add_argument("--chunk", type=int, help="rows and columns of a chunk, for peers that have chunks")
    parser.add_argument("--repeat", type=int, default=5, help="measurements after the warm-up, at least (5)")
    parser.add_argument("--seconds", type=float, default=0.0, help="measure for so long at least: short ones more often (0)")
    parser.add_argument("--at-most", type=float, default=float("inf"), help="then not once more, however often it was")
    parser.add_argument("--loops", action="store_true", help="check values by loops, even where expected.json has them")
    parser.add_argument("--threads", type=int, default=len(cores), help="threads and cores (all)")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu", help="for peers that run on both (cpu)")
    parser.add_argument("--json", action="store_true", help="one JSON object a workload")
    parser.add_argument("--version", action="store_true", help="print versions and the device, and nothing else")
    options = parser.parse_args()
    options.threads = max(1, min(options.threads, len(cores)))
    options.cores = cores[: options.threads]
    return options


def limit_threads(options):
    """Gives this process as many cores as every other program of a comparison gets."""
    os.sched_setaffinity(0, options.cores)
    for library in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "NUMEXPR_NUM", "NUMEXPR_MAX"):
        os.environ[f"{library}_THREADS"] = str(options.threads)
    # Left over on some machines for old builds of OpenBLAS; a current one is slower with them.
    os.environ.pop("OPENBLAS_CORETYPE", None)
    os.environ.pop("OPENBLAS_L2_SIZE", None)


OPTIONS = parse_options()
limit_threads(OPTIONS)

import numpy as np  # noqa: E402 (after its threads are set)

SIZE = OPTIONS.size
SHAPE = (SIZE, SIZE)
DTYPE = np.dtype(np.float64 if OPTIONS.dtype == "f64" else np.float32)
INTEGER = np.dtype(np.int64 if OPTIONS.dtype == "f64" else np.int32)
