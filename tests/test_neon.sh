#!/bin/sh
# test_neon.sh - the NEON kernels under an emulator give the bytes that this processor's kernels give: parameters after 20
# updates of three small models (tests/portable/train_checksum.c).
#
# Needs a cross compiler (gcc-aarch64-linux-gnu) and qemu-aarch64 (qemu-user); says so and passes where one is missing.
# Uses DLCA_BUILD (tests/run.sh sets it).
set -u
cd "$(dirname "$0")/.." || exit 1
folder=${DLCA_BUILD:-build}/neon
cross=aarch64-linux-gnu-gcc

for program in "$cross" qemu-aarch64; do
    if ! command -v "$program" >/dev/null 2>&1; then
        echo "  NEON: skipped, $program is missing (packages gcc-aarch64-linux-gnu, qemu-user)"
        exit 0
    fi
done
case $(basename "${DLCA_BUILD:-build}") in
asan | tsan)
    echo "  NEON: once, with the plain build"
    exit 0
    ;;
esac
mkdir -p "$folder"

sources="tests/portable/train_checksum.c gates/error.c gates/kernels_scalar.c gates/kernels_avx2.c gates/kernels_avx512.c
    gates/kernels_neon.c gates/ops.c gates/schedule.c gates/wiring.c src/backend.c src/backend_cpu.c src/backend_memory.c
    src/classes.c src/cpu.c src/fire.c src/geometry.c src/live_cone.c src/model.c src/network.c src/parametrization.c src/random.c
    src/rollout.c src/same_bytes.c src/sources.c src/state_gradient.c src/threads.c src/tile.c src/turns.c $(echo gpu/*.c)"
flags="-std=c17 -D_GNU_SOURCE -O2 -ffp-contract=off -fopenmp"

# The linker warns of dlopen in a static program, which is never called.
# shellcheck disable=SC2086
if ! "$cross" $flags -static $sources -lm -o "$folder/aarch64" 2>"$folder/log"; then
    cat "$folder/log"
    exit 1
fi
# shellcheck disable=SC2086
"${CC:-gcc}" $flags $sources -lm -o "$folder/native" || exit 1

"$folder/native" scalar >"$folder/expected" || exit 1
failed=0
for run in neon scalar; do
    # shellcheck disable=SC2086
    if ! qemu-aarch64 "$folder/aarch64" $run >"$folder/result"; then
        echo "  aarch64, $run: failed"
        failed=1
    elif ! cmp -s "$folder/expected" "$folder/result"; then
        echo "  aarch64, $run: other bytes than scalar here"
        paste -d' ' "$folder/expected" "$folder/result"
        failed=1
    fi
done
[ "$failed" -eq 0 ] && echo "  NEON under qemu: $(wc -l <"$folder/expected") models, the same bytes as scalar here"
exit "$failed"
