#!/usr/bin/env python3
"""Writes dem_expected.csv, the numbers tests/dem.rs expects of dem.npy, with NumPy 2.4.

A line: name; numbers separated by spaces, each the shortest text that reads back as itself.
Usage: dem_expected.py (reads and writes beside itself)
"""
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
dem = np.load(HERE / "dem.npy")
lines = []


def put(name, values):
    values = np.asarray(values)
    text = repr if values.dtype.kind == "f" else str
    lines.append(name + ";" + " ".join(text(v.item()) for v in values.ravel()))


z = dem.astype(np.float64)
put("shape", dem.shape)
put("min max", [dem.min(), dem.max()])
put("argmin argmax", [dem.argmin(), dem.argmax()])
put("sum", dem.sum())
put("mean std", [z.mean(), z.std()])
put("row means", z.mean(1)[::16])
put("column maxima", dem.max(0)[::16])

counts, edges = np.histogram(dem, 20)
put("hypsometry counts", counts)
put("hypsometry edges", edges)
put("area above", counts[::-1].cumsum()[::-1])

# Central differences inside, one-sided at the borders, a spacing of 90 m: np.gradient.
dy, dx = np.gradient(z, 90.0)
slope = np.hypot(dx, dy)
put("gradient corners", [dy[0, 0], dx[0, 0], dy[-1, -1], dx[-1, -1], dy[100, 200], dx[100, 200]])
put("gradient sums", [dy.sum(), dx.sum(), abs(dy).sum(), abs(dx).sum()])
put("slope mean std max", [slope.mean(), slope.std(), slope.max()])
put("slope argmax", slope.argmax())
put("slope column means", slope.mean(0)[::16])
put("slope histogram", np.histogram(slope, 12, (0.0, 1.2))[0])

high = dem > 700
put("high count", high.sum())
put("high mean", z[high].mean())
put("high minimum", dem[high].min())
put("slope mean where high", slope[high].mean())
put("slope mean where low", slope[~high].mean())
put("steep count", (slope > 0.3).sum())
put("elevation mean where steep", z[slope > 0.3].mean())
put("elevation std where steep", z[slope > 0.3].std(ddof=1))
put("elevation where both", z[high & (slope > 0.3)].mean())
put("masked row maxima", np.where(high, dem, 0).max(1)[::16])
(HERE / "dem_expected.csv").write_text("\n".join(lines) + "\n")
