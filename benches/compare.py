#!/usr/bin/env python3
"""Makes one table of what `benches/compare.sh` measured, in Markdown and JSON. Needs Python alone.

compare.py DIR reads DIR/results.jsonl and DIR/versions.txt and writes DIR/compare.md and DIR/compare.json. It ends
with 1 if programs that computed the same thing do not agree. A target that is missed is no error.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

PEERS = ["numpy", "dask", "jax", "numexpr"]

# What is aimed at, on a CPU with arrays of 5000 x 5000: a peer's time divided by ours, at least.
TARGETS = {
    ("exercise", "f64"): {"numpy": 7, "dask": 15, "jax": 14},
    ("randint_mean", "f64"): {"numpy": 4, "dask": 6},
    ("normal", "f64"): {"numpy": 5, "dask": 5, "jax": 10},
    ("elementwise", "f64"): {"numpy": 6, "dask": 5, "numexpr": 8, "jax": 4},
    ("dot", "f64"): {"numpy": 1.0, "dask": 1.3, "jax": 1.3},
    ("dot", "f32"): {"numpy": 1.0},
    ("sum", "f64"): {"numpy": 1.0, "dask": 1.5},
    ("row_sum", "f64"): {"numpy": 1.0, "dask": 1.5},
    ("matvec", "f64"): {"numpy": 1.0, "dask": 1.5},
    ("col_sum", "f64"): {"numpy": 1.8, "dask": 1.6},
    ("var", "f64"): {"numpy": 7, "dask": 6},
    ("anomaly_std", "f64"): {"numpy": 7, "dask": 6},
    ("transpose_sum", "f64"): {"numpy": 10, "dask": 5},
    ("masked_mean", "f64"): {"numpy": 15, "dask": 10},
    ("filter", "f64"): {"numpy": 5, "dask": 3.5},
    ("histogram", "f64"): {"numpy": 8, "dask": 6},
    ("summary", "f64"): {"numpy": 12, "dask": 12},
    ("slice_sum", "f64"): {"numpy": 1.2, "dask": 1.5},
    ("gather", "f64"): {"numpy": 1.2, "dask": 1.5},
    ("chain", "f64"): {"numpy": 8, "dask": 8, "jax": 1.0},
    ("small", "f64"): {"dask": 300},
    ("chunks", "f64"): {"dask": 20},
}
TARGET_SIZE = 5000

# What is aimed at besides: the share of what the machine can do, at least, and times, at most.
SHARES = {("sum", "f64"): 0.85, ("row_sum", "f64"): 0.85, ("matvec", "f64"): 0.85}
TIMES = {
    ("small", "f64"): ("µs a compute", 1e6 / 10_000, 15.0),
    ("chunks", "f64"): ("µs a task", 1e6 / 10**6, 2.0),
}

# What random workloads must come to: a value, and how far it may be off for arrays of side 1.
RANDOM = {"exercise": (0.5, 2.5), "randint_mean": (49.5, 5 * 28.87), "normal": (9.0, 5.0)}


def tolerance(workload, dtype):
    """How far programs may differ, relative to the value."""
    if workload == "chunks" or (workload == "histogram" and dtype == "f64"):
        return 0.0
    if dtype == "f64":
        return 1e-9
    return 1e-3 if workload == "dot" else 2e-4


def disagreements(lines):
    """What is wrong with the check values of one workload: a list of sentences."""
    first = lines[0]
    name = f"{first['workload']} {first['dtype']}"
    values = {f"{line['backend']} chunk={line['chunk']}": line["check"] for line in lines}
    if first["workload"] in RANDOM:
        value, bound = RANDOM[first["workload"]]
        return [
            f"{name}: {line['backend']} came to {line['check']}, not {value}"
            for line in lines
            if not abs(line["check"] - value) <= bound / line["size"]
        ]
    spread = max(values.values()) - min(values.values())
    largest = max(abs(value) for value in values.values())
    if spread <= tolerance(first["workload"], first["dtype"]) * largest:
        return []
    return [f"{name}: programs differ by {spread}: {values}"]


def best(lines):
    """The median over rounds, of the chunking that suits the program best."""
    chunkings = {}
    for line in lines:
        chunkings.setdefault(line["chunk"], []).append(line["median_s"])
    chunk, times = min(chunkings.items(), key=lambda item: statistics.median(item[1]))
    return {"median_s": statistics.median(times), "chunk": chunk}


def verdicts(key, ours, ratios, share):
    """Each target of a workload: its name, what is wanted and had, and whether it is met (None: not measured)."""
    out = []
    for peer, want in TARGETS.get(key, {}).items():
        have = ratios.get(peer)
        out.append({"of": peer, "want": want, "have": have, "met": None if have is None else have >= want})
    if key in SHARES:
        out.append({"of": "limit_share", "want": SHARES[key], "have": share,
                    "met": None if share is None else share >= SHARES[key]})
    if key in TIMES:
        unit, scale, most = TIMES[key]
        out.append({"of": unit, "want": most, "have": ours * scale, "met": ours * scale <= most})
    return out


def row(key, lines):
    """All that is known about one workload and dtype."""
    mine = [line for line in lines if line["backend"] not in PEERS]
    if not mine:
        return None
    ours = best(mine)
    peers = {peer: best(found) for peer in PEERS if (found := [line for line in lines if line["backend"] == peer])}
    ratios = {peer: numbers["median_s"] / ours["median_s"] for peer, numbers in peers.items()}
    shares = [line["limit_share"] for line in mine if line["limit_share"] is not None]
    share = statistics.median(shares) if shares else None
    judged = lines[0]["size"] == TARGET_SIZE
    return {
        "workload": key[0],
        "dtype": key[1],
        "size": lines[0]["size"],
        "threads": lines[0]["threads"],
        "ours": ours,
        "peers": peers,
        "ratios": ratios,
        "limit_share": share,
        "targets": verdicts(key, ours["median_s"], ratios, share) if judged else [],
        "check": mine[0]["check"],
        "peak_rss_bytes": max(line["peak_rss_bytes"] or 0 for line in mine),
        "wrong": disagreements(lines),
    }


def milliseconds(seconds):
    """A time with three digits or so."""
    return f"{seconds * 1e3:.3g}" if seconds < 0.1 else f"{seconds * 1e3:,.0f}"


def target_text(target):
    """One target, as `numpy ≥ 7 met`."""
    sign = "≤" if target["of"].startswith("µs") else "≥"
    have = f" ({target['have']:.3g})" if target["of"] not in PEERS and target["have"] is not None else ""
    word = {True: "met", False: "**missed**", None: "not measured"}[target["met"]]
    return f"{target['of']} {sign} {target['want']:g}{have} {word}"


def table(rows):
    """The rows in Markdown: our time, and for each peer its time and how many times ours that is."""
    out = ["| workload | ours, ms | " + " | ".join(f"{peer}, ms (ratio)" for peer in PEERS) + " | targets |"]
    out.append("|---|---:|" + "---:|" * len(PEERS) + "---|")
    for line in rows:
        name = line["workload"] + ("" if line["dtype"] == "f64" else f" {line['dtype']}")
        cells = [name, milliseconds(line["ours"]["median_s"])]
        for peer in PEERS:
            numbers = line["peers"].get(peer)
            cells.append(f"{milliseconds(numbers['median_s'])} ({line['ratios'][peer]:.2f})" if numbers else "")
        cells.append("; ".join(map(target_text, line["targets"])))
        out.append("| " + " | ".join(cells) + " |")
    return out


def output_of(*command):
    """The first line that a command prints, or nothing."""
    try:
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return lines[0] if lines else ""


def cpuinfo(key):
    """A field of the first processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def machine():
    """What the numbers depend on."""
    flags = cpuinfo("flags").split()
    simd = [flag for flag in ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512dq", "amx_tile") if flag in flags]
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no")
    return {
        "processor": cpuinfo("model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "simd": " ".join(simd),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "commit": output_of("git", "rev-parse", "--short", "HEAD") + (" with changes" if changed else ""),
        "date": datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "rustc": output_of("rustc", "--version"),
    }


def heading(facts, command, versions, rows):
    """What stands above the table."""
    sizes = sorted({(line["size"], line["threads"]) for line in rows})
    text = ", ".join(f"arrays of {size} x {size}, {threads} threads" for size, threads in sizes)
    return [
        f"# gridloom and its peers, {facts['date']}",
        "",
        f"{facts['processor']}, {facts['cores']} cores ({facts['simd']}), {facts['memory_gib']} GiB; {facts['system']}; "
        f"load average afterwards {facts['load_average'][0]}.",
        f"Commit {facts['commit']}; {facts['rustc']}.",
        "",
        f"`{command}`: {text}. Medians; a ratio is the peer's time divided by ours. Dask has whichever chunks suit it better.",
        "",
        *(f"- {version}" for version in versions),
        "",
    ]


def main():
    """Reads, writes and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--command", default="compare.py", help="the command to show")
    options = parser.parse_args()
    lines = [json.loads(text) for text in (options.folder / "results.jsonl").read_text().splitlines() if text.strip()]
    groups = {}
    for line in lines:
        groups.setdefault((line["workload"], line["dtype"]), []).append(line)
    rows = [made for key, found in groups.items() if (made := row(key, found))]
    wrong = [sentence for found in groups.values() for sentence in disagreements(found)]
    versions_file = options.folder / "versions.txt"
    versions = versions_file.read_text().splitlines() if versions_file.exists() else []
    targets = [target["met"] for line in rows for target in line["targets"]]
    counts = {word: targets.count(met) for word, met in (("met", True), ("missed", False), ("unmeasured", None))}

    facts = machine()
    text = heading(facts, options.command, versions, rows) + table(rows)
    text += ["", f"Targets: {counts['met']} met, {counts['missed']} missed, {counts['unmeasured']} not measured."]
    if not targets:
        text += [f"Targets are for arrays of {TARGET_SIZE} x {TARGET_SIZE} in f64 (dot in f32 too): none applies here."]
    text += ["", *(f"WRONG: {sentence}" for sentence in wrong)] if wrong else ["Check values of all programs agree."]
    (options.folder / "compare.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    whole = {"machine": facts, "command": options.command, "versions": versions, "targets": counts, "wrong": wrong, "rows": rows}
    (options.folder / "compare.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(text))
    missing = {key for key in groups} - {(line["workload"], line["dtype"]) for line in rows}
    for workload, dtype in sorted(missing):
        print(f"error: nothing of ours for {workload} {dtype}", file=sys.stderr)
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    sys.exit(1 if wrong or missing else 0)


if __name__ == "__main__":
    main()
