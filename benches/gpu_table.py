#!/usr/bin/env python3
"""Makes one table of what a GPU bundle's `run.sh` measured, in Markdown and JSON. Needs Python alone.

gpu_table.py DIR reads results.jsonl, transfer.txt, versions.txt and commit.txt in DIR and writes results.md and
results.json there. It ends with 1 if programs that computed the same thing do not agree.
"""

import json
import re
import sys
from pathlib import Path

from compare import best, disagreements, machine, milliseconds

LIMITS = ["read", "copy", "multiply"]
OTHERS = ["cpu", "cupy", "jax", "torch"]


def read_lines(path):
    """The JSON objects of a file; one that a stopped program left unfinished is passed over."""
    out = []
    for text in path.read_text().splitlines():
        try:
            out.append(json.loads(text))
        except ValueError:
            continue
    return out


def transfers(path):
    """Rates by lane, in 10⁹ bytes a second, from the lines of the transfer bench."""
    if not path.exists():
        return {}
    found = re.findall(r"^(upload|compute|download|stream) .* ([\d.]+) GB/s", path.read_text(), re.MULTILINE)
    return {lane: float(rate) for lane, rate in found}


def rows_of(lines):
    """One row for each workload of one dtype: the time of every program, and ratios to ours on the GPU."""
    rows = []
    for workload in dict.fromkeys(line["workload"] for line in lines):
        here = [line for line in lines if line["workload"] == workload]
        times = {line["backend"]: best([same for same in here if same["backend"] == line["backend"]])["median_s"]
                 for line in here}
        gpu = times.get("gpu")
        rows.append({
            "workload": workload,
            "gpu_s": gpu,
            "limit_share": next((line["limit_share"] for line in here if line["backend"] == "gpu"), None),
            "others_s": {name: times[name] for name in OTHERS if name in times},
            "ratios": {name: times[name] / gpu for name in OTHERS if gpu and name in times},
            "check": here[0]["check"],
        })
    return rows


def table(rows):
    """The rows in Markdown."""
    out = ["| workload | ours on the GPU, ms | of the limit | " + " | ".join(f"{name}, ms (ratio)" for name in OTHERS) + " |"]
    out.append("|---|---:|---:|" + "---:|" * len(OTHERS))
    for row in rows:
        cells = [row["workload"], milliseconds(row["gpu_s"]) if row["gpu_s"] else ""]
        cells.append(f"{row['limit_share']:.2f}" if row["limit_share"] is not None else "")
        for name in OTHERS:
            seconds, ratio = row["others_s"].get(name), row["ratios"].get(name)
            cells.append("" if seconds is None else milliseconds(seconds) + (f" ({ratio:.2f})" if ratio else ""))
        out.append("| " + " | ".join(cells) + " |")
    return out


def limits_text(limits):
    """What the device can do, as our program measured it."""
    parts = [f"{name} {numbers['gb_per_s']:,.4g} GB/s" if numbers["gb_per_s"] else
             f"{name} {numbers['gflop_per_s']:,.4g} GFLOP/s" for name, numbers in limits.items()]
    return "Limits: " + ", ".join(parts) + "." if parts else "Limits were not measured."


def main():
    """Reads, writes and prints."""
    folder = Path(sys.argv[1])
    lines = read_lines(folder / "results.jsonl")
    rates = transfers(folder / "transfer.txt")
    versions = (folder / "versions.txt").read_text().splitlines()
    facts = machine()
    facts["commit"] = (folder / "commit.txt").read_text().strip()
    facts["rustc"] = None
    devices = dict.fromkeys(line["device"] for line in lines if line["backend"] == "gpu")
    text = [
        f"# gridloom on {', '.join(devices) or 'no GPU'}, {facts['date']}",
        "",
        f"Beside {facts['processor']}, {facts['cores']} cores; {facts['system']}. Commit {facts['commit']}.",
        "Medians; a ratio is the other program's time divided by ours on the GPU. `cpu` is ours on the CPU.",
        "",
        *(f"- {version}" for version in versions),
        "- transfers: " + (", ".join(f"{lane} {rate} GB/s" for lane, rate in rates.items()) or "not measured"),
    ]
    whole = {"machine": facts, "devices": list(devices), "versions": versions, "transfer_gb_per_s": rates, "dtypes": {}}
    wrong = []
    for dtype in dict.fromkeys(line["dtype"] for line in lines):
        mine = [line for line in lines if line["dtype"] == dtype]
        keys = ("gb_per_s", "gflop_per_s")
        limits = {line["workload"]: {key: line[key] for key in keys} for line in mine if line["workload"] in LIMITS}
        timed = [line for line in mine if line["workload"] not in LIMITS]
        rows = rows_of(timed)
        for row in rows:
            wrong += disagreements([line for line in timed if line["workload"] == row["workload"]])
        sizes = ", ".join(f"{size} x {size}" for size in sorted({line["size"] for line in timed}))
        text += ["", f"## {dtype}, {sizes}", "", limits_text(limits), "", *table(rows)]
        whole["dtypes"][dtype] = {"limits": limits, "rows": rows}
    whole["wrong"] = wrong
    whole["lines"] = lines
    text += ["", *([f"WRONG: {sentence}" for sentence in wrong] or ["Check values of all programs agree."])]
    (folder / "results.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(text))
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
