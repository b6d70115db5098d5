#!/bin/sh
# run.sh - builds the fuzz targets with clang and the address and undefined-behaviour sanitizers, and runs each.
#
#   FUZZ_SECONDS=60 tests/fuzz/run.sh [TARGET...]     default: all targets, 60 seconds each
#
# Starts from tests/fuzz/corpus/TARGET; what it finds on the way lies in build/fuzz/found/TARGET, crashes in
# build/fuzz/crashes. A crash belongs, once repaired, into tests/fuzz/corpus/TARGET, which `make test` replays. Prints the
# executions of each target and adds them to results/bench/fuzz.json. Exit code 1 when one crashed.
#
# An input has at most 8 KiB, and no single allocation may be larger than MEMORY of the table below: what a reader takes
# is bounded by a multiple of the file's size, not by what the file says. Needs the plain build's library, for what the
# option tables mention and no target runs (make builds it first).
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${FUZZ_SECONDS:-60}
compiler=${FUZZ_CC:-clang}
targets=${*:-safetensors model circuit aiger blif pattern state picture options}
flags="-std=c17 -D_GNU_SOURCE -O2 -g1 -fno-omit-frame-pointer -ffp-contract=off
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
# What the targets run, under the sanitizers and watched by the fuzzer.
library="gates/circuit.c gates/circuit_json.c gates/circuit_json_read.c gates/compare.c gates/error.c gates/export.c
    gates/export_aiger.c gates/export_blif.c gates/import_aiger.c gates/import_blif.c gates/import_blif_scan.c
    gates/import_builder.c gates/json_number.c gates/json_read.c gates/name_table.c gates/ops.c gates/patch_names.c
    gates/text.c gates/topological_order.c gates/wiring.c src/file.c src/image.c src/image_png.c src/model.c
    src/model_file.c src/model_metadata.c src/model_seal.c src/model_tensors.c src/pattern.c src/pattern_png.c
    src/random.c src/safetensors.c src/safetensors_build.c src/safetensors_find.c src/state_parse.c src/stb_read.c
    tools/circuit_options.c tools/simulate_options.c tools/simulate_values.c train/arguments.c
    train/nearest.c train/options.c train/picture_colours.c train/picture_format.c train/picture_jpeg.c
    train/picture_read.c train/picture_scale.c train/picture_target.c"
harness="tests/fuzz_cells.c tests/fuzz_netlists.c tests/fuzz_options.c tests/fuzz_picture.c tests/fuzz_targets.c
    tests/fuzz/container_mutator.c"
out=build/fuzz
mkdir -p "$out/objects" "$out/crashes"
# Small stacks of allocations and little freed memory held back: five times the executions.
export ASAN_OPTIONS="${ASAN_OPTIONS:-malloc_context_size=3:quarantine_size_mb=4}"

object_of() {
    echo "$out/objects/$(echo "$1" | tr / _ | sed 's/\.c$/.o/')"
}

# memory TARGET: MiB that one allocation may take for a file of up to 8 KiB. Patterns and pictures are compressed: the
# header of an RLE pattern may ask for 256 MiB of dead cells, which the system gives only when they are touched; a PNG
# holds up to 8256 pixels in a byte.
memory() {
    case $1 in
    pattern) echo 300 ;;
    picture) echo 64 ;;
    *) echo 1 ;;
    esac
}

# is_current SOURCE OBJECT: neither the source, nor any header, nor how they are compiled is newer
is_current() {
    [ "$2" -nt "$1" ] && [ "$2" -nt "$out/flags" ] && [ "$2" -nt tests/fuzz/run.sh ] &&
        [ -z "$(find gates src train tools tests -name '*.h' -newer "$2" | head -n 1)" ]
}

how=$(echo "$($compiler --version | head -n 1)" $flags)
[ "$(cat "$out/flags" 2>/dev/null)" = "$how" ] || echo "$how" >"$out/flags"
objects=
for source in $library $harness; do
    object=$(object_of "$source")
    # shellcheck disable=SC2086
    is_current "$source" "$object" || $compiler $flags -c "$source" -o "$object" || exit 1
    objects="$objects $object"
done
rm -f "$out/readers.a"
# shellcheck disable=SC2086
ar qcs "$out/readers.a" $objects || exit 1

failed=0
for target in $targets; do
    dictionary=tests/fuzz/json.dict
    [ -f "tests/fuzz/$target.dict" ] && dictionary=tests/fuzz/$target.dict
    # shellcheck disable=SC2086
    $compiler $flags -fsanitize=fuzzer,address,undefined "tests/fuzz/$target.c" "$out/readers.a" build/libdlca.a -lcjson \
        -lxxhash -lgif -lgomp -lz -lm -o "$out/$target" || exit 1
    mkdir -p "$out/found/$target"
    begin=$(date +%s)
    "$out/$target" -max_total_time="$seconds" -dict="$dictionary" -max_len=8192 -timeout=10 -rss_limit_mb=700 \
        -malloc_limit_mb="$(memory "$target")" -print_final_stats=1 -artifact_prefix="$out/crashes/$target-" \
        "$out/found/$target" "tests/fuzz/corpus/$target" >"$out/$target.log" 2>&1
    code=$?
    took=$(($(date +%s) - begin))
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
    echo "$target: ${executions:-0} executions in $took s, $([ "$code" -eq 0 ] && echo "nothing found" || echo "FOUND ONE")"
    if [ "$code" -ne 0 ]; then
        failed=1
        tail -n 30 "$out/$target.log"
    fi
    if [ -n "${FUZZ_RECORD:-}" ]; then
        python3 tests/fuzz/record.py "$FUZZ_RECORD" "$target" "${executions:-0}" "$took" "$code" "$seconds"
    fi
done
exit "$failed"
