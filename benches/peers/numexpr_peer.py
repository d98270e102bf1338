"""The headline suite in NumExpr: what one or two of its expressions can say.

Its reductions run on one thread, its other expressions on all of them: those fill an array that is made once, and
NumPy sums it up, which is faster than a reduction within the expression.
"""

import common
import numexpr
import numpy as np
from common import DTYPE, OPTIONS, SHAPE, SIZE

numexpr.set_num_threads(OPTIONS.threads)
out = np.empty(SHAPE, DTYPE)

# Constants in expressions are f64 unless they are given as arrays of a type.
NUMBERS = {name: DTYPE.type(value) for name, value in
           {"half": 0.5, "quarter": 0.25, "scale": 1.0001, "zero": 0}.items()}


def total(expression, **names):
    """The sum of an expression of matrices."""
    return numexpr.evaluate(expression, local_dict=names, global_dict=NUMBERS, out=out).sum()


def chain(a):
    """All steps in one expression."""
    steps = "a"
    for _ in range(20):
        steps = f"({steps} * scale + half - quarter)"
    return total(steps, a=a)


def masked_mean(a):
    """The sum where the mask is set, by the number of those elements."""
    return total("where(a > half, a, zero)", a=a) / np.count_nonzero(numexpr.evaluate("a > half", {"a": a}, NUMBERS))


def anomaly_std(a):
    """Two passes: the differences from the columns' means, and their squares."""
    means = a.mean(axis=0)
    mean = DTYPE.type(total("a - means", a=a, means=means) / SIZE**2)
    return np.sqrt(total("(out - mean) ** 2", out=out, mean=mean) / SIZE**2)


def small(v):
    """An expression that NumExpr has kept, which spares it looking it up."""
    return numexpr.re_evaluate(local_dict={"v": v, **NUMBERS}).sum()


def prepare(name, array):
    """Compiles the expression that `small` evaluates again."""
    if name == "v":
        numexpr.evaluate("v * 2 + 1", {"v": array}, NUMBERS)
    return array


WORKLOADS = {
    "elementwise": lambda a: total("sin(a) * 2 + exp(-a)", a=a),
    "sum": lambda a: numexpr.evaluate("sum(a)", {"a": a}),
    "var": lambda a: total("(a - mean) ** 2", a=a, mean=a.mean()) / SIZE**2,
    "transpose_sum": lambda a: total("a + b", a=a, b=a.T),
    "masked_mean": masked_mean,
    "anomaly_std": anomaly_std,
    "chain": chain,
    "small": small,
}

if __name__ == "__main__":
    common.main("numexpr", numexpr.__version__, common.processor(), WORKLOADS, put=prepare)
