"""The data of the headline suite, and what its results must be."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from options import DTYPE, OPTIONS, SHAPE, SIZE, WORKLOADS

# What a workload is given, made before the clock starts. Those that are not named draw or make their own data.
INPUTS = dict.fromkeys(WORKLOADS, ("a",))
INPUTS |= {
    "exercise": (),
    "randint_mean": (),
    "normal": (),
    "gather": ("a", "index"),
    "matvec": ("a", "row"),
    "small": ("v",),
    "chunks": ("x",),
}

CHUNKED_LENGTH, CHUNKED_COUNT = 16 * 10**6, 10**6


# ---------------------------------------------------------------- data


def formula(k):
    """The elements with row-major numbers k, in f64."""
    return ((k * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)) / 2.0**32


def rows(numbers):
    """Some rows of the matrix, rounded to the dtype."""
    k = numbers.astype(np.uint64)[:, None] * np.uint64(SIZE) + np.arange(SIZE, dtype=np.uint64)
    return formula(k).astype(DTYPE)


def row_blocks(numbers):
    """The rows in blocks of about 2 MiB, so that neither data nor checks raise the peak of memory."""
    step = max(1, (1 << 18) // SIZE)
    for start in range(0, len(numbers), step):
        yield rows(numbers[start : start + step])


def in_threads(function, items):
    """The results of a function, on all threads that this process has: NumPy lets go of the interpreter's lock."""
    with ThreadPoolExecutor(OPTIONS.threads) as threads:
        return list(threads.map(function, items))


def matrix():
    """The resident matrix."""
    a = np.empty(SHAPE, DTYPE)
    step = max(1, (1 << 18) // SIZE)

    def fill(start):
        a[start : start + step] = rows(np.arange(start, min(start + step, SIZE)))

    in_threads(fill, range(0, SIZE, step))
    return a


def gather_index():
    """The rows that `gather` takes."""
    return np.arange(SIZE) * 7919 % SIZE


# One function for each name in INPUTS.
MAKERS = {
    "a": matrix,
    "index": gather_index,
    "row": lambda: rows(np.arange(1))[0],
    "v": lambda: formula(np.arange(100, dtype=np.uint64)).astype(DTYPE),
    "x": lambda: np.arange(CHUNKED_LENGTH),
}


# ---------------------------------------------------------------- checks


def weighted(values, start=0):
    """The sum of values weighted by position, so that order matters."""
    values = np.asarray(values).reshape(-1)

    def of_part(first):
        part = values[first : first + (1 << 18)]
        return float(np.dot(part.astype(np.float64), (np.arange(len(part)) + start + first) % 7 + 1.0))

    return sum(in_threads(of_part, range(0, len(values), 1 << 18)))


def check_value(name, result):
    """The number that stands for a result on the host."""
    if name == "exercise":
        return float(np.sum(result)) / SIZE**2
    if name == "normal":
        return float(np.mean(result, dtype=np.float64))
    if name == "dot":
        return float(np.sum(result, dtype=np.float64))
    if name in ("col_sum", "row_sum", "filter", "histogram", "summary", "moments_cols", "gather", "matvec"):
        return weighted(result)
    return float(result)


def column_sums(function):
    """Sums over the rows of a function of the matrix, in f64."""
    return sum(function(block.astype(np.float64)).sum(axis=0) for block in row_blocks(np.arange(SIZE)))


def filtered_rows(block):
    """What `filter` keeps of some rows, in f64."""
    return block[block > 0.5].astype(np.float64)


def expected(name):
    """What the check value must be, and how far off it may be: one loop over the formula, in f64."""
    bounds = {"exercise": (0.5, 5 * 0.5), "randint_mean": (49.5, 5 * 28.87), "normal": (9.0, 5.0)}
    if name in bounds:
        return bounds[name][0], bounds[name][1] / SIZE
    value = carried_value(name)
    if value is None or OPTIONS.loops:
        value = expected_value(name)
    tolerance = 1e-9 if OPTIONS.dtype == "f64" else 1e-3 if name == "dot" else 2e-4
    exact = name == "chunks" or (name == "histogram" and OPTIONS.dtype == "f64")
    return value, 0.0 if exact else tolerance * abs(value)


def carried_value(name):
    """The value by plain loops that `headline expected` printed, for sizes at which loops take long; or nothing."""
    try:
        carried = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return carried.get(str(SIZE), {}).get(OPTIONS.dtype, {}).get(name)


def expected_value(name):
    """The check values of workloads that are not random."""
    elements, numbers = SIZE**2, np.arange(SIZE)
    if name == "chunks":
        return CHUNKED_LENGTH * (CHUNKED_LENGTH + 1) // 2
    if name == "small":
        return float((MAKERS["v"]().astype(np.float64) * 2 + 1).sum())
    if name == "elementwise":
        return float(column_sums(lambda x: np.sin(x) * 2 + np.exp(-x)).sum())
    if name == "histogram":
        counts = (np.histogram(block, bins=100, range=(0, 1))[0] for block in row_blocks(numbers))
        return weighted(sum(counts))
    if name == "summary":
        blocks = [block.astype(np.float64) for block in row_blocks(numbers)]
        mean = sum(block.sum() for block in blocks) / elements
        std = (sum(((block - mean) ** 2).sum() for block in blocks) / elements) ** 0.5
        counts = sum(np.histogram(block, bins=100, range=(0, 1))[0] for block in blocks)
        ends = [min(block.min() for block in blocks), max(block.max() for block in blocks)]
        return weighted(np.concatenate([ends, [mean, std], counts]))
    if name == "moments_cols":
        means = column_sums(lambda x: x) / SIZE
        return weighted(np.concatenate([means, column_sums(lambda x: (x - means) ** 2) / SIZE]))
    if name == "masked_mean":
        kept = [filtered_rows(block) for block in row_blocks(numbers)]
        return float(sum(block.sum() for block in kept) / sum(block.size for block in kept))
    if name == "filter":
        total, length = 0.0, 0
        for block in row_blocks(numbers):
            kept = filtered_rows(block)
            total += weighted(kept, length)
            length += kept.size
        return total
    if name == "gather":
        total, length = 0.0, 0
        for block in row_blocks(gather_index()):
            total += weighted(block, length)
            length += block.size
        return total
    if name == "slice_sum":
        return float(sum(block[:, ::3].sum(dtype=np.float64) for block in row_blocks(numbers[::3])))
    if name in ("row_sum", "matvec"):
        weights = np.ones(SIZE) if name == "row_sum" else MAKERS["row"]().astype(np.float64)
        return weighted(np.concatenate([block.astype(np.float64) @ weights for block in row_blocks(numbers)]))
    if name in ("var", "anomaly_std"):
        # About 0.5, which is close to every mean: nothing cancels.
        first, second = column_sums(lambda x: x - 0.5), column_sums(lambda x: (x - 0.5) ** 2)
        if name == "var":
            return float(second.sum() / elements - (first.sum() / elements) ** 2)
        return float(np.sqrt((second - first**2 / SIZE).sum() / elements))
    columns = column_sums(lambda x: x)
    if name == "col_sum":
        return weighted(columns)
    if name == "dot":
        row_sums = np.concatenate([block.sum(axis=1, dtype=np.float64) for block in row_blocks(numbers)])
        return float(columns @ (row_sums + columns))
    if name == "chain":
        scale, shift = 1.0, 0.0
        for _ in range(20):
            scale, shift = scale * 1.0001, shift * 1.0001 + 0.25
        return float(scale * columns.sum() + shift * elements)
    return float({"sum": 1, "transpose_sum": 2}[name] * columns.sum())
