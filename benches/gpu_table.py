#!/usr/bin/env python3
"""Makes one report of what a GPU bundle's `run.sh` measured, in Markdown and JSON. Needs Python alone.

gpu_table.py DIR reads results.jsonl, steps.tsv, transfer.txt, machine.txt and commit.txt in DIR, of which any but the
last may be missing or end in the middle, and writes results.md and results.json there. It ends with 1 if programs that
computed the same thing do not agree.
"""

import json
import re
import sys
from pathlib import Path

from compare import disagreements, machine, milliseconds


def read_lines(path):
    """The JSON objects of a file; one that a stopped program left unfinished is passed over."""
    out = []
    for text in text_of(path).splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and "workload" in line:
            out.append(line)
    return out


def text_of(path):
    """What a file says, if there is one."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def transfers(text):
    """Rates by lane, in 10⁹ bytes a second, from the lines of the transfer bench."""
    found = re.findall(r"^(upload|compute|download|stream) .* ([\d.]+) GB/s", text, re.MULTILINE)
    return {lane: float(rate) for lane, rate in found}


def steps_of(text):
    """What became of each step: its name, seconds, and how it ended."""
    rows = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(("step", "seconds", "end"), row, strict=True)) for row in rows if len(row) == 3]


def median(line, kind):
    """The median time of a kind in a line, or nothing."""
    numbers = line.get(kind) if line else None
    return numbers["median_s"] if numbers else None


def quotient(a, b):
    """a / b where both are known."""
    return a / b if a and b else None


def rows_of(lines):
    """One row for each workload of one dtype and size: times of every program, and ratios to ours on the GPU."""
    rows = []
    for workload in dict.fromkeys(line["workload"] for line in lines):
        here = {line["backend"]: line for line in lines if line["workload"] == workload}
        gpu = here.get("gpu")
        ours = {kind: median(gpu, kind) for kind in ("resident", "host")}
        others = {}
        for name, line in here.items():
            if name != "gpu":
                times = {kind: median(line, kind) for kind in ("resident", "host")}
                ratios = {f"{kind}_ratio": quotient(times[kind], ours[kind]) for kind in times}
                device = (line["resident"] or {}).get("device_s")
                others[name] = times | ratios | {"device": device}
        rows.append({
            "workload": workload,
            "gpu": ours | {"limit_share": gpu and gpu["limit_share"], "gflop_per_s": gpu and gpu["gflop_per_s"]},
            "device": gpu and {"resident": gpu["resident"], "host": gpu["host"]},
            "others": others,
            "check": next(iter(here.values()))["check"],
        })
    return rows


def markdown(head, rows):
    """A table; the first column is text, the others are numbers."""
    return ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1),
            *("| " + " | ".join(row) + " |" for row in rows)]


def time_text(seconds, ratio=None):
    """A time in ms, with how many times ours it is."""
    return "" if seconds is None else milliseconds(seconds) + (f" ({ratio:.2f})" if ratio else "")


def share_text(share):
    """A part of a limit."""
    return "" if share is None else f"{share:.2f}"


def times_table(rows):
    """Wall times: ours, then each other program's with the ratio; resident / to host."""
    names = list(dict.fromkeys(name for row in rows for name in row["others"]))
    head = ["workload", "resident", "to host", "of the limit"]
    for name in names:
        head += [f"{name} to host"] if name == "cpu" else [f"{name} resident", f"{name} to host"]
    out = []
    for row in rows:
        ours = row["gpu"]
        cells = [row["workload"], time_text(ours["resident"]), time_text(ours["host"]), share_text(ours["limit_share"])]
        for name in names:
            other = row["others"].get(name, {})
            kinds = ["host"] if name == "cpu" else ["resident", "host"]
            cells += [time_text(other.get(kind), other.get(f"{kind}_ratio")) for kind in kinds]
        out.append(cells)
    return markdown(head, out)


def device_table(rows):
    """What the device did for ours: its own time beside the wall's, and what it was given."""
    head = ["workload", "wall", "device", "device share", "kernels", "submissions", "up, MB", "down, MB",
            "to host: device", "kernels", "submissions", "up, MB", "down, MB"]
    out = []
    for row in rows:
        if not row["device"] or not row["device"]["resident"]:
            continue
        kept, host = row["device"]["resident"], row["device"]["host"]
        counts = [[str(did["dispatches"]), str(did["submissions"]), f"{did['uploaded_bytes'] / 1e6:.3g}",
                   f"{did['downloaded_bytes'] / 1e6:.3g}"] for did in (kept, host)]
        share = kept["device_s"] / kept["median_s"]
        out.append([row["workload"], time_text(kept["median_s"]), time_text(kept["device_s"]), f"{share:.2f}", *counts[0],
                    time_text(host["device_s"]), *counts[1]])
    return markdown(head, out) if out else []


