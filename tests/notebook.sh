#!/usr/bin/env bash
# Runs examples/tour.ipynb from top to bottom in the evcxr kernel, and checks that its cells are those of the tour, that none failed,
# and that arrays, plans and plots are shown as HTML and SVG. Not part of tests/run.sh: to build the kernel takes ten minutes.
#
# Usage: tests/notebook.sh [--save]
#   --save  writes the executed notebook back to examples/tour.ipynb
#
# Environment:
#   EVCXR_JUPYTER     the kernel's program, if it is built already
#   XDG_CACHE_HOME    parent of the cache folder, where kernel and Python packages go (default ~/.cache)
#   GRIDLOOM_BACKEND  where kernels run (default cpu)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
save=no
case ${1:-} in
    '') ;;
    --save) save=yes ;;
    *)
        sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 2
        ;;
esac
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gridloom/notebook
work=${CARGO_TARGET_DIR:-$root/target}/notebook
mkdir -p "$cache" "$work"
export GRIDLOOM_BACKEND=${GRIDLOOM_BACKEND:-cpu}

# The kernel: with its own lock file, as newer versions of what it needs do not fit each other.
kernel=${EVCXR_JUPYTER:-$cache/evcxr/bin/evcxr_jupyter}
[[ -x $kernel ]] || cargo install --locked evcxr_jupyter@0.22.0 --root "$cache/evcxr"

# Jupyter's runner.
python=$cache/venv/bin/python
[[ -x $python ]] || python3 -m venv "$cache/venv"
"$python" -c 'import nbclient, nbformat' 2>/dev/null || "$python" -m pip install --quiet nbclient==0.10.2 nbformat==5.10.4
specs=$work/share/jupyter/kernels/rust
mkdir -p "$specs"
printf '{"argv": ["%s", "--control_file", "{connection_file}"], "display_name": "Rust", "language": "rust"}\n' \
    "$kernel" >"$specs/kernel.json"

# The notebook's cells are those of the tour, which are tested on every device.
cargo run --locked --quiet --example tour -- --small --out "$work/tour" --check examples/tour.ipynb >"$work/tour.txt"

JUPYTER_PATH=$work/share/jupyter "$python" - examples/tour.ipynb "$work/executed.ipynb" <<'PYTHON'
import sys, time
import nbformat
from nbclient import NotebookClient

kept, executed = sys.argv[1:]
book = nbformat.read(kept, 4)
started = time.time()
client = NotebookClient(book, timeout=1200, kernel_name="rust", record_timing=False, resources={"metadata": {"path": "examples"}})
def told(cell, cell_index, **_):
    print(f"{time.time() - started:6.1f} s  cell {cell_index} of {len(book.cells)}", flush=True)
client.on_cell_executed = told
client.execute()
nbformat.write(book, executed)
outputs = [o for c in book.cells if c.cell_type == "code" for o in c.outputs]
html = [str(o.data["text/html"]) for o in outputs if "data" in o and "text/html" in o.data]
svg, tables = sum("<svg" in h for h in html), sum("<table" in h for h in html)
errors = [o for o in outputs if o.output_type == "error"]
print(f"{len(outputs)} outputs: {len(html)} as HTML, of which {svg} have drawings and {tables} tables; {len(errors)} errors")
if errors or svg < 15 or tables < 10:
    sys.exit("the notebook does not show what it should")
PYTHON
if [[ $save == yes ]]; then
    cp "$work/executed.ipynb" examples/tour.ipynb
fi
