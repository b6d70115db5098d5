#!/bin/sh
# cuda_check.sh BUILD PROGRAMS RECORD - what a GPU owner runs (make cuda-check): conformance, parity with the processor,
# determinism, compute-sanitizer, and the benchmark, whose JSON goes to RECORD.
#
# Fails when one of them does. Without a device it says why, exit code 1. Leaves alone: building, and profiling.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
programs=$2
record=$3
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM
failed=0

"$programs/dlca" backends | sed -n '/^cuda/,$p' >"$scratch/device"
cat "$scratch/device"
if ! grep -q '^cuda *usable' "$scratch/device"; then
    echo "cuda-check: nothing was checked, there is no usable device"
    exit 1
fi

# part NAME COMMAND...
part() {
    name=$1
    shift
    if "$@" >"$scratch/out" 2>&1; then
        echo "  $name: ok; $(tail -n 1 "$scratch/out")"
    else
        cat "$scratch/out"
        echo "  $name: FAILED"
        failed=1
    fi
}

part "conformance" "$build/conformance" --backend cuda tests/golden/*.safetensors

widest=$("$programs/dlca" backends | sed -n 's/^\([a-z0-9]*\) .*(auto).*/\1/p')

# checksum_of BACKEND PROGRAM OPTIONS...: of the model after a few epochs
checksum_of() {
    backend=$1
    program=$2
    shift 2
    "$programs/$program" --quiet --all-epochs --epochs 30 --backend "$backend" --out "$scratch/run" "$@" >&2 || return 1
    cksum <"$scratch/run/model.safetensors"
    rm -r "$scratch/run"
}

# The same bytes twice, and those of the processor.
same_twice() {
    first=$(checksum_of cuda "$@") && second=$(checksum_of cuda "$@") && processor=$(checksum_of "$widest" "$@") ||
        return 1
    echo "device $first, again $second, processor $processor"
    [ "$first" = "$second" ] && [ "$first" = "$processor" ]
}
part "checkerboard twice" same_twice train_checkerboard
part "checkerboard, async twice" same_twice train_checkerboard --async
part "lizard twice" same_twice train_lizard
part "colors twice" same_twice train_colors
part "life twice" same_twice train_life

sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)
if [ -n "$sanitizer" ]; then
    for tool in memcheck racecheck synccheck; do
        part "compute-sanitizer $tool" "$sanitizer" --tool "$tool" --error-exitcode 3 "$build/conformance" \
            --backend cuda tests/golden/small_border_mid.safetensors tests/golden/small_async_batch_mid.safetensors \
            tests/golden/small_random_mid.safetensors
    done
else
    echo "  compute-sanitizer: skipped, it is not here"
fi

if "$programs/dlca" bench cuda >"$scratch/record"; then
    mkdir -p "$(dirname "$record")"
    cp "$scratch/record" "$record"
    cat "$record"
    echo "  benchmark: ok; recorded in $record"
else
    cat "$scratch/record"
    echo "  benchmark: FAILED"
    failed=1
fi
exit "$failed"
