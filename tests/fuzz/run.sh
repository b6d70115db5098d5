#!/bin/sh
# run.sh - builds the fuzz targets with clang and the address and undefined-behaviour sanitizers, and runs each.
#
#   FUZZ_SECONDS=60 tests/fuzz/run.sh [TARGET...]     default: all targets, 60 seconds each
#
# Starts from tests/fuzz/corpus/TARGET; what it finds on the way lies in build/fuzz/found/TARGET, crashes in
# build/fuzz/crashes. A crash belongs, once repaired, into tests/fuzz/corpus/TARGET, which `make test` replays. Prints the
# executions of each target. Exit code 1 when one crashed.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${FUZZ_SECONDS:-60}
compiler=${FUZZ_CC:-clang}
targets=${*:-safetensors model circuit aiger blif pattern state picture}
flags="-std=c17 -D_GNU_SOURCE -O1 -g -fno-omit-frame-pointer -ffp-contract=off
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
library="gates/circuit.c gates/circuit_json.c gates/circuit_json_read.c gates/error.c gates/json_number.c
    gates/json_read.c gates/ops.c gates/text.c gates/wiring.c src/file.c src/model.c src/model_file.c
    src/model_metadata.c src/model_seal.c src/model_tensors.c src/random.c src/safetensors.c src/safetensors_build.c
    src/safetensors_find.c src/pattern.c src/pattern_png.c src/state_parse.c tests/fuzz_targets.c
    tests/fuzz_cells.c src/image.c src/image_png.c src/stb_read.c src/stb_write.c train/picture_colours.c
    train/picture_format.c train/picture_read.c train/picture_scale.c train/picture_target.c tests/fuzz_picture.c tests/fuzz_netlists.c
    gates/compare.c gates/export.c gates/export_aiger.c gates/export_blif.c gates/export_c.c gates/export_dot.c
    gates/export_expression.c gates/export_markdown.c gates/export_svg.c gates/export_verilog.c gates/export_view.c
    gates/export_yosys_json.c gates/explain.c gates/explain_counts.c gates/import_aiger.c gates/import_blif.c
    gates/import_blif_scan.c gates/import_builder.c gates/layered_layout.c gates/name_table.c gates/patch_names.c
    gates/reads.c gates/topological_order.c"
out=build/fuzz
mkdir -p "$out/objects" "$out/crashes"

objects=
for source in $library tests/fuzz/container_mutator.c; do
    object=$out/objects/$(echo "$source" | tr / _ | sed 's/\.c$/.o/')
    # shellcheck disable=SC2086
    $compiler $flags -c "$source" -o "$object" || exit 1
    objects="$objects $object"
done

failed=0
for target in $targets; do
    # shellcheck disable=SC2086
    $compiler $flags -fsanitize=fuzzer,address,undefined "tests/fuzz/$target.c" $objects -lcjson -lxxhash -lm \
        -o "$out/$target" || exit 1
    mkdir -p "$out/found/$target"
    "$out/$target" -max_total_time="$seconds" -dict=tests/fuzz/json.dict -max_len=16384 -timeout=10 -rss_limit_mb=1024 \
        -malloc_limit_mb=512 -print_final_stats=1 -artifact_prefix="$out/crashes/$target-" "$out/found/$target" \
        "tests/fuzz/corpus/$target" >"$out/$target.log" 2>&1 || failed=1
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
    crashes=$(find "$out/crashes" -name "$target-*" | wc -l)
    echo "$target: ${executions:-0} executions in $seconds s, $crashes crashes"
    [ "$failed" -eq 0 ] || tail -n 30 "$out/$target.log"
done
exit "$failed"
