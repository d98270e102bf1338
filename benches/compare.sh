#!/usr/bin/env bash
# Times gridloom beside NumPy, Dask, JAX and NumExpr on this machine's CPU: `bash benches/compare.sh --help`.
set -euo pipefail

usage() {
    cat <<USAGE
Usage: bash benches/compare.sh [--quick] [--workloads LIST] [--dtype f64|f32] [--out DIR]
                               [--size N] [--threads T] [--rounds N] [--repeat R]

Builds examples/headline, installs the peers of benches/peers/requirements.txt into target/peers, and runs every
workload in all of them, one process after the other, with the same cores. Ends with a table of medians, ratios and
targets, in DIR/compare.md and DIR/compare.json. An error if a value is wrong or programs do not agree.

  --quick           arrays of 1000 x 1000 and two repeats, to see that everything works; targets do not apply
  --workloads LIST  names with commas between them (default: all of them); dot is run in f32 too
  --dtype T         f64 (default) or f32
  --out DIR         where results go (default target/compare)
  --size N          rows and columns (5000)
  --threads T       threads and cores for each program (all cores)
  --rounds N        runs of every process, interleaved (1)
  --repeat R        measurements in a process after its warm-up (5); more of short ones, for 0.3 s

Environment:
  HEADLINE          a program to run in place of target/release/examples/headline; nothing is built then
  CARGO_TARGET_DIR  where cargo builds, and where the peers go (default target)
USAGE
}

command_line="bash benches/compare.sh $*"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
workloads=exercise,randint_mean,normal,dot,elementwise,sum,col_sum,row_sum,var,transpose_sum,masked_mean,filter
workloads+=,histogram,summary,moments_cols,slice_sum,gather,anomaly_std,matvec,chain,small,chunks
peers=(numpy dask jax numexpr)
# Dask's own choice of chunks leaves one of two workers idle at times: it is run with smaller ones too.
dask_chunk=1000
dtype=f64 size=5000 repeat=5 rounds=1 threads=$(nproc) out=$target/compare

note() { printf '%s\n' "compare: $*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# ---------------------------------------------------------------- command line

while (($#)); do
    case $1 in
        --quick) size=1000 repeat=2 dask_chunk=500 ;;
        --workloads | --dtype | --out | --size | --threads | --rounds | --repeat)
            (($# > 1)) || die "$1 needs a value"
            case $1 in
                --workloads) workloads=$2 ;;
                --dtype) dtype=$2 ;;
                --out) out=$2 ;;
                --size) size=$2 ;;
                --threads) threads=$2 ;;
                --rounds) rounds=$2 ;;
                --repeat) repeat=$2 ;;
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

# ---------------------------------------------------------------- set-up

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

setup_python() {
    if ! command -v python3 >/dev/null || ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        command -v apt-get >/dev/null || die "no python3 with venv, and no apt-get to install it"
        note "apt-get install python3-venv"
        as_root apt-get -qq update
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends python3-venv
    fi
}

# Anew only if the list has changed.
setup_peers() {
    local wanted=benches/peers/requirements.txt
    cmp -s "$wanted" "$target/peers/installed.txt" && return
    setup_python
    note "installing the peers into $target/peers"
    python3 -m venv --clear "$target/peers"
    "$target/peers/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$target/peers/installed.txt"
}

# ---------------------------------------------------------------- runs

failures=0
# Runs one program on one workload, and keeps its line.
measure() {
    local name=$1 start=$SECONDS code=0
    shift
    "$@" --size "$size" --threads "$threads" --seconds 0.3 --json >>"$out/results.jsonl" 2>>"$out/errors.txt" || code=$?
    if ((code)); then
        failures=$((failures + 1))
        printf '%s: FAILED with %d: %s\n' "$name" "$code" "$(tail -n 1 "$out/errors.txt")" >&2
    fi
    timing+=" $name $((SECONDS - start)) s"
}

# All programs on one workload, one after the other: what disturbs the machine for a while disturbs all of them.
run_workload() {
    local workload=$1 dtype=$2 peer times timing=''
    measure ours "$headline" "$workload" --dtype "$dtype" --repeat "$repeat" --backend cpu
    for peer in "${peers[@]}"; do
        times=$repeat
        # Half a minute a run: one, after its warm-up.
        [[ $peer-$workload != dask-chunks ]] || times=1
        measure "$peer" "$python" "benches/peers/${peer}_peer.py" "$workload" --dtype "$dtype" --repeat "$times"
    done
    case $workload in
        small | chunks) ;;
        *) measure dask "$python" benches/peers/dask_peer.py "$workload" --dtype "$dtype" --repeat "$repeat" --chunk "$dask_chunk" ;;
    esac
    note "$workload $dtype:$timing"
}

if [[ -n ${HEADLINE:-} ]]; then
    headline=$HEADLINE
else
    headline=$target/release/examples/headline
    cargo build --release --locked --example headline
fi
setup_peers
python=$target/peers/bin/python

# Nothing that the environment asks of either side, and OpenBLAS with its own choice of kernels.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
unset GRIDLOOM_BACKEND GRIDLOOM_ADAPTER GRIDLOOM_TASK_ELEMENTS GRIDLOOM_SHADER_CHECKS
export PYTHONDONTWRITEBYTECODE=1

mkdir -p "$out"
: >"$out/results.jsonl"
: >"$out/errors.txt"
for peer in "${peers[@]}"; do
    "$python" "benches/peers/${peer}_peer.py" --version
done >"$out/versions.txt"

for ((round = 1; round <= rounds; round++)); do
    for workload in ${workloads//,/ }; do
        run_workload "$workload" "$dtype"
        # The one workload that has a target in f32.
        if [[ $workload == dot && $dtype == f64 ]]; then
            run_workload dot f32
        fi
    done
done

code=0
printf '\n'
python3 benches/compare.py "$out" --command "${command_line% }" || code=$?
note "$SECONDS s; results in $out"
if ((failures)); then
    die "$failures runs failed: see $out/errors.txt"
fi
exit "$code"
