#!/usr/bin/env bash
# Runs the GPU benchmarks of a bundle that benches/gpu_bundle.sh made: `bash run.sh --help`.
set -euo pipefail

usage() {
    cat <<USAGE
Usage: bash run.sh [--size N] [--repeat R] [--dtypes LIST] [--limit SECONDS] [--out DIR]

Runs every workload on the GPU and the CPU, and in those of CuPy, JAX and PyTorch that python3 has and that see the
GPU; measures uploads, downloads, copies and multiplications. Ends with DIR/results.json and DIR/results.md, which
are written anew after every program. Needs a GPU driver and python3; nothing is installed.

  --size N         rows and columns (5000)
  --repeat R       measurements in a process after its warm-up (5)
  --dtypes LIST    f32,f64 (default), or one of them
  --limit SECONDS  what one program may take for all workloads of a dtype (120)
  --out DIR        where results go (default results, beside this script)

VK_DRIVER_FILES names the driver's manifest where it is not found; GRIDLOOM_ADAPTER is part of the adapter's name.
USAGE
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
size=5000 repeat=5 dtypes=f32,f64 limit=120 out=$here/results

note() { printf '%s\n' "run: $*"; }

while (($#)); do
    case $1 in
        --size | --repeat | --dtypes | --limit | --out)
            (($# > 1)) || { usage >&2 && exit 2; }
            case $1 in
                --size) size=$2 ;;
                --repeat) repeat=$2 ;;
                --dtypes) dtypes=$2 ;;
                --limit) limit=$2 ;;
                --out) out=$2 ;;
            esac
            shift
            ;;
        -h | --help)
            usage
            exit
            ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
    shift
done
mkdir -p "$out"
out=$(cd "$out" && pwd)

# ---------------------------------------------------------------- set-up

# The libraries of the bundle that this machine does not have.
setup_libraries() {
    local ldconfig list='' library used=$out/lib
    [[ -d $here/lib ]] || return 0
    ! ldconfig=$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig) || list=$("$ldconfig" -p)
    rm -rf "$used"
    mkdir -p "$used"
    for library in "$here"/lib/*.so.*; do
        [[ $list == *"$(basename "$library") "* ]] || ln -s "$library" "$used/"
    done
    export LD_LIBRARY_PATH=$used${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# The loader looks in a few folders only; drivers that were put elsewhere are searched for.
setup_driver() {
    local manifest found=()
    [[ -z ${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-} ]] || return 0
    while IFS= read -r manifest; do
        # Drivers in software are no GPUs.
        case ${manifest##*/} in
            lvp_icd* | *swiftshader*) ;;
            *) found+=("$manifest") ;;
        esac
    done < <(find /etc /usr /opt -path '*/vulkan/icd.d/*.json' 2>/dev/null | sort)
    if ((${#found[@]} == 0)); then
        note "no manifest of a Vulkan driver was found: set VK_DRIVER_FILES"
        return 0
    fi
    VK_DRIVER_FILES=$(IFS=: && printf '%s' "${found[*]}")
    export VK_DRIVER_FILES VK_ICD_FILENAMES=$VK_DRIVER_FILES
    note "Vulkan drivers: $VK_DRIVER_FILES"
}

# Whether python3 has the library $1 and it sees a GPU, as the statement $2 says.
sees_gpu() {
    local reason
    if reason=$(timeout 120 python3 -c "$2" 2>&1); then
        return 0
    fi
    note "skipping $1: $(printf '%s\n' "$reason" | tail -n 1)"
    return 1
}

# ---------------------------------------------------------------- runs

# Runs a program, keeps its lines, and makes the table of what there is. One that fails is no end of the others.
measure() {
    local name=$1 start=$SECONDS code=0
    shift
    printf '\n== %s\n' "$name" >>"$out/errors.txt"
    timeout "$limit" "$@" >>"$out/results.jsonl" 2>>"$out/errors.txt" || code=$?
    note "$name: $((SECONDS - start)) s$( ((code == 0)) || printf ', FAILED with %s: see errors.txt' "$code")"
    python3 "$here/gpu_table.py" "$out" >/dev/null || true
}

setup_libraries
setup_driver
export PYTHONDONTWRITEBYTECODE=1
unset GRIDLOOM_BACKEND GRIDLOOM_TASK_ELEMENTS GRIDLOOM_SHADER_CHECKS
: >"$out/results.jsonl"
: >"$out/errors.txt"
: >"$out/versions.txt"
: >"$out/transfer.txt"
cp "$here/COMMIT" "$out/commit.txt"

peers=()
! sees_gpu cupy 'import cupy; assert cupy.cuda.runtime.getDeviceCount(), "no device"' || peers+=(cupy)
! sees_gpu jax 'import jax; jax.devices("gpu")' || peers+=(jax)
! sees_gpu torch 'import torch; assert torch.cuda.is_available(), "no device"' || peers+=(torch)
for peer in "${peers[@]}"; do
    python3 "$here/peers/${peer}_peer.py" --device gpu --version >>"$out/versions.txt" 2>>"$out/errors.txt" ||
        note "$peer gives no version: see errors.txt"
done

options=(--size "$size" --repeat "$repeat" --json)
for dtype in ${dtypes//,/ }; do
    measure "limits $dtype" "$here/bin/headline" limits --dtype "$dtype" --backend gpu --json
    measure "gpu $dtype" "$here/bin/headline" all --dtype "$dtype" --backend gpu "${options[@]}"
done
if [[ -x $here/bin/transfer ]]; then
    note "transfers"
    GRIDLOOM_BACKEND=gpu timeout "$limit" "$here/bin/transfer" 1024 5 >"$out/transfer.txt" 2>>"$out/errors.txt" ||
        note "transfer FAILED: see errors.txt"
fi
for dtype in ${dtypes//,/ }; do
    for peer in "${peers[@]}"; do
        measure "$peer $dtype" python3 "$here/peers/${peer}_peer.py" all --dtype "$dtype" --device gpu "${options[@]}"
    done
    measure "cpu $dtype" "$here/bin/headline" all --dtype "$dtype" --backend cpu "${options[@]}"
done

printf '\n'
python3 "$here/gpu_table.py" "$out"
