#!/bin/sh
# cuda_check.sh BUILD PROGRAMS RECORD [BACKEND] - what a GPU owner runs once, unattended (make cuda-check): conformance, the
# processor's bytes and the same bytes twice, seeds side by side, compute-sanitizer, the benchmark whose JSON goes to RECORD,
# and a profiler's counters. All that it prints goes to RECORD's .txt too: the one file to send.
#
# Fails when one part does. Without a device it says why, writes nothing, exit code 1. BACKEND `emulated` tries the script
# itself on the processor with little to do. Parts whose program is missing say so. Leaves alone: building.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
programs=$2
record=$3
backend=${4:-cuda}
report=${record%.json}.txt
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM

if [ "$backend" = cuda ]; then
    "$programs/dlca" backends | sed -n '/^cuda/,$p' >"$scratch/device"
    if ! grep -q '^cuda *usable' "$scratch/device"; then
        cat "$scratch/device"
        echo "cuda-check: nothing was checked, there is no usable device"
        exit 1
    fi
    size=""
    bench=""
    epochs=30
    seeds=1..64
    sanitized="small_border_mid small_async_batch_mid small_random_mid"
else
    echo "no device: the kernels' source on the processor; shows that this script works, and nothing else" >"$scratch/device"
    size=--small
    bench="--emulated --rounds 1 --task life --side-by-side 2"
    epochs=3
    seeds=1..3
fi
widest=$("$programs/dlca" backends | sed -n 's/^\([a-z0-9]*\) .*(auto).*/\1/p')

# part NAME COMMAND...: its last line, or all of them when it fails; an hour at most
part() {
    name=$1
    shift
    if "$@" >"$scratch/out" 2>&1; then
        echo "  $name: ok; $(tail -n 1 "$scratch/out")"
    else
        cat "$scratch/out"
        echo "  $name: FAILED"
        touch "$scratch/failed"
    fi
}

# checksum_of BACKEND PROGRAM OPTIONS...: of the model after a few epochs
# shellcheck disable=SC2317
checksum_of() {
    where=$1
    program=$2
    shift 2
    # shellcheck disable=SC2086
    timeout 900 "$programs/$program" --quiet --all-epochs --epochs "$epochs" $size --backend "$where" \
        --out "$scratch/run" "$@" >&2 || return 1
    cksum <"$scratch/run/model.safetensors"
    rm -r "$scratch/run"
}

# The same bytes twice, and those of the processor.
# shellcheck disable=SC2317
same_twice() {
    first=$(checksum_of "$backend" "$@") && second=$(checksum_of "$backend" "$@") &&
        processor=$(checksum_of "$widest" "$@") || return 1
    echo "device $first, again $second, processor $processor"
    [ "$first" = "$second" ] && [ "$first" = "$processor" ]
}

# swept BACKEND: the table of a sweep without its seconds
# shellcheck disable=SC2317
swept() {
    timeout 1800 "$programs/dlca" sweep checkerboard --small --seeds $seeds --epochs "$epochs" --repair 0 --backend "$1" \
        --out "$scratch/sweep" >&2 || return 1
    grep -v '^#' "$scratch/sweep/sweep.csv" | cut -d, -f1-9,13-
    rm -r "$scratch/sweep"
}

# Seeds in one launch, against the processor's.
# shellcheck disable=SC2317
same_side_by_side() {
    swept "$backend" >"$scratch/device_rows" && swept "$widest" >"$scratch/processor_rows" || return 1
    diff "$scratch/device_rows" "$scratch/processor_rows" && echo "seeds $seeds: the same rows as the processor's"
}

# found NAME: where a program of the CUDA toolkit is; fails with a line where it is not
found() {
    command -v "$1" || ls "/usr/local/cuda/bin/$1" 2>/dev/null
}

sanitize() {
    if ! sanitizer=$(found compute-sanitizer); then
        echo "  compute-sanitizer: skipped, it is not here"
        return
    fi
    for tool in memcheck racecheck synccheck initcheck; do
        for name in $sanitized; do
            part "compute-sanitizer $tool, $name" timeout 900 "$sanitizer" --tool "$tool" --error-exitcode 3 \
                "$build/conformance" --backend "$backend" "tests/golden/$name.safetensors"
        done
    done
}

# What bounds the rollout: how busy arithmetic and memory are, and why warps wait.
sections="--section SpeedOfLight --section ComputeWorkloadAnalysis --section MemoryWorkloadAnalysis
    --section WarpStateStats --section LaunchStats"

# profiled NAME OPTIONS...: one launch of the benchmark, after a few that warm up
profiled() {
    name=$1
    shift
    # shellcheck disable=SC2086
    timeout 900 "$profiler" $sections --kernel-name regex:dlca_rollout --launch-skip 3 --launch-count 1 \
        "$programs/dlca" bench cuda --rounds 1 --task checkerboard "$@" >"$scratch/profile" 2>&1
    echo "  profile, $name:"
    if ! sed -n '/^ *dlca_rollout_/,/^[{}]/p' "$scratch/profile" | grep -v '^[{}]' | grep .; then
        grep '^==' "$scratch/profile" | head -n 5
        echo "  profile: no counters (ERR_NVGPUCTRPERM: this account may not read them)"
    fi
}

profile() {
    if ! profiler=$(found ncu); then
        echo "  profile: skipped, ncu is not here"
        return
    fi
    profiled "one checkerboard" --side-by-side 1
    profiled "64 checkerboards side by side" --only-side-by-side
}

measure() {
    # shellcheck disable=SC2086
    if timeout 1800 "$programs/dlca" bench cuda $bench >"$scratch/record"; then
        mkdir -p "$(dirname "$record")"
        cp "$scratch/record" "$record"
        cat "$record"
        echo "  benchmark: ok; recorded in $record"
    else
        cat "$scratch/record"
        echo "  benchmark: FAILED"
        touch "$scratch/failed"
    fi
}

check() {
    cat "$scratch/device"
    echo "commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), $(date -u '+%Y-%m-%d %H:%M UTC')"
    part "conformance" timeout 1800 "$build/conformance" --backend "$backend" tests/golden/*.safetensors
    part "checkerboard twice" same_twice train_checkerboard
    part "checkerboard, async twice" same_twice train_checkerboard --async
    part "lizard twice" same_twice train_lizard
    part "colors twice" same_twice train_colors
    part "life twice" same_twice train_life
    part "gates light twice" same_twice train_life --gates light
    part "gates gumbel twice" same_twice train_life --gates gumbel
    part "side by side" same_side_by_side
    measure
    if [ "$backend" = cuda ]; then
        sanitize
        profile
    fi
    if [ -e "$scratch/failed" ]; then
        echo "cuda-check: FAILED"
    else
        echo "cuda-check: passed"
    fi
}

mkdir -p "$(dirname "$report")"
check 2>&1 | tee "$report"
echo "report: $report"
[ ! -e "$scratch/failed" ]
