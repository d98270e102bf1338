"""The headline suite in JAX, on a CPU or a GPU: every workload is one jitted function where its shape is known."""

import os

import common
from common import DTYPE, INTEGER, OPTIONS, SHAPE

if OPTIONS.device == "cpu":
    os.environ["JAX_PLATFORMS"] = "cpu"
else:
    # As much as is used: other programs run beside this one's end.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax  # noqa: E402 (after its platform is set)
import jax.numpy as jnp  # noqa: E402

jax.config.update("jax_enable_x64", OPTIONS.dtype == "f64")
DEVICE = jax.devices(OPTIONS.device)[0]
KEY = jax.device_put(jax.random.key(42), DEVICE)


def count(x, keep, scale):
    """Counts what is kept in 100 bins from 0: ten times as fast as jnp.histogram, which searches for its edges."""
    bins = jnp.where(keep, (x * scale).astype(jnp.int32), 100)
    return jnp.bincount(bins.ravel(), length=101)[:100]


def normal(key):
    """Normal numbers of mean 9."""
    return jax.random.normal(key, SHAPE, DTYPE) + 9


@jax.jit
def exercise(key):
    """Draw, add, select, count. A mask in place of a compacted array, whose shape jit could not know."""
    x = normal(key) + jnp.ones(SHAPE, DTYPE)
    return count(x, (x >= 0) & (x < 10), 10)


def histogram(a):
    """Counts of the matrix; an element that f32 rounds to 1 is in the last bin."""
    return count(jnp.minimum(a, 0.999), True, 100)


def summary(a):
    """Five results of one array in one function."""
    return jnp.concatenate([jnp.stack([a.min(), a.max(), a.mean(), a.std()]), histogram(a).astype(DTYPE)])


JITTED = {
    "dot": lambda a: jnp.dot(a, a + a.T),
    "elementwise": lambda a: (jnp.sin(a) * 2 + jnp.exp(-a)).sum(),
    "sum": lambda a: a.sum(),
    "col_sum": lambda a: a.sum(axis=0),
    "row_sum": lambda a: a.sum(axis=1),
    "var": lambda a: a.var(),
    "transpose_sum": lambda a: (a + a.T).sum(),
    "masked_mean": lambda a: a.mean(where=a > 0.5),
    "histogram": histogram,
    "summary": summary,
    "moments_cols": lambda a: jnp.concatenate([a.mean(axis=0), a.var(axis=0)]),
    "slice_sum": lambda a: a[::3, ::3].sum(),
    "gather": lambda a, index: jnp.take(a, index, axis=0, mode="clip"),
    "anomaly_std": lambda a: (a - a.mean(axis=0)).std(),
    "matvec": lambda a, row: jnp.dot(a, row),
    "small": lambda v: (v * 2 + 1).sum(),
}

draw_normal = jax.jit(normal)
draw_mean = jax.jit(lambda key: jax.random.randint(key, SHAPE, 0, 100, dtype=INTEGER).mean())

WORKLOADS = {name: jax.jit(function) for name, function in JITTED.items()} | {
    "exercise": lambda: exercise(KEY),
    "randint_mean": lambda: draw_mean(KEY),
    "normal": lambda: draw_normal(KEY),
    "filter": lambda a: a[a > 0.5],
    "chain": jax.jit(common.chain),
}

# On GPUs JAX multiplies f32 in TF32, with 10 bits of precision, unless it is asked for more.
HIGHEST = {
    name: jax.jit(lambda *arrays, function=JITTED[name]: function(*arrays)) for name in ("dot", "matvec")
}


def highest(name):
    """A workload with products in full f32."""

    def run(*arrays):
        with jax.default_matmul_precision("highest"):
            return HIGHEST[name](*arrays)

    return run


VARIANTS = {"highest": {name: highest(name) for name in HIGHEST}} if OPTIONS.device == "gpu" and OPTIONS.dtype == "f32" else {}

if __name__ == "__main__":
    device = common.processor() if OPTIONS.device == "cpu" else DEVICE.device_kind
    common.main(
        "jax",
        jax.__version__,
        device,
        WORKLOADS,
        put=lambda _, array: jax.block_until_ready(jax.device_put(array, DEVICE)),
        finish=jax.block_until_ready,
        variants=VARIANTS,
    )
