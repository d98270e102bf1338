#!/usr/bin/env bash
# Packs the GPU benchmarks for a Linux machine without cargo or network: `bash benches/gpu_bundle.sh --help`.
set -euo pipefail

usage() {
    cat <<USAGE
Usage: bash benches/gpu_bundle.sh [--no-build]

Makes the folder target/gpu_bundle and target/gpu_bundle.tar.gz: the programs built here, the peers' scripts, and a
Vulkan loader for machines that have a driver but none. On an x86-64 Linux machine with a GPU driver and python3:

  tar -xzf gpu_bundle.tar.gz && bash gpu_bundle/run.sh          (--help says what it does; 8 minutes)

  --no-build  takes the programs that are in the target folder
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
bundle=$target/gpu_bundle
largest=$((64 << 20)) # what is sent elsewhere must be small
# The loader, and what vendors' drivers load beside it without bringing it.
packages=(libvulkan1 libglvnd0 libegl1 libglx0 libgl1 libopengl0 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0)

note() { printf '%s\n' "bundle: $*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

build=yes
case ${1:-} in
    '') ;;
    --no-build) build=no ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac
[[ $(uname -sm) == 'Linux x86_64' ]] || die "the bundle is for x86-64 Linux and made there"

# ---------------------------------------------------------------- programs

if [[ $build == yes ]]; then
    cargo build --release --locked --example headline --bench transfer
fi

# The newest of cargo's builds of a bench, whose names end in a hash.
newest_bench() {
    local file newest=''
    for file in "$target/release/deps/$1"-*; do
        [[ -x $file && ! -d $file && $file != *.* ]] || continue
        [[ -n $newest && ! $file -nt $newest ]] || newest=$file
    done
    printf '%s' "$newest"
}

# Without symbols, which nobody reads there.
add_program() {
    cp "$1" "$bundle/bin/$2"
    ! command -v strip >/dev/null || strip "$bundle/bin/$2"
}

rm -rf "$bundle"
mkdir -p "$bundle/bin" "$bundle/lib" "$bundle/peers"
[[ -x $target/release/examples/headline ]] || die "no target/release/examples/headline: run without --no-build"
add_program "$target/release/examples/headline" headline
transfer=$(newest_bench transfer)
if [[ -n $transfer ]]; then
    add_program "$transfer" transfer
else
    note "no transfer bench was built: its rates will be missing"
fi

# ---------------------------------------------------------------- libraries

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
add_libraries() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    download() { (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"); }
    # A list that is out of date, or none, is fetched; that needs root.
    download 2>/dev/null || { apt-get -qq update && download; } || return 1
    for package in "$work"/*.deb; do
        dpkg-deb -x "$package" "$work/unpacked"
    done
    # Under the names that programs ask for, which are links there.
    for library in "$work"/unpacked/usr/lib/x86_64-linux-gnu/*.so.*; do
        [[ ! -L $library ]] || cp -L "$library" "$bundle/lib/"
    done
}
if ! add_libraries; then
    rm -rf "${bundle:?}/lib"
    note "no Vulkan loader (apt-get could not get it): the other machine must have one"
fi

# ---------------------------------------------------------------- the rest

cp benches/peers/*.py benches/peers/expected.json "$bundle/peers/"
cp benches/compare.py benches/gpu_table.py "$bundle/"
cp benches/gpu_run.sh "$bundle/run.sh"
commit=$(git rev-parse --short HEAD)
[[ -z $(git status --porcelain --untracked-files=no) ]] || commit+=" with changes"
printf '%s\n' "$commit" >"$bundle/COMMIT"

tar -C "$target" -czf "$bundle.tar.gz" gpu_bundle
for made in "$bundle" "$bundle.tar.gz"; do
    bytes=$(du -sb "$made" | cut -f1)
    note "$made: $((bytes >> 10)) KiB"
    ((bytes < largest)) || die "$made is larger than $((largest >> 20)) MiB"
done
