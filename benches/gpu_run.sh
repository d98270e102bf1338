#!/usr/bin/env bash
# Runs the GPU benchmarks of a bundle that benches/gpu_bundle.sh made: `bash run.sh --help`.
set -euo pipefail

usage() {
    cat <<USAGE
Usage: bash run.sh [--minutes M] [--sizes LIST] [--dtypes LIST] [--peers LIST] [--device-memory GIB] [--quick]
                   [--repeat R] [--seconds S] [--limit SECONDS] [--python PROGRAM] [--out DIR]

Measures this library on the GPU beside CuPy, JAX and PyTorch: what the device can do, what round trips cost, and every
workload with its result left on the device and brought to the host. One program after another, the most telling first.
Needs a GPU driver and python3; nothing is installed. DIR/results.md and DIR/results.json are written anew after every
step, so that a run that is stopped leaves what it had; DIR/errors.txt has what programs complained of. A program that
hangs or fails ends its step alone, and the table says so. Ends with 1 if a program failed or values are wrong; a peer
that the Python does not have is left out.

  --minutes M          what all steps take together (8); a step that has no time left is left out, and the table says so
  --sizes LIST         rows and columns (5000,20000): check values of these two are carried, others take plain loops
  --dtypes LIST        f32,f64 (default), or one of them
  --peers LIST         of cupy, jax, torch (all three); numpy stands in for them where there is no GPU; none for none
  --device-memory GIB  what our arrays may take of the device (default: half of what nvidia-smi tells)
  --quick              sizes 300 and one measurement of each, to see that everything works
  --repeat R           measurements of each workload after its warm-up, at least (5)
  --seconds S          and for so long at least (0.3), so that clocks go up
  --limit SECONDS      what one step may take (75)
  --python PROGRAM     the Python that has the peers (python3)
  --out DIR            where results go (default results, beside this script)

VK_DRIVER_FILES names the driver's manifest where it is not found; GRIDLOOM_ADAPTER is part of the adapter's name.
USAGE
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sizes=5000,20000 repeat=5 seconds=0.3 dtypes=f32,f64 limit=75 minutes=8 peers=cupy,jax,torch python=python3
device_memory='' transfer_mib=1024 out=$here/results

note() { printf '%s\n' "run: $*"; }

while (($#)); do
    case $1 in
        --sizes | --repeat | --seconds | --dtypes | --limit | --minutes | --peers | --python | --device-memory | --out)
            (($# > 1)) || { usage >&2 && exit 2; }
            name=${1#--}
            printf -v "${name//-/_}" %s "$2"
            shift
            ;;
        --quick) sizes=300 repeat=1 seconds=0 transfer_mib=32 ;;
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
[[ $peers != none ]] || peers=''
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
    done < <(timeout 20 find /etc /usr /opt -path '*/vulkan/icd.d/*.json' 2>/dev/null | sort)
    if ((${#found[@]} == 0)); then
        note "no manifest of a Vulkan driver was found: set VK_DRIVER_FILES"
        return 0
    fi
    VK_DRIVER_FILES=$(IFS=: && printf '%s' "${found[*]}")
    export VK_DRIVER_FILES VK_ICD_FILENAMES=$VK_DRIVER_FILES
    note "Vulkan drivers: $VK_DRIVER_FILES"
}

# Half of the card: the other half is for what the driver and the results in between take.
setup_memory() {
    local mib
    if [[ -z $device_memory ]] && mib=$(nvidia_smi memory.total nounits); then
        device_memory=$((mib / 2048))
    fi
    memory=()
    [[ -z $device_memory ]] || memory=(--device-memory "$device_memory")
}

# What nvidia-smi tells of the first card.
nvidia_smi() {
    local line
    line=$(timeout 20 nvidia-smi --query-gpu="$1" --format="csv,noheader${2:+,$2}" 2>/dev/null | head -n 1) && [[ $line == [0-9A-Z]* ]] &&
        printf '%s' "$line"
}

# ---------------------------------------------------------------- steps

deadline=0 failures=0

# How a step ended, for the table.
ended() {
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$out/steps.tsv"
    note "$1: $2 s, $3"
    "$python" "$here/gpu_table.py" "$out" >/dev/null 2>>"$out/errors.txt" || true
}

# Runs a program as a step, with its lines into the file $2, for no longer than a step may and than there is time. One that
# fails is no end of the others; lines that it had printed count.
step() {
    local name=$1 file=$2 start=$SECONDS code=0 most=$limit reason left=$((deadline - SECONDS))
    shift 2
    if ((left < 5)); then
        ended "$name" 0 "LEFT OUT: no time left"
        return
    fi
    ((left >= most)) || most=$left
    printf '\n== %s\n' "$name" >>"$out/errors.txt"
    timeout -k 3 "$most" "$@" >>"$out/$file" 2>"$out/stderr.txt" || code=$?
    # What it was printing when it was stopped is no part of the next one's line.
    printf '\n' >>"$out/$file"
    cat "$out/stderr.txt" >>"$out/errors.txt"
    reason=$(grep -v '^ *$' "$out/stderr.txt" | tail -n 1 | tr '\t|' '  ' | cut -c 1-160) || true
    rm -f "$out/stderr.txt"
    case $code in
        0) ended "$name" $((SECONDS - start)) ok ;;
        124 | 137)
            failures=$((failures + 1))
            ended "$name" $((SECONDS - start)) "STOPPED after $most s: what it had by then counts"
            ;;
        *)
            if [[ $reason == *"No module named '${name%% *}"* ]]; then
                ended "$name" $((SECONDS - start)) "LEFT OUT: $python has no ${name%% *}"
                return
            fi
            failures=$((failures + 1))
            ended "$name" $((SECONDS - start)) "FAILED with $code: $reason"
            ;;
    esac
}

headline() {
    local name=$1
    shift
    step "$name" results.jsonl "$here/bin/headline" "$@" --json
}

# The library on the device $1.
ours() {
    local options=(--dtype "$2" --size "$3" --repeat "$repeat" --seconds "$seconds" --at-most 2)
    if [[ $1 == gpu ]]; then
        headline "ours $2 $3" all --backend gpu "${memory[@]}" "${options[@]}"
    else
        headline "ours on the CPU $2 $3" all --backend cpu "${options[@]}"
    fi
}

# Every peer on one dtype and size.
peers() {
    local peer
    for peer in ${peers//,/ }; do
        step "$peer $1 $2" results.jsonl "$python" "$here/peers/${peer}_peer.py" all --device gpu --dtype "$1" --size "$2" \
            --repeat "$repeat" --seconds "$seconds" --at-most 2 --json
    done
}

setup_libraries
setup_driver
setup_memory
# JAX takes three quarters of the device at its start unless it is told not to.
export PYTHONDONTWRITEBYTECODE=1 XLA_PYTHON_CLIENT_PREALLOCATE=false
unset GRIDLOOM_BACKEND GRIDLOOM_TASK_ELEMENTS GRIDLOOM_SHADER_CHECKS
for file in results.jsonl errors.txt steps.tsv machine.txt transfer.txt; do
    : >"$out/$file"
done
cp "$here/COMMIT" "$out/commit.txt"
deadline=$((SECONDS + $("$python" -c "print(int($minutes * 60))")))
first=${sizes%%,*}

! card=$(nvidia_smi name,driver_version,memory.total,clocks.sm,clocks.max.sm,clocks.mem,power.limit) ||
    printf 'nvidia-smi: %s\n' "$card" >>"$out/machine.txt"
[[ -z $device_memory ]] || printf 'device memory for our arrays: %s GiB\n' "$device_memory" >>"$out/machine.txt"
step adapters machine.txt "$here/bin/headline" adapters --backend gpu "${memory[@]}"
headline latency latency --backend gpu --repeat "$((repeat * 4))" --at-most 1
for dtype in ${dtypes//,/ }; do
    headline "limits $dtype" limits --dtype "$dtype" --backend gpu --repeat "$repeat" "${memory[@]}"
done

for dtype in ${dtypes//,/ }; do
    for size in ${sizes//,/ }; do
        ours gpu "$dtype" "$size"
    done
    if [[ $dtype == "${dtypes%%,*}" && -x $here/bin/transfer ]]; then
        GRIDLOOM_BACKEND=gpu step transfers transfer.txt "$here/bin/transfer" "$transfer_mib" 5
    fi
    peers "$dtype" "$first"
    ours cpu "$dtype" "$first"
done
# What takes longest and tells least that is new: the peers at the other sizes.
for dtype in ${dtypes//,/ }; do
    for size in ${sizes//,/ }; do
        [[ $size == "$first" ]] || peers "$dtype" "$size"
    done
done

code=0
printf '\n'
"$python" "$here/gpu_table.py" "$out" || code=$?
note "$SECONDS s; results in $out"
if ((failures)); then
    note "$failures steps failed: see $out/errors.txt"
    exit 1
fi
exit "$code"
