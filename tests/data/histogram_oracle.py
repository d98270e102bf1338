#!/usr/bin/env python3
"""Writes histogram_cases.csv and histogram_bincount.csv, the counts tests/histogram.rs expects, with NumPy 2.4.

A line of the first: name; dtype; `count n`, `range n low high` or `edges ...`; kind (counts, weights, density); values;
weights; expected counts; expected edges. Of the second: name; dtype; minlength; values; expected counts. Lists are
separated by spaces, and a number is the shortest text that reads back as itself.
Usage: histogram_oracle.py (writes beside itself)
"""
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
RNG = np.random.default_rng(20260730)
NAMES = {"f32": np.float32, "f64": np.float64, "i8": np.int8, "i32": np.int32, "i64": np.int64, "u8": np.uint8,
         "u16": np.uint16, "u32": np.uint32, "u64": np.uint64, "i16": np.int16}


def listed(values):
    """Numbers as text, floats with all the digits they need."""
    values = np.asarray(values)
    if values.dtype.kind == "f":
        return " ".join(repr(float(v)) for v in values.ravel())
    return " ".join(str(int(v)) for v in values.ravel())


cases = []


def case(name, dtype, bins, values, kind="counts", weights=None):
    values = np.asarray(values, NAMES[dtype])
    match bins:
        case int():
            text, args = f"count {bins}", {"bins": bins}
        case tuple():
            n, low, high = bins
            text, args = f"range {n} {low!r} {high!r}", {"bins": n, "range": (low, high)}
        case list():
            text, args = "edges " + listed(np.array(bins, np.float64)), {"bins": bins}
    counts, edges = np.histogram(values, **args, weights=weights, density=kind == "density")
    own = " ".join(str(v) for v in values) if dtype == "f32" else listed(values)
    cases.append(";".join([name, dtype, text, kind, own, "" if weights is None else listed(weights),
                           listed(counts), listed(edges)]))


tenths = [i / 10 for i in range(11)]
on_edges = np.linspace(-3, 7, 41)
for t in ("f32", "f64"):
    normal = RNG.normal(1, 2, 300).round(3)
    case("normal over its range", t, 17, normal)
    case("normal in a range", t, (30, -4.0, 6.0), normal)
    case("normal in a range that cuts", t, (7, 0.1, 0.7), normal)
    case("tenths in tenths", t, (10, 0.0, 1.0), np.repeat(tenths, 3))
    case("tenths over their range", t, 10, np.repeat(tenths, 2))
    case("thirds", t, (3, 0.0, 1.0), [0, 1 / 3, 2 / 3, 1, 0.3333333, 0.6666667])
    case("values on edges", t, (40, -3.0, 7.0), on_edges)
    case("values on edges over their range", t, 40, on_edges)
    # Where (x - low) / width rounds to the wrong side of an edge.
    edges = np.linspace(0.1, 2.3, 101).astype(NAMES[t])
    beside = [edges, np.nextafter(edges, NAMES[t](-9)), np.nextafter(edges, NAMES[t](9))]
    case("beside edges", t, (100, 0.1, 2.3), np.concatenate(beside))
    many = RNG.integers(-500, 501, 400) / 1000
    case("thousandths in many bins", t, (1000, -0.5, 0.5), many)
    case("thousandths over their range", t, 333, many)
    case("explicit edges", t, [-4.0, -1.5, 0.0, 0.1, 0.3, 0.7, 2.5, 9.0], np.concatenate([normal, tenths]))
    case("tenths as edges", t, tenths, np.repeat(tenths, 2))
    case("infinite edges", t, [-np.inf, -1.0, 0.5, np.inf], np.concatenate([normal, [np.inf, -np.inf]]))
    case("repeated edges", t, [0.0, 1.0, 1.0, 2.0, 2.0], [0, 0.5, 1, 1, 1.5, 2, 2, 3])
    case("one bin of edges", t, [0.5, 1.0], [0.5, 0.75, 1.0, 1.25, 0.25])
    case("nan in a range", t, (4, 0.0, 4.0), [0.5, np.nan, 1.5, 3.5, np.nan, 4.0, np.inf, -np.inf])
    case("nan with edges", t, [0.0, 2.0, 4.0], [0.5, np.nan, 1.5, 3.5, np.nan, 4.0, np.inf])
    case("all equal", t, 5, [2.25] * 9)
    case("all zero", t, 4, [0.0, -0.0, 0.0])
    case("equal bounds", t, (4, 1.0, 1.0), [0.5, 0.75, 1.0, 1.2, 1.5, 1.6])
    case("one value", t, 3, [7.5])
    case("nothing", t, 3, [])
    case("nothing in a range", t, (3, -1.0, 1.0), [])
    case("nothing with edges", t, [0.0, 1.0, 5.0], [])
    case("all outside", t, (3, 100.0, 101.0), normal[:20])
    case("large offset", t, 9, 1e6 + RNG.random(100).round(4))
    case("one bin", t, 1, normal[:50])
    weights = RNG.integers(-20, 21, 300) / 4
    case("weights", t, (8, -3.0, 5.0), normal, "weights", weights)
    case("weights over the range", t, 6, normal, "weights", weights)
    case("weights with edges", t, [-2.0, 0.3, 1.0, 4.0], normal, "weights", weights)
    case("density", t, (8, -3.0, 5.0), normal, "density")
    case("density with edges", t, [-2.0, 0.25, 1.0, 4.0], normal, "density")
    case("density of weights", t, (8, -3.0, 5.0), normal, "density", abs(weights))
for t in ("i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"):
    info = np.iinfo(NAMES[t])
    low, high = max(info.min, -50), 60
    values = RNG.integers(low, high + 1, 300)
    case("integers over their range", t, 13, values)
    case("integers in a range", t, (10, 0.5, 40.0), values)
    case("integers on every edge", t, (20, 0.0, 20.0), values)
    case("integers with edges", t, [-20.5, 0.0, 0.5, 3.0, 3.2, 3.7, 10.0, 49.5], values)
    case("all equal", t, 3, [7] * 5)
    case("nothing", t, 2, [])
    case("limits", t, (4, float(info.min), float(info.max)), [info.min, info.min + 1, 0, 1, 2, 100, info.max, info.max - 1])
    case("weights", t, (5, 0.0, 50.0), values, "weights", RNG.integers(0, 9, 300) / 2)
case("ones and zeros", "u8", 2, [0, 1, 1, 0, 1, 1, 1])
case("ones and zeros in ten bins", "u8", 10, [0, 1, 1, 0, 1, 1, 1])
(HERE / "histogram_cases.csv").write_text("\n".join(cases) + "\n")

counts = []
for t in ("u8", "i8", "u16", "i32", "u32", "i64"):
    values = RNG.integers(0, 100, 200).astype(NAMES[t])
    for name, data, least in [("many", values, 0), ("fewer than minlength", values[:9] % 7, 12),
                              ("more than minlength", values, 5), ("zeros", values[:4] * 0, 0),
                              ("one", values[:1], 0), ("nothing", values[:0], 0), ("nothing with minlength", values[:0], 4)]:
        result = np.bincount(data.astype(np.int64), minlength=least)
        counts.append(";".join([name, t, str(least), listed(data), listed(result)]))
(HERE / "histogram_bincount.csv").write_text("\n".join(counts) + "\n")
