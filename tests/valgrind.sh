#!/bin/sh
# valgrind.sh BUILD - runs the tests and the programs of a build under valgrind's memcheck: reads of memory that was never
# written or is gone, leaks. BUILD/tests has the runner tests/tsan/plain_runner.c.
#
# valgrind slows down about thirtyfold, so tests that take a second or more without it are left out: they run the same
# code on larger grids, with more threads and instruction sets. "Possibly lost" memory is left alone: the OpenMP run time
# keeps its threads.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive
check="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite"
slow="-backend/same_bytes -classes/ -parametrization/the_same_bytes_everywhere -checkpoints/a_large_grid
    -checkpoints/same_bytes -planes/several_steps -planes/every_way -gradient/random_wiring -learned_life/glider"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT INT TERM
failed=0

program() {
    if $check "$build/bin/$@" >"$scratch/said" 2>&1; then
        echo "valgrind: $*: clean"
    else
        echo "valgrind: $*: FAILED"
        cat "$scratch/said"
        failed=1
    fi
}

# shellcheck disable=SC2086
$check "$build/tests" $slow || failed=1
program train_checkerboard --small --epochs 2 --eval-interval 1 --quiet --threads 2 --out "$scratch/run" --frames
program train_image --target data/mushroom.png --size 4 --epochs 1 --steps 2 --repair 0 --quiet --out "$scratch/image"
program dlca inspect "$scratch/run/model.safetensors"
program dlca circuit "$scratch/run/model.safetensors" --quiet -o "$scratch/a.c" -o "$scratch/a.v" -o "$scratch/a.blif" \
    -o "$scratch/a.aig" -o "$scratch/a.svg" -o "$scratch/a.md"
program dlca simulate "$scratch/run/circuit.json" --steps 8 --width 100 --height 50 --quiet --gif "$scratch/a.gif" \
    --save-state "$scratch/a.state" --statistics "$scratch/a.csv"
program dlca evaluate "$scratch/run/circuit.json" --starts 64
[ "$failed" -eq 0 ] && echo "valgrind: clean"
exit "$failed"