def peers_device_text(rows):
    """Times by the events of peers that have such."""
    parts = []
    for name in dict.fromkeys(name for row in rows for name in row["others"]):
        times = [f"{row['workload']} {milliseconds(row['others'][name]['device'])}" for row in rows
                 if row["others"].get(name, {}).get("device")]
        if times:
            parts += [f"{name} by its events, ms: {', '.join(times)}.", ""]
    return parts


def limits_table(lines):
    """What the device can do: a row a limit, a column a program and dtype."""
    columns = list(dict.fromkeys((line["backend"], line["dtype"]) for line in lines))
    names = dict.fromkeys((line["workload"], line["unit"]) for line in lines)
    rates = {(line["workload"], line["backend"], line["dtype"]): line["rate"] for line in lines}
    rows = [[f"{name}, {unit}", *(f"{rates[name, *column]:,.4g}" if (name, *column) in rates else "" for column in columns)]
            for name, unit in names]
    heads = ["ours" if backend == "gpu" else backend for backend, _ in columns]
    return markdown(["limit", *(f"{head} {dtype}" for head, (_, dtype) in zip(heads, columns, strict=True))], rows)


def latency_table(lines):
    """The ladder of small works."""
    rows = [[line["workload"], f"{line['resident']['median_s'] * 1e6:.1f}", f"{line['resident']['min_s'] * 1e6:.1f}",
             f"{line['resident']['device_s'] * 1e6:.1f}", str(line["resident"]["dispatches"]),
             str(line["resident"]["submissions"])] for line in lines]
    return markdown(["latency", "median, µs", "least, µs", "device, µs", "kernels", "submissions"], rows)


def main():
    """Reads, writes and prints."""
    folder = Path(sys.argv[1])
    lines = read_lines(folder / "results.jsonl")
    rates = transfers(text_of(folder / "transfer.txt"))
    steps = steps_of(text_of(folder / "steps.tsv"))
    versions = {line["backend"]: line["version"] for line in lines if line["workload"] == "version"}
    limits = [line for line in lines if line.get("rate") is not None]
    timed = [line for line in lines if line.get("host")]
    latency = [line for line in lines if line.get("resident") and not line.get("host")]
    facts = machine()
    facts["commit"], facts["rustc"] = text_of(folder / "commit.txt").strip(), None
    devices = dict.fromkeys(line["device"] for line in lines if line["backend"] == "gpu")
    text = [
        f"# gridloom on {', '.join(devices) or 'no GPU'}, {facts['date']}",
        "",
        f"Beside {facts['processor']}, {facts['cores']} cores; {facts['system']}. Commit {facts['commit']}.",
        "",
        "Times are medians in ms. *Resident*: the result stays on the device and is waited for there (ours: `persist` and "
        "`sync`). *To host*: it ends up in the host's memory. A number in brackets is that program's time divided by ours of "
        "the same kind. `cpu` is ours on the CPU. The share of the limit is of resident times.",
        "",
        *(f"- {name} {version}" for name, version in versions.items()),
        *(f"- {line}" for line in text_of(folder / "machine.txt").splitlines() if line),
        "- transfers: " + (", ".join(f"{lane} {rate} GB/s" for lane, rate in rates.items()) or "not measured"),
    ]
    whole = {"machine": facts, "devices": list(devices), "versions": versions, "transfer_gb_per_s": rates, "steps": steps,
             "limits": limits, "latency": latency, "tables": []}
    text += ["", "## What the device can do", "", *(limits_table(limits) if limits else ["Limits were not measured."])]
    text += ["", *(latency_table(latency) if latency else ["Latency was not measured."])]
    wrong = []
    for dtype, size in dict.fromkeys((line["dtype"], line["size"]) for line in timed):
        mine = [line for line in timed if (line["dtype"], line["size"]) == (dtype, size)]
        rows = rows_of(mine)
        for row in rows:
            wrong += disagreements([line for line in mine if line["workload"] == row["workload"]])
        text += ["", f"## {dtype}, {size} x {size}", "", *times_table(rows), "", *device_table(rows), "",
                 *peers_device_text(rows)]
        whole["tables"].append({"dtype": dtype, "size": size, "rows": rows})
    whole["wrong"], whole["lines"] = wrong, lines
    text += ["", "## Steps", "", *markdown(["step", "s", "end"], [list(step.values()) for step in steps]), "",
             *([f"WRONG: {sentence}" for sentence in wrong] or ["Check values of all programs agree."])]
    (folder / "results.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(text))
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
